"""Fit what ships in `zhanggui.support`: word vectors and background (`vectors`), then the decision model (`model`).

`python -m evals.answers_fit` reads the development questions only. Beside what was written, every answerable one is
asked once more of the knowledge without the articles that answer it: a near miss that must not be answered.
"""

import sys
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import lightgbm as lgb
import numpy as np
import orjson
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from evals.answers_data import Case, development, knowledges
from zhanggui.kernel.retrieval import Embedder, NanoEmbedder
from zhanggui.support import AnswerIndex, AnswerVectors, Passage, language_of
from zhanggui.support.rules.answer_deciding import SECOND_FEATURES, Trees, best_first, second_row
from zhanggui.support.rules.answer_matching import FEATURES, Question, teach
from zhanggui.support.rules.answer_words import content_words
from zhanggui.support.service.answer_vectors import background_questions, known_phrasings, script_of

FOLDER = Path(str(files("zhanggui.support")))
SEED = 20261123
FOLDS = 4
ROUNDS = 100
NEAREST = 25  # wrong candidates of a question that are fitted on
AGAINST = frozenset({"worst_uncovered", "concepts_only_asked", "concepts_only_told", "number_missing"})
NEITHER = frozenset({"other_language", "words_asked"})
BOOSTING = {
    "objective": "binary", "learning_rate": 0.08, "num_leaves": 8, "min_data_in_leaf": 30, "lambda_l2": 5,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "boost_from_average": False,
    "verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True,
}  # fmt: skip
NEAR_MISS = 0.5  # weight of a question whose articles were taken away
FALSE_ANSWERS = 0.02  # share of unanswerable development questions that may be answered


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its candidates: features, which are right, and what each says (equal texts are no rivals)."""

    group: int
    natural: bool
    rows: np.ndarray
    right: np.ndarray
    index: AnswerIndex
    places: list[int]


def small(rows: np.ndarray) -> np.ndarray:
    """Unit rows in eight bits; their directions are what counts."""
    return np.round(rows * 254).clip(-127, 127).astype(np.int8)


def write_phrasings(cases: list[Case]) -> None:
    """`data/phrasings.tsv`: development questions by matter; a question without an article is a matter of its own."""
    matters: dict[tuple[object, ...], int] = {}
    lines = []
    for number, case in enumerate(cases):
        # The demo shop's two languages are one knowledge.
        home = "faq" if case.knowledge == "faq" else "demo"
        key = (home, min(case.right)) if case.right else ("none", number)
        lines.append(f"{matters.setdefault(key, len(matters))}\t{case.question}\n")
    (FOLDER / "data" / "phrasings.tsv").write_text("".join(lines), encoding="utf-8")


def write_vectors(embedder: Embedder, known: dict[str, tuple[Passage, ...]]) -> None:
    """`data/answers.npz`: background questions, mean of words per script, centred words of the knowledge and of dev."""
    texts = [one.whole for rows in known.values() for one in rows]
    texts += [case.question for case in development(known)]
    words = sorted({word for text in texts for word in content_words(text)})
    rows = embedder.queries(words)
    scripts = np.array([script_of(word) for word in words])
    means = {script: rows[scripts == script].mean(axis=0) for script in ("en", "zh-CN")}
    centred = np.stack([row - means[script] for row, script in zip(rows, scripts, strict=True)])
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    write_phrasings(development(known))
    matters, phrases = known_phrasings()
    ground = {locale: embedder.queries(background_questions(locale)).mean(axis=0) for locale in ("en", "zh-CN")}
    phrased = embedder.queries(phrases) - np.stack([ground[script_of(phrase)] for phrase in phrases])
    phrased /= np.linalg.norm(phrased, axis=1, keepdims=True)
    np.savez_compressed(
        FOLDER / "data" / "answers.npz",
        name=np.array(embedder.name),
        questions_en=embedder.queries(background_questions("en")).astype(np.float16),
        questions_zh=embedder.queries(background_questions("zh-CN")).astype(np.float16),
        mean_en=means["en"].astype(np.float32),
        mean_zh=means["zh-CN"].astype(np.float32),
        phrase_rows=small(phrased),
        phrase_matters=np.array(matters, dtype=np.int32),
        words=np.array(words),
        word_rows=small(centred),
    )
    print(f"{len(words)} words")


def asked(cases: list[Case], known: dict[str, tuple[Passage, ...]], vectors: AnswerVectors) -> list[Asked]:
    """Every case as it stands, and once more without its articles."""
    indexes = {name: AnswerIndex(rows, vectors) for name, rows in known.items()}
    made: list[Asked] = []
    full, (_, phrases) = vectors.background, known_phrasings()
    unseen = dict(zip(phrases, teach(full.phrases, full.matters)[1], strict=True))
    embedded = vectors.queries([case.question for case in cases])
    for group, (case, vector) in enumerate(zip(cases, embedded, strict=True)):
        index = indexes[case.knowledge]
        # A question must not find itself among the known phrasings.
        others = np.array([[float(phrase != case.question)] for phrase in phrases], dtype=np.float32)
        blind = full._replace(phrases=full.phrases * others)
        question = Question.read(case.question, language_of(case.question), vector, blind)
        question = replace(question, taught=unseen[case.question])
        for without in (False, True) if case.right else (False,):
            places = [at for at in index.candidates(question) if not (without and at in case.right)]
            rows = index.rows(question, places)
            right = np.array([at in case.right for at in places])
            near = np.argsort(-(rows[:, 0] + rows[:, 1] + 9 * right), kind="stable")[: NEAREST + int(right.sum())]
            rows, right, places = rows[near], right[near], [places[int(at)] for at in near]
            made.append(Asked(group, not without, rows, right, index, places))
    return made


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, strength: float) -> dict[str, np.ndarray]:
    """A logistic regression on standardised columns."""
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=2000, random_state=SEED).fit((x - mean) / scale, y, weight)
    return {"mean": mean, "scale": scale, "weight": model.coef_[0], "bias": model.intercept_}


def logits(model: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Log-odds of rows."""
    return ((x - model["mean"]) / model["scale"]) @ model["weight"] + model["bias"][0]


def fit_pair(questions: list[Asked]) -> Trees:
    """Which candidate is right: trees that only rise with a feature for it and fall with one against it."""
    x = np.concatenate([one.rows for one in questions])
    y = np.concatenate([one.right for one in questions])
    weight = np.concatenate([np.full(len(one.right), 1.0 if one.natural else NEAR_MISS) for one in questions])
    weight[y] *= 4
    signs = [-1 if name in AGAINST else 0 if name in NEITHER else 1 for name in FEATURES]
    booster = lgb.train(
        {**BOOSTING, "monotone_constraints": signs}, lgb.Dataset(x, y.astype(int), weight=weight), ROUNDS
    )
    return flat(booster)


def flat(booster: lgb.Booster) -> Trees:
    """A fitted LightGBM model as the arrays that the product reads."""
    size = BOOSTING["num_leaves"]
    shape = (booster.num_trees(), size - 1)
    feature, left, right = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    threshold, leaf = np.zeros(shape), np.zeros((shape[0], size))
    left -= 1
    right -= 1
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        stack = [tree["tree_structure"]]
        while stack:
            node = stack.pop()
            if "leaf_value" in node:
                leaf[number, node.get("leaf_index", 0)] = node["leaf_value"]
                continue
            at = node["split_index"]
            feature[number, at], threshold[number, at] = node["split_feature"], node["threshold"]
            for side, child in ((left, node["left_child"]), (right, node["right_child"])):
                side[number, at] = -1 - child["leaf_index"] if "leaf_value" in child else child["split_index"]
                stack.append(child)
    return Trees(feature, threshold, left, right, leaf)


def fit_whole(rows: np.ndarray, good: np.ndarray, natural: np.ndarray) -> dict[str, np.ndarray]:
    """Whether the best candidate is right."""
    return fit(rows, good, np.where(natural, 1.0, NEAR_MISS), 0.1)


def best(pair: Trees, one: Asked) -> tuple[np.ndarray, bool]:
    """Features of the best candidate, and whether it is right."""
    scores = pair.logits(one.rows)
    order = best_first(scores, one.rows)
    row = second_row(one.rows, scores, order, one.index.rivals(one.places, order))
    return row, bool(one.right[order[0]])


def out_of_fold(questions: list[Asked]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(chance, right, natural) of each question, by models that never saw it."""
    groups = np.array([one.group for one in questions])
    natural = np.array([one.natural for one in questions])
    chances, good = np.zeros(len(questions)), np.zeros(len(questions), dtype=bool)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(groups, groups=groups):
        inner_rows, inner_good = np.zeros((len(train), len(SECOND_FEATURES))), np.zeros(len(train), dtype=bool)
        for a, b in GroupKFold(2, shuffle=True, random_state=SEED).split(train, groups=groups[train]):
            pair = fit_pair([questions[train[i]] for i in a])
            for i in b:
                inner_rows[i], inner_good[i] = best(pair, questions[train[i]])
        whole = fit_whole(inner_rows, inner_good, natural[train])
        pair = fit_pair([questions[i] for i in train])
        for i in test:
            row, good[i] = best(pair, questions[i])
            chances[i] = 1 / (1 + np.exp(-logits(whole, row[None, :])[0]))
    return chances, good, natural


def thresholds(
    chances: np.ndarray, good: np.ndarray, answerable: np.ndarray, natural: np.ndarray
) -> tuple[float, float]:
    """(answer from, clarify from): the lowest that keep false answers below their share on natural questions."""
    wrong = np.sort(chances[natural & ~answerable])[::-1]
    allowed = int(FALSE_ANSWERS * len(wrong))
    answer_from = float(wrong[allowed] + 1e-3)
    clarify = np.sort(chances[natural & ~answerable])[::-1]
    return min(0.95, max(0.5, answer_from)), float(min(answer_from, max(0.25, clarify[int(0.08 * len(clarify))])))


def report(chances: np.ndarray, good: np.ndarray, answerable: np.ndarray, natural: np.ndarray, at: float) -> None:
    """What a threshold does on development questions."""
    first = good[natural & answerable].mean()
    said = (chances >= at)[natural & answerable]
    false = (chances >= at)[natural & ~answerable]
    near = (chances >= at)[~natural]
    wrong = (chances >= at) & ~good
    print(
        f"from {at:.3f}: right first {first:.3f}, answered {said.mean():.3f}, wrong among answered "
        f"{wrong[natural & answerable].mean():.3f}, unanswerable answered {false.mean():.3f}, "
        f"near misses {near.mean():.3f}"
    )


def write_model(vectors: AnswerVectors, known: dict[str, tuple[Passage, ...]]) -> None:
    """Cross-validate, choose thresholds, fit on all of it, write `rules/answer_model.json`."""
    cases = development(known)
    questions = asked(cases, known, vectors)
    chances, good, natural = out_of_fold(questions)
    answerable = np.array([one.natural and bool(cases[one.group].right) for one in questions])
    answer_from, clarify_from = thresholds(chances, good, answerable, natural)
    for at in (clarify_from, answer_from, 0.5, 0.7, 0.9):
        report(chances, good, answerable, natural, at)
    pair = fit_pair(questions)
    # The second model is fitted on what the first says of questions that it has not seen.
    groups = np.array([one.group for one in questions])
    rows, right = np.zeros((len(questions), len(SECOND_FEATURES))), np.zeros(len(questions), dtype=bool)
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(groups, groups=groups):
        held = fit_pair([questions[i] for i in train])
        for i in test:
            rows[i], right[i] = best(held, questions[i])
    whole = fit_whole(rows, right, natural)
    print({name: round(float(weight), 2) for name, weight in zip(SECOND_FEATURES, whole["weight"], strict=True)})
    content = {
        "answer_from": round(answer_from, 4),
        "clarify_from": round(clarify_from, 4),
        "pair": {name: np.round(getattr(pair, name), 5).tolist() for name in Trees.__slots__},
        "whole": {name: np.round(value, 6).tolist() for name, value in whole.items()},
    }
    (FOLDER / "rules" / "answer_model.json").write_bytes(orjson.dumps(content) + b"\n")


def main() -> None:
    """Write both, or the one named as argument."""
    known, embedder = knowledges(), NanoEmbedder()
    if "model" not in sys.argv[1:]:
        write_vectors(embedder, known)
    if "vectors" not in sys.argv[1:]:
        write_model(AnswerVectors(embedder), known)


if __name__ == "__main__":
    main()
