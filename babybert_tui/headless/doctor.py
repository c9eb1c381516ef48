"""`doctor` for scripts and people: what the machine has, and what to do about what it has not."""

from pathlib import Path

from rich.text import Text

from babybert_tui.headless.machine_checks import FAULT, HINT, OK, Check, all_checks
from babybert_tui.headless.streams import print_json
from babybert_tui.render.console import stdout_console
from babybert_tui.sanitise import sanitise

_SIGNS = {OK: "ok", HINT: "hint", FAULT: "FAULT"}
_STYLES = {OK: "green", HINT: "yellow", FAULT: "bold red"}
_SIGN_WIDTH, _NAME_WIDTH = 7, 15


def examine(checkpoints_dir: Path, config: Path | None, *, as_json: bool) -> int:
    """Prints what it finds; returns 1 where something is broken, else 0."""
    checks = []
    for check in all_checks(checkpoints_dir, config):
        checks.append(check)
        if not as_json:
            _print(check)
    is_well = all(check.status != FAULT for check in checks)
    if as_json:
        print_json({"schema": 1, "ok": is_well, "checks": [vars(check) for check in checks]})
    else:
        faults, hints = (sum(check.status == status for check in checks) for status in (FAULT, HINT))
        print(f"{_counted(faults, 'fault')}, {_counted(hints, 'hint')}")
    return 0 if is_well else 1


def _print(check: Check) -> None:
    console = stdout_console()
    indent = " " * (_SIGN_WIDTH + _NAME_WIDTH)
    head = Text.assemble(
        (f"{_SIGNS[check.status]:<{_SIGN_WIDTH}}", _STYLES[check.status]), f"{check.name:<{_NAME_WIDTH}}"
    )
    room = max(20, console.width - len(indent))
    lines = [
        line
        for text in (check.found, check.remedy and f"-> {check.remedy}")
        if text
        for line in Text(sanitise(text)).wrap(console, room)
    ]
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text.assemble(indent if number else head, line), soft_wrap=True)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"
