"""A checkpoint: a Hugging Face model directory with the state to resume from beside it.

The manifest, written last, holds the SHA-256 of every other file and of itself: a checkpoint without one, or with
another digest, is damaged and not used.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from babybert_tui import __version__
from babybert_tui.bert import BabyBert
from babybert_tui.errors import RunError
from babybert_tui.files import new_folder, sha256_of, write_json
from babybert_tui.pretraining.batches import StreamPosition
from babybert_tui.sanitise import sanitise
from babybert_tui.tokenization import save_tokenizer
from babybert_tui.training.optimization import Optimization
from babybert_tui.training.preparation import Vocabulary
from babybert_tui.weights import hugging_face_config, hugging_face_state

MODEL, OPTIMIZER, MANIFEST = "model.safetensors", "optimizer.safetensors", "manifest.json"
SCHEMA = 1


@dataclass(frozen=True)
class Progress:
    """How far a run has come, besides its tensors."""

    step: int
    tokens: int  # non-padding input tokens since step 0
    elapsed_seconds: float  # summed over resumes
    position: StreamPosition


def state_sha256(model: Mapping[str, Tensor], optimizer: Mapping[str, Tensor]) -> str:
    """The SHA-256 over every tensor in name order: its name, dtype, shape and bytes."""
    digest = hashlib.sha256()
    tensors = {**model, **{f"optimizer.{name}": value for name, value in optimizer.items()}}
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data if tensor.numel() else b"")
    return digest.hexdigest()


def save_checkpoint(
    target: Path,
    model: BabyBert,
    optimization: Optimization,
    vocabulary: Vocabulary,
    progress: Progress,
    *,
    objective: str,
    card: str,
) -> str:
    """Writes a checkpoint folder, atomically, and returns its `state_sha256`.

    Args:
        target: The folder, `…/step-000500`.
        model: Its parameters are saved under their Hugging Face names.
        optimization: Its state goes beside them.
        vocabulary: Saved as `transformers.BertTokenizer` does, and as `vocab.txt`.
        progress: Goes into the manifest.
        objective: What the sentence head was trained on.
        card: The text of the README.
    """
    model_state = hugging_face_state(model)
    optimizer_state = {name: value.contiguous() for name, value in optimization.state().items()}
    digest = state_sha256(model_state, optimizer_state)

    def write_manifest(folder: Path) -> None:
        files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
        content = {
            "schema": SCHEMA,
            "step": progress.step,
            "tokens": progress.tokens,
            "elapsed_seconds": round(progress.elapsed_seconds, 3),
            "position": asdict(progress.position),
            "state_sha256": digest,
            "files": files,
        }
        write_json(folder / MANIFEST, {**content, "sha256": _sha256_of_json(content)})

    with new_folder(target, write_manifest) as folder:
        extra = {"babybert": {"sentence_objective": objective, "version": __version__}}
        write_json(folder / "config.json", hugging_face_config(model.config, extra=extra))
        save_file({name: value.cpu() for name, value in model_state.items()}, folder / MODEL, {"format": "pt"})
        save_file({name: value.cpu() for name, value in optimizer_state.items()}, folder / OPTIMIZER)
        save_tokenizer(vocabulary.tokenizer, folder)
        (folder / "README.md").write_text(card, encoding="utf-8")
    return digest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a checkpoint. Raises RunError where there is none, or it is not ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["schema"] != SCHEMA:
            raise RunError(f"{sanitise(str(folder))} was written by another version (schema {manifest['schema']!r}).")
        if manifest.pop("sha256") != _sha256_of_json(manifest):
            raise RunError(f"{sanitise(str(folder / MANIFEST))} is damaged: its SHA-256 is not the one it holds.")
        return dict(manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{sanitise(str(folder))} is no whole checkpoint: {sanitise(str(error))}.") from None


def _sha256_of_json(content: Mapping[str, Any]) -> str:
    """Of the manifest without this entry: what it says of the run stands in no other file."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def verify(folder: Path) -> dict[str, Any]:
    """Checks every file against the manifest, which is returned. Raises RunError naming the damaged file."""
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise RunError(f"{sanitise(str(path))} is missing.")
        if sha256_of(path) != expected:
            raise RunError(f"{sanitise(str(path))} is damaged: its SHA-256 is not the manifest's.")
    return manifest


def progress_of(manifest: Mapping[str, Any]) -> Progress:
    """How far the run had come when it was saved."""
    return Progress(
        manifest["step"], manifest["tokens"], manifest["elapsed_seconds"], StreamPosition(**manifest["position"])
    )


def load_optimizer_state(folder: Path) -> dict[str, Tensor]:
    """The optimizer's tensors."""
    tensors: dict[str, Tensor] = load_file(folder / OPTIMIZER)
    return tensors
