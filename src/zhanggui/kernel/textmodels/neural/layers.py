"""Scaled dot-product attention and the Transformer's blocks (Vaswani et al. 2017), written out in PyTorch.

Normalisation stands before each part (Xiong et al. 2020): small models then train without long warm-up.
"""

import math
from typing import Any

from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.training import Sizes

torch: Any = needed("torch")
nn: Any = torch.nn


def attention(queries: Any, keys: Any, values: Any, mask: Any = None) -> tuple[Any, Any]:
    """softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, equation 1).

    Args:
        queries: [..., n, d].
        keys: [..., m, d].
        values: [..., m, v].
        mask: of truth values, broadcast to [..., n, m]; what is false gets no weight. A row must keep one true place.

    Returns:
        What each query takes from the values, [..., n, v], and the weights, [..., n, m], whose rows add up to 1.
    """
    scores = queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = torch.softmax(scores, dim=-1)
    return weights @ values, weights


class MultiHead(nn.Module):
    """Attention in `heads` subspaces: [batch, n, width] queries over [batch, m, width] memory."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        nn.Module.__init__(self)
        self.heads, self.width = heads, width
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Any, memory: Any, mask: Any) -> Any:
        """What each state takes from the memory; `mask` is broadcast to [batch, heads, n, m]."""
        taken, _ = attention(self._split(self.query(states)), self._split(self.key(memory)),
                             self._split(self.value(memory)), mask)  # fmt: skip
        joined = taken.transpose(1, 2).reshape(states.shape[0], -1, self.width)
        return self.dropout(self.out(joined))

    def _split(self, states: Any) -> Any:
        return states.reshape(states.shape[0], -1, self.heads, self.width // self.heads).transpose(1, 2)


class Block(nn.Module):
    """Self-attention, attention to a memory (decoders only), and a feed-forward part, each added to its input."""

    def __init__(self, width: int, heads: int, dropout: float, *, memory: bool = False) -> None:
        nn.Module.__init__(self)
        self.own, self.own_norm = MultiHead(width, heads, dropout), nn.LayerNorm(width)
        if memory:
            self.cross, self.cross_norm = MultiHead(width, heads, dropout), nn.LayerNorm(width)
        self.feed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.Dropout(dropout)
        )
        self.feed_norm = nn.LayerNorm(width)

    def forward(self, states: Any, mask: Any, memory: Any = None, memory_mask: Any = None) -> Any:
        """States [batch, n, width] to states of the same shape."""
        given = self.own_norm(states)
        states = states + self.own(given, given, mask)
        if memory is not None:
            states = states + self.cross(self.cross_norm(states), memory, memory_mask)
        return states + self.feed(self.feed_norm(states))


class Stack(nn.Module):
    """Embeddings of tokens and places, normalised (as in BERT), blocks, a last normalisation.

    Tokens [batch, n] to states [batch, n, width].
    """

    def __init__(self, vocabulary: int, sizes: Sizes, *, memory: bool = False) -> None:
        nn.Module.__init__(self)
        width = sizes.width
        self.tokens = nn.Embedding(vocabulary, width, padding_idx=0)
        self.places = nn.Embedding(sizes.longest, width)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.places.weight, std=0.02)
        made = (Block(width, sizes.heads, sizes.dropout, memory=memory) for _ in range(sizes.layers))
        self.blocks = nn.ModuleList(made)
        # Embeddings are small (they also give the scores): without this the first block would drown what they say.
        self.start = nn.LayerNorm(width)
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(sizes.dropout)

    def forward(self, ids: Any, mask: Any, memory: Any = None, memory_mask: Any = None) -> Any:
        """`mask` of truth values, broadcast to [batch, 1, n, n]: which tokens a token may look at."""
        return self.run(self.embed(ids), mask, memory, memory_mask)

    def embed(self, ids: Any) -> Any:
        """Token and place embeddings added up, [batch, n, width]."""
        return self.tokens(ids) + self.places.weight[: ids.shape[1]].unsqueeze(0)

    def run(self, states: Any, mask: Any, memory: Any = None, memory_mask: Any = None) -> Any:
        """Blocks and normalisation over embedded tokens."""
        states = self.dropout(self.start(states))
        for block in self.blocks:
            states = block(states, mask, memory, memory_mask)
        return self.norm(states)


def backward_only(length: int) -> Any:
    """[length, length]: true where a token may look at another one: at itself and at what stood before it."""
    places = torch.arange(length)
    return places.unsqueeze(0) <= places.unsqueeze(1)
