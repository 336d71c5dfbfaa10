"""`batch sentiment` and `batch intent`: what a text feels or wants, by a small model of our own, with its reasons."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from zhanggui.cli.batch_late import read_csv
from zhanggui.cli.common import err, settings, text_models
from zhanggui.cli.lines import In, Line, Out, Result, Summary, read_json_lines, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import NanoEmbedder
from zhanggui.kernel.textmodels import (
    NEUTRAL_FROM,
    SENTIMENTS,
    Adapted,
    Classifier,
    LinearModel,
    WeightedSpan,
    adapted,
    default_sentiment,
    fit_sentiment,
    load,
    sentiments,
)
from zhanggui.support import IntentModel, KeptVectors

ModelOption = Annotated[Path | None, option(help="A model that `zhanggui train` wrote.")]
_CHUNK = 1024
_ADAPT_CHUNK = 50_000  # lines that are read before the first answer, when they are learnt from
_ALTERNATIVES = 4


def sentiment(  # noqa: PLR0913 - one parameter for each option of the contract
    source: In = "-",
    target: Out = "-",
    train: Annotated[
        Path | None, option(help="Your own rows `{text, label}` (JSON Lines or CSV) to learn from.")
    ] = None,
    model: ModelOption = None,
    adapt: Annotated[
        bool, option("--adapt/--no-adapt", help="Fit the shipped model to the input's own words, when it has many.")
    ] = True,
    seed: Annotated[int, option(help="Seed of the training.")] = 0,
    summary: Summary = None,
) -> None:
    """Tell praise from complaint; `positive` is how good from 0 to 1, `evidence` the words that spoke for the label.

    Your own live model answers where `zhanggui train sentiment` made one; else the shipped one does. The shipped one
    first learns the words of the input itself, without labels, when that has at least 500 texts of a language."""
    chosen = _chosen_sentiment(train, model, seed)
    if not set(chosen.labels) <= set(SENTIMENTS):
        raise BadInput(field="--model", expected="a model of sentiment", found=f"labels {', '.join(chosen.labels[:5])}")
    shipped = default_sentiment()

    def judge(texts: list[str]) -> list[Line]:
        judge_by = adapted(shipped, texts, seed=seed) if adapt and chosen is shipped else chosen
        neutral_from = NEUTRAL_FROM if chosen is shipped else 0.0
        parts = (texts[first : first + _CHUNK] for first in range(0, len(texts), _CHUNK))
        return [answer for part in parts for answer in _feelings(judge_by, part, neutral_from)]

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        return _answers(lines, judge)

    run_lines(source, target, many, chunk=_ADAPT_CHUNK if adapt and chosen is shipped else _CHUNK, summary=summary)


def intent(
    source: In = "-",
    target: Out = "-",
    train: Annotated[Path | None, option(help="Rows `{text, label}` (JSON Lines or CSV) to learn from.")] = None,
    model: ModelOption = None,
    seed: Annotated[int, option(help="Seed of the training.")] = 0,
    summary: Summary = None,
) -> None:
    """Tell what a customer wants, learnt from your own examples."""
    chosen = _chosen_intent(train, model, seed)
    if chosen is None:
        raise BadInput(field="--train", expected="a file of labelled texts, or --model", found="neither")

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        return _answers(lines, lambda texts: _intents(chosen, texts))

    run_lines(source, target, many, chunk=_CHUNK, summary=summary)


def read_labelled(path: Path, second: str = "label") -> tuple[list[str], list[str]]:
    """Texts and labels of JSON Lines `{text, label}` or of a CSV with these columns (any usual encoding); `second` is
    another name for the label.

    Raises:
        BadInput: no such file, no such columns, or a cell that is not text; names the row.
    """
    if not path.is_file():
        raise BadInput(field="file", expected="JSON Lines or CSV of text and label", found=str(path))
    with open_text(path) as text, text.path.open(encoding="utf-8") as file:
        as_json = file.read(4096).lstrip("\ufeff \t\r\n").startswith("{")
        rows: list[dict[str, Any]] = list(read_json_lines(text.path)) if as_json else []
    if not as_json:
        rows = [{name.strip().lower(): cell for name, cell in row.items()} for row in read_csv(path)]
    texts: list[str] = []
    labels: list[str] = []
    for row, line in enumerate(rows, 1):
        for name, column in (("text", texts), (second, labels)):
            value: object = line.get(name)
            if not isinstance(value, str | int | float):
                found = "nothing" if value is None else repr(value)
                raise BadInput(row=row, field=name, expected="text", found=found)
            column.append(str(value))
    return texts, labels


def fit_labelled(path: Path, task: str, seed: int) -> LinearModel:
    """A linear model of a file's rows; what was left out is told on standard error.

    Raises:
        BadInput: too few different texts, fewer than two labels, or a label that means no sentiment.
    """
    texts, labels = read_labelled(path)

    def warn(words: str) -> None:
        err.print(f"{path.name}: {words}", markup=False, highlight=False, soft_wrap=True)

    if task == "sentiment":
        return fit_sentiment(texts, sentiments(labels), seed=seed, warn=warn)
    return LinearModel.fit(texts, labels, seed=seed, task=task, warn=warn)


def _chosen(train: Path | None, model: Path | None, task: str, seed: int) -> LinearModel | None:
    if train is not None and model is not None:
        raise BadInput(field="--model", expected="either --train or --model", found="both")
    if train is not None:
        return fit_labelled(train, task, seed)
    return None if model is None else LinearModel.load(model)


def _chosen_sentiment(train: Path | None, model: Path | None, seed: int) -> Classifier:
    if train is not None or model is not None:
        if train is None and model is not None:
            return load(model)
        fitted = _chosen(train, model, "sentiment", seed)
        return fitted or default_sentiment()
    registry = text_models()
    live = registry.live("sentiment")
    return default_sentiment() if live is None else load(registry.path("sentiment", live))


def _chosen_intent(train: Path | None, model: Path | None, seed: int) -> IntentModel | Classifier | None:
    if train is None or model is not None:
        return _chosen(train, model, "intent", seed)
    texts, labels = read_labelled(train)
    embedder = KeptVectors(NanoEmbedder(), settings().data_dir / "indexes" / "texts")

    def warn(words: str) -> None:
        err.print(f"{train.name}: {words}", markup=False, highlight=False, soft_wrap=True)

    return IntentModel.fit(texts, labels, embedder, seed=seed, warn=warn)


def _answers(lines: Sequence[Line], judge: Callable[[list[str]], list[Line]]) -> Iterator[Result]:
    texts: list[str | BadInput] = []
    for line in lines:
        try:
            texts.append(_filled(text_of(line, "text")))
        except BadInput as bad:
            texts.append(bad)
    judged = iter(judge([text for text in texts if isinstance(text, str)]))
    for text in texts:
        yield next(judged) if isinstance(text, str) else text


def _filled(text: str) -> str:
    if not text.strip():
        raise BadInput(field="text", expected="a text that is not empty", found=repr(text[:20]))
    return text


def _feelings(model: Classifier | Adapted, texts: Sequence[str], neutral_from: float = 0.0) -> list[Line]:
    given = model.predict(texts)
    allowed = given.copy()
    for place in [place for place, label in enumerate(model.labels) if label == "neutral"]:
        allowed[allowed[:, place] < neutral_from, place] = -1.0
    labels = [model.labels[place] for place in _places(allowed.argmax(axis=1))]
    worth = np.array([SENTIMENTS[label] for label in model.labels])
    reasons = model.explain_many(texts, labels, most=12)
    return [
        {"label": label, "positive": round(float(good), 4), "evidence": _evidence(spans)}
        for label, good, spans in zip(labels, given @ worth, reasons, strict=True)
    ]


def _evidence(spans: Sequence[WeightedSpan]) -> list[Line]:
    kept = [span for span in spans if span.weight > 0][:5]
    return [{"text": s.text, "start": s.start, "end": s.end, "weight": round(s.weight, 4)} for s in kept]


def _intents(model: IntentModel | Classifier, texts: Sequence[str]) -> list[Line]:
    given = model.predict(texts)
    answers: list[Line] = []
    for row in given:
        best = [
            (model.labels[place], round(float(row[place]), 4)) for place in _places(np.argsort(-row, kind="stable"))
        ]
        others: list[Line] = [{"label": label, "confidence": sure} for label, sure in best[1 : 1 + _ALTERNATIVES]]
        answers.append({"label": best[0][0], "confidence": best[0][1], "alternatives": others})
    return answers


def _places(array: Any) -> list[int]:
    return [int(place) for place in array]
