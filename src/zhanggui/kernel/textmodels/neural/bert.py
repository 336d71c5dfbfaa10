"""A small BERT (Devlin et al. 2019) from scratch: pre-trained on the shop's texts by MLM and NSP, then fine-tuned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.labels import clean, kept_aside
from zhanggui.kernel.textmodels.neural.classifier import Design, fit_classifier
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neural.layers import Stack
from zhanggui.kernel.textmodels.neural.loop import Lesson, stamp_of, train
from zhanggui.kernel.textmodels.neuralmodel import NeuralModel
from zhanggui.kernel.textmodels.onnxrun import padded
from zhanggui.kernel.textmodels.pretraining import IGNORED, mask_tokens, sentence_pairs, sentences
from zhanggui.kernel.textmodels.tokens import END, START, Tokenizer
from zhanggui.kernel.textmodels.training import Epoch, Plan, Sizes
from zhanggui.kernel.types import JsonObject

torch: Any = needed("torch")
nn: Any = torch.nn
LIMITS: Final = "A small encoder trained from scratch: reads at most 128 tokens and knows only the shop's own texts."


class Encoder(nn.Module):
    """Embeddings of tokens, places and segments through a stack; heads for hidden tokens and for sentence pairs."""

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        nn.Module.__init__(self)
        self.stack = Stack(vocabulary, sizes)
        self.segments = nn.Embedding(2, sizes.width)
        nn.init.normal_(self.segments.weight, std=0.02)
        self.pooler = nn.Linear(sizes.width, sizes.width)
        self.guess = nn.Sequential(nn.Linear(sizes.width, sizes.width), nn.GELU(), nn.LayerNorm(sizes.width))
        self.guess_bias = nn.Parameter(torch.zeros(vocabulary))
        self.next = nn.Linear(sizes.width, 2)

    def embed(self, ids: Any, segments: Any = None) -> Any:
        """Token, place and segment embeddings added up, [rows, n, width]."""
        kind = self.segments.weight[0] if segments is None else self.segments(segments)
        return self.stack.embed(ids) + kind

    def run(self, states: Any, ids: Any) -> Any:
        """States [rows, n, width] of embedded tokens; nobody looks at padding."""
        return self.stack.run(states, (ids > 0).unsqueeze(1).unsqueeze(1))

    def pooled(self, states: Any) -> Any:
        """tanh of a linear map of the first token's state, [rows, width]."""
        return torch.tanh(self.pooler(states[:, 0]))

    def hidden_tokens(self, states: Any) -> Any:
        """Scores [..., vocabulary] of the token that stood there; weights shared with the embeddings."""
        return self.guess(states) @ self.stack.tokens.weight.T + self.guess_bias


class Classifier(nn.Module):
    """The encoder under a label head: tokens [rows, n] -> scores [rows, labels].

    The head reads the pooled first token beside the mean over all tokens: a first token that next-sentence
    prediction never trained says little at first.
    """

    def __init__(self, encoder: Encoder, labels: int) -> None:
        nn.Module.__init__(self)
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.out = nn.Linear(2 * encoder.pooler.out_features, labels)

    def forward(self, ids: Any) -> Any:
        """Scores."""
        return self.run(self.encoder.embed(ids), ids)

    def embed(self, ids: Any) -> Any:
        """Embeddings, [rows, n, width]."""
        return self.encoder.embed(ids)

    def run(self, states: Any, ids: Any) -> Any:
        """Scores from embeddings."""
        states = self.encoder.run(states, ids)
        real = (ids > 0).unsqueeze(-1).float()
        mean = (states * real).sum(dim=1) / real.sum(dim=1)
        return self.out(self.dropout(torch.cat((self.encoder.pooled(states), mean), dim=-1)))


@dataclass(frozen=True)
class Pretrained:
    """An encoder that has read the shop's texts, its tokenizer, and how it went."""

    encoder: Encoder
    tokenizer: Tokenizer
    sizes: Sizes
    history: tuple[Epoch, ...]


@dataclass(frozen=True)
class _Pairs:
    ids: list[tuple[int, ...]]
    segments: list[tuple[int, ...]]
    follows: Ints


def pretrain(texts: Sequence[str], plan: Plan, *, sizes: Sizes | None = None, vocabulary: int = 6000) -> Pretrained:
    """Train tokenizer and encoder on unlabelled texts: the sum of the MLM and NSP losses (Devlin et al. 2019, 3.1).

    Raises:
        BadInput: fewer than ten texts of at least two sentences.
    """
    sizes = sizes or Sizes()
    documents = [sentences(text) for text in texts]
    documents = [document for document in documents if len(document) >= 2]
    if len(documents) < 10:
        expected = "at least 10 texts of two sentences or more"
        raise BadInput(field="text", expected=expected, found=f"{len(documents)} in {len(texts)}")
    tokenizer = Tokenizer.train(texts, vocabulary)
    out = kept_aside(["".join(document) for document in documents], 0.05, 977)
    random = np.random.default_rng(plan.seed)
    known = [document for document, aside in zip(documents, out, strict=True) if not aside]
    other = [document for document, aside in zip(documents, out, strict=True) if aside] or known[:2]
    rows = _paired(known, tokenizer, sizes.longest, random)
    aside = _paired(other, tokenizer, sizes.longest, random)
    torch.manual_seed(plan.seed)
    encoder = Encoder(len(tokenizer), sizes)
    lesson = Lesson([len(row) for row in rows.ids], _loss(encoder, rows, plan.seed), _score(encoder, aside, plan.seed))
    history = train(encoder, lesson, plan, stamp=stamp_of("bert-pretraining", sizes, rows.ids, plan.epochs, plan.seed))
    return Pretrained(encoder, tokenizer, sizes, history)


def fit(texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "", before: Pretrained | None = None,
        sizes: Sizes | None = None) -> NeuralModel:  # fmt: skip
    """Fine-tune on texts and labels; without `before` the encoder starts from random numbers.

    Raises:
        BadInput: fewer than ten different texts, or fewer than two labels.
    """
    return fit_with_net(texts, labels, plan, task=task, before=before, sizes=sizes)[0]


def fit_with_net(
    texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "", before: Pretrained | None = None,
    sizes: Sizes | None = None,
) -> tuple[NeuralModel, Any]:  # fmt: skip
    """`fit`, and the PyTorch net, which can say gradients."""
    sizes = before.sizes if before is not None else sizes or Sizes()
    tokenizer = Tokenizer.train(clean(texts, labels).texts, 6000) if before is None else before.tokenizer

    def net(pieces: int, kinds: int) -> Any:
        encoder = Encoder(pieces, sizes)
        if before is not None:
            encoder.load_state_dict(before.encoder.state_dict())
        return Classifier(encoder, kinds)

    settings: JsonObject = {
        "width": sizes.width, "layers": sizes.layers, "heads": sizes.heads,
        "pretrained": [] if before is None else [round(epoch.loss, 4) for epoch in before.history],
    }  # fmt: skip
    design = Design("bert", sizes.longest, net, settings, LIMITS)
    return fit_classifier(design, texts, labels, tokenizer, plan, task)


def fit_pretrained(texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "") -> NeuralModel:
    """Pre-train on the same texts, then fine-tune: what `zhanggui train --model bert` does. Too few sentences to
    pre-train on are no error: the encoder then starts from random numbers."""
    try:
        early = plan.checkpoint.with_name(f"{plan.checkpoint.name}.pretraining") if plan.checkpoint else None
        before = pretrain(clean(texts, labels).texts, replace(plan, epochs=max(1, plan.epochs // 2), checkpoint=early))
    except BadInput as few:
        if few.field != "text":
            raise
        before = None
    return fit(texts, labels, plan, task=task, before=before)


def _paired(documents: Sequence[Sequence[str]], tokenizer: Tokenizer, longest: int, random: Any) -> _Pairs:
    ids: list[tuple[int, ...]] = []
    segments: list[tuple[int, ...]] = []
    follows: list[int] = []
    for pair in sentence_pairs(documents, random):
        first = tokenizer.encode(pair.first, longest // 2).ids
        second = tokenizer.encode(pair.second, longest // 2).ids[1:]
        ids.append((START, *first[1:-1], END, *second))
        segments.append((*(0 for _ in first), *(1 for _ in second)))
        follows.append(int(pair.follows))
    return _Pairs(ids, segments, np.array(follows, dtype=np.int64))


def _both_losses(encoder: Encoder, rows: _Pairs, batch: Ints, random: np.random.Generator) -> tuple[Any, Any, Any]:
    """MLM loss, NSP loss, and the share of hidden tokens guessed."""
    ids = padded([rows.ids[place] for place in batch])
    hidden = mask_tokens(ids, encoder.guess_bias.shape[0], random)
    inputs, targets = torch.as_tensor(hidden.inputs), torch.as_tensor(hidden.targets)
    segments = torch.as_tensor(padded([rows.segments[place] for place in batch]))
    states = encoder.run(encoder.embed(inputs, segments), inputs)
    places = targets != IGNORED
    guessed = encoder.hidden_tokens(states[places])
    follows = torch.as_tensor(rows.follows[batch])
    nsp = nn.functional.cross_entropy(encoder.next(encoder.pooled(states)), follows)
    if not bool(places.any()):
        return guessed.sum() * 0, nsp, guessed.new_zeros(())
    mlm = nn.functional.cross_entropy(guessed, targets[places])
    return mlm, nsp, (guessed.argmax(dim=-1) == targets[places]).float().mean()


def _loss(encoder: Encoder, rows: _Pairs, seed: int) -> Callable[[Ints], Any]:
    def loss(batch: Ints) -> Any:
        # Hidden anew each time; drawn through PyTorch's generator, which the loop seeds for each epoch.
        drawn = int(torch.randint(0, 2**31 - 1, ()))
        mlm, nsp, _ = _both_losses(encoder, rows, batch, np.random.default_rng((seed, drawn)))
        return mlm + nsp

    return loss


def _score(encoder: Encoder, rows: _Pairs, seed: int) -> Callable[[], float]:
    def score() -> float:
        right = [
            float(_both_losses(encoder, rows, np.arange(first, min(first + 64, len(rows.ids))),
                               np.random.default_rng((seed, first)))[2])
            for first in range(0, min(len(rows.ids), 512), 64)
        ]  # fmt: skip
        return float(np.mean(right)) if right else 0.0

    return score
