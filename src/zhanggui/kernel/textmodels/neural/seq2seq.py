"""Sequence to sequence with Transformers (Vaswani et al. 2017): attributes to copy, a long title to a short one."""

from collections.abc import Sequence
from typing import Any

from zhanggui.kernel.textmodels.neural.export import graph_of
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neural.layers import Stack, backward_only
from zhanggui.kernel.textmodels.neural.writer import Job, Pair, fit_pairs
from zhanggui.kernel.textmodels.neuralwriter import NeuralWriter, WriterNet
from zhanggui.kernel.textmodels.onnxrun import Graph, padded
from zhanggui.kernel.textmodels.tokens import Tokenizer
from zhanggui.kernel.textmodels.training import Plan, Sizes

torch: Any = needed("torch")
nn: Any = torch.nn


class Reader(nn.Module):
    """Encoder: tokens [rows, n] -> memory [rows, n, width]."""

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        nn.Module.__init__(self)
        self.stack = Stack(vocabulary, sizes)

    def forward(self, ids: Any) -> Any:
        """The memory; nobody looks at padding."""
        return self.stack(ids, (ids > 0).unsqueeze(1).unsqueeze(1))


class Writer(nn.Module):
    """Decoder: what stands already [rows, m], memory and the source's tokens -> scores of each next token."""

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        nn.Module.__init__(self)
        self.stack = Stack(vocabulary, sizes, memory=True)

    def forward(self, out: Any, memory: Any, ids: Any) -> Any:
        """Scores [rows, m, vocabulary]; each place looks at itself and at what stands before it only."""
        mask = backward_only(out.shape[1]).unsqueeze(0).unsqueeze(0)
        states = self.stack(out, mask, memory, (ids > 0).unsqueeze(1).unsqueeze(1))
        return states @ self.stack.tokens.weight.T


class Seq2Seq(nn.Module):
    """Encoder and decoder with one table of embeddings, which also gives the scores."""

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        nn.Module.__init__(self)
        self.reader, self.writer = Reader(vocabulary, sizes), Writer(vocabulary, sizes)
        self.writer.stack.tokens = self.reader.stack.tokens

    def forward(self, ids: Any, out: Any) -> Any:
        """Scores [rows, m, vocabulary] of each next token."""
        return self.writer(out, self.reader(ids), ids)


def fit(
    texts: Sequence[str], targets: Sequence[str], plan: Plan, *, task: str = "", sizes: Sizes | None = None
) -> NeuralWriter:
    """Train on pairs: target i is what to write for text i.

    Raises:
        BadInput: fewer than ten different pairs.
    """
    sizes = sizes or Sizes()
    job = Job("seq2seq", sizes, lambda pieces: Seq2Seq(pieces, sizes), _loss, lambda net, tok: _graphs(net, tok, sizes))
    return fit_pairs(job, texts, targets, plan, task)


def _loss(net: Any, pairs: Sequence[Pair]) -> Any:
    ids = torch.as_tensor(padded([source for source, _ in pairs]))
    out = torch.as_tensor(padded([target for _, target in pairs]))
    scores = net(ids, out[:, :-1])
    wanted = out[:, 1:].reshape(-1)
    return nn.functional.cross_entropy(
        scores.reshape(-1, scores.shape[-1]), wanted, ignore_index=0, label_smoothing=0.1 if net.training else 0.0
    )


def _graphs(net: Any, tokenizer: Tokenizer, sizes: Sizes) -> WriterNet:
    ids, out = torch.tensor([[2, 5, 3], [2, 3, 0]]), torch.tensor([[2, 5], [2, 5]])
    reader = graph_of(net.reader, {"ids": ids}, ["memory"])
    with torch.no_grad():
        memory = net.reader(ids)
    writer = graph_of(net.writer, {"out": out, "memory": memory, "ids": ids}, ["scores"])
    return WriterNet(tokenizer, sizes.longest, sizes.longest - 2, Graph(writer), Graph(reader))
