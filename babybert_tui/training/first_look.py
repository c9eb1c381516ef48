"""The beginning of a recording, read without NumPy: importing that takes as long as all of the first screen may.

Reads what `numpy.savez_compressed` writes: a zip archive of files in the NPY format, version 1 to 3.
"""

import ast
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from babybert_tui.training.recording import FILE, Probe, Recording, Snapshot

_MAGIC = b"\x93NUMPY"
_CODES = {"<i8": "q", "<f4": "f", "<f2": "e", "|u1": "B"}  # NumPy's names of types, and struct's


def read_first_look(folder: Path) -> tuple[Recording, int] | None:
    """The probe with its first snapshot, and the step of the last one; nested tuples stand for the arrays.

    None where there is nothing that can be read.
    """
    try:
        with zipfile.ZipFile(folder / FILE) as archive:
            return _first_look(archive)
    except (OSError, ValueError, KeyError, TypeError, IndexError, struct.error, zipfile.BadZipFile, zlib.error):
        return None


def _first_look(archive: zipfile.ZipFile) -> tuple[Recording, int]:
    def array(name: str, rows: int | None = None) -> Any:
        with archive.open(f"{name}.npy") as file:
            return _read_array(file, rows)

    words = json.loads(bytes(array("words")))
    fates = {name: tuple(words[name]) for name in ("tokens", "positions", "originals", "fates", "original_ids")}
    probe = Probe(ids=array("ids"), segments=array("segments"), **fates)
    steps = array("steps")
    parts = ("top_ids", "top_probabilities", "original_probabilities", "is_next", "attention")
    first = Snapshot(step=steps[0], **{name: array(name, 1)[0] for name in parts})
    pieces = {int(number): piece for number, piece in words["pieces"].items()}
    return Recording(probe, (first,), pieces), steps[-1]


def _read_array(file: IO[bytes], rows: int | None) -> Any:
    """The first `rows` rows of an array, or all of it, as nested tuples."""
    code, shape = _read_header(file)
    shape = shape if rows is None else (min(rows, shape[0]), *shape[1:])
    form = f"<{math.prod(shape)}{code}"
    return _nested(struct.unpack(form, file.read(struct.calcsize(form))), shape)


def _read_header(file: IO[bytes]) -> tuple[str, tuple[int, ...]]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("This is no NPY file.")
    major, _ = file.read(2)
    form = "<H" if major == 1 else "<I"
    (size,) = struct.unpack(form, file.read(struct.calcsize(form)))
    header = ast.literal_eval(file.read(size).decode())
    if header["fortran_order"]:
        raise ValueError("The array is stored by columns.")
    return _CODES[header["descr"]], header["shape"]


def _nested(flat: Iterable[Any], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Groups the innermost axis first."""
    for size in reversed(shape[1:]):
        flat = zip(*[iter(flat)] * size, strict=True)
    return tuple(flat)
