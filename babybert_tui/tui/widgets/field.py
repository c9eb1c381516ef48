"""A line to type in that takes keys in the order in which they come, however fast."""

from textual.events import Key
from textual.widgets import Input


class Field(Input):
    """An `Input` for bursts of keys: pasted by a script, or sent over a slow line.

    Textual gives letters to the input that has the focus, and all other keys to the app, which takes longer. In a burst
    letters would so overtake the Enter, the Backspace or the Tab before them.
    """

    async def on_key(self, event: Key) -> None:
        """Does at once what the key is for."""
        is_left = self.screen.focused is not self  # by a key of the same burst
        if event.is_printable and not is_left:
            return  # the input writes it
        event.stop()  # also where it is for nothing: the app hands over all keys that come to it
        event.prevent_default()
        if is_left:
            self.app.post_message(Key(event.key, event.character))
        else:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.enabled:
                await self.app.run_action(active.binding.action, active.node)

    def take(self, event: Key) -> None:
        """A key that was meant for this field, and was sent elsewhere before the field had the focus."""
        self.post_message(Key(event.key, event.character))

    def take_focus(self) -> None:
        """Has the keys from now on: `focus` comes behind those that are here already."""
        self.screen.set_focus(self)
