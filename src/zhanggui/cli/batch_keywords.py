"""`batch keywords`: the parts of shopping titles, and words to be found by."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from zhanggui.catalog import TitleReader
from zhanggui.cli.lines import In, Line, Out, Result, Summary, run_lines, text_of
from zhanggui.cli.options import option
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Locale


def keywords(
    source: In = "-",
    target: Out = "-",
    train: Annotated[
        Path | None, option(help="Labelled titles (one character and its BIO tag a line) to learn from first.")
    ] = None,
    summary: Summary = None,
) -> None:
    """Take titles apart: product words, brands, models, attributes, and keywords made of them."""
    reader = TitleReader() if train is None else TitleReader.trained(train)

    def many(lines: Sequence[Line]) -> Iterator[Result]:
        asked = [_asked(line) for line in lines]
        read = iter(reader.read([one for one in asked if not isinstance(one, BadInput)]))
        for one in asked:
            if isinstance(one, BadInput):
                yield one
                continue
            parts = next(read)
            yield {
                "product_words": list(parts.product_words),
                "brands": list(parts.brands),
                "models": list(parts.models),
                "attributes": list(parts.attributes),
                "keywords": list(parts.keywords),
            }

    run_lines(source, target, many, summary=summary)


def _asked(line: Line) -> tuple[str, Locale] | BadInput:
    try:
        title, locale = text_of(line, "title"), line.get("locale", "zh-CN")
    except BadInput as wrong:
        return wrong
    if locale not in ("zh-CN", "en"):
        return BadInput(field="locale", expected="zh-CN | en", found=repr(locale))
    return title, locale
