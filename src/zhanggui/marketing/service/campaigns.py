"""Campaigns: drafted as proposals, begun with a random holdout, handed out within caps and quiet hours, measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import cast

from zhanggui.desk import Check, Draft, Evidence
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.marketing.models.audiences import CHANNELS
from zhanggui.marketing.models.campaigns import HOLDOUT, Campaign, Outcome, Sending, Variant
from zhanggui.marketing.models.customers import CustomerRecord
from zhanggui.marketing.ports import CopyProof
from zhanggui.marketing.rules.campaigns import arm_of, capped, next_allowed, outcome
from zhanggui.marketing.rules.messages import check_form, without_way_out
from zhanggui.marketing.service.audiences import count_audience, definition_of, zone_of
from zhanggui.marketing.store.campaigns import AudienceStore, CampaignStore, StartedCampaign
from zhanggui.marketing.store.customers import CustomerStore

KIND = "campaign"
_WHOLE: Mapping[str, tuple[int, int]] = {
    "cap": (1, 50), "cap_days": (1, 90), "quiet_from": (0, 24), "quiet_to": (0, 24), "days": (1, 180),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready to send: the text of the customer's arm and where it goes."""

    customer_id: str
    arm: str
    to: str
    subject: str
    body: str


def campaign_json(campaign: Campaign) -> JsonObject:
    """A campaign as a proposal's payload."""
    content = asdict(campaign)
    content["variants"] = [asdict(one) for one in campaign.variants]
    content["facts"] = [list(one) for one in campaign.facts]
    return cast(JsonObject, content)


def parse_campaign(payload: Mapping[str, object]) -> Campaign:
    """A campaign from a payload that a person may have edited.

    Raises:
        BadInput: a field is missing or not what it may be; names it.
    """
    channel, locale, holdout = payload.get("channel"), payload.get("locale", "zh-CN"), payload.get("holdout", 0.1)
    if channel not in CHANNELS:
        raise BadInput(field="channel", expected=f"one of {', '.join(CHANNELS)}", found=str(channel))
    if locale not in ("zh-CN", "en"):
        raise BadInput(field="locale", expected="zh-CN or en", found=str(locale))
    if not isinstance(holdout, int | float) or isinstance(holdout, bool) or not 0 <= holdout <= 0.9:
        raise BadInput(field="holdout", expected="a share from 0 to 0.9", found=str(holdout))
    numbers = {name: _whole(payload, name) for name in _WHOLE if name in payload}
    return Campaign(
        id=_text(payload, "id"),
        name=_text(payload, "name"),
        audience_id=_text(payload, "audience_id"),
        channel=channel,  # pyright: ignore[reportArgumentType] - checked above
        variants=_variants(payload.get("variants")),
        locale=locale,
        holdout=float(holdout),
        product_id=str(payload.get("product_id") or ""),
        facts=_facts(payload.get("facts") or ()),
        **numbers,
    )


def draft_campaign(uow: UnitOfWork, campaign: Campaign, proof: CopyProof) -> Draft:
    """The proposal of a campaign. Evidence: the audience with its size, what is left alone to measure against.

    Raises:
        NotFound: no such audience or product.
    """
    audience = AudienceStore(uow).get(campaign.audience_id)
    counted = count_audience(uow, definition_of(audience), campaign.locale)
    checks = check_campaign(uow, campaign, proof)
    return Draft(
        kind=KIND,
        subject=f"audience:{campaign.audience_id}",
        title=f"{campaign.name} · {campaign.channel} · {len(counted.members)}",
        payload=campaign_json(campaign),
        evidence=(
            Evidence("rule", f"audience:{audience.id}", audience.name, {"members": len(counted.members)}),
            Evidence("rule", "holdout", f"{campaign.holdout:.0%} at random", {"share": campaign.holdout}),
        ),
        checks=checks,
        confidence=0.0 if any(check.blocking and not check.passed for check in checks) else 0.7,
        fingerprint=f"{KIND}|{campaign.id}",
    )


def check_campaign(uow: UnitOfWork, campaign: Campaign, proof: CopyProof) -> tuple[Check, ...]:
    """Form and proof of every text, somebody to write to, a holdout to measure against.

    Raises:
        NotFound: no such audience or product.
    """
    checks: list[Check] = []
    for variant in campaign.variants:
        forms = check_form(variant, campaign.channel)
        checks += [
            Check(f"{variant.name}: {one.name}", one.passed, one.reason, one.blocking, one.reason_zh) for one in forms
        ]
        plain = Variant(variant.name, without_way_out(variant.body), variant.subject)
        for one in proof.check(uow, plain, campaign.product_id, campaign.facts, campaign.locale):
            checks.append(Check(f"{variant.name}: {one.name}", one.passed, one.reason, one.blocking, one.reason_zh))
    members, _ = _members(uow, campaign)
    checks.append(
        Check("recipients", bool(members), f"{len(members)} customers may be written to", True,
              f"可触达 {len(members)} 位顾客")
    )  # fmt: skip
    held = campaign.holdout >= 0.02
    checks.append(
        Check("holdout", held, f"{campaign.holdout:.0%} are left alone to measure against", False,
              f"留出 {campaign.holdout:.0%} 不触达，用来对照")
    )  # fmt: skip
    return tuple(checks)


def start_campaign(uow: UnitOfWork, campaign: Campaign) -> StartedCampaign:
    """Draw the arms and plan the messages. Who may not be written to is not in the experiment at all.

    Raises:
        NotFound: the audience is gone.
    """
    now = uow.clock.now()
    members, skipped = _members(uow, campaign)
    due = next_allowed(campaign, now, zone_of(campaign.locale))
    sendings = [Sending(one.id, arm_of(campaign, one.id), due) for one in members]
    started = StartedCampaign(campaign.id, campaign.name, "running", campaign_json(campaign), now, skipped)
    CampaignStore(uow).start(started, sendings)
    return started


def take_messages(uow: UnitOfWork, campaign_id: str, *, limit: int = 500) -> tuple[Message, ...]:
    """Messages that may go out now, each handed over once; consent and the switch are looked at again.

    Raises:
        NotFound: no such campaign.
    """
    store, customers = CampaignStore(uow), CustomerStore(uow)
    campaign = parse_campaign(store.get(campaign_id).content)
    now = uow.clock.now()
    if next_allowed(campaign, now, zone_of(campaign.locale)) > now:
        return ()
    texts = {variant.name: variant for variant in campaign.variants}
    ready: list[Message] = []
    refused: list[str] = []
    for sending in store.due(campaign_id, now, limit):
        customer = customers.get(sending.customer_id)
        to = address_of(customer, campaign.channel)
        if not to or campaign.channel not in customer.consents or not customer.personalised:
            refused.append(customer.id)
            continue
        text = texts[sending.arm]
        ready.append(Message(customer.id, sending.arm, to, text.subject, text.body))
    store.mark(campaign_id, refused, "refused")
    store.mark(campaign_id, [one.customer_id for one in ready], "taken")
    return tuple(ready)


def stop_campaign(uow: UnitOfWork, campaign_id: str) -> int:
    """Send nothing more; how many messages were still due.

    Raises:
        NotFound: no such campaign.
    """
    store = CampaignStore(uow)
    store.get(campaign_id)
    stopped = store.stop(campaign_id)
    AuditLog(uow).record("campaign-stopped", f"campaign:{campaign_id}", {"due": stopped})
    return stopped


def measure_campaign(uow: UnitOfWork, campaign_id: str) -> Outcome:
    """How a campaign stands, by arms as drawn.

    Raises:
        NotFound: no such campaign.
    """
    store = CampaignStore(uow)
    started = store.get(campaign_id)
    days = parse_campaign(started.content).days
    return outcome(store.arms(campaign_id, days), dict(started.skipped))


def outcome_json(found: Outcome) -> JsonObject:
    """An outcome as JSON."""
    return cast(
        JsonObject,
        {
            "arms": [asdict(one) for one in found.arms],
            "overall": None if found.overall is None else asdict(found.overall),
            "variants": [asdict(one) for one in found.variants],
            "skipped": dict(found.skipped),
        },
    )


def address_of(customer: CustomerRecord, channel: str) -> str:
    """Where a channel reaches a customer; empty when it does not."""
    return {"sms": customer.phone, "email": customer.email, "push": customer.id}.get(channel, "")


def write_texts(
    uow: UnitOfWork, proof: CopyProof, product_id: str, channel: str, locale: Locale
) -> tuple[Variant, ...]:
    """Two plain texts for a product from its title and facts alone, so that they are true; a person adds the charm.

    Raises:
        NotFound: no such product.
    """
    title, facts = proof.facts(uow, product_id)
    zh = locale == "zh-CN"
    end = "" if channel not in ("sms", "email") else ("回T退订" if zh else "Reply STOP to opt out")
    stop, join = ("。", "：") if zh else (". ", ": ")
    variants: list[Variant] = []
    for name, chosen in (("A", facts[:1]), ("B", facts[1:3])):
        said = ("，" if zh else ", ").join(f"{label}{join}{value}" for label, value in chosen)
        parts = [title, *([said] if said else [])]
        body = stop.join(parts) + ("。" if zh else ". ") + end
        variants.append(Variant(name, body.strip(), title[:40] if channel != "sms" else ""))
    return tuple({one.body: one for one in variants}.values())


def _members(uow: UnitOfWork, campaign: Campaign) -> tuple[list[CustomerRecord], dict[str, int]]:
    """Who of the audience may be written to, and how many are left out for which reason."""
    audience = AudienceStore(uow).get(campaign.audience_id)
    counted = count_audience(uow, definition_of(audience), campaign.locale)
    now = uow.clock.now()
    lately = CampaignStore(uow).contacts(now - timedelta(days=campaign.cap_days))
    skipped: Counter[str] = Counter({"opted-out": counted.opted_out} if counted.opted_out else {})
    kept: list[CustomerRecord] = []
    for customer in counted.members:
        if campaign.channel not in customer.consents:
            skipped["no-consent"] += 1
        elif not address_of(customer, campaign.channel):
            skipped["no-address"] += 1
        elif capped(campaign, lately.get(customer.id, ()), now):
            skipped["frequency-cap"] += 1
        else:
            kept.append(customer)
    return kept, dict(skipped)


def _text(payload: Mapping[str, object], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 200:
        raise BadInput(field=name, expected="1 to 200 characters", found=repr(value)[:200])
    return value.strip()


def _whole(payload: Mapping[str, object], name: str) -> int:
    value = payload[name]
    least, most = _WHOLE[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadInput(field=name, expected=f"a whole number from {least} to {most}", found=repr(value)[:80])
    return value


def _variants(value: object) -> tuple[Variant, ...]:
    found: list[Variant] = []
    for item in _list(value):
        content = cast(Mapping[str, object], item) if isinstance(item, dict) else cast(Mapping[str, object], {})
        name, body, subject = content.get("name"), content.get("body"), content.get("subject", "")
        if not isinstance(name, str) or not isinstance(body, str) or not isinstance(subject, str) or name == HOLDOUT:
            raise BadInput(field="variants", expected="objects with name, body and subject", found=str(content))
        found.append(Variant(name, body, subject))
    if not 1 <= len(found) <= 10 or len({one.name for one in found}) != len(found):
        raise BadInput(field="variants", expected="1 to 10 texts of different names", found=str(len(found)))
    return tuple(found)


def _facts(value: object) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for item in _list(value):
        parts = [str(part) for part in _list(item)]
        if len(parts) != 2:
            raise BadInput(field="facts", expected="pairs of name and value", found=str(parts))
        pairs.append((parts[0], parts[1]))
    return tuple(pairs)


def _list(value: object) -> Sequence[object]:
    return cast(Sequence[object], value) if isinstance(value, list | tuple) else ()
