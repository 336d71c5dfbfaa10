"""What goes with what: an item-to-item model in closed form from baskets, and content vectors for items never bought.

EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data") on a Gram matrix in which a basket weighs
1/sqrt(size), so that one wholesale order does not outvote a hundred shoppers. The same shopper's other baskets and the
items' own words enter as further, lighter rows of that matrix.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs] - scipy ships none

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval.tokens import tokens

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_SPARSE: Any = sparse  # without types; what comes out is narrowed by np.asarray
_FAMILY = re.compile(r"(?<=\d)[A-Za-z]{1,3}$")
_LARGEST_FAMILY = 50


@dataclass(frozen=True, slots=True)
class Basket:
    """Items bought together; `user` (may be empty) joins baskets of one shopper."""

    items: tuple[str, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class ItemSettings:
    """Weights of the model, tuned on a month of a gift shop's baskets that precedes every test.

    Attributes:
        exponent: a basket of n items weighs n ** -exponent.
        l2: ridge of EASE, in weighted baskets.
        user_weight: of all that one shopper bought, as one further basket.
        family_weight: of two items whose codes differ only in the letters at the end (85123A and 85123B: one design in
            two colours).
        text_weight: of likeness of the items' words (squared cosine).
        cosine_weight: of plain co-purchase cosine, which also reaches the items beyond `dense_items`.
        dense_items: the most bought items get the dense model (memory grows with its square).
    """

    exponent: float = 0.5
    l2: float = 5.0
    user_weight: float = 0.5
    family_weight: float = 1.0
    text_weight: float = 2.0
    cosine_weight: float = 0.05
    dense_items: int = 6000


class ItemModel:
    """Fitted item-to-item scores. Does not change after `fit`."""

    def __init__(self, items: tuple[str, ...], dense: Ints, effect: Floats, together: Any, cosine: float) -> None:
        self.items = items
        self.index: Mapping[str, int] = {item: at for at, item in enumerate(items)}
        self._dense, self._effect, self._together, self._cosine = dense, effect, together, cosine
        self._place = np.full(len(items), -1, np.int64)
        self._place[dense] = np.arange(len(dense))
        self.bought: Ints = np.asarray(together.diagonal(), np.int64)

    @classmethod
    def fit(
        cls,
        baskets: Sequence[Basket],
        *,
        texts: Mapping[str, str] | None = None,
        settings: ItemSettings | None = None,
    ) -> "ItemModel":
        """Count and solve. `texts` (item -> its words) lets likeness speak for items with few orders.

        Raises:
            BadInput: there is no basket with an item.
        """
        settings = settings or ItemSettings()
        items = tuple(sorted({item for basket in baskets for item in basket.items}))
        if not items:
            raise BadInput(field="baskets", expected="at least one basket with an item", found="none")
        index = {item: at for at, item in enumerate(items)}
        matrix = _matrix([basket.items for basket in baskets], index)
        together: Any = (matrix.T @ matrix).tocsr()
        bought: Ints = np.asarray(together.diagonal(), np.int64)
        most: list[int] = np.argsort(-bought, kind="stable")[: settings.dense_items].tolist()
        dense: Ints = np.array(sorted(most), np.int64)
        gram = _gram(matrix[:, dense], settings.exponent)
        histories = _histories(baskets)
        if settings.user_weight and histories:
            gram += settings.user_weight * _gram(_matrix(histories, index)[:, dense], settings.exponent)
        gram += settings.family_weight * _families([items[at] for at in sorted(most)])
        if texts and settings.text_weight:
            words = ContentVectors.fit({items[at]: texts.get(items[at], "") for at in sorted(most)})
            gram += settings.text_weight * np.asarray((words.matrix @ words.matrix.T).todense()) ** 2
        return cls(items, dense, ease(gram, settings.l2), together, settings.cosine_weight)

    def scores(self, query: Sequence[str]) -> Floats:
        """[items]: how well each item goes with the query's items together; unknown ones count for nothing."""
        known = self.known(query)
        total = np.zeros(len(self.items))
        if not len(known):
            return total
        places = self._place[known]
        total[self._dense] = self._effect[places[places >= 0]].sum(axis=0)
        pairs: Any = self._together[known]
        likeness = np.asarray((_SPARSE.diags(1 / np.sqrt(self.bought[known])) @ pairs).sum(axis=0)).ravel()
        return total + self._cosine / len(known) * likeness / np.sqrt(self.bought)

    def known(self, query: Sequence[str]) -> Ints:
        """The places of those items of the query that somebody bought, each once."""
        return np.array([self.index[item] for item in dict.fromkeys(query) if item in self.index], np.int64)

    def because(self, query: Sequence[str], items: Sequence[str]) -> list[tuple[str, int, int]]:
        """For each of the items (all known) the query's item that speaks most for it: (that item, baskets with both,
        baskets with that item). The query must hold a known item."""
        known = self.known(query)
        places = np.array([self.index[item] for item in items], np.int64)
        both = np.asarray(self._together[known][:, places].todense(), np.int64)
        strength = both / np.sqrt(self.bought[known])[:, None]
        rows, columns = np.flatnonzero(self._place[known] >= 0), np.flatnonzero(self._place[places] >= 0)
        effect = self._effect[np.ix_(self._place[known[rows]], self._place[places[columns]])]
        strength[np.ix_(rows, columns)] = effect
        best: list[int] = np.where(both > 0, strength, -np.inf).argmax(axis=0).tolist()
        return [
            (self.items[int(known[row])], int(both[row, column]), int(self.bought[known[row]]))
            for column, row in enumerate(best)
        ]


def ease(gram: Floats, l2: float) -> Floats:
    """The item-item weights [from, to] of EASE with a zero diagonal: -P / diag(P) where P = (gram + l2 I)^-1."""
    inverse = np.linalg.inv(gram + l2 * np.eye(len(gram)))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


class ContentVectors:
    """TF-IDF vectors of texts, unit length: likeness by words where nobody bought anything yet."""

    def __init__(self, ids: tuple[str, ...], words: dict[str, int], weights: Floats, matrix: Any) -> None:
        self.ids = ids
        self.index: Mapping[str, int] = {one: at for at, one in enumerate(ids)}
        self.words, self.weights, self.matrix = words, weights, matrix
        self._names = tuple(words)

    @classmethod
    def fit(cls, texts: Mapping[str, str]) -> "ContentVectors":
        """From id -> text, any language. Log counts times smoothed inverse document frequency."""
        counted = [Counter(tokens(text)) for text in texts.values()]
        words = {word: at for at, word in enumerate(sorted({word for one in counted for word in one}))}
        matrix = _count_matrix(counted, words)
        found = np.asarray((matrix > 0).sum(axis=0)).ravel()
        weights = np.log((1 + len(texts)) / (1 + found)) + 1
        return cls(tuple(texts), words, weights, _unit(matrix, weights))

    def like(self, ids: Sequence[str]) -> Floats:
        """[ids]: mean cosine with the given known ids."""
        rows = [self.index[one] for one in ids if one in self.index]
        if not rows:
            return np.zeros(len(self.ids))
        return np.asarray((self.matrix @ self.matrix[rows].T).mean(axis=1)).ravel()

    def shared(self, one: str, other: str, limit: int = 4) -> tuple[str, ...]:
        """The words that make two texts alike, strongest first."""
        product: Any = self.matrix[self.index[one]].multiply(self.matrix[self.index[other]]).tocoo()
        order = np.argsort(-np.asarray(product.data), kind="stable")[:limit]
        return tuple(self._names[int(product.col[at])] for at in order)


def _matrix(baskets: Sequence[Sequence[str]], index: Mapping[str, int]) -> Any:
    """[baskets, items] of ones."""
    unique = [sorted({index[item] for item in basket}) for basket in baskets]
    ends = np.cumsum([0, *(len(basket) for basket in unique)])
    columns = np.array([at for basket in unique for at in basket], np.int64)
    return _SPARSE.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(unique), len(index)))


def _gram(matrix: Any, exponent: float) -> Floats:
    size = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
    return np.asarray((matrix.T @ _SPARSE.diags(size**-exponent) @ matrix).todense())


def _families(items: Sequence[str]) -> Floats:
    """[items, items]: 1 where two codes belong to one family (an item with itself included), else 0."""
    found: dict[str, list[int]] = {}
    for at, item in enumerate(items):
        found.setdefault(_FAMILY.sub("", item), []).append(at)
    table = np.eye(len(items))
    for family in found.values():
        if len(family) <= _LARGEST_FAMILY:
            table[np.ix_(family, family)] = 1
    return table


def _histories(baskets: Sequence[Basket]) -> list[list[str]]:
    """All that each shopper with more than one basket bought."""
    bought: dict[str, list[tuple[str, ...]]] = {}
    for basket in baskets:
        if basket.user:
            bought.setdefault(basket.user, []).append(basket.items)
    return [[item for items in all_items for item in items] for all_items in bought.values() if len(all_items) > 1]


def _count_matrix(counted: Sequence[Counter[str]], words: Mapping[str, int]) -> Any:
    ends = np.cumsum([0, *(len(one) for one in counted)])
    columns = np.array([words[word] for one in counted for word in one], np.int64)
    values = 1 + np.log(np.array([count for one in counted for count in one.values()], np.float64))
    return _SPARSE.csr_matrix((values, columns, ends), shape=(len(counted), max(1, len(words))))


def _unit(matrix: Any, weights: Floats) -> Any:
    scaled: Any = matrix @ _SPARSE.diags(weights if matrix.shape[1] == len(weights) else np.ones(matrix.shape[1]))
    length = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    return (_SPARSE.diags(1 / np.where(length > 0, length, 1)) @ scaled).tocsr()
