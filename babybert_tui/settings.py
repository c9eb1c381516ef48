"""Every setting of a training run, declared once.

The command-line options, the TOML keys, the environment variables, the app's Tune pane and the validation are all made
from the fields of `Settings`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

SECTIONS = ("Data", "Model", "Masking", "Training", "Run")
EVALUATIONS = 10  # of a run, where it is not said how often; the one before the first update is not counted


@dataclass(frozen=True)
class Declaration:
    """What is known of one setting besides its name, type and default."""

    help: str
    section: str
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False  # the minimum itself is not allowed
    choices: tuple[str, ...] = ()
    live: bool = False  # may change while training
    on_resume: str = "same"  # or "free": may differ; or "warn": may differ, but the digest is then not promised
    automatic: str = ""  # what None stands for
    flags: tuple[str, str] | None = None  # option names of a switch, on and off
    main: bool = False  # among the ten or so that matter most


def _setting(default: Any, help: str, section: str, **more: Any) -> Any:
    return field(default=default, metadata={"declaration": Declaration(help, section, **more)})


def _fraction(default: float, help: str, section: str, **more: Any) -> Any:
    return _setting(default, help, section, **{"minimum": 0, "maximum": 1, **more})


@dataclass(frozen=True)
class Settings:
    """One training run. Where None is allowed it means that the program chooses; `automatic` says how."""

    corpus: str = _setting(
        "stories",
        "Built in: stories, python-reference. A data set: imdb, wikitext2, wikitext103, penn-treebank, "
        "hub:NAME[:CONFIG[:SPLIT]]. Or a file, a folder, - for stdin.",
        "Data",
        main=True,
    )
    data_root: str | None = _setting(
        None, "Folder with local copies of named data sets.", "Data", automatic="the user's cache folder"
    )
    text_field: str | None = _setting(
        None, "Field or column with the text in .jsonl and .csv files.", "Data", automatic="text, or the only one"
    )
    encoding_errors: str = _setting(
        "strict", "What to do with bytes that are not UTF-8.", "Data", choices=("strict", "replace")
    )
    held_out_share: float = _fraction(
        0.1, "Share of the documents kept for evaluation.", "Data", above=True, maximum=0.9
    )
    tokenizer: str | None = _setting(
        None, "Model directory whose WordPiece vocabulary to use.", "Data", automatic="trained on the corpus"
    )
    checkpoint: str | None = _setting(
        None, "Model directory or run to start from: its weights, shape and vocabulary.", "Model",
        automatic="random weights",
    )  # fmt: skip
    vocab_size: int = _setting(8192, "Upper bound for the vocabulary.", "Data", minimum=32, maximum=1_000_000)
    cased: bool = _setting(False, "Keep upper and lower case apart.", "Data", flags=("--cased", "--uncased"))

    hidden_size: int = _setting(128, "Width of the residual stream.", "Model", minimum=1, maximum=8192, main=True)
    num_layers: int = _setting(2, "Transformer layers.", "Model", minimum=1, maximum=96, main=True)
    num_heads: int = _setting(4, "Attention heads in each layer.", "Model", minimum=1, maximum=128, main=True)
    intermediate_size: int | None = _setting(
        None, "Width of the feed-forward network.", "Model", minimum=1, maximum=65536, automatic="4 × hidden size"
    )
    max_length: int = _setting(
        64, "Tokens in an input, special ones included.", "Model", minimum=5, maximum=4096, main=True
    )
    dropout: float = _fraction(0.0, "Dropout everywhere the paper has it.", "Model", maximum=0.9)
    initial_weights: str = _setting(
        "bert", "Random as in the paper, or with heads that look at neighbours and compare A with B (mimetic).",
        "Model", choices=("bert", "mimetic"),
    )  # fmt: skip

    mask_probability: float = _fraction(
        0.15, "Share of tokens selected in training.", "Masking", above=True, maximum=0.9, live=True, main=True
    )
    initial_mask_probability: float = _fraction(
        0.5, "Share selected in the first update; falls evenly to mask_probability in the last.", "Masking", above=True,
        maximum=0.9,
    )  # fmt: skip
    mask_token_fraction: float = _fraction(
        0.8, "Share of the selected tokens shown as [MASK].", "Masking", live=True, main=True
    )
    random_token_fraction: float = _fraction(
        0.1, "Share of the selected tokens shown as a random token.", "Masking", live=True, main=True
    )
    masking: str = _setting(
        "token", "What is selected.", "Masking", choices=("token", "whole-word", "span"), live=True, main=True
    )
    sentence_objective: str = _setting(
        "nsp", "Next sentence (BERT), sentence order (ALBERT), or none.", "Masking", choices=("nsp", "sop", "none"),
        main=True,
    )  # fmt: skip
    sentence_weight: float = _setting(
        1.0, "Weight of the sentence loss beside the MLM loss.", "Masking", minimum=0, maximum=100, live=True
    )
    short_sequence_probability: float = _fraction(0.1, "Share of documents made into shorter examples.", "Masking")

    batch_size: int = _setting(32, "Examples in a forward pass.", "Training", minimum=1, maximum=65536, main=True)
    initial_max_length: int | None = _setting(
        None, "Tokens in an input in the first 70 % of the updates, which have as many more inputs instead.",
        "Training", minimum=5, maximum=4096, automatic="max_length",
    )  # fmt: skip
    gradient_accumulation: int = _setting(1, "Forward passes in an update.", "Training", minimum=1, maximum=65536)
    optimizer: str = _setting(
        "muon", "AdamW, or Muon on the matrices inside the layers and AdamW on the rest.", "Training",
        choices=("adamw", "muon"),
    )  # fmt: skip
    learning_rate: float = _setting(
        3e-3, "Peak learning rate.", "Training", minimum=0, above=True, maximum=10, live=True, main=True
    )
    warmup_steps: int | None = _setting(
        None, "Updates until the learning rate reaches its peak.", "Training", minimum=0, automatic="6 % of the run"
    )
    weight_decay: float = _setting(0.01, "AdamW's decoupled weight decay.", "Training", minimum=0, maximum=10)
    gradient_clip: float = _setting(
        1.0, "Largest norm of the gradient; 0 for no limit.", "Training", minimum=0, maximum=1e6
    )
    max_steps: int = _setting(
        5500, "Updates in the run.", "Training", minimum=1, maximum=100_000_000, on_resume="extend", main=True
    )
    minutes: float | None = _setting(
        None, "Length of the run in minutes, instead of a number of steps.", "Training", minimum=0, above=True,
        maximum=100_000, automatic="max_steps counts",
    )  # fmt: skip

    run: str | None = _setting(
        None,
        "Name of the run, and of its folder.",
        "Run",
        automatic="a new one, corpus-preset-number",
        on_resume="free",
    )
    eval_every: int | None = _setting(
        None, "Updates between evaluations.", "Run", minimum=1, automatic="a tenth of the run", on_resume="free"
    )
    save_every: int | None = _setting(
        None, "Updates between checkpoints.", "Run", minimum=1, automatic="a fifth of the run", on_resume="free"
    )
    log_every: int = _setting(10, "Updates between log lines.", "Run", minimum=1, on_resume="free")
    keep: int = _setting(3, "Checkpoints to keep; 0 for all.", "Run", minimum=0, on_resume="free")
    seed: int = _setting(0, "Of all randomness.", "Run", minimum=0, maximum=2**63 - 1)
    device: str = _setting("auto", "Where to compute.", "Run", choices=("auto", "cpu", "cuda", "mps"), on_resume="warn")
    precision: str = _setting(
        "auto", "bf16 where the processor has it, or as named.", "Run", choices=("auto", "fp32", "bf16")
    )
    threads: int | None = _setting(
        None, "Threads to compute with.", "Run", minimum=1, maximum=1024, automatic="one for each core",
        on_resume="warn",
    )  # fmt: skip

    @property
    def feed_forward_size(self) -> int:
        """`intermediate_size`, or the paper's 4 × hidden size."""
        return self.intermediate_size or 4 * self.hidden_size

    @property
    def evaluation_interval(self) -> int:
        """Updates between evaluations."""
        return self.eval_every or max(1, math.ceil(self.max_steps / EVALUATIONS))

    @property
    def saving_interval(self) -> int:
        """Updates between checkpoints."""
        return self.save_every or max(1, math.ceil(self.max_steps / 5))


def setting_fields() -> tuple[Field[Any], ...]:
    """The fields of `Settings`, in the order of declaration."""
    return fields(Settings)


def declaration(name: str) -> Declaration:
    """What is known of the setting `name`. Raises KeyError where there is none."""
    found: Declaration = Settings.__dataclass_fields__[name].metadata["declaration"]
    return found


def setting_type(name: str) -> type:
    """bool, int, float or str: the type of the setting's value where it is not None."""
    annotation = _annotations()[name]
    if isinstance(annotation, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not NoneType)
    kind: type = annotation
    return kind


@cache
def _annotations() -> dict[str, Any]:
    return get_type_hints(Settings)  # takes longer than all of `problems`


def is_optional(name: str) -> bool:
    """Whether None is allowed."""
    return Settings.__dataclass_fields__[name].default is None


def setting_names() -> list[str]:
    """All names, in the order of declaration."""
    return [one.name for one in fields(Settings)]


def unknown_name(name: str, where: str, known: Iterable[str] | None = None) -> str:
    """The sentence that says that a name is unknown, with the nearest one that is known."""
    near = get_close_matches(name, list(known or setting_names()), n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{where}: there is no setting called {sanitise(name)}.{hint}"


def parse(name: str, text: str) -> Any:
    """The value that `text` stands for (from a field, an option or the environment).

    Raises:
        ValueError: with a sentence on what was expected.
    """
    kind = setting_type(name)
    text = text.strip()
    if is_optional(name) and text.lower() in ("", "auto"):
        return None
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ValueError(f"{name} is yes or no, not {sanitise(text)!r}.")
    if kind is str:
        return text
    try:
        return kind(text.replace("_", "").replace(",", "") if kind is int else text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"{name} must be {what}, not {sanitise(text)!r}.") from None


def problem(name: str, value: Any) -> str | None:
    """What is wrong with `value` as the setting `name`, as one sentence; None where nothing is."""
    known = declaration(name)
    kind: Any = setting_type(name)
    if value is None:
        return None if is_optional(name) else f"{name} needs a value."
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        what = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}[kind]
        return f"{name} must be {what}, not {sanitise(repr(value))}."
    if kind is float and not math.isfinite(value):
        return f"{name} must be a finite number, not {value}."
    if known.choices and value not in known.choices:
        near = get_close_matches(str(value), known.choices, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{name} must be one of {', '.join(known.choices)}, not {sanitise(repr(value))}.{hint}"
    return _out_of_bounds(name, value, known)


def _out_of_bounds(name: str, value: Any, known: Declaration) -> str | None:
    if known.minimum is not None and (value < known.minimum or (known.above and value == known.minimum)):
        bound = f"more than {known.minimum:g}" if known.above else f"at least {known.minimum:g}"
        return f"{name} must be {bound}, not {value}."
    if known.maximum is not None and value > known.maximum:
        return f"{name} must be at most {known.maximum:,.10g}, not {value}."
    return None


def problems(settings: Settings) -> list[str]:
    """Everything that is wrong with the settings, each as one sentence."""
    found = [
        sentence for one in fields(Settings) if (sentence := problem(one.name, getattr(settings, one.name))) is not None
    ]
    if found:
        return found
    if settings.hidden_size % settings.num_heads:
        found.append(
            f"hidden_size {settings.hidden_size} is not divisible by num_heads {settings.num_heads}: "
            f"each head takes an equal share."
        )
    together = settings.mask_token_fraction + settings.random_token_fraction
    if together > 1 + 1e-9:
        found.append(
            f"mask_token_fraction {settings.mask_token_fraction:g} and random_token_fraction "
            f"{settings.random_token_fraction:g} add up to {together:g}: they are shares of the same tokens, at most 1."
        )
    if settings.initial_max_length is not None and settings.initial_max_length > settings.max_length:
        found.append(
            f"initial_max_length {settings.initial_max_length} is more than max_length {settings.max_length}: "
            f"rows begin short and end long."
        )
    return found


def build(values: Mapping[str, Any], where: Mapping[str, str] | None = None) -> Settings:
    """Settings from named values, the rest at their defaults.

    Args:
        values: By name.
        where: For each name, where its value came from, for the message.

    Raises:
        RequestError: naming every problem at once.
    """
    unknown = [
        unknown_name(name, (where or {}).get(name, "settings")) for name in values if name not in setting_names()
    ]
    if unknown:
        raise RequestError(" ".join(unknown))
    settings = replace(Settings(), **{name: _as_declared(name, value) for name, value in values.items()})
    found = problems(settings)
    if found:
        raise RequestError(" ".join(_placed(sentence, where or {}) for sentence in found))
    return settings


def _as_declared(name: str, value: Any) -> Any:
    is_whole_number = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if setting_type(name) is float and is_whole_number else value


def _placed(sentence: str, where: Mapping[str, str]) -> str:
    """The sentence with the place before it where the value did not come from the command line."""
    place = where.get(sentence.split(" ", 1)[0])
    return f"{place}: {sentence}" if place else sentence


def default_of(name: str) -> Any:
    """The default of a setting."""
    default = Settings.__dataclass_fields__[name].default
    assert default is not MISSING
    return default
