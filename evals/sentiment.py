"""Sentiment of shop reviews: ours beside its peers on the same rows, and the shipped default, which saw none of them.

Rows are shuffled, every text counts once, and the fifth that is tested is drawn by a hash of the text, so that a repeat
is never on both sides; nothing was tuned on it. `--rows N` trains on fewer rows (its figures are not recorded).

    python -m evals.sentiment
"""

import argparse
import csv
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rjieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from evals.figures import SHARED_DATA, record, wilson
from zhanggui.kernel.textmodels import LinearModel, clean, default_sentiment, kept_aside, sentiments

COMMAND = "python -m evals.sentiment"
SHOP = SHARED_DATA / "online_shopping_10_cats" / "reviews.csv"
EPRSTMT = SHARED_DATA / "fewclue_eprstmt" / "dev_few_all.json"
CLOTHING = SHARED_DATA / "womens_clothing" / "reviews.csv"
SEED = 0
Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Task:
    """A set split once: rows to train on, rows to test, and the peers."""

    name: str
    dataset: str
    files: list[Path]
    train: Rows
    test: Rows
    peers: dict[str, Callable[[], Any]]


def words(text: str) -> list[str]:
    """Chinese words of the peer's features."""
    return list(rjieba.cut(text))


def zh_features() -> Any:
    """Character 1-3-grams and words 1-2, TF-IDF."""
    return make_union(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
        TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=2),
    )


def en_features() -> Any:
    """Words 1-2, TF-IDF."""
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)


ZH_PEERS: dict[str, Callable[[], Any]] = {
    "word-char-svc": lambda: make_pipeline(zh_features(), LinearSVC(random_state=SEED)),
    "char-lr": lambda: make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, solver="liblinear"),
    ),
}
EN_PEERS: dict[str, Callable[[], Any]] = {
    "word-svc": lambda: make_pipeline(en_features(), LinearSVC(random_state=SEED)),
    "word-lr-balanced": lambda: make_pipeline(
        en_features(), LogisticRegression(C=10, class_weight="balanced", max_iter=300)
    ),
}


def read(path: Path, text: Callable[[dict[str, str]], str], label: str) -> Rows:
    """Every different text of a CSV with its sentiment, shuffled."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = clean([text(row) for row in rows], sentiments([row[label] for row in rows]))
    pairs = list(zip(kept.texts, kept.labels, strict=True))
    random.Random(SEED).shuffle(pairs)
    return pairs


def split(rows: Rows, most: int) -> tuple[Rows, Rows]:
    """Rows to train on (at most `most`) and the fifth to test."""
    aside = kept_aside([text for text, _ in rows], 0.2, SEED)
    train = [row for row, out in zip(rows, aside, strict=True) if not out]
    return train[:most], [row for row, out in zip(rows, aside, strict=True) if out]


def tasks(most: int) -> list[Task]:
    """The four tasks; the second tests the first one's training rows on other shops' reviews."""
    train, test = split(read(SHOP, lambda row: row["review"], "label"), most)
    lines = [json.loads(line) for line in EPRSTMT.read_text(encoding="utf-8").splitlines()]
    few = list(zip([row["sentence"] for row in lines], sentiments([row["label"] for row in lines]), strict=True))
    known = {text for text, _ in few}
    apart = [row for row in train if row[0] not in known]
    three_train, three_test = split(read(CLOTHING, lambda row: f"{row['Title']} {row['Review Text']}", "Rating"), most)

    def two(rows: Rows) -> Rows:
        return [row for row in rows if row[1] != "neutral"]

    return [
        Task("zh-shop", "online_shopping_10_cats", [SHOP], train, test, ZH_PEERS),
        Task(
            "zh-eprstmt",
            "fewclue_eprstmt dev, trained on online_shopping_10_cats",
            [SHOP, EPRSTMT],
            apart,
            few,
            ZH_PEERS,
        ),
        Task("en-clothing-2", "womens_clothing", [CLOTHING], two(three_train), two(three_test), EN_PEERS),
        Task("en-clothing-3", "womens_clothing", [CLOTHING], three_train, three_test, EN_PEERS),
    ]


def shipped(task: Task) -> list[str]:
    """The default's labels; where the set has two, the likelier of the two."""
    model = default_sentiment()
    given = model.predict([text for text, _ in task.test])
    asked = {label for _, label in task.test}
    for place, label in enumerate(model.labels):
        if label not in asked:
            given[:, place] = -1
    return [model.labels[place] for place in given.argmax(axis=1)]


def ours(task: Task) -> list[str]:
    """Our linear model, trained on the task's rows."""
    began = time.perf_counter()
    model = LinearModel.fit([text for text, _ in task.train], [label for _, label in task.train], seed=SEED)
    trained = time.perf_counter()
    given = model.predict([text for text, _ in task.test])
    took = time.perf_counter() - trained
    print(f"  trained in {trained - began:.0f} s, {len(task.test) / took:,.0f} texts/s")
    return [model.labels[place] for place in given.argmax(axis=1)]


def peer(task: Task, make: Callable[[], Any]) -> list[str]:
    """A peer, trained on the task's rows."""
    machine = make()
    machine.fit([text for text, _ in task.train], [label for _, label in task.train])
    return [str(label) for label in machine.predict([text for text, _ in task.test])]


def tell(task: Task, who: str, told: Sequence[str], keep: bool) -> None:
    """Print, and record, accuracy with its interval and the macro F1."""
    right = [label for _, label in task.test]
    hits = int(np.sum(np.array(told) == np.array(right)))
    accuracy, macro = hits / len(right), float(f1_score(right, told, average="macro"))
    print(f"{task.name:15} {who:18} accuracy {accuracy:.4f} macro-F1 {macro:.4f} ({len(right)} texts)", flush=True)
    if keep:
        record(
            f"sentiment-{task.name}-{who}",
            accuracy,
            interval=wilson(hits, len(right)),
            unit="accuracy",
            command=COMMAND,
            dataset=task.dataset,
            files=task.files,
            seed=SEED,
            note=f"macro F1 {macro:.4f}; {len(right)} texts tested"
            + ("; trained on none of this set" if who == "default" else f", {len(task.train)} trained on"),
        )


def main() -> None:
    """Every model on every task."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=0, help="train on at most so many rows; records nothing")
    arguments.add_argument("--default-only", action="store_true", help="only the shipped default; recorded")
    chosen = arguments.parse_args()
    keep = not chosen.rows
    for task in tasks(chosen.rows or 10**9):
        tell(task, "default", shipped(task), keep)
        if chosen.default_only:
            continue
        tell(task, "ours", ours(task), keep)
        for name, make in task.peers.items():
            tell(task, name, peer(task, make), keep)


if __name__ == "__main__":
    main()
