"""From a request to its answer, computing only what has changed since the last one. For one thread."""

from dataclasses import replace
from typing import TYPE_CHECKING

from babybert_tui.errors import BabyBertError, RequestError
from babybert_tui.tui.inspect.models import Loaded, ModelShelf
from babybert_tui.tui.inspect.question import Cell, Draft, Kind, Look, PastLook, Question, Request
from babybert_tui.tui.inspect.recorded import recorded_look
from babybert_tui.tui.inspect.weights import Weights

if TYPE_CHECKING:
    from babybert_tui.inspection.ablation import Ablation
    from babybert_tui.inspection.cell_arithmetic import CellArithmetic
    from babybert_tui.inspection.forward_pass import ForwardPass
    from babybert_tui.inspection.layout import Layout
    from babybert_tui.inspection.logit_lens import LensLayer
    from babybert_tui.inspection.masks import Masks
    from babybert_tui.inspection.trace import Floats, Trace

_CANDIDATES = 12
_PREDICTED_EVERYWHERE = 160  # tokens; in a longer text only masked ones and those that are asked for


class Looker:
    """Answers requests.

    Args:
        shelf: Where the models are.
    """

    def __init__(self, shelf: ModelShelf) -> None:
        self._shelf = shelf
        self._inside: dict[bool, _Inside] = {}  # False: the question; True: the same in the weights beside

    def look(self, request: Request) -> Look:
        """The answer.

        Raises:
            RequestError: The weights cannot be had, or the input cannot be looked at.
        """
        if request.question.weights is None:
            raise RequestError("There is no model yet.", "1 trains one; b chooses one that was trained before.")
        if request.recording is not None:
            return recorded_look(request, request.recording)
        look = self._look(request, is_beside=False)
        return look if request.beside is None else replace(look, beside=self._look_beside(request, request.beside))

    def _look_beside(self, request: Request, weights: Weights) -> Look:
        """The same input in other weights; what is wrong with them is no fault of the question."""
        question = replace(request.question, weights=weights)
        same = replace(request, question=question, cell=None, draft=None, beside=None)
        try:
            return self._look(same, is_beside=True)
        except BabyBertError as error:
            return Look(same, failure=str(error))

    def _look(self, request: Request, *, is_beside: bool) -> Look:
        assert request.question.weights is not None
        loaded = self._shelf.get(request.question.weights)
        inside = self._inside.get(is_beside)
        if inside is None or inside.loaded is not loaded or inside.question != request.question:
            inside = self._inside[is_beside] = _Inside(loaded, request.question)
        return Look(
            request,
            trace=inside.trace,
            step=loaded.weights.step,
            values=inside.values(request.kind),
            arithmetic=None if request.cell is None else inside.arithmetic(request.cell),
            ablation=inside.ablation(),
            lens=inside.lens() if request.lens else (),
            draft=None if request.draft is None else _draft(loaded, request.draft),
            layers=loaded.model.config.num_hidden_layers,
            heads=loaded.model.config.num_attention_heads,
        )

    def past_look(self, question: Question, weights: Weights) -> PastLook:
        """What another checkpoint of the run makes of the same input."""
        loaded = self._shelf.get(weights)
        from babybert_tui.inspection.tracing import trace

        found = trace(
            loaded.model,
            loaded.tokenizer,
            question.text_a,
            question.text_b or None,
            masks=_fitting_masks(loaded, question),
            top_k=1,
            want={"predictions"},
            heads_off=question.heads_off,
            seed=question.seed,
            sentence_objective=loaded.objective,
        )
        first = {one.position: (one.top[0].token, one.top[0].probability) for one in found.predictions or ()}
        return PastLook(loaded.weights.step or 0, first, found.is_next)


class _Inside:
    """One input in one model, and what was found out about it so far."""

    def __init__(self, loaded: Loaded, question: Question) -> None:
        self.loaded = loaded
        self.question = question
        self.trace = self._traced(question)
        self._values: dict[Kind, Floats] = {}
        self._pass: ForwardPass | None = None
        self._ablation: Ablation | None = None
        self._lens: tuple[LensLayer, ...] | None = None

    def _traced(self, question: Question) -> "Trace":
        from babybert_tui.inspection.tracing import trace

        loaded = self.loaded
        layout = _layout(loaded, question.text_a, question.text_b)
        everywhere = len(layout.ids) <= _PREDICTED_EVERYWHERE
        return trace(
            loaded.model,
            loaded.tokenizer,
            question.text_a,
            question.text_b or None,
            masks=_fitting_masks(loaded, question),
            positions=[at for at, special in enumerate(layout.special.tolist()) if not special] if everywhere else (),
            top_k=_CANDIDATES,
            heads_off=question.heads_off,
            seed=question.seed,
            sentence_objective=loaded.objective,
            checkpoint=loaded.weights.words,
        )

    def values(self, kind: Kind) -> "Floats | None":
        """(layers, heads or 1, n, n)."""
        if kind not in self._values and self.trace.attention is not None:
            self._values[kind] = self._computed(kind, self.trace.attention)
        return self._values.get(kind)

    def _computed(self, kind: Kind, attention: "Floats") -> "Floats":
        from babybert_tui.inspection.forward_pass import attention_scores
        from babybert_tui.inspection.rollout import rollout
        from babybert_tui.inspection.value_norms import weighted_value_norms

        layers, heads = self.trace.layers, self.trace.head_numbers
        match kind:
            case Kind.SCORES:
                return attention_scores(self._recorded(), layers, heads)
            case Kind.NORMS:
                return weighted_value_norms(self.loaded.model, self._recorded(), layers, heads)
            case Kind.ROLLOUT:
                return rollout(attention)[:, None]
            case _:
                return attention

    def _recorded(self) -> "ForwardPass":
        from babybert_tui.inspection.forward_pass import run

        if self._pass is None:
            trace = self.trace
            self._pass = run(self.loaded.model, trace.ids, trace.segments, heads_off=trace.heads_off, record=True)
        return self._pass

    def arithmetic(self, cell: Cell) -> "CellArithmetic | None":
        """How one weight came about; None where there is no such cell in this input."""
        from babybert_tui.inspection.cell_arithmetic import cell_arithmetic

        if max(cell.query, cell.key) >= len(self.trace.tokens):
            return None
        return cell_arithmetic(
            self.loaded.model,
            self._recorded(),
            layer=cell.layer,
            head=cell.head,
            query_position=cell.query,
            key_position=cell.key,
        )

    def lens(self) -> "tuple[LensLayer, ...]":
        """The first guess after each layer, wherever the model itself was asked; empty where it predicts no words."""
        from babybert_tui.inspection.logit_lens import logit_lens

        trace = self.trace
        if self._lens is None and trace.predictions and trace.labels is not None:
            asked, model = [one.position for one in trace.predictions], self.loaded.model
            self._lens = logit_lens(model, self._recorded(), asked, trace.labels, self.loaded.tokenizer, top_k=1)
        return self._lens or ()

    def ablation(self) -> "Ablation | None":
        """What the heads that are off change; None where all are on."""
        from babybert_tui.inspection.ablation import switch_off

        question = self.question
        if not question.heads_off:
            return None
        if self._ablation is None:
            whole = replace(self.trace, heads_off=())
            loaded = self.loaded
            self._ablation = switch_off(
                loaded.model, loaded.tokenizer, whole, question.heads_off, follows=question.follows
            )
        return self._ablation


def _layout(loaded: Loaded, text_a: str, text_b: str) -> "Layout":
    from babybert_tui.inspection.checkpoint import max_length
    from babybert_tui.inspection.layout import lay_out

    config = loaded.model.config
    limit = max_length(config, loaded.tokenizer)
    return lay_out(loaded.tokenizer, text_a, text_b or None, max_length=limit, num_segments=config.type_vocab_size)


def _fitting_masks(loaded: Loaded, question: Question) -> "Masks":
    """The masks that there is a word for: another tokenizer may have cut the same text elsewhere."""
    if question.masks == "auto":
        return "auto"
    special = _layout(loaded, question.text_a, question.text_b).special
    return tuple(at for at in question.masks if at < len(special) and not special[at])


def _draft(loaded: Loaded, texts: tuple[str, str]) -> Draft:
    layout = _layout(loaded, *texts)
    return Draft(texts, len({word for word in layout.words if word is not None}), layout.unknown)
