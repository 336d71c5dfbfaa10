"""Peers of the recommendations, fitted on the same log: each gives [users, items] scores, higher first."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from zhanggui.kernel.retrieval.collaborative import ease
from zhanggui.marketing import EventLog
from zhanggui.marketing.models.recommendation import DAY
from zhanggui.marketing.service.recommend_events import in_places_of

Scorer = Callable[[np.ndarray], np.ndarray]


def histories(log: EventLog, decay: float | None = None, *, log_counts: bool = False) -> Any:
    """csr [users, items]: ones, log counts, or weights that fall by e every `decay` baskets."""
    shape = (len(log.users), len(log.items))
    if decay is None:
        counts = sparse.csr_matrix((np.ones(len(log.user), np.float32), (log.user, log.item)), shape=shape)
        counts.data = np.log1p(counts.data) if log_counts else np.ones_like(counts.data)
        return counts
    final = log.basket[np.maximum(log.starts[1:] - 1, 0)]
    age = (final[log.user] - log.basket).astype(np.float32)
    return sparse.csr_matrix((np.exp(-age / decay), (log.user, log.item)), shape=shape)


def pairs(log: EventLog, weight: Callable[[int], float], steps: int) -> Any:
    """csr [items, items]: sum over shoppers of weight(distance) where the second item came later."""
    n = len(log.items)
    total = sparse.csr_matrix((n, n), dtype=np.float32)
    for step in range(1, steps + 1):
        at = np.flatnonzero(log.user[step:] == log.user[:-step])
        value = np.full(len(at), weight(step), np.float32)
        total = total + sparse.csr_matrix((value, (log.item[at], log.item[at + step])), shape=(n, n))
    return total.tocsr()


def from_table(rows: Any, table: Any) -> Scorer:
    """Scores by one product."""

    def score(users: np.ndarray) -> np.ndarray:
        product = rows[users] @ table
        return product.toarray() if sparse.issparse(product) else np.asarray(product)

    return score


def sequence_peers(log: EventLog, *, dense: bool, query: EventLog | None = None) -> dict[str, Scorer]:
    """Asked with the histories of `query` (else of the log itself): Markov, sequential rules, implicit's BM25 and ALS.

    With `dense` also EASE and a SLIST-like linear session model (Choi et al. 2021, "Session-aware linear item-item
    models"), which need the inverse of [items, items].
    """
    asked = log if query is None else in_places_of(query, log.items)
    recent = histories(asked, 2.0)
    size = np.maximum(np.asarray(histories(log).sum(axis=0)).ravel(), 1)
    rules = pairs(log, lambda d: 1 / d, 50)
    told = {
        "popularity": lambda users: np.tile(size, (len(users), 1)),
        "markov": from_table(histories(asked, 0.1), pairs(log, lambda d: 1.0, 1)),
        "sequential-rules": from_table(recent, sparse.diags(size**-0.5) @ rules),
        **implicit_peers(log, recent, histories(asked)),
    }
    if dense:
        matrix = histories(log)
        gram = np.asarray((matrix.T @ matrix).todense(), np.float32)
        inverse = _inverse(gram, 100.0)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        told["ease"] = from_table(histories(asked, 4.0), weights)
        onward = pairs(log, lambda d: float(np.exp(-(d - 1) / 2)), 30)
        linear = inverse @ np.asarray((onward + 0.3 * onward.T).todense(), np.float32)
        np.fill_diagonal(linear, 0)
        told["linear-session"] = from_table(recent, linear)
    return told


def implicit_peers(log: EventLog, query: Any, plain: Any = None) -> dict[str, Scorer]:
    """ALS and BM25 neighbours of the library implicit."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender

    matrix = histories(log)
    als = AlternatingLeastSquares(factors=128, regularization=0.05, iterations=15, num_threads=1, random_state=0)
    als.fit(matrix, show_progress=False)
    people = als.user_factors
    if plain is not None:
        people = np.concatenate([
            als.recalculate_user(np.arange(at, min(at + 500, plain.shape[0])), plain[at : at + 500])
            for at in range(0, plain.shape[0], 500)
        ])  # fmt: skip
    near = BM25Recommender(K=100, num_threads=1)
    near.fit(matrix, show_progress=False)
    return {
        "implicit-als": lambda users: people[users] @ als.item_factors.T,
        "implicit-bm25-recency": from_table(query, near.similarity.T.tocsr()),
    }


def shop_peers(log: EventLog) -> dict[str, Scorer]:
    """For shoppers who come again: popularity, frequency, cosine, EASE, and the three blended."""
    counts = histories(log, log_counts=True)
    plain = histories(log)
    size = np.maximum(np.asarray(plain.sum(axis=0)).ravel(), 1)
    now = float(log.at.max())
    age = (now - log.at) / DAY
    often = sparse.csr_matrix((np.exp(-age / 90), (log.user, log.item)), shape=plain.shape)
    lately = np.bincount(log.item[age < 28], minlength=len(log.items)).astype(np.float64)
    gram = np.asarray((plain.T @ plain).todense(), np.float64)
    weights = ease(gram, 100.0)
    cosine = gram / np.sqrt(np.outer(size, size))
    np.fill_diagonal(cosine, 0)
    by_ease, by_often = from_table(counts, weights), from_table(often, sparse.identity(len(log.items)))

    def blended(users: np.ndarray) -> np.ndarray:
        def level(scores: np.ndarray) -> np.ndarray:
            return scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9)

        return level(by_often(users)) + 0.5 * level(by_ease(users)) + 0.2 * np.log1p(lately) / np.log1p(lately.max())

    return {
        "popularity": lambda users: np.tile(size, (len(users), 1)),
        "recent-popularity": lambda users: np.tile(lately, (len(users), 1)),
        "frequency": lambda users: by_often(users) + 1e-6 * lately,
        "cosine": from_table(counts, cosine),
        "ease": by_ease,
        "frequency-ease-popularity": blended,
        **implicit_peers(log, counts),
    }


def _inverse(gram: np.ndarray, ridge: float) -> np.ndarray:
    gram = gram + ridge * np.eye(len(gram), dtype=np.float32)
    lower, _ = lapack.spotrf(gram, lower=1, overwrite_a=1)
    half, _ = lapack.spotri(lower, lower=1, overwrite_c=1)
    half = np.tril(half)
    return half + np.tril(half, -1).T
