"""What reaches a terminal cannot act on it."""

import sys
import unicodedata

import pytest

from babybert_tui.sanitise import sanitise

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, né, 中文, 🙂 [bold]", "plain, né, 中文, 🙂 [bold]"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\nb\tc\rd\0e\x7f", "a␊b␉c␍d␀e␡"),
        ("\x9b31m", "\ufffd31m"),
        ("abc\u202edef", "abc\ufffddef"),
        ("\ud800 and \ufeff", "\ufffd and \ufffd"),
    ],
)
def test_what_acts_becomes_something_to_see(text: str, shown: str) -> None:
    assert sanitise(text) == shown


def test_newlines_stay_where_they_are_wanted() -> None:
    assert sanitise("a\nb\x1b", keep_newlines=True) == "a\nb␛"


def test_no_control_format_or_surrogate_character_is_left() -> None:
    """Whatever Unicode calls control, surrogate, line or paragraph separator, and all that changes direction."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = set(sanitise(everything))
    assert not [hex(ord(one)) for one in left if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert not left & set(BIDI)
    assert len(sanitise(everything)) == len(everything)


def test_what_was_made_safe_stays_as_it_is() -> None:
    once = sanitise("\x1b[2J\u202e\n")
    assert sanitise(once) == once
