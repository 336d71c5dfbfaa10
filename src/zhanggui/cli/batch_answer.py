"""`batch answer`: questions of customers answered from files of knowledge, or handed over."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from zhanggui.app import read_folder
from zhanggui.cli.common import err, opened, settings
from zhanggui.cli.lines import In, Line, Out, Result, Summary, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.llm import Models
from zhanggui.kernel.retrieval import NanoEmbedder
from zhanggui.kernel.types import Locale
from zhanggui.support import Answer, Answerer, AnswerIndex, AnswerVectors

_LOCALES: dict[str, Locale] = {"zh-CN": "zh-CN", "zh": "zh-CN", "zh_cn": "zh-CN", "zh-cn": "zh-CN", "cn": "zh-CN",
                               "en": "en", "en-us": "en", "en-gb": "en", "en_us": "en"}  # fmt: skip


def answer(
    knowledge: Annotated[
        Path, option(help="Folder or file: Markdown, text, HTML, or questions and answers as CSV, JSON, JSON Lines.")
    ],
    source: In = "-",
    target: Out = "-",
    model: Annotated[
        str | None, option(help="Chat model that words the answers, such as local:…; without, the passage itself.")
    ] = None,
    summary: Summary = None,
) -> None:
    """Answer each question from the files with its source, ask back, or hand over; never from anywhere else."""
    passages, problems = read_folder(knowledge)
    for bad in problems[:20]:
        err.print(bad, markup=False, highlight=False, soft_wrap=True)
    if not passages:
        raise BadInput(
            field="--knowledge", expected="a file or folder with something to answer from", found=str(knowledge)
        )
    folder = settings().data_dir / "indexes" / "answers"
    index = AnswerIndex(passages, AnswerVectors(NanoEmbedder(), folder))
    if model is None or model == "none":
        run_lines(source, target, _handler(Answerer(index)), chunk=64, summary=summary)
        return
    with opened(model=model) as app:
        worded = _with_models(index, app.models, app.settings.merchant)
        run_lines(source, target, _handler(worded), chunk=16, summary=summary)


def answer_line(given: Answer) -> Line:
    """An answer in the form of the contract."""
    return {
        "decision": given.decision,
        "answer": given.text,
        "citations": [{"source": one.source, "quote": one.quote} for one in given.citations],
        "confidence": given.confidence,
    }


def _with_models(index: AnswerIndex, models: Models, merchant_id: str) -> Answerer:
    return Answerer(index, models=models, merchant_id=merchant_id)


def _handler(answerer: Answerer) -> Any:
    def many(lines: Sequence[Line]) -> Iterator[Result]:
        asked: list[tuple[str, Locale | None] | BadInput] = []
        for line in lines:
            try:
                asked.append((text_of(line, "question"), _locale_of(line)))
            except BadInput as bad:
                asked.append(bad)
        good = [one for one in asked if not isinstance(one, BadInput)]
        answers = iter(answerer.answer_many(good))
        for one in asked:
            yield one if isinstance(one, BadInput) else answer_line(next(answers))

    return many


def _locale_of(line: Line) -> Locale | None:
    value = cast(object, line.get("locale"))
    if value is None or value == "":
        return None
    known = _LOCALES.get(value.lower() if isinstance(value, str) and value != "zh-CN" else str(value))
    if known is None:
        raise BadInput(field="locale", expected="zh-CN or en", found=repr(value)[:80])
    return known
