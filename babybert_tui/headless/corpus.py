"""`corpus` for scripts and people: how a text is read, and what the model would be shown of it."""

import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from babybert_tui.configuration import Configuration
from babybert_tui.headless.obtaining import obtain_and_prepare, say_notes
from babybert_tui.headless.sample_pairs import SamplePair, draw_sample_pairs
from babybert_tui.headless.streams import print_json, waiting
from babybert_tui.render.console import stdout_console
from babybert_tui.render.strip import TokenStrip
from babybert_tui.render.terminal import Titled
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.baselines import find_baselines
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import Baselines
from babybert_tui.training.preparation import Prepared, pair_settings

_PAIRS_SHOWN = 3
_SENTENCES_SHOWN = 4
_LABEL_WIDTH, _NUMBER_WIDTH = 13, 11
_KNOWING = "at best, knowing how the stories are made"


def show_corpus(configuration: Configuration, *, as_json: bool) -> None:
    """Reads the corpus that the settings name and prints what came of it on stdout.

    Raises:
        RequestError: the corpus or the tokenizer is not as it should be.
    """
    settings = configuration.settings
    with waiting() as progress:
        stdin = sys.stdin.buffer if settings.corpus == "-" else None
        prepared = obtain_and_prepare(settings, stdin=stdin, progress=progress)
        progress("drawing pairs")
        vocabulary = prepared.vocabulary
        evaluation = Evaluation(prepared.held_out, pair_settings(settings), vocabulary.masking, vocabulary.special)
        baselines = find_baselines(evaluation, prepared, settings)
        pairs = draw_sample_pairs(prepared, settings, _PAIRS_SHOWN)
    counts = count(prepared)
    if as_json:
        say_notes(prepared.corpus)
        print_json({"schema": 1, **counts, "baselines": vars(baselines), "pairs": [pair.as_json() for pair in pairs]})
        return
    _print_reading(stdout_console(), prepared, settings, counts, baselines, pairs)


def count(prepared: Prepared) -> dict[str, Any]:
    """How much there is of everything, under the names of the JSON object; held-out documents are counted in."""
    sides = prepared.training, prepared.held_out
    return {
        "corpus": prepared.corpus.name,
        "format": prepared.corpus.format,
        "documents": sum(len(side.document_offsets) - 1 for side in sides),
        "held_out_documents": len(prepared.held_out.document_offsets) - 1,
        "sentences": sum(len(side.sentence_offsets) - 1 for side in sides),
        "words": prepared.corpus.word_count,
        "tokens": sum(len(side.ids) for side in sides),
        "vocabulary_size": len(prepared.vocabulary),
        "duplicates_dropped": prepared.corpus.duplicates_dropped,
    }


def _print_reading(
    console: Console,
    prepared: Prepared,
    settings: Settings,
    counts: dict[str, Any],
    baselines: Baselines,
    pairs: list[SamplePair],
) -> None:
    _say(console, f"{counts['corpus']}: {counts['format']}", bold=True)
    for one in prepared.corpus.notes:
        _say(console, f"note: {one}")
    for label, number, remark in _counted(prepared, settings, counts):
        _say(console, f"  {label:<{_LABEL_WIDTH}}{number:>{_NUMBER_WIDTH},}   {remark}")
    _say(console, "")
    _say(console, "What is reached on the held-out documents without a network", bold=True)
    for line in _measured_against(prepared, settings, baselines):
        _say(console, f"  {line}")
    _say(console, "")
    _say(console, "The first document as it was read, a sentence a line", bold=True)
    for line in _first_document(prepared):
        console.print(Text(f"  {line}"), no_wrap=True, overflow="ellipsis")
    for number, pair in enumerate(pairs, 1):
        strip = TokenStrip(pair.trace)
        strip.compact = True
        console.print()
        console.print(Titled(f"Sample {number}{_verdict(pair, settings)}", strip))


def _say(console: Console, line: str, *, bold: bool = False) -> None:
    console.print(Text(sanitise(line), style="bold" if bold and not console.no_color else ""))


def _counted(prepared: Prepared, settings: Settings, counts: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    documents, sentences, words, tokens = (counts[name] for name in ("documents", "sentences", "words", "tokens"))
    held_out = counts["held_out_documents"]
    yield "documents", documents, f"{held_out:,} of them held out ({held_out / documents:.0%})"
    yield "sentences", sentences, f"{sentences / documents:.1f} in a document"
    yield "words", words, f"{words / sentences:.1f} in a sentence"
    yield "tokens", tokens, f"{tokens / words:.2f} for a word"
    asked = f"of at most {settings.vocab_size:,}" if settings.tokenizer is None else f"from {settings.tokenizer}"
    yield "vocabulary", counts["vocabulary_size"], asked
    unknown = _unknown_tokens(prepared)
    if unknown:
        yield "unknown", unknown, f"tokens ({unknown / tokens:.2%}) that the vocabulary has no pieces for: [UNK]"
    if counts["duplicates_dropped"]:
        yield "left out", counts["duplicates_dropped"], "documents that repeat another one"


def _unknown_tokens(prepared: Prepared) -> int:
    unknown, size = prepared.vocabulary.roles["unk"], len(prepared.vocabulary)
    return sum(int(side.counts(size)[unknown]) for side in (prepared.training, prepared.held_out))


def _measured_against(prepared: Prepared, settings: Settings, baselines: Baselines) -> Iterator[str]:
    commonest = prepared.vocabulary.pieces[int(prepared.training.counts(len(prepared.vocabulary)).argmax())]
    evenly, by_frequency = baselines.mlm_loss_uniform, baselines.mlm_loss_unigram
    yield f"MLM loss      {evenly:.3f} guessing evenly, {by_frequency:.3f} by frequency"
    yield f'MLM accuracy  {baselines.mlm_accuracy_unigram:.3f} always saying "{commonest}"'
    yield from _reached(baselines.mlm_accuracy_count, "the commonest word between the same two neighbours")
    yield from _reached(baselines.mlm_accuracy_oracle, _KNOWING, baselines.mlm_accuracy_oracle_error)
    if baselines.nsp_accuracy_majority is not None:
        name = settings.sentence_objective.upper()
        yield f"{name} accuracy  {baselines.nsp_accuracy_majority:.3f} always saying the larger class"
        yield from _reached(baselines.nsp_accuracy_overlap, "by how many words the two segments share")
        yield from _reached(baselines.nsp_accuracy_oracle, _KNOWING, baselines.nsp_accuracy_oracle_error)


def _reached(accuracy: float | None, how: str, error: float | None = None) -> Iterator[str]:
    if accuracy is not None:
        give_or_take = "" if error is None else f" ± {error:.3f}"
        yield f"{'':<{_LABEL_WIDTH + 1}}{accuracy:.3f}{give_or_take} {how}"


def _first_document(prepared: Prepared) -> Iterator[str]:
    document = prepared.corpus.documents[0]
    for number, sentence in enumerate(document[:_SENTENCES_SHOWN], 1):
        yield f"{number}  {sanitise(sentence)}"
    if len(document) > _SENTENCES_SHOWN:
        yield f"   and {len(document) - _SENTENCES_SHOWN:,} more"


def _verdict(pair: SamplePair, settings: Settings) -> str:
    if pair.is_next is None:
        return ""
    if settings.sentence_objective == "sop":
        return ": A and B in their order" if pair.is_next else ": A and B swapped"
    return ": B follows A" if pair.is_next else ": B is from another document"
