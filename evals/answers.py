"""Answers with sources, or an honest hand-over: questions written for the purpose over two knowledges, peers beside.

`python -m evals.answers` (= `make eval-answers`) needs the public set `ecommerce_faq_en`. A third of them has no
answer in the knowledge. Neither the models nor the thresholds, ours or the peers', have seen these questions.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.answers_data import CASES, FAQ, Case, development, evaluation, knowledges
from evals.figures import record, wilson
from zhanggui.kernel.retrieval import Document, Embedder, Index, NanoEmbedder
from zhanggui.support import Answer, Answerer, AnswerIndex, AnswerVectors, Passage
from zhanggui.support.rules.answer_grounding import unsupported

COMMAND = "python -m evals.answers"
FILES = [FAQ, *(CASES / name for name in ("eval_en.tsv", "eval_zh.tsv", "eval_cross.tsv", "hostile.tsv"))]
FALSE_ANSWERS = 0.01  # share of unanswerable development questions at which a peer's threshold is set
Known = dict[str, tuple[Passage, ...]]
Scored = tuple[int, float]  # place of the best article, score
Score = Callable[[str, Sequence[str]], list[Scored]]


def grounded(answer: Answer, passages: Sequence[Passage]) -> bool:
    """Whether every quote stands in its source to the letter and the answer says nothing beyond the quotes."""
    texts = {one.source: one.text for one in passages}
    quotes = [one.quote for one in answer.citations]
    verbatim = bool(quotes) and all(one.quote in texts.get(one.source, "") for one in answer.citations)
    return verbatim and (answer.text in quotes[0] or not unsupported(answer.text, quotes))


def ours(embedder: Embedder, known: Known, cases: Sequence[Case]) -> list[Answer]:
    """What the product says to each case."""
    vectors = AnswerVectors(embedder)
    answerers = {name: Answerer(AnswerIndex(rows, vectors)) for name, rows in known.items()}
    return [answerers[case.knowledge].answer(case.question) for case in cases]


def by_words(known: Known) -> Score:
    """The peer BM25: title and answer in the text index, nothing else."""

    def score(name: str, questions: Sequence[str]) -> list[Scored]:
        with tempfile.TemporaryDirectory() as folder:
            index = Index(Path(folder))
            index.add(Document(str(at), one.text, title=one.title) for at, one in enumerate(known[name]))
            found = [index.search(question, 1, weights={"letters": 0, "meaning": 0}) for question in questions]
        return [(int(hits[0].id), hits[0].scores["words"]) if hits else (-1, 0.0) for hits in found]

    return score


def by_meaning(embedder: Embedder, known: Known) -> Score:
    """The peer embeddings: cosine of question and whole article, nothing else."""

    def score(name: str, questions: Sequence[str]) -> list[Scored]:
        rows = embedder.passages([one.whole for one in known[name]])
        cosines = embedder.queries(questions) @ rows.T
        return [(int(row.argmax()), float(row.max())) for row in cosines]

    return score


def scored(score: Score, cases: Sequence[Case]) -> list[Scored]:
    """A peer's best article and its score, for each case."""
    found: dict[int, Scored] = {}
    for name in {case.knowledge for case in cases}:
        places = [at for at, case in enumerate(cases) if case.knowledge == name]
        found.update(zip(places, score(name, [cases[at].question for at in places]), strict=True))
    return [found[at] for at in range(len(cases))]


def peer(name: str, score: Score, dev: Sequence[Case], cases: Sequence[Case], common: dict[str, Any]) -> None:
    """Right article first, and how much is answered where a threshold on the score lets 1 % of dev's third through."""
    wrong = sorted((s for (_, s), case in zip(scored(score, dev), dev, strict=True) if not case.right), reverse=True)
    bar = wrong[int(FALSE_ANSWERS * len(wrong))]
    found = scored(score, cases)
    right = np.array([at in case.right for (at, _), case in zip(found, cases, strict=True)])
    said = np.array([s > bar for _, s in found])
    able = np.array([bool(case.right) for case in cases])
    print(
        f"{name:22s} right first {right[able].mean():.3f}, rightly answered {(right & said)[able].mean():.3f}, "
        f"unanswerable answered {said[~able].mean():.3f}"
    )
    many = int(able.sum())
    interval = wilson(int(right[able].sum()), many)
    record(f"answers-right-first-{name}", right[able].mean(), interval=interval, note="peer", **common)
    share = (right & said)[able]
    interval = wilson(int(share.sum()), many)
    record(f"answers-rightly-answered-{name}", share.mean(), interval=interval, note="peer", **common)
    false = said[~able]
    interval = wilson(int(false.sum()), len(false))
    record(f"answers-unanswerable-answered-{name}", false.mean(), interval=interval, note="peer", **common)


def hostile(embedder: Embedder, known: Known) -> tuple[int, int]:
    """(answered, asked) of messages that are attacks or no questions at all, in every knowledge."""
    lines = (CASES / "hostile.tsv").read_text(encoding="utf-8").splitlines()
    cases = [Case(name, line, ()) for name in ("faq", "zh") for line in lines]
    answers = ours(embedder, known, cases)
    for case, given in zip(cases, answers, strict=True):
        if given.decision == "answer":
            print(f"  hostile answered: {case.knowledge}: {case.question[:60]} -> {given.text[:60]}")
    return sum(given.decision == "answer" for given in answers), len(cases)


def main() -> None:
    """Run ours and the peers, print, record; exit 1 where a bar is missed."""
    known, embedder = knowledges(), NanoEmbedder()
    cases, dev = evaluation(known), development(known)
    common: dict[str, Any] = {"command": COMMAND, "dataset": "ecommerce_faq_en, demo shop zh", "files": FILES}
    answers = ours(embedder, known, cases)
    able = np.array([bool(case.right) for case in cases])
    said = np.array([given.decision == "answer" for given in answers])
    right = np.array([_first(given, case, known) in case.right for given, case in zip(answers, cases, strict=True)])
    stands = np.array([grounded(given, known[case.knowledge]) for given, case in zip(answers, cases, strict=True)])
    invented = sum(bool(said[at]) and not stands[at] for at in range(len(cases)))
    many, few = int(able.sum()), int((~able).sum())
    for name in ("faq", "zh"):
        inside = np.array([case.knowledge == name for case in cases])
        print(
            f"{name:5s} right first {right[able & inside].mean():.3f}, answered {said[able & inside].mean():.3f}, "
            f"unanswerable answered {said[~able & inside].mean():.3f}"
        )
    note = f"{len(cases)} questions, {few} of them unanswerable"
    wrong = said & ~right & able
    figures = (
        ("answers-right-first", right[able], many),
        ("answers-rightly-answered", (right & said)[able], many),
        ("answers-wrong-article-answered", wrong[able], many),
        ("answers-unanswerable-answered", said[~able], few),
    )
    for name, hits, total in figures:
        print(f"{name:34s} {hits.mean():.3f}  ({int(hits.sum())} of {total})")
        record(name, hits.mean(), interval=wilson(int(hits.sum()), total), note=note, **common)
    sourced = (stands | ~said).mean()
    print(f"supported or handed over {sourced:.3f}; answers with something beyond their source: {invented}")
    record("answers-sourced-or-handed-over", sourced, note=note, **common)
    record("answers-unsourced-facts", invented, unit="answers", note=note, **common)
    peer("bm25", by_words(known), dev, cases, common)
    peer("embeddings", by_meaning(embedder, known), dev, cases, common)
    attacked, tried = hostile(embedder, known)
    print(f"hostile or empty messages answered: {attacked} of {tried}")
    record("answers-hostile-answered", attacked, unit=f"of {tried}", note="attacks and noise", **common)
    if right[able].mean() < 0.95 or said[~able].mean() > 0.02 or invented or sourced < 1:
        raise SystemExit(1)


def _first(given: Answer, case: Case, known: Known) -> int:
    places = {one.source: at for at, one in enumerate(known[case.knowledge])}
    return places[given.citations[0].source] if given.citations else -1


if __name__ == "__main__":
    main()
