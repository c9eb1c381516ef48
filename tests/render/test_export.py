"""Files: what is in them is what the trace holds, and a file is whole or not there."""

import base64
import csv
import json
import re
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from babybert_tui.errors import RequestError, RunError
from babybert_tui.inspection.trace import Trace
from babybert_tui.render import export
from babybert_tui.render.data_files import CSV_HEADER
from babybert_tui.render.export import SUFFIXES, export_trace
from babybert_tui.render.html import LOG_FLOOR, quantised
from babybert_tui.render.ramp import paper_ramp

from .traces import make_trace

HOSTILE = [
    "[CLS]",
    "</script><script>alert(1)</script>",
    "<b>&\"'",
    "\x1b[31m",
    "\u202eevil",
    "\uffff",
    "\u4f60",
    "[SEP]",
]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(name="trace", scope="module")
def _trace() -> Trace:
    return make_trace(12, 2, 3)


@pytest.fixture(name="hostile", scope="module")
def _hostile() -> Trace:
    return replace(make_trace(1, 2, 2, tokens=HOSTILE, masked=False), checkpoint="<i>x</i>&")


def test_svg_is_well_formed_and_its_text_is_text(hostile: Trace, tmp_path: Path) -> None:
    for name, head in (("grid.svg", None), ("one.svg", 1)):
        export_trace(hostile, tmp_path / name, layer=head, head=head)
        root = ET.parse(tmp_path / name).getroot()
        texts = [element.text or "" for element in root.iter(f"{SVG}text")]

        assert root.tag == f"{SVG}svg"
        assert not list(root.iter(f"{SVG}script"))
        assert any("</script><script>alert(1)</script>" in text for text in texts)
        assert any("<b>&\"'" in text for text in texts)
        assert any(text.startswith("<i>x</i>&") for text in texts)
        assert not any(character in "".join(texts) for character in "\x1b\u202e\uffff")


def test_svg_paints_each_cell_in_the_colour_of_its_weight(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "one.svg", layer=1, head=1)
    root = ET.parse(tmp_path / "one.svg").getroot()
    matrix = trace.map(1, 1)
    painted = np.empty(matrix.shape, dtype=object)
    group = next(iter(root.iter(f"{SVG}g")))
    for path in group:
        for x, y, length, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", path.attrib["d"]):
            painted[int(y) : int(y) + int(height), int(x) : int(x) + int(length)] = path.attrib["fill"]

    expected = np.rint(matrix / matrix.max() * 255).astype(int)
    assert painted.tolist() == [[paper_ramp()[step].hex for step in row] for row in expected]


def test_a_figure_of_one_head_shows_its_numbers_and_names(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "one.svg", layer=2, head=3)
    texts = [element.text or "" for element in ET.parse(tmp_path / "one.svg").getroot().iter(f"{SVG}text")]
    weights = trace.map(2, 3)

    assert any(text.startswith("Layer 2 · Head 3") for text in texts)
    assert any("hidden mass .0000" in text for text in texts)
    assert any("global scale" in text for text in texts)
    assert sum(bool(re.fullmatch(r"\.\d\d|1\.0", text)) for text in texts) == (weights >= 0.005).sum()


def test_a_large_grid_is_pooled_and_says_so(tmp_path: Path) -> None:
    export_trace(make_trace(200, 2, 12), tmp_path / "grid.svg")

    assert "pooled from 200 by 200 tokens" in " ".join((tmp_path / "grid.svg").read_text().split())
    assert (tmp_path / "grid.svg").stat().st_size < 1_500_000


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: dict[str | None, str] = {}
        self.count = 0
        self.addresses: list[str] = []
        self._current: str | None = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        self._current = None
        if tag == "script":
            self.count += 1
            self._current = dict(attrs).get("id") or "code"

    def handle_data(self, data: str) -> None:
        if self._current and self.get_starttag_text().startswith("<script"):
            self.scripts[self._current] = self.scripts.get(self._current, "") + data


def read_page(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_html_holds_every_map_and_needs_nothing_else(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "page.html")
    page = read_page(tmp_path / "page.html")

    assert page.addresses == []
    assert "http" not in (tmp_path / "page.html").read_text().replace("http-equiv", "")
    for layer in (1, 2):
        for head in (1, 2, 3):
            packed = base64.b64decode(page.scripts[f"m{layer}-{head}"])
            weights = np.frombuffer(zlib.decompress(packed), "<u2").reshape(12, 12) / 65535
            assert np.abs(weights - trace.map(layer, head)).max() <= 0.5 / 65535 + 1e-9


def test_html_cannot_be_broken_out_of(hostile: Trace, tmp_path: Path) -> None:
    export_trace(hostile, tmp_path / "page.html")
    page = read_page(tmp_path / "page.html")
    data = json.loads(page.scripts["data"])

    assert page.count == 2 + 4  # data, code, and one for each map
    assert "<" not in page.scripts["data"]
    assert data["tokens"][1] == HOSTILE[1]
    assert "\x1b" not in "".join(data["tokens"])
    assert "<i>x" not in (tmp_path / "page.html").read_text()


def test_coarse_weights_are_within_what_the_page_promises() -> None:
    weights = np.array([[0.0, LOG_FLOOR / 2, LOG_FLOOR * 1.01, 1e-4, 0.003, 0.05, 0.5, 0.999, 1.0]], dtype=np.float32)
    steps = quantised(weights, linear=False)[0].astype(float)
    decoded = np.where(steps == 0, 0, LOG_FLOOR ** (1 - (steps - 1) / 254))

    assert decoded[:2].tolist() == [0, 0]
    assert np.abs(decoded[2:] / weights[0, 2:] - 1).max() < 0.023


def test_png_is_a_picture_of_the_map(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "one.png", layer=1, head=1)

    with Image.open(tmp_path / "one.png") as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    brightest = paper_ramp()[-1]
    assert tuple(brightest) in colours


def test_csv_brings_every_weight_back_exactly(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)

    assert tuple(header) == CSV_HEADER
    assert len(rows) == 2 * 3 * 12 * 12
    for layer, head, query, query_token, key, key_token, weight in rows:
        assert np.float32(weight) == trace.map(int(layer), int(head))[int(query), int(key)]
        assert (query_token, key_token) == (trace.tokens[int(query)], trace.tokens[int(key)])


def test_csv_of_a_chosen_head_holds_that_head_only(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "a.csv", layer=2, head=1)
    rows = (tmp_path / "a.csv").read_text().splitlines()[1:]

    assert {tuple(row.split(",")[:2]) for row in rows} == {("2", "1")}


def test_a_csv_of_ten_million_lines_is_refused(tmp_path: Path) -> None:
    wide = replace(make_trace(8, 1, 1), attention=np.broadcast_to(np.float32(0), (12, 12, 512, 512)))

    with pytest.raises(RequestError, match="37,748,736"):
        export_trace(wide, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_npz_round_trips_without_pickles(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert np.array_equal(arrays["attention"], trace.attention)
        assert arrays["tokens"].tolist() == list(trace.tokens)
        assert arrays["ids"].tolist() == trace.ids.tolist()
        assert arrays["layers"].tolist() == [1, 2]
        assert arrays["heads"].tolist() == [1, 2, 3]
        assert arrays["words"].tolist() == [-1 if word is None else word for word in trace.words]
        assert arrays["masked_fates"].tolist() == [masked.fate for masked in trace.masked]


def test_json_is_the_object_of_inspect(trace: Trace, tmp_path: Path) -> None:
    export_trace(trace, tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text())

    assert found["schema"] == 1
    assert found["tokens"] == list(trace.tokens)
    assert np.allclose(found["attention"], trace.attention, atol=1e-7)


@pytest.mark.parametrize("name", ["a.gif", "a", "a.svg.bak"])
def test_an_unknown_suffix_is_refused_in_one_line_that_names_the_known_ones(
    trace: Trace, tmp_path: Path, name: str
) -> None:
    with pytest.raises(RequestError) as caught:
        export_trace(trace, tmp_path / name)

    assert "\n" not in str(caught.value)
    assert all(suffix in str(caught.value) for suffix in SUFFIXES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_that_is_not_there_is_one_clear_line(trace: Trace, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(RequestError, match="No such file or directory") as caught:
        export_trace(trace, tmp_path / "nowhere" / f"a{suffix}")

    assert "\n" not in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_refused(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()

    with pytest.raises(RequestError, match="not a regular file"):
        export_trace(trace, tmp_path / "a.svg")


def test_a_path_with_an_escape_or_a_nul_is_refused_and_shown_safely(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        export_trace(trace, tmp_path / "\x1b[31m\x00.svg")

    assert "\x1b" not in str(caught.value)


def test_a_head_that_the_trace_does_not_hold_is_refused(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no head 7"):
        export_trace(trace, tmp_path / "a.svg", layer=1, head=7)


def test_pictures_of_a_trace_without_attention_are_refused(trace: Trace, tmp_path: Path) -> None:
    for suffix in (".svg", ".html", ".png", ".csv"):
        with pytest.raises(RequestError, match="no attention"):
            export_trace(replace(trace, attention=None), tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_midway_leaves_the_old_file_and_nothing_else(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")

    def fill_the_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "write_csv", fill_the_disk)
    with pytest.raises(RunError, match="No space left"):
        export_trace(trace, target)

    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_replaces_the_old_one_through_a_link(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "real.svg").write_text("old")
    (tmp_path / "link.svg").symlink_to("real.svg")
    export_trace(trace, tmp_path / "link.svg")

    assert (tmp_path / "link.svg").is_symlink()
    assert "<svg" in (tmp_path / "real.svg").read_text()
