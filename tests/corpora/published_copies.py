"""Small data sets in the layouts in which they were published."""

from collections.abc import Iterable
from pathlib import Path

REVIEW_FOLDERS = ("train/pos", "train/neg", "train/unsup", "test/pos", "test/neg")


def review(folder: str, number: int) -> str:
    """A review of three lines, the middle one with IMDB's line breaks in it."""
    return (
        f"Review {number} of {folder} begins here. It was seen twice.\n"
        f"A second line follows.<br /><br />So does a third with number {number}.\n"
        "The end of it was good."
    )


def write_reviews(top: Path, numbers: Iterable[int] = range(4), folders: Iterable[str] = REVIEW_FOLDERS) -> Path:
    """Writes reviews `0_7.txt`, `1_7.txt` … into each folder, in the order given."""
    for folder in folders:
        (top / folder).mkdir(parents=True, exist_ok=True)
        for number in numbers:
            (top / folder / f"{number}_7.txt").write_text(review(folder, number), encoding="utf-8")
    return top


def write_wikitext(folder: Path, articles: int = 6) -> Path:
    """Writes the three splits of WikiText, each with articles of two sections."""
    folder.mkdir(parents=True)
    for split in ("train", "valid", "test"):
        text = "".join(
            f" \n = {split.title()} {number} = \n \n The <unk> of {split} article {number} is well @-@ known . "
            f"It began in 19{number:02} . \n \n = = Later = = \n \n More of {number} came after . \n"
            for number in range(articles)
        )
        (folder / f"wiki.{split}.tokens").write_text(text, encoding="utf-8")
    return folder


def write_treebank(folder: Path, sentences: int = 100) -> Path:
    """Writes the three splits of the Penn Treebank."""
    folder.mkdir(parents=True)
    for split in ("train", "valid", "test"):
        lines = (f" the <unk> of {split} rose N points on day {number} \n" for number in range(sentences))
        (folder / f"ptb.{split}.txt").write_text("".join(lines), encoding="utf-8")
    return folder
