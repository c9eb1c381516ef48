"""Bytes as text: byte order marks, invalid bytes, NULs, line ends."""

import codecs
from dataclasses import dataclass

from babybert_tui.errors import RequestError

_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY_NUL_SHARE = 0.05


@dataclass(frozen=True)
class DecodedText:
    """Text with line feeds as line ends, without NULs or byte order mark, and what it took to get there."""

    text: str
    replaced_bytes: int  # invalid sequences that became U+FFFD
    dropped_nuls: int


def decode(data: bytes, source: str, encoding_errors: str = "strict") -> DecodedText:
    """Decodes UTF-8, or UTF-16 and UTF-32 where a byte order mark says so.

    Args:
        data: The whole content.
        source: What to call it in a message.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD.

    Raises:
        RequestError: The bytes are invalid (names line and byte offset), or those of a binary file.
    """
    encoding = _encoding(data)
    replaced = 0
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding_errors != "replace":
            raise _invalid(data, source, encoding, error) from error
        text = data.decode(encoding, errors="replace")
        replaced = text.count("\ufffd") - data.count("\ufffd".encode()) * (encoding == "utf-8-sig")
    nuls = text.count("\0")
    if nuls > _BINARY_NUL_SHARE * len(text):
        raise RequestError(
            f"{source} is not text: {nuls:,} of its {len(text):,} characters are NUL.",
            "If it is UTF-16 without a byte order mark, convert it to UTF-8.",
        )
    if nuls:
        text = text.replace("\0", "")
    return DecodedText(text.replace("\r\n", "\n"), replaced, nuls)


def _encoding(data: bytes) -> str:
    if data.startswith(_UTF_32):  # before UTF-16, whose mark is a prefix of this one
        return "utf-32"
    return "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"


def _invalid(data: bytes, source: str, encoding: str, error: UnicodeDecodeError) -> RequestError:
    # utf-8-sig counts from behind the mark; a user counts from the first byte of the file
    mark = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" and data.startswith(codecs.BOM_UTF8) else 0
    offset = error.start + mark
    line = data[:offset].decode(encoding, errors="replace").count("\n") + 1
    name = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
    return RequestError(
        f"{source} is not valid {name}: line {line}, byte {offset} (0x{data[offset]:02x}).",
        "Convert it to UTF-8, or pass --encoding-errors replace.",
    )
