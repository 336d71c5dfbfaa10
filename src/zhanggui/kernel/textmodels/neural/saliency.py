"""Which tokens carried a net's score: gradient times input (Shrikumar et al. 2016)."""

from typing import Any

import numpy as np

from zhanggui.kernel.textmodels.model import Floats, WeightedSpan
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.tokens import Tokenizer

torch: Any = needed("torch")


def gradient_times_input(net: Any, ids: Any, label: int) -> Floats:
    """For each token of one row [1, n] the dot product of its embedding and the score's gradient by it, [n].

    The net has `embed` (tokens to embeddings) and `run` (embeddings and tokens to scores).
    """
    states = net.embed(ids).detach().requires_grad_(True)
    score = net.run(states, ids)[0, label]
    (gradient,) = torch.autograd.grad(score, states)
    return np.asarray((gradient * states).detach().sum(dim=-1)[0].numpy(), dtype=np.float64)


def spans_by_gradient(net: Any, tokenizer: Tokenizer, text: str, label: int, longest: int) -> tuple[WeightedSpan, ...]:
    """The tokens of a text and their weights for label number `label`, strongest first."""
    encoded = tokenizer.encode(text, longest)
    weights = gradient_times_input(net, torch.as_tensor([encoded.ids]), label)
    spans = [
        WeightedSpan(text[start:end], start, end, float(weight))
        for (start, end), weight in zip(encoded.spans, weights, strict=True)
        if end > start
    ]
    return tuple(sorted(spans, key=lambda span: (-abs(span.weight), span.start)))
