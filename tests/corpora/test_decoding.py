"""Bytes become text: marks, invalid bytes, NULs, line ends."""

import pytest

from babybert_tui.corpora.decoding import Decoding, decode
from babybert_tui.errors import RequestError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_choose_the_encoding_and_are_dropped(encoding: str) -> None:
    assert decode("Käse 😀\nzwei".encode(encoding), "a.txt").text == "Käse 😀\nzwei"


def test_big_endian_utf_16_is_read() -> None:
    assert decode(b"\xfe\xff" + "Käse".encode("utf-16-be"), "a.txt").text == "Käse"


@pytest.mark.parametrize(
    ("data", "line", "byte"),
    [
        (b"caf\xe9", 1, 3),  # Latin-1
        (b"one\ntwo\nthr\xffee\n", 3, 11),
        ("Ä\nÖ".encode() + b"\xc3", 2, 5),  # cut off within a character
        (b"\xef\xbb\xbfab\n\xff", 2, 6),  # the mark counts as bytes of the file
        (b"\xff\xfe" + "a\nb".encode("utf-16-le") + b"\x00", 2, 8),
    ],
)
def test_invalid_bytes_are_refused_with_file_line_and_byte(data: bytes, line: int, byte: int) -> None:
    with pytest.raises(RequestError, match=rf"^a\.txt is not valid UTF-.*: line {line}, byte {byte} ") as caught:
        decode(data, "a.txt")
    assert "--encoding-errors replace" in caught.value.remedy


def test_invalid_bytes_are_replaced_and_counted_on_request() -> None:
    decoded = decode("ok \ufffd ".encode() + b"\xff\xfe caf\xe9", "a.txt", "replace")
    assert decoded.text == "ok \ufffd \ufffd\ufffd caf\ufffd"
    assert decoded.replaced_bytes == 3


def test_nuls_are_dropped_and_counted() -> None:
    decoded = decode(b"some text with one \0 in it", "a.txt")
    assert decoded.text == "some text with one  in it"
    assert decoded.dropped_nuls == 1


@pytest.mark.parametrize("data", [bytes(1000), "no mark".encode("utf-16-le")])
def test_what_is_mostly_nuls_is_no_text(data: bytes) -> None:
    with pytest.raises(RequestError, match="is not text"):
        decode(data, "a.txt")


def test_all_line_ends_become_line_feeds_and_other_separators_stay() -> None:
    assert decode(b"a\r\nb\rc\r\rd\r\r\ne\r", "a.txt").text == "a\nb\nc\n\nd\ne\n"
    others = "b\u2028c\x0bd\x0ce\x1cf\x85g"
    assert decode(others.encode(), "a.txt").text == others


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_line_end_may_be_cut_by_a_stretch(cut: int) -> None:
    data = b"a\r\r\nb\r\nc\rd"
    assert "".join(Decoding("a.txt").stretches([data[:cut], data[cut:]])) == "a\nb\nc\nd"
