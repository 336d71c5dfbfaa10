"""One file for a model: arrays and a JSON head in the npz format, without pickles, hash-checked, written atomically."""

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput, OperatorError
from zhanggui.kernel.types import JsonObject

Arrays = Mapping[str, npt.NDArray[Any]]
_HEAD = "head"
_MOST_BYTES = 2 * 2**30


def write_model(path: Path, head: JsonObject, arrays: Arrays) -> str:
    """Write arrays and head; the file appears whole or not at all. Returns the SHA-256 of the arrays.

    Raises:
        OperatorError: the folder is missing or cannot be written.
    """
    digest = arrays_hash(arrays)
    text = json.dumps({**head, "weights_sha256": digest}, ensure_ascii=False, sort_keys=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            named: dict[str, Any] = {**arrays, _HEAD: np.frombuffer(text.encode(), dtype=np.uint8)}
            np.savez_compressed(file, **named)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as broken:
        draft.unlink(missing_ok=True)
        raise OperatorError(f"the model cannot be written to {path}: {broken}") from broken
    return digest


def read_model(path: Path, kind: str) -> tuple[JsonObject, dict[str, npt.NDArray[Any]]]:
    """Head and arrays of a model of this kind.

    Raises:
        BadInput: no such file, not a model, of another kind, damaged, or beyond 2 GiB.
    """
    expected = f"a {kind} model written by `zhanggui train`"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise BadInput(field="model", expected="a model of at most 2 GiB", found=str(path))
        with np.load(path, allow_pickle=False) as loaded:
            arrays = {str(name): loaded[name] for name in loaded.files}
        head: object = json.loads(arrays.pop(_HEAD).tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as broken:
        raise BadInput(field="model", expected=expected, found=f"{path} ({type(broken).__name__})") from broken
    if not isinstance(head, dict) or cast(JsonObject, head).get("kind") != kind:
        raise BadInput(field="model", expected=expected, found=f"{path}, of another kind")
    whole = cast(JsonObject, head)
    if whole.get("weights_sha256") != arrays_hash(arrays):
        raise BadInput(field="model", expected="weights that match their hash", found=f"{path}, damaged or altered")
    return whole, arrays


def arrays_hash(arrays: Arrays) -> str:
    """SHA-256 over names, types, shapes and bytes, by name."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
