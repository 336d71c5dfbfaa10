"""Nearest vectors against a slow cosine, and the graph against the exact answer."""

import numpy as np
import pytest

from zhanggui.kernel.retrieval import Vectors, VectorTable


def _unit(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _slow(rows: dict[str, Vectors], query: Vectors, limit: int) -> list[str]:
    return sorted(rows, key=lambda one: (-float(sum(a * b for a, b in zip(rows[one], query, strict=True))), one))[
        :limit
    ]


def test_exact_search_agrees_with_a_slow_cosine_through_changes() -> None:
    rows = {f"d{place}": row for place, row in enumerate(_unit(200, 1))}
    table = VectorTable(16)
    table.put(list(rows)[:150], np.stack(list(rows.values())[:150]))
    table.put(list(rows)[100:], np.stack(list(rows.values())[100:]))
    table.drop([f"d{place}" for place in range(0, 200, 7)] + ["unknown"])
    left = {one: row for one, row in rows.items() if int(one[1:]) % 7}
    assert len(table) == len(left)
    for query in _unit(20, 2):
        assert [one for one, _ in table.nearest(query, 10)] == _slow(left, query, 10)
        allowed = frozenset(f"d{place}" for place in range(50))
        chosen = {one: row for one, row in left.items() if one in allowed}
        assert [one for one, _ in table.nearest(query, 10, allowed)] == _slow(chosen, query, 10)
    assert table.nearest(_unit(1, 3)[0], 0) == []


@pytest.mark.slow
def test_the_graph_finds_nearly_what_the_exact_search_finds() -> None:
    rows, queries = _unit(3000, 4), _unit(50, 5)
    ids = [f"d{place}" for place in range(3000)]
    exact, graph = VectorTable(16), VectorTable(16, exact_limit=1000)
    for table in (exact, graph):
        table.put(ids[:2500], rows[:2500])
        table.nearest(queries[0], 1)
        table.put(ids[2500:], rows[2500:])
        table.drop(ids[::5])
    hits = 0
    for query in queries:
        right = {one for one, _ in exact.nearest(query, 10)}
        found = [one for one, _ in graph.nearest(query, 10)]
        assert not set(found) & set(ids[::5])
        hits += len(right & set(found))
    assert hits >= 475  # of 500
