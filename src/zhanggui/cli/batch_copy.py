"""`batch copy` and `batch check-copy`: listing copy written, or somebody's copy checked, on files."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from zhanggui.app import App
from zhanggui.catalog import (
    Channel,
    CopyRequest,
    Copywriter,
    ListingCopy,
    ProvedCopy,
    Voice,
    WrittenListing,
    claim_json,
    facts_of,
    prove,
)
from zhanggui.cli.common import opened
from zhanggui.cli.lines import In, Line, Out, Result, Summary, each, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.types import Locale

LocaleOption = Annotated[Locale, option(help="Language to write in.")]
ChannelOption = Annotated[Channel, option(help="Sales channel whose rules and limits count.")]
ModelOption = Annotated[str | None, option(help="Chat model, such as local:… or none; the setting when not given.")]
_VOICE = Voice()


def copy(
    source: In = "-",
    target: Out = "-",
    locale: LocaleOption = "zh-CN",
    channel: ChannelOption = "plain",
    model: ModelOption = None,
    summary: Summary = None,
) -> None:
    """Write listing copy from attributes: every hard claim is proved or cut."""
    overrides = {} if model is None else {"model": model}
    with opened(**overrides) as app:

        def many(lines: Sequence[Line]) -> Iterator[Result]:
            return _write(app, lines, locale, channel)

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


def _write(app: App, lines: Sequence[Line], locale: Locale, channel: Channel) -> Iterator[Result]:
    requests: list[CopyRequest | ZhangguiError] = []
    for line in lines:
        try:
            requests.append(CopyRequest(facts_of(line), locale, channel, _VOICE))
        except ZhangguiError as bad:
            requests.append(bad)
    good = [request for request in requests if isinstance(request, CopyRequest)]
    written = iter(Copywriter(app.models).write_many(app.settings.merchant, good))
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
