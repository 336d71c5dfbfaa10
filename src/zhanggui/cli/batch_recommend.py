"""`batch recommend`: what each shopper may want next, learnt from purchases in a CSV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from zhanggui.cli.lines import Out, Result, Summary, write_results
from zhanggui.cli.options import option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Locale
from zhanggui.marketing import Protocol, RecommendModel, read_events, read_users


def recommend(  # noqa: PLR0913 - one parameter for each option of the contract
    events: Annotated[Path, option(help="CSV `user,item,timestamp[,quantity][,basket]`.")],
    users: Annotated[Path | None, option(help="Shoppers, one a line or a CSV with `user`; else all.")] = None,
    target: Out = "-",
    k: Annotated[int, option(min=1, max=1000, help="How many items to name.")] = 20,
    protocol: Annotated[Protocol, option(help="`any` allows buying again; `next-unseen` does not.")] = "any",
    locale: Annotated[Locale, option(help="Language of the reasons.")] = "en",
    summary: Summary = None,
) -> None:
    """Name the items that each shopper may want next, best first, each with its reason.

    Rows that say nothing usable come as error lines after the answers; a shopper nobody knows gets what is popular.
    """
    if not events.is_file():
        raise BadInput(field="--events", expected="a CSV file", found=str(events))
    with open_text(events) as text:
        log, problems = read_events(text.path)
    asked = list(log.users) if users is None else _asked(users)
    model = RecommendModel.fit(log, protocol=protocol)

    def answers() -> Iterator[Result]:
        for user, found in model.recommend(asked, k):
            yield {
                "id": user,
                "user": user,
                "items": [one.item for one in found],
                "scores": [one.score for one in found],
                "reasons": [one.reason.text(locale) for one in found],
            }
        yield from problems

    write_results(target, answers(), summary=summary)


def _asked(users: Path) -> list[str]:
    if not users.is_file():
        raise BadInput(field="--users", expected="a file with one shopper a line", found=str(users))
    with open_text(users) as text:
        return read_users(text.path)
