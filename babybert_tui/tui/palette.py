"""The command palette: every key's action, and those that have no key."""

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.dom import DOMNode

if TYPE_CHECKING:
    from babybert_tui.tui.app import BabyBertApp

_KEYS = {"full_stop": ".", "comma": ",", "question_mark": "?", "colon": ":"}


def system_commands(app: "BabyBertApp") -> Iterator[SystemCommand]:
    """Of the room at hand, of the bench, of the app."""
    yield SystemCommand("Theme …", "Dark, light, projector, or the terminal's own", app.action_choose_theme)
    for node in (app.bench.room_widget, app.bench, app):
        for bindings in node._bindings.key_to_bindings.values():  # noqa: SLF001 - there is no public list
            for binding in bindings:
                if binding.show and binding.action != "command_palette":
                    title, key = binding.description.capitalize(), _KEYS.get(binding.key, binding.key)
                    yield SystemCommand(title, f"key {key}", _runner(app, binding.action, node))


def _runner(app: "BabyBertApp", action: str, node: DOMNode) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await app.run_action(action, default_namespace=node)

    return run
