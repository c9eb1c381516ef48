"""The README of a checkpoint: what the model is, how it was made, how good it is."""

from babybert_tui import __version__
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import default_of, setting_names
from babybert_tui.training.events import Evaluated, Started

PROGRAM = f"babybert-tui {__version__}"


def model_card(started: Started, step: int, figures: Evaluated | None) -> str:
    """Markdown, with the metadata that the Hugging Face hub reads at its head."""
    settings = started.settings
    corpus = sanitise(str(settings["corpus"]))
    origin = "random weights" if settings["checkpoint"] is None else "given weights"
    lines = [
        "---",
        "library_name: transformers",
        "tags: [bert, fill-mask, babybert-tui]",
        "---",
        "",
        f"# {started.run}, step {step}",
        "",
        f"A BERT of {started.parameters:,} parameters, pre-trained from {origin} on `{corpus}` by {PROGRAM}.",
        "",
        *_figures(started, figures),
        "Made by",
        "",
        f"    {command(started)}",
        "",
        "Opens with `BertForPreTraining.from_pretrained` and `BertTokenizer.from_pretrained` of `transformers`.",
        "NSP label 0 means that B follows A.",
        "",
    ]
    return "\n".join(lines)


def command(started: Started) -> str:
    """The command that makes the run again."""
    words = ["babybert-tui --headless train", f"--run {started.run}"]
    automatic = {"run", "device", "precision", "threads", "eval_every", "save_every", "intermediate_size", "minutes"}
    for name in setting_names():
        value = started.settings.get(name)
        if name in automatic or value is None or value == default_of(name):
            continue
        if name == "cased":
            words.append("--cased")
        else:
            words.append(f"--{name.replace('_', '-')} {sanitise(str(value))}")
    return " ".join(words)


def _figures(started: Started, figures: Evaluated | None) -> list[str]:
    if figures is None:
        return []
    known = started.baselines
    rows = [
        _row("MLM loss (nats)", figures.mlm_loss, (known.mlm_loss_unigram, "unigrams")),
        _row(
            "MLM accuracy",
            figures.mlm_accuracy,
            (known.mlm_accuracy_unigram, "commonest token"),
            (known.mlm_accuracy_count, "counted between the same neighbours"),
        ),
        _row("nats per masked word", figures.mlm_nats_per_word),
    ]
    if figures.nsp_accuracy is not None:
        rivals = (known.nsp_accuracy_majority, "larger class"), (known.nsp_accuracy_overlap, "shared words")
        rows.append(_row("NSP accuracy", figures.nsp_accuracy, *rivals))
    return [
        f"On held-out documents, after step {figures.step}:",
        "",
        "| | this model | without a network |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _row(name: str, figure: float, *others: tuple[float | None, str]) -> str:
    beside = ", ".join(f"{value:.3f} ({how})" for value, how in others if value is not None)
    return f"| {name} | {figure:.3f} | {beside} |"
