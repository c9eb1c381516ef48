"""The prose of a Markdown text: code, tables, headings and markup left out."""

import re

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*")
_TABLE_ROW = re.compile(r"\s*\|.*")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:\s")
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
_LONGEST_MARKED_LINE = 10_000  # characters: a longer one is no prose of a person's, and is left as it is
_TARGET = r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])"  # of a link: an address, or a reference
# What is open never reaches over the next opening sign, or a line of unclosed ones would cost its length squared.
_INLINE = (
    (re.compile(rf"!\[[^\[\]]*\]{_TARGET}"), ""),  # images
    (re.compile(rf"\[([^\[\]]*)\]{_TARGET}"), r"\1"),  # links keep their text
    (re.compile(r"<((?:https?|mailto):[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),  # HTML tags
    (re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)"), r"\2"),
)


def markdown_prose(text: str) -> str:
    """Returns the paragraphs and list items of `text`, without markup; blank lines stay where they separate.

    A heading separates too. Only the text of links is kept, nothing of images.
    """
    text = _COMMENT.sub("", _FRONT_MATTER.sub("", text))
    return "\n".join(_without_markup(line) for line in _prose_lines(text.split("\n")))


def _prose_lines(lines: list[str]) -> list[str]:
    """Returns the lines of prose; everything that is not prose becomes a blank line."""
    kept: list[str] = []
    fence = ""
    in_list = False
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            kept.append("")
        elif mark:
            fence = mark[1]
            kept.append("")
        else:
            in_list = _continues_list(line, in_list=in_list)
            kept.append(_prose_line(line, kept, in_list=in_list))
    return kept


def _continues_list(line: str, *, in_list: bool) -> bool:
    return bool(_ITEM.match(line)) or (in_list and (not line.strip() or line[0] in " \t"))


def _prose_line(line: str, before: list[str], *, in_list: bool) -> str:
    if _UNDERLINE.fullmatch(line) and before and before[-1].strip():
        before[-1] = ""  # the line above was a heading
        return ""
    if _RULE.fullmatch(line) or _HEADING.match(line) or _TABLE_ROW.fullmatch(line) or _DEFINITION.match(line):
        return ""
    is_code = line.startswith(("    ", "\t")) and not in_list and not (before and before[-1].strip())
    return "" if is_code else _QUOTE.sub("", line)


def _without_markup(line: str) -> str:
    if len(line) > _LONGEST_MARKED_LINE:
        return line
    for pattern, replacement in _INLINE:
        line = pattern.sub(replacement, line)
    return line
