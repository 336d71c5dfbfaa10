"""Writers that were trained as nets (Seq2Seq, GPT) and run as int8 graphs, without PyTorch: a text in, a text out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.hashing import Ints, words
from zhanggui.kernel.textmodels.model import Floats, ModelCard, WeightedSpan
from zhanggui.kernel.textmodels.modelfile import arrays_hash, read_model, write_model
from zhanggui.kernel.textmodels.onnxrun import Graph, padded
from zhanggui.kernel.textmodels.tokens import END, PAD, SPECIALS, START, Tokenizer
from zhanggui.kernel.types import JsonObject

WRITERS: Final = ("seq2seq", "gpt")
_BATCH: Final = 16
_LEAST: Final = 1e-4


@dataclass(frozen=True, slots=True)
class WriterNet:
    """What runs. `seq2seq`: `reader` turns tokens `ids` into a memory, `writer` turns `out`, `memory` and `ids` into
    scores [rows, m, pieces] of each next token. `gpt`: `writer` alone turns `ids` into such scores."""

    tokenizer: Tokenizer
    longest: int
    most: int
    writer: Graph
    reader: Graph | None = None


class NeuralWriter:
    """A trained writer. Make one by `algorithms.fit_writer` or `load`."""

    def __init__(self, kind: str, net: WriterNet, card: ModelCard) -> None:
        self.kind, self.card, self._net = kind, card, net

    @classmethod
    def load(cls, path: Path, kind: str) -> "NeuralWriter":
        """Read a model that `save` wrote.

        Raises:
            BadInput: no such file, not such a model, or damaged.
        """
        head, arrays = read_model(path, kind)
        try:
            pieces = tuple(str(piece) for piece in cast(list[object], head["pieces"]))
            reader = Graph(arrays["reader"].tobytes()) if "reader" in arrays else None
            longest, most = (int(cast(int, head[name])) for name in ("longest", "most"))
            net = WriterNet(Tokenizer(pieces), longest, most, Graph(arrays["writer"].tobytes()), reader)
            card = ModelCard(**cast(dict[str, Any], head["card"]))
        except (KeyError, TypeError, ValueError) as broken:
            raise BadInput(field="model", expected=f"a {kind} model", found=f"{path} ({broken})") from broken
        return cls(kind, net, replace(card, hash=str(head["weights_sha256"])))

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all.

        Raises:
            OperatorError: the folder is missing or cannot be written.
        """
        net = self._net
        arrays: dict[str, npt.NDArray[Any]] = {"writer": net.writer.array()}
        if net.reader is not None:
            arrays["reader"] = net.reader.array()
        card = cast(JsonObject, asdict(replace(self.card, hash=arrays_hash(arrays))))
        head: JsonObject = {
            "kind": self.kind, "card": card, "pieces": list(net.tokenizer.pieces), "longest": net.longest,
            "most": net.most,
        }  # fmt: skip
        write_model(path, head, arrays)

    def described(self, **more: Any) -> "NeuralWriter":
        """The same model with other words on its card."""
        return NeuralWriter(self.kind, self._net, replace(self.card, **more))

    def predict(self, texts: Sequence[str]) -> list[str]:
        """What it writes for each text: the likeliest next token, again and again; no three tokens twice in a row."""
        written: list[str] = []
        for first in range(0, len(texts), _BATCH):
            batch = texts[first : first + _BATCH]
            run, rows = self._started(batch)
            starts = [len(row) for row in rows]
            done = greedy(run, rows, self._net.most)
            written += [self._net.tokenizer.decode(row[begin:]) for row, begin in zip(done, starts, strict=True)]
        return written

    def explain(self, text: str, *, most: int = 8) -> tuple[WeightedSpan, ...]:
        """The words of `text` that carried what it wrote, strongest first: by how much the mean log probability of
        the written tokens falls without the word."""
        written = self._net.tokenizer.encode(self.predict([text])[0], self._net.most).ids[1:]
        spots = words(text)[:32]
        variants = [text, *(text[:start] + text[end:] for start, end in spots)]
        given = [self._log_probability(variant, written) for variant in variants]
        spans = [
            WeightedSpan(text[start:end], start, end, given[0] - without)
            for (start, end), without in zip(spots, given[1:], strict=True)
        ]
        spans.sort(key=lambda span: (-abs(span.weight), span.start))
        return tuple(span for span in spans[:most] if abs(span.weight) > _LEAST)

    def _log_probability(self, text: str, written: tuple[int, ...]) -> float:
        run, rows = self._started([text])
        begin = len(rows[0])
        row = (*rows[0], *written)
        scores = run(padded([row]))[0].astype(np.float64)
        scores -= scores.max(axis=-1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
        return float(np.mean([logs[begin - 1 + place, token] for place, token in enumerate(written)]))

    def _started(self, texts: Sequence[str]) -> tuple[Callable[[Ints], Floats], list[list[int]]]:
        net = self._net
        sources = [net.tokenizer.encode(text, net.longest).ids for text in texts]
        if net.reader is None:
            return (lambda ids: net.writer({"ids": ids})[0]), [list(source) for source in sources]
        ids = padded(sources)
        memory = net.reader({"ids": ids})[0]
        return (lambda out: net.writer({"out": out, "memory": memory, "ids": ids})[0]), [[START] for _ in texts]


def greedy(run: Callable[[Ints], Floats], rows: list[list[int]], most: int) -> list[list[int]]:
    """Rows continued by up to `most` tokens, each the likeliest that repeats no three tokens, until [SEP].

    Args:
        run: tokens [rows, n] to scores [rows, n, pieces] of the next token at each place; what stands behind a place
            does not change its scores.
        rows: what each row begins with.
        most: tokens added at most.
    """
    rows = [list(row) for row in rows]
    starts = [len(row) for row in rows]
    open_rows = set(range(len(rows)))
    for _ in range(most):
        if not open_rows:
            break
        scores = run(padded([tuple(row) for row in rows]))
        for place in sorted(open_rows):
            row = rows[place]
            own = scores[place, len(row) - 1].copy()
            own[[PAD, *range(1, END), *range(END + 1, len(SPECIALS))]] = -np.inf
            own[_repeats(row[starts[place] :])] = -np.inf
            token = int(own.argmax())
            if token == END:
                open_rows.discard(place)
            else:
                row.append(token)
    return rows


def _repeats(row: Sequence[int]) -> list[int]:
    if len(row) < 2:
        return []
    last = tuple(row[-2:])
    return [row[place + 2] for place in range(len(row) - 2) if tuple(row[place : place + 2]) == last]
