"""ONNX graphs run in this process by ONNX Runtime, without PyTorch."""

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.hashing import Ints


class Graph:
    """One graph; it is opened at the first run, and may be shared by threads."""

    def __init__(self, content: bytes, *, threads: int = 0) -> None:
        self.content, self._threads, self._session = content, threads, None

    def __call__(self, inputs: Mapping[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The graph's outputs in their order.

        Raises:
            BadInput: the bytes are no graph, or want other inputs.
        """
        try:
            session: Any = self._session
            if session is None:
                session = self._session = _opened(self.content, self._threads)
            given = {one.name: inputs[one.name] for one in session.get_inputs()}
            return [np.asarray(output) for output in session.run(None, given)]
        except (KeyError, RuntimeError, ValueError) as broken:
            raise BadInput(field="model", expected="a graph of this kind of model", found=str(broken)[:200]) from broken

    def array(self) -> npt.NDArray[np.uint8]:
        """The bytes, as models' files hold them."""
        return np.frombuffer(self.content, dtype=np.uint8)


def padded(rows: list[tuple[int, ...]], least: int = 1) -> Ints:
    """Rows of tokens as [rows, longest], zeros behind."""
    width = max([least, *(len(row) for row in rows)])
    filled = np.zeros((len(rows), width), dtype=np.int64)
    for place, row in enumerate(rows):
        filled[place, : len(row)] = row
    return filled


def _opened(content: bytes, threads: int) -> Any:
    # Heavy to import; only who runs such a model pays for it.
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as broken:  # the library's own errors share no public root
        raise ValueError(f"not a graph: {broken}") from broken
