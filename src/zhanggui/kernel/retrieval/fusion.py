"""Several rankings into one. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from zhanggui.kernel.retrieval.models import Ranked

# Cormack, Clarke and Buettcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning".
CONSTANT = 60


def fuse(
    rankings: Iterable[Ranked], weights: Mapping[str, float] | None = None
) -> list[tuple[str, float, dict[str, int]]]:
    """Reciprocal-rank fusion: (id, sum of weight / (60 + rank), rank in each ranking), best first, ties by id."""
    scores: dict[str, float] = defaultdict(float)
    ranks: dict[str, dict[str, int]] = defaultdict(dict)
    for ranking in rankings:
        weight = (weights or {}).get(ranking.name, 1.0)
        for rank, one in enumerate(ranking.ids, start=1):
            scores[one] += weight / (CONSTANT + rank)
            ranks[one][ranking.name] = rank
    order = sorted(scores, key=lambda one: (-scores[one], one))
    return [(one, scores[one], ranks[one]) for one in order]
