"""Sentiment of shop reviews: ours beside its peers on the same rows, and the shipped default, which saw none of them.

Rows are shuffled, every text counts once, and the fifth that is tested is drawn by a hash of the text, so that a repeat
is never on both sides; nothing was tuned on it. `--rows N` trains on fewer rows (its figures are not recorded).

`ours` is what `zhanggui train sentiment` makes by default (linear), `best` its ensemble with two TextCNNs (`--best`,
needs the extra `train`; minutes; a run that is cut off goes on where it was). Models are trained once for tasks that
share their training rows.

    python -m evals.sentiment
    python -m evals.sentiment --best
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

from evals.figures import ROOT, SHARED_DATA, record, wilson
from zhanggui.kernel.textmodels import Epoch, Plan, adapted, clean, default_sentiment, fit, kept_aside, sentiments

COMMAND = "python -m evals.sentiment"
SHOP = SHARED_DATA / "online_shopping_10_cats" / "reviews.csv"
EPRSTMT = SHARED_DATA / "fewclue_eprstmt" / "dev_few_all.json"
CLOTHING = SHARED_DATA / "womens_clothing" / "reviews.csv"
SEED = 0
EPOCHS = 5
HOME = ROOT / "var" / "eval-sentiment"
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
        Task("zh-shop", "online_shopping_10_cats", [SHOP], apart, test, ZH_PEERS),
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


def shipped(task: Task, *, adapt: bool) -> list[str]:
    """The default's labels; where the set has two, the likelier of the two. With `adapt` it first learns the words of
    the tested texts without their labels, as `zhanggui batch sentiment` does with its input."""
    texts = [text for text, _ in task.test]
    model = adapted(default_sentiment(), texts) if adapt else default_sentiment()
    given = model.predict(texts)
    asked = {label for _, label in task.test}
    for place, label in enumerate(model.labels):
        if label not in asked:
            given[:, place] = -1
    return [model.labels[place] for place in given.argmax(axis=1)]


def ours(rows: Rows, algorithm: str = "linear") -> Callable[[Sequence[str]], list[str]]:
    """Our model of these rows, as a function of texts."""
    began = time.perf_counter()

    def show(epoch: Epoch) -> None:
        took = time.perf_counter() - began
        print(f"  epoch {epoch.number}: loss {epoch.loss:.4f}, aside {epoch.score:.4f}, {took:.0f} s", flush=True)

    HOME.mkdir(parents=True, exist_ok=True)
    checkpoint = HOME / f"{algorithm}-{len(rows)}.checkpoint"
    plan = Plan(epochs=EPOCHS, patience=1, batch=64, seed=SEED, tell=show, checkpoint=checkpoint)
    model = fit(algorithm, [text for text, _ in rows], [label for _, label in rows], plan, task="sentiment")
    print(f"  {algorithm}: trained in {time.perf_counter() - began:.0f} s", flush=True)

    def told(texts: Sequence[str]) -> list[str]:
        return [model.labels[place] for place in model.predict(texts).argmax(axis=1)]

    return told


def peer(rows: Rows, make: Callable[[], Any]) -> Callable[[Sequence[str]], list[str]]:
    """A peer trained on these rows, as a function of texts."""
    machine = make()
    machine.fit([text for text, _ in rows], [label for _, label in rows])
    return lambda texts: [str(label) for label in machine.predict(texts)]


def trained(task: Task, best: bool) -> dict[str, Callable[[Sequence[str]], list[str]]]:
    """Every model of a task's training rows by its name, one after the other."""
    if best:
        return {"best": ours(task.train, "ensemble")}
    return {"ours": ours(task.train), **{name: peer(task.train, make) for name, make in task.peers.items()}}


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
            + ("; trained on none of this set" if who.startswith("default") else f", {len(task.train)} trained on"),
        )


def main() -> None:
    """Every model on every task."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=0, help="train on at most so many rows; records nothing")
    arguments.add_argument("--default-only", action="store_true", help="only the shipped default; recorded")
    arguments.add_argument("--best", action="store_true", help="only the ensemble with TextCNNs; recorded")
    arguments.add_argument("--tasks", default="", help="only tasks whose names begin so")
    chosen = arguments.parse_args()
    keep = not chosen.rows
    made: dict[int, dict[str, Callable[[Sequence[str]], list[str]]]] = {}
    for task in tasks(chosen.rows or 10**9):
        if not task.name.startswith(chosen.tasks):
            continue
        if not chosen.best:
            tell(task, "default", shipped(task, adapt=False), keep)
            tell(task, "default-adapted", shipped(task, adapt=True), keep)
        if chosen.default_only:
            continue
        models = made.get(id(task.train)) or trained(task, chosen.best)
        made[id(task.train)] = models
        for name, told in models.items():
            tell(task, name, told([text for text, _ in task.test]), keep)


if __name__ == "__main__":
    main()
