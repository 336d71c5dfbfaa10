"""`zhanggui orders ...` of the desk: exceptions, automations with replay, policy with preview, connected shops."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, option
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders import MODES, Connection, PolicyPreview, describe, schedule_orders

_Days = Annotated[int, option(min=1, max=3_650, help="How many days back.")]
_File = Annotated[Path, argument(help="Policy file (YAML).")]


def add_commands(cli: typer.Typer) -> None:
    """Put the commands into the group `orders`."""
    for name, command in (
        ("exceptions", exceptions),
        ("automations", automations),
        ("replay", replay),
        ("switch", switch),
        ("policy", policy),
        ("preview-policy", preview_policy),
        ("save-policy", save_policy),
        ("connect", connect),
    ):
        cli.command(name)(command)


def exceptions(
    scan: Annotated[bool, option("--scan", help="Look at every open order first.")] = False,
    kind: Annotated[str, option(help="Only this kind: late, stuck, lost, refused ...")] = "",
    limit: Annotated[int, option(min=1, max=500, help="How many.")] = 50,
) -> None:
    """What went wrong, who pays, by when, what to do; the nearest deadline first."""
    with opened() as app:
        if scan:
            with working(app) as uow:
                seen = app.exceptions.scan(uow)
            out.print(f"{seen.orders} orders looked at: {seen.found} exceptions, {seen.fresh} new, {seen.over} over")
        with working(app, read_only=True) as uow:
            found = app.exceptions.page(uow, kind=kind, limit=limit)
    if not found:
        out.print("Nothing is wrong.")
        return
    table = Table("Order", "Parcel", "Kind", "By", "Pays", "Deadline")
    for one in found:
        table.add_row(one.order_id, one.parcel_id, one.kind, one.culprit, one.pays, f"{one.deadline:%Y-%m-%d %H:%M}")
    out.print(table)


def automations() -> None:
    """Every rule in a sentence, with its mode and how often people agreed with it."""
    with opened() as app, working(app, read_only=True) as uow:
        for view in app.automations.rules(uow):
            agreed = f"{view.agreed} of {view.decided} agreed" if view.decided else "not judged yet"
            out.print(f"{view.rule.id}  {view.mode}  fired {view.fired}, {agreed}", markup=False)
            out.print(f"  {view.text.en}", markup=False)


def replay(days: _Days = 90) -> None:
    """What the rules would have done with the orders of the last days; a rule that was replayed may go live."""
    with opened() as app, working(app) as uow:
        now = uow.clock.now()
        for one in app.automations.replay(uow, now - timedelta(days=days), now):
            money = ", ".join(str(Money(minor, code)) for code, minor in one.money.items())
            same = f"; the shop did the same {one.agreed} of {one.comparable} times" if one.comparable else ""
            out.print(
                f"{one.rule_id}: {len(one.triggered)} times in {one.looked_at} looks; {money or 'no money'}{same}"
            )


def switch(
    rule: Annotated[str, argument(help="Id of the rule.")],
    mode: Annotated[str, argument(help=f"One of {', '.join(MODES)}.")],
) -> None:
    """Set how far a rule may go: off, shadow (it only records) or live (it proposes)."""
    with opened() as app, working(app) as uow:
        app.automations.set_mode(uow, rule, mode)
    out.print(f"{rule}: {mode}")


def policy(
    text: Annotated[bool, option("--text", help="The file itself, to edit.")] = False,
    zh: Annotated[bool, option("--zh", help="Sentences in Chinese.")] = False,
) -> None:
    """The policy in force, in plain sentences."""
    with opened() as app, working(app, read_only=True) as uow:
        shown = app.policies.in_force(uow)
    if text:
        out.print(shown.text, markup=False, highlight=False, soft_wrap=True)
        return
    own = f"own version {shown.number}" if shown.number else "as shipped"
    out.print(f"{shown.policy.name} {shown.policy.version} ({own})")
    for one in describe(shown.policy):
        out.print(f"  {one.id} ({', '.join(one.actions)}): {one.text.zh if zh else one.text.en}", markup=False)


def preview_policy(file: _File, days: _Days = 180) -> None:
    """Which past requests another policy would have decided otherwise; nothing is changed."""
    with opened() as app, working(app, read_only=True) as uow:
        _print_preview(app.policies.preview(uow, _text(file), days=days))


def save_policy(file: _File) -> None:
    """Put a policy in force, as a new version."""
    with opened() as app, working(app) as uow:
        saved = app.policies.save(uow, _text(file))
    out.print(f"version {saved.number} is in force: {saved.policy.name} {saved.policy.version}")


def connect(
    shop: Annotated[str, argument(help="Id of the shop (sales channel), a name of your own.")],
    source: Annotated[str, argument(help="shopify, woocommerce or standard.")],
    host: Annotated[str, option(help="Host name of the shop.")] = "",
    api_secret: Annotated[
        str, option("--api-secret", help="Access token, or consumer_key:consumer_secret.", envvar="SHOP_API_SECRET")
    ] = "",
    webhook_secret: Annotated[
        str, option("--webhook-secret", help="What webhooks are signed with.", envvar="SHOP_WEBHOOK_SECRET")
    ] = "",
) -> None:
    """Connect a shop, or change how; secrets are kept encrypted. Better by environment than on the command line."""
    settings: JsonObject = {"host": host} if host else {}
    with opened() as app, working(app) as uow:
        app.connections.connect(uow, Connection(shop, source, settings))
        if api_secret:
            app.connections.put_secret(uow, shop, source, "api", api_secret)
        if webhook_secret:
            app.connections.put_secret(uow, shop, source, "webhook", webhook_secret)
        new = schedule_orders(app.jobs, uow)
    out.print(f"{shop} is connected to {source}; {len(new)} schedules set up")


def _print_preview(told: PolicyPreview) -> None:
    out.print(f"{len(told.otherwise)} of {told.looked_at} past requests would have been decided otherwise")
    for one in told.otherwise[:100]:
        verdict = "allowed" if one.after else "refused"
        why = " ".join(words.en for words in one.because)
        out.print(f"  {one.at:%Y-%m-%d} {one.order_id} {one.action}: now {verdict}. {why}", markup=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise BadInput(field="FILE", expected="a YAML file in UTF-8", found=str(file)) from broken
