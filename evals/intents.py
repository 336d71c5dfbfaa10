"""Intents of customers' messages: ours beside its peers on the same rows.

A fifth of each set is tested, drawn by a hash of the text and a seed that no setting was chosen on, so that a repeat is
never on both sides. `--rows N` trains on fewer rows (its figures are not recorded).

    python -m evals.intents
"""

import argparse
import csv
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from evals.figures import ROOT, SHARED_DATA, record, wilson
from zhanggui.kernel.retrieval import Embedder, NanoEmbedder
from zhanggui.kernel.textmodels import LinearModel, clean, kept_aside
from zhanggui.support import IntentModel, KeptVectors

COMMAND = "python -m evals.intents"
SETS = {
    "banking77": (SHARED_DATA / "banking77" / "train.csv", "text", "category"),
    "bitext": (SHARED_DATA / "bitext_responses" / "responses.csv", "instruction", "intent"),
}
VECTORS = ROOT / "var" / "vectors"  # embeddings are the slow part: made once
SEED = 7007
Rows = list[tuple[str, str]]


def split(path: Path, text: str, label: str, most: int) -> tuple[Rows, Rows]:
    """Rows to train on (at most `most`) and the fifth to test."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = clean([row[text] for row in rows], [row[label] for row in rows])
    pairs = list(zip(kept.texts, kept.labels, strict=True))
    random.Random(SEED).shuffle(pairs)
    aside = kept_aside([words for words, _ in pairs], 0.2, SEED)
    train = [row for row, out in zip(pairs, aside, strict=True) if not out]
    return train[:most], [row for row, out in zip(pairs, aside, strict=True) if out][:most]


def features() -> Any:
    """Words 1-2 and characters 2-5 within words, TF-IDF."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )


def word_char(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """TF-IDF and a support vector machine."""
    peer = make_pipeline(features(), LinearSVC(random_state=SEED)).fit(texts, labels)
    return [str(one) for one in peer.predict(asked)]


def with_embeddings(embedder: Embedder, texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """TF-IDF and embeddings side by side, and a support vector machine."""
    grams = features().fit(texts)

    def rows(some: Sequence[str]) -> Any:
        return hstack((grams.transform(some), csr_matrix(embedder.queries(list(some))))).tocsr()

    return [str(one) for one in LinearSVC(random_state=SEED).fit(rows(texts), labels).predict(rows(asked))]


def named(labels: Sequence[str], given: np.ndarray) -> list[str]:
    """The likeliest label of each row."""
    return [labels[int(place)] for place in given.argmax(axis=1)]


def main() -> None:
    """Both sets, ours and the peers."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=0, help="train on at most so many rows; records nothing")
    chosen = arguments.parse_args()
    embedder = KeptVectors(NanoEmbedder(), VECTORS)
    for name in SETS:
        one_set(name, embedder, chosen.rows)


def one_set(name: str, embedder: Embedder, most: int) -> None:
    """Ours and the peers on one set."""
    path, text, label = SETS[name]
    train, test = split(path, text, label, most or 10**9)
    texts, labels = [row[0] for row in train], [row[1] for row in train]
    asked, right = [row[0] for row in test], [row[1] for row in test]
    began = time.perf_counter()
    model = IntentModel.fit(texts, labels, embedder, seed=SEED)
    print(f"{name}: {len(train)} rows trained in {time.perf_counter() - began:.0f} s", flush=True)
    given = model.predict(asked)
    sure = given.max(axis=1)
    linear = LinearModel.fit(texts, labels, seed=SEED, task="intent")
    told = {
        "ours": named(model.labels, given),
        "ours-without-embeddings": named(linear.labels, linear.predict(asked)),
        "word-char-svc": word_char(texts, labels, asked),
        "tfidf-embeddings-svc": with_embeddings(embedder, texts, labels, asked),
    }
    gap = abs(float(sure.mean()) - float(np.mean(np.array(told["ours"]) == np.array(right))))
    print(f"{name}: mean confidence is {gap:.4f} from accuracy")
    for who, answers in told.items():
        hits = sum(a == b for a, b in zip(answers, right, strict=True))
        print(f"{name:10} {who:24} accuracy {hits / len(right):.4f} ({len(right)} texts)", flush=True)
        if not most:
            record(
                f"intents-{name}-{who}",
                hits / len(right),
                interval=wilson(hits, len(right)),
                unit="accuracy",
                command=COMMAND,
                dataset=name,
                files=[path],
                seed=SEED,
                note=f"{len(train)} rows trained on, {len(right)} tested",
            )


if __name__ == "__main__":
    main()
