"""Text from outside, made safe to show: control characters, escapes and bidi overrides become visible stand-ins."""

import re

# C0 and C1 controls, DEL, the bidi controls, zero-width and other format characters that hide or reorder text,
# interlinear and tag characters, lone surrogates, and the BOM.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\u2421"
_REPLACEMENT = "\ufffd"


def sanitise(text: str, *, keep_newlines: bool = False) -> str:
    """Returns `text` with every character that could act on a terminal replaced by a visible stand-in.

    C0 controls become their Unicode control pictures (ESC is shown as ␛); other unsafe characters become U+FFFD.
    Emoji joiners (U+200D) are replaced too: their width differs between terminals.
    """

    def stand_in(match: re.Match[str]) -> str:
        character = match.group()
        if character == "\n" and keep_newlines:
            return character
        code = ord(character)
        if code < 0x20:
            return chr(_CONTROL_PICTURES + code)
        return _DELETE_PICTURE if code == 0x7F else _REPLACEMENT

    return _UNSAFE.sub(stand_in, text)
