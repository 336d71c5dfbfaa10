"""`batch copy` and `batch check-copy`: listing copy written, or somebody's copy checked, on files."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from zhanggui.app import App
from zhanggui.catalog import (
    STUDENT_TASK,
    Channel,
    CopyRequest,
    Copywriter,
    ListingCopy,
    ProvedCopy,
    StudentCopywriter,
    Voice,
    WrittenListing,
    claim_json,
    facts_of,
    prove,
)
from zhanggui.cli.common import opened, text_models
from zhanggui.cli.lines import In, Line, Out, Result, Summary, each, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.kernel.errors import NotConfigured, ZhangguiError
from zhanggui.kernel.textmodels import load_writer
from zhanggui.kernel.types import Locale

LocaleOption = Annotated[Locale, option(help="Language to write in.")]
ChannelOption = Annotated[Channel, option(help="Sales channel whose rules and limits count.")]
ModelOption = Annotated[
    str | None, option(help="Chat model, such as local:… or none, or student; the setting when not given.")
]
Write = Callable[[Sequence[CopyRequest]], list[WrittenListing]]
STUDENT = "student"  # in place of a chat model's name
_VOICE = Voice()


def copy(
    source: In = "-",
    target: Out = "-",
    locale: LocaleOption = "zh-CN",
    channel: ChannelOption = "plain",
    model: ModelOption = None,
    summary: Summary = None,
) -> None:
    """Write listing copy from attributes: every hard claim is proved or cut. `--model student` takes the writer that
    `zhanggui train copy` made, no chat model."""
    if model == STUDENT:
        writer = _student()
        write = writer.write_many
        run_lines(source, target, lambda lines: _written(lines, locale, channel, write), chunk=64, summary=summary)
        return
    overrides = {} if model is None else {"model": model}
    with opened(**overrides) as app:

        def many(lines: Sequence[Line]) -> Iterator[Result]:
            return _written(lines, locale, channel, lambda requests: _by_chat(app, requests))

        run_lines(source, target, many, chunk=64, summary=summary)


def check_copy(
    source: In = "-",
    target: Out = "-",
    locale: LocaleOption = "zh-CN",
    channel: ChannelOption = "plain",
    summary: Summary = None,
) -> None:
    """Check somebody's copy (field `text`) against the product's attributes."""

    def one(line: Line) -> Line:
        text = text_of(line, "text")
        written = ListingCopy(title=text_of(line, "copy_title", required=False), description=text)
        proved = prove(written, facts_of(line), locale=locale, channel=channel, voice=_VOICE)
        return {**_judged(proved), "publishable": proved.publishable}

    run_lines(source, target, each(one), summary=summary)


def _student() -> StudentCopywriter:
    registry = text_models()
    live = registry.live(STUDENT_TASK)
    if live is None:
        raise NotConfigured(
            "no student writes copy yet: train one with `zhanggui train copy --model seq2seq --data ...`"
        )
    return StudentCopywriter(load_writer(registry.path(STUDENT_TASK, live)), f"student-{live.number}")


def _by_chat(app: App, requests: Sequence[CopyRequest]) -> list[WrittenListing]:
    return Copywriter(app.models).write_many(app.settings.merchant, requests)


def _written(
    lines: Sequence[Line],
    locale: Locale,
    channel: Channel,
    write: Callable[[Sequence[CopyRequest]], list[WrittenListing]],
) -> Iterator[Result]:
    requests: list[CopyRequest | ZhangguiError] = []
    for line in lines:
        try:
            requests.append(CopyRequest(facts_of(line), locale, channel, _VOICE))
        except ZhangguiError as bad:
            requests.append(bad)
    written = iter(write([request for request in requests if isinstance(request, CopyRequest)]))
    for request in requests:
        yield _line(next(written)) if isinstance(request, CopyRequest) else request


def _line(written: WrittenListing) -> Line:
    proved, usage = written.proved, written.usage
    return {
        "title": proved.copy.title,
        "bullets": list(proved.copy.bullets),
        "description": proved.copy.description,
        "keywords": list(proved.copy.keywords),
        **_judged(proved),
        "publishable": proved.publishable,
        "cut": list(proved.cut),
        "note": written.note,
        "usage": {
            "model": usage.model,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "seconds": round(usage.seconds, 3),
            "cached": usage.cached,
        },
    }


def _judged(proved: ProvedCopy) -> dict[str, Any]:
    return {
        "claims": [claim_json(claim) for claim in proved.claims],
        "checks": [{"name": check.name, "passed": check.passed, "reason": check.reason} for check in proved.checks],
    }
