"""`batch related`: what goes with a basket or an item, learnt from purchases in a CSV."""

from pathlib import Path
from typing import Annotated

from zhanggui.catalog import RelatedModel, read_baskets
from zhanggui.cli.common import err
from zhanggui.cli.lines import In, Line, Out, Summary, each, list_of, run_lines
from zhanggui.cli.options import option
from zhanggui.kernel.types import Locale


def related(
    events: Annotated[Path, option(help="CSV `user,item,timestamp[,quantity][,basket]`.")],
    source: In = "-",
    target: Out = "-",
    k: Annotated[int, option(min=1, max=1000, help="How many items to name.")] = 10,
    locale: Annotated[Locale, option(help="Language of the reasons.")] = "en",
    summary: Summary = None,
) -> None:
    """Name the items that go with a basket, best first, each with its reason."""
    baskets, problems = read_baskets(events)
    for bad in problems[:20]:
        err.print(f"{events.name}: {bad.message}", markup=False, highlight=False)
    model = RelatedModel.fit(baskets)

    def one(line: Line) -> Line:
        found = model.related(list_of(line, "items"), k)
        return {
            "items": [item.item for item in found],
            "scores": [item.score for item in found],
            "reasons": [item.reason.text(locale) for item in found],
        }

    run_lines(source, target, each(one), summary=summary)
