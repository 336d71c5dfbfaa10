"""`zhanggui marketing`: customers, audiences, campaigns, texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.connectors.tabular import CsvTable, open_text
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.types import Locale, new_id
from zhanggui.marketing import (
    MOST_EVENTS,
    AudienceStore,
    CampaignStore,
    CustomerStore,
    Question,
    Reading,
    ServeKind,
    allow_channel,
    count_audience,
    definition_json,
    definition_of,
    draft_campaign,
    erase_customer,
    export_customer,
    measure_campaign,
    outcome_json,
    overlap,
    parse_campaign,
    read_rows,
    refresh_customers,
    save_audience,
    say_definition,
    stop_campaign,
    switch_personalisation,
    take_events,
    take_messages,
    vocabulary_of,
    write_texts,
)

cli = group("Customers, audiences, campaigns with measured lift.")
CustomerId = Annotated[str, argument(help="Id of the customer.")]
CampaignId = Annotated[str, argument(help="Id of the campaign.")]
AudienceId = Annotated[str, argument(help="Id of the audience.")]


@cli.command()
def refresh(everything: Annotated[bool, option("--all", help="Look at every order again.")] = False) -> None:
    """Take customers from orders, know them again, measure them."""
    with opened() as app, working(app) as uow:
        done = refresh_customers(uow, app.marketing.book, everything=everything)
    out.print(f"{done.orders} orders, {done.new} new customers, {done.merged} merged, {done.measured} measured")


@cli.command()
def customers(
    text: Annotated[str, argument(help="Part of an id, a name, an address.")] = "",
    limit: Annotated[int, option(min=1, max=500, help="How many at most.")] = 20,
) -> None:
    """List customers with what is known of them."""
    table = Table("id", "name", "orders", "segment", "value", "churn", "personalised")
    with opened() as app, working(app, read_only=True) as uow:
        for one in CustomerStore(uow).page(text, limit=limit):
            known = one.measures
            cells = (known.get(name) for name in ("orders", "segment", "lifetime_value", "churn_risk"))
            shown = ("" if cell is None else str(cell) for cell in cells)
            table.add_row(one.id, one.name, *shown, "yes" if one.personalised else "no")
    out.print(table)


@cli.command()
def consent(
    customer: CustomerId,
    channel: Annotated[str, argument(help="sms, email or push.")],
    refuse: Annotated[bool, option("--refuse", help="No longer agrees.")] = False,
) -> None:
    """Note that a customer agrees to be written to, or no longer does."""
    with opened() as app, working(app) as uow:
        changed = allow_channel(uow, customer, channel, not refuse)
    out.print(f"{customer}: {', '.join(changed.consents) or 'nothing'}")


@cli.command()
def personalise(
    customer: CustomerId,
    off: Annotated[bool, option("--off", help="Nothing is fitted to this customer any more.")] = False,
) -> None:
    """The customer's one switch of personalisation."""
    with opened() as app, working(app) as uow:
        switch_personalisation(uow, customer, not off)
    out.print(f"{customer}: personalisation {'off' if off else 'on'}")


@cli.command()
def export(customer: CustomerId) -> None:
    """Print everything that marketing keeps of a customer."""
    with opened() as app, working(app) as uow:
        content = export_customer(uow, customer)
    _print_json(content)


@cli.command()
def erase(
    customer: CustomerId,
    yes: Annotated[bool, option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Remove everything that marketing keeps of a customer."""
    if not yes:
        typer.confirm(f"Erase {customer} for good?", abort=True, err=True)
    with opened() as app, working(app) as uow:
        removed = erase_customer(uow, customer)
    out.print(", ".join(f"{count} {name}" for name, count in removed.items()))


@cli.command()
def audience(
    request: Annotated[str, argument(help="Who is meant, in plain words.")],
    save: Annotated[str, option(help="Keep it under this name.")] = "",
    locale: Annotated[Locale | None, option(help="Language of the answer; else the shop's.")] = None,
) -> None:
    """Read a request; show the definition and how many are meant, or the question that is left."""
    with opened() as app:
        language: Locale = locale or app.settings.locale
        with working(app, read_only=True) as uow:
            vocabulary = vocabulary_of(uow)
        reading: Reading = app.marketing.reader.read(app.settings.merchant, request, vocabulary)
        if reading.definition is None:
            asked = reading.question.text(language) if reading.question else ""
            err.print(asked, markup=False)
            raise typer.Exit(1)
        with working(app) as uow:
            counted = count_audience(uow, reading.definition, language)
            kept = save_audience(uow, save, reading.definition, request=request) if save else ""
        _print_json(definition_json(reading.definition))
    for sentence in say_definition(reading.definition, language):
        out.print(f"· {sentence}", markup=False, highlight=False)
    out.print(f"{len(counted.members)} of {counted.of} customers; {counted.opted_out} fit but refused personalisation")
    if kept:
        out.print(kept)


@cli.command()
def audiences() -> None:
    """Saved audiences with how many are in them now."""
    with opened() as app, working(app, read_only=True) as uow:
        for one in AudienceStore(uow).all():
            count = len(count_audience(uow, definition_of(one), app.settings.locale).members)
            out.print(f"{one.id}  {one.name}  {count}", markup=False)


@cli.command("overlap")
def compare(first: AudienceId, second: AudienceId) -> None:
    """How many are in each of two audiences and in both."""
    with opened() as app, working(app, read_only=True) as uow:
        a, b, both = overlap(uow, first, second, app.settings.locale)
    out.print(f"{a} and {b}, {both} in both")


@cli.command()
def texts(
    product: Annotated[str, argument(help="Id of the product.")],
    channel: Annotated[str, option(help="sms, email, push or xiaohongshu.")] = "sms",
    locale: Annotated[Locale | None, option(help="Language; else the shop's.")] = None,
) -> None:
    """Plain true texts for a product, to begin variants from."""
    with opened() as app, working(app, read_only=True) as uow:
        for one in write_texts(uow, app.marketing.proof, product, channel, locale or app.settings.locale):
            out.print(f"{one.name}: {one.body}", markup=False, highlight=False)


@cli.command()
def propose(
    file: Annotated[Path, argument(help="JSON with name, audience_id, channel, variants [{name, body, subject}] ...")],
) -> None:
    """Propose a campaign; it begins when somebody approves it in the inbox."""
    content = _read(file)
    with opened() as app, working(app) as uow:
        campaign = parse_campaign({"id": new_id("cam"), "locale": app.settings.locale, **content})
        proposal = app.desk.propose(uow, draft_campaign(uow, campaign, app.marketing.proof))
        if proposal is None:
            raise Conflict("this campaign is proposed already")
        failed = [check for check in proposal.checks if not check.passed]
    for check in failed:
        err.print(f"{check.name}: {check.reason}", markup=False, highlight=False)
    out.print(f"{proposal.id}  campaign {campaign.id}", markup=False)


@cli.command()
def campaigns() -> None:
    """Campaigns that began."""
    with opened() as app, working(app, read_only=True) as uow:
        for one in CampaignStore(uow).all():
            out.print(f"{one.id}  {one.state}  {one.started_at:%Y-%m-%d %H:%M}  {one.name}", markup=False)


@cli.command()
def lift(campaign: CampaignId) -> None:
    """What a campaign changed, against those left alone."""
    with opened() as app, working(app, read_only=True) as uow:
        _print_json(outcome_json(measure_campaign(uow, campaign)))


@cli.command()
def take(
    campaign: CampaignId, limit: Annotated[int, option(min=1, max=10_000, help="How many at most.")] = 500
) -> None:
    """Hand out messages that may be sent now, as JSON Lines; each is handed out once."""
    with opened() as app, working(app) as uow:
        messages = take_messages(uow, campaign, limit=limit)
    for one in messages:
        typer.echo(orjson.dumps(one).decode())


@cli.command()
def stop(campaign: CampaignId) -> None:
    """Send nothing more of a campaign."""
    with opened() as app, working(app) as uow:
        out.print(f"{stop_campaign(uow, campaign)} messages were still due")


@cli.command()
def recommend(
    customer: Annotated[str, argument(help="Id, shop:customer or e-mail address; empty for a stranger.")] = "",
    items: Annotated[list[str] | None, option("--item", help="A product in the basket; may be repeated.")] = None,
    kind: Annotated[ServeKind, option(help="for-you, again, together or similar.")] = "for-you",
    limit: Annotated[int, option(min=1, max=100, help="How many at most.")] = 10,
    locale: Annotated[Locale | None, option(help="Language of the reasons; else the shop's.")] = None,
) -> None:
    """What to show to a customer or beside products, each item with its reason."""
    with opened() as app, working(app, read_only=True) as uow:
        answer = app.marketing.recommender.answer(uow, Question(kind, customer, tuple(items or ()), limit))
        language: Locale = locale or app.settings.locale
    if answer.personal:
        err.print(f"not personal: {answer.personal}")
    for one in answer.items:
        out.print(f"{one.item}  {one.title}  ({one.reason.text(language)})", markup=False, highlight=False)


@cli.command("events")
def import_events(
    file: Annotated[Path, argument(help="CSV with the columns id, kind, at, customer, visitor, product, query.")],
) -> None:
    """Take in what people did in the shop from a file; the same id again changes nothing, bad rows are named."""
    if not file.is_file():
        raise BadInput(field="file", expected="a CSV file", found=str(file))
    stored = known = refused = bad = 0
    with opened() as app, open_text(file) as text:
        for begin, some in _batches(CsvTable(text)):
            if isinstance(some, BadInput):
                problems = [str(some)]
            else:
                with working(app) as uow:
                    done = take_events(uow, read_rows(some), app.marketing.goods, source="file", begin=begin)
                stored, known, refused = stored + done.stored, known + done.known, refused + done.refused
                problems = [
                    f"row {one.row}: {one.field}: expected {one.expected}, found {one.found}" for one in done.problems
                ]
            bad += len(problems)
            for problem in problems:
                err.print(problem, markup=False, highlight=False)
    out.print(f"{stored} stored, {known} known, {refused} of people who refused, {bad} bad")
    if bad:
        raise typer.Exit(1)


def _batches(table: CsvTable) -> Iterator[tuple[int, list[dict[str, str]] | BadInput]]:
    """Good rows that follow one another with the number of the first; each bad row by itself."""
    some: list[dict[str, str]] = []
    begin = 0
    for row in table.rows():
        if some and (isinstance(row, BadInput) or len(some) == MOST_EVENTS):
            yield begin, some
            some = []
        if isinstance(row, BadInput):
            yield 0, row
            continue
        begin = begin if some else row[0]
        some.append(row[1])
    if some:
        yield begin, some


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise BadInput(field="file", expected="a JSON file", found=str(file))
    try:
        content: object = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as broken:
        raise BadInput(field="file", expected="JSON in UTF-8", found=str(broken)) from broken
    if not isinstance(content, dict):
        raise BadInput(field="file", expected="a JSON object", found=type(content).__name__)
    return {str(name): value for name, value in content.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON


def _print_json(content: object) -> None:
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
