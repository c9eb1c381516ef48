"""`inspect` for scripts: one trace as JSON or pictures on stdout, notes on stderr, and a file if one was asked for."""

import sys
from dataclasses import replace
from pathlib import Path

from babybert_tui.errors import RequestError
from babybert_tui.inspection.as_json import write_trace
from babybert_tui.inspection.checkpoint import load_inspectable, sentence_objective
from babybert_tui.inspection.hub import PREFIX as HUB
from babybert_tui.inspection.hub import fetch_from_hub
from babybert_tui.inspection.request import SHOW_ALL, STDIN, InspectRequest, refuse_empty
from babybert_tui.inspection.trace import Trace
from babybert_tui.inspection.tracing import trace
from babybert_tui.sanitise import sanitise
from babybert_tui.training.runs import resolve_checkpoint

MOST_BYTES_OF_STDIN = 64 * 2**20


def inspect(request: InspectRequest) -> None:
    """Does what `request` asks, on this process's standard streams.

    Raises:
        RequestError: The request cannot be met; nothing was written.
        RunError: The exported file cannot be written.
    """
    request = _with_text(request)
    found = _trace(request)
    for note in found.notes:
        print(f"babybert-tui: {sanitise(note)}", file=sys.stderr)
    found = replace(found, asked=request.show)
    if request.export is not None:
        _export(found, request.export)
    if request.as_json:
        write_trace(found, sys.stdout)
    else:
        _draw(found, request)


def _with_text(request: InspectRequest) -> InspectRequest:
    """The request with `-` replaced by what stands on stdin."""
    if request.text == request.text_b == STDIN:
        raise RequestError("Only one of the two texts can be read from stdin.")
    if request.text == STDIN:
        request = replace(request, text=_read_stdin())
    elif request.text_b == STDIN:
        request = replace(request, text_b=_read_stdin())
    refuse_empty("TEXT", request.text)
    if request.text_b is not None:
        refuse_empty("TEXT_B", request.text_b)
    return request


def _read_stdin() -> str:
    data = sys.stdin.buffer.read(MOST_BYTES_OF_STDIN + 1)
    if len(data) > MOST_BYTES_OF_STDIN:
        raise RequestError(
            f"Stdin holds more than {MOST_BYTES_OF_STDIN // 2**20} MiB: no BERT reads that much at once."
        )
    return data.decode("utf-8-sig", errors="replace")


def _trace(request: InspectRequest) -> Trace:
    directory = _checkpoint_directory(request)
    model, tokenizer, config = load_inspectable(directory)
    return trace(
        model,
        tokenizer,
        request.text,
        request.text_b,
        masks=request.mask,
        top_k=request.top_k,
        layers=None if request.layer is None else [request.layer],
        heads=None if request.head is None else [request.head],
        want=_wanted(request),
        seed=request.seed,
        sentence_objective=sentence_objective(config),
        checkpoint=str(directory),
    )


def _wanted(request: InspectRequest) -> frozenset[str]:
    """What has to be computed: pictures of attention also need the statistics, which choose and name the heads."""
    pictured = "attention" in request.show and not request.as_json
    exported = request.export is not None and request.export.suffix.lower() != ".json"
    needed = {"attention", "heads"} if exported else {"heads"} if pictured else set()
    return request.show | needed


def _checkpoint_directory(request: InspectRequest) -> Path:
    if request.checkpoint is not None and request.checkpoint.startswith(HUB):
        return fetch_from_hub(request.checkpoint.removeprefix(HUB))
    return resolve_checkpoint(request.checkpoint, request.checkpoints_dir)


def _export(found: Trace, path: Path) -> None:
    from babybert_tui.render.export import export_trace  # not needed for anything else

    export_trace(found, path)
    print(f"babybert-tui: wrote {sanitise(str(path))}", file=sys.stderr)


def _draw(found: Trace, request: InspectRequest) -> None:
    from babybert_tui.render.console import stdout_console  # rich: not needed for JSON
    from babybert_tui.render.terminal import render_trace

    if len(request.show) == 1:
        (show,) = request.show
    else:
        show = SHOW_ALL
        found = replace(
            found,
            attention=found.attention if "attention" in request.show else None,
            heads=found.heads if "heads" in request.show else None,
        )
    stdout_console().print(render_trace(found, show=show, layer=request.layer, head=request.head))
