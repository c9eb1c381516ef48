"""Which weights are looked through: chosen by the user, or those that suggest themselves."""

from babybert_tui.training.runs import shipped_checkpoints
from babybert_tui.tui.inspect.host import Host
from babybert_tui.tui.inspect.weights import Weights, all_weights, along_the_run, first_choice
from babybert_tui.tui.screens.choose import Offer

LIVE = "the model in training"
_SHIPPED = {
    "stories": "came with the program: the generated stories",
    "english": "came with the program: film reviews",
}


class WhoseWeights:
    """Knows the runs on the disk and the one in training.

    Args:
        host: The app.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.has_chosen = False  # the user has chosen a checkpoint: a run that begins does not take its place

    def live(self) -> Weights | None:
        """The model in training at its step now."""
        session = self._host.trainer.session
        return None if session is None else Weights(session.run.name, session.step)

    def named(self, spec: str) -> Weights | None:
        """What a command line names. Raises RequestError where it is nothing."""
        self.has_chosen = True
        return first_choice(spec, self._host.trainer.checkpoints_dir)

    def follow(self, now: Weights | None) -> Weights | None:
        """What to look through now: the model in training has moved on, begun, or ended."""
        live = self.live()
        if live is not None and (now is None or now.is_live or not self.has_chosen):
            return live
        if now is not None and not now.is_live:
            return now
        checkpoints_dir = self._host.trainer.checkpoints_dir
        if now is not None and (saved := along_the_run(now, checkpoints_dir, None)):
            return saved[-1]
        return first_choice(None, checkpoints_dir)

    def along(self, now: Weights | None) -> tuple[Weights, ...]:
        """The checkpoints of the same run, oldest first."""
        return () if now is None else along_the_run(now, self._host.trainer.checkpoints_dir, self.live())

    def offers(self) -> tuple[list[Offer], dict[str, Weights]]:
        """All there are, in words, and what the words stand for."""
        live = self.live()
        found = {one.words: one for one in all_weights(self._host.trainer.checkpoints_dir)}
        offers = [Offer(words, _about(one)) for words, one in found.items()]
        if live is not None:
            offers.insert(0, Offer(LIVE, f"{live.name}, looked at anew every second"))
            found[LIVE] = live
        return offers, found


def _about(weights: Weights) -> str:
    if weights.step is not None:
        return ""
    is_shipped = weights.folder is not None and weights.folder.parent == shipped_checkpoints()
    return _SHIPPED.get(weights.name, "came with the program") if is_shipped else "a model directory"
