"""Bytes as text: byte order marks, invalid bytes, NULs, line ends; a stretch at a time, so of any length."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babybert_tui.errors import RequestError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_REPLACEMENT = "\ufffd"
_BINARY_NUL_SHARE = 0.05
_LEAST_JUDGED = 1 << 16  # characters: fewer say little about a long text


@dataclass(frozen=True)
class DecodedText:
    """Text with line feeds as line ends, without NULs or byte order mark, and what it took to get there."""

    text: str
    replaced_bytes: int  # invalid sequences that became U+FFFD
    dropped_nuls: int


def decode(data: bytes, source: str, encoding_errors: str = "strict") -> DecodedText:
    """Decodes a whole content; see `Decoding`."""
    decoding = Decoding(source, encoding_errors)
    text = "".join(decoding.stretches([data]))
    return DecodedText(text, decoding.replaced_bytes, decoding.dropped_nuls)


class Decoding:
    """Decodes UTF-8, or UTF-16 and UTF-32 where a byte order mark says so.

    Args:
        source: What to call it in a message.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD.

    Attributes:
        replaced_bytes: Invalid sequences that became U+FFFD so far.
        dropped_nuls: NULs left out so far.
    """

    def __init__(self, source: str, encoding_errors: str = "strict") -> None:
        self.replaced_bytes = self.dropped_nuls = 0
        self._source = source
        self._errors = encoding_errors
        self._characters = self._lines = self._bytes = 0
        self._encoding = "utf-8"

    def stretches(self, data: Iterable[bytes]) -> Iterator[str]:
        """Yields the text, a stretch for each stretch of bytes, the first of which must hold the mark.

        Raises:
            RequestError: The bytes are invalid (names line and byte offset), or those of a binary file.
        """
        given = iter(data)
        first = next(given, b"")
        mark, self._encoding = next((one for one in _MARKS if first.startswith(one[0])), (b"", "utf-8"))
        self._bytes = len(mark)  # a user counts from the first byte of the file
        decoder = codecs.getincrementaldecoder(self._encoding)(self._errors)
        waiting = first[len(mark) :]
        held = ""  # carriage returns whose line feed may come next
        for later in given:
            text = held + self._cleaned(self._decoded(decoder, waiting, final=False))
            held = text[len(text.rstrip("\r")) :][-2:]
            yield _with_line_feeds(text.removesuffix(held))
            waiting = later
        text = held + self._cleaned(self._decoded(decoder, waiting, final=True))
        self._require_text()
        yield _with_line_feeds(text)

    def _decoded(self, decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool) -> str:
        before = decoder.getstate()[0]
        try:
            text = decoder.decode(data, final)
        except UnicodeDecodeError as error:
            raise self._invalid(before + data, error) from error
        used = len(before) + len(data) - len(decoder.getstate()[0])
        if self._errors == "replace":
            literal = (before + data)[:used].count(_REPLACEMENT.encode()) if self._encoding == "utf-8" else 0
            self.replaced_bytes += text.count(_REPLACEMENT) - literal
        self._bytes += used
        self._lines += text.count("\n")
        return text

    def _cleaned(self, text: str) -> str:
        self._characters += len(text)
        nuls = text.count("\0")
        self.dropped_nuls += nuls
        if self._characters > _LEAST_JUDGED:
            self._require_text()
        return text.replace("\0", "") if nuls else text

    def _require_text(self) -> None:
        if self.dropped_nuls > _BINARY_NUL_SHARE * self._characters:
            raise RequestError(
                f"{self._source} is not text: {self.dropped_nuls:,} of its first {self._characters:,} characters are "
                "NUL.",
                "If it is UTF-16 without a byte order mark, convert it to UTF-8.",
            )

    def _invalid(self, data: bytes, error: UnicodeDecodeError) -> RequestError:
        before = data[: error.start].decode(self._encoding, errors="replace")
        name = self._encoding.removesuffix("-le").removesuffix("-be").upper()
        return RequestError(
            f"{self._source} is not valid {name}: line {self._lines + before.count(chr(10)) + 1}, "
            f"byte {self._bytes + error.start} (0x{data[error.start]:02x}).",
            "Convert it to UTF-8, or pass --encoding-errors replace.",
        )


def _with_line_feeds(text: str) -> str:
    """Line ends of Windows, also those converted twice, and of old Macintoshes as line feeds."""
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
