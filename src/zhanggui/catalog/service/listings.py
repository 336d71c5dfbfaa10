"""From a product to a proposal of listing copy, and the words that both the proposal and the doors speak."""

from dataclasses import asdict
from typing import Any, cast

from zhanggui.catalog.models import (
    Channel,
    Claim,
    CopyRequest,
    Fact,
    ListingCopy,
    ProductFacts,
    ProvedCopy,
)
from zhanggui.catalog.rules import prove
from zhanggui.catalog.service.copywriting import WrittenListing
from zhanggui.catalog.store import ListingStore, ProductStore, VoiceStore
from zhanggui.desk import Check, Cost, Draft, Evidence
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale

KIND = "listing-copy"
CHANNELS: tuple[Channel, ...] = ("taobao", "amazon", "google", "shopify", "plain")
LOCALES: tuple[Locale, ...] = ("zh-CN", "en")


def facts_of_product(product: Product) -> ProductFacts:
    """Everything that may be claimed about a product: its attributes, options, tags, weight, brand and price."""
    facts = [Fact(name, value) for name, values in product.attributes.items() for value in values]
    options: dict[str, dict[str, None]] = {}
    for variant in product.variants:
        for name, value in variant.options.items():
            options.setdefault(name, {})[value] = None
    facts += [Fact(name, value) for name, values in options.items() for value in values]
    weights = {variant.weight_grams for variant in product.variants if variant.weight_grams}
    if len(weights) == 1:
        facts.append(Fact("Weight", f"{weights.pop():g} g"))
    facts += [Fact("tag", tag) for tag in product.tags]
    price = f"{product.price.major:f}" if product.price else ""
    return ProductFacts(
        title=product.title,
        category=product.category,
        brand=product.brand,
        facts=tuple(facts),
        price=price,
        currency=product.price.currency if product.price else "",
    )


def copy_request(uow: UnitOfWork, product_id: str, *, channel: Channel, locale: Locale, voice: str) -> CopyRequest:
    """What to write for one product, with the saved voice of that name.

    Raises:
        NotFound: no such product.
    """
    product = ProductStore(uow).get(product_id)
    return CopyRequest(facts_of_product(product), locale, channel, VoiceStore(uow).get(voice))


def draft_of(product_id: str, request: CopyRequest, written: WrittenListing) -> Draft:
    """The proposal that a written listing becomes; evidence are the attributes that its claims rest on."""
    proved = written.proved
    used = dict.fromkeys(fact for claim in proved.claims for fact in claim.evidence)
    evidence = tuple(Evidence("attribute", fact.attribute, fact.value) for fact in used)
    usage = written.usage
    return Draft(
        kind=KIND,
        subject=f"product:{product_id}",
        title=f"{proved.copy.title} · {request.channel} · {request.locale}",
        payload={
            "product_id": product_id,
            "channel": request.channel,
            "locale": request.locale,
            "voice": request.voice.name,
            "copy": copy_json(proved.copy),
            "cut": list(proved.cut),
            "by_model": written.by_model,
            "note": written.note,
        },
        evidence=evidence,
        checks=desk_checks(proved),
        confidence=confidence(proved, by_model=written.by_model),
        cost=Cost(
            f"{usage.provider}:{usage.model}", usage.input_tokens, usage.output_tokens, usage.seconds, usage.cached,
            usage.micros,
        ),
        fingerprint=f"{KIND}|{product_id}|{request.channel}|{request.locale}",
    )  # fmt: skip


def confidence(proved: ProvedCopy, *, by_model: bool) -> float:
    """How sure the desk is that a person would approve: falls with what had to be cut, and for thin products."""
    if not proved.publishable:
        return 0.0
    supported = sum(claim.supported and claim.hard for claim in proved.claims)
    base = 0.95 if by_model else 0.9
    return round(max(0.3, base - 0.05 * len(proved.cut) - (0.2 if supported < 2 else 0.0)), 3)


def prove_payload(uow: UnitOfWork, payload: JsonObject) -> ProvedCopy:
    """Prove the copy of a payload against the product as it is now.

    Raises:
        BadInput: the payload is not of the kind's shape; names the field.
        NotFound: the product is gone.
    """
    return prove_text(
        uow,
        _text(payload, "product_id"),
        copy_of(payload),
        channel=channel_of(payload),
        locale=locale_of(payload),
        voice=str(payload.get("voice") or "default"),
    )


def prove_text(
    uow: UnitOfWork, product_id: str, copy: ListingCopy, *, channel: Channel, locale: Locale, voice: str = "default"
) -> ProvedCopy:
    """Prove somebody's copy against the product as it is now, in the saved voice of that name.

    Raises:
        NotFound: no such product.
    """
    request = copy_request(uow, product_id, channel=channel, locale=locale, voice=voice)
    return prove(copy, request.facts, locale=locale, channel=channel, voice=request.voice)


def desk_checks(proved: ProvedCopy) -> tuple[Check, ...]:
    """The checks of a proved copy in the desk's words."""
    return tuple(
        Check(check.name, check.passed, check.reason, check.blocking, check.reason_zh) for check in proved.checks
    )


def copy_json(copy: ListingCopy) -> JsonObject:
    """A copy as JSON."""
    return cast(JsonObject, {**asdict(copy), "bullets": list(copy.bullets), "keywords": list(copy.keywords)})


def copy_of(payload: JsonObject) -> ListingCopy:
    """The copy that a payload holds, edited by a person perhaps.

    Raises:
        BadInput: a field is missing or of another type.
    """
    copy = payload.get("copy")
    if not isinstance(copy, dict):
        raise BadInput(field="copy", expected="an object with title, bullets and description", found=repr(copy))
    return ListingCopy(
        title=_text(copy, "title"),
        bullets=_texts(copy, "bullets"),
        description=_text(copy, "description"),
        keywords=_texts(copy, "keywords"),
        seo_title=_text(copy, "seo_title"),
        seo_description=_text(copy, "seo_description"),
    )


def claim_json(claim: Claim) -> dict[str, Any]:
    """A claim as the batch contract shows it; `item` numbers the bullet or keyword."""
    return {
        "text": claim.text,
        "field": claim.field,
        "item": claim.item,
        "start": claim.start,
        "end": claim.end,
        "kind": str(claim.kind),
        "supported": claim.supported,
        "reason": claim.reason,
        "evidence": [{"attribute": fact.attribute, "value": fact.value} for fact in claim.evidence],
    }


def channel_of(payload: JsonObject) -> Channel:
    """The channel of a payload.

    Raises:
        BadInput: it is none of ours.
    """
    for channel in CHANNELS:
        if payload.get("channel") == channel:
            return channel
    raise BadInput(field="channel", expected=" | ".join(CHANNELS), found=repr(payload.get("channel")))


def locale_of(payload: JsonObject) -> Locale:
    """The language of a payload.

    Raises:
        BadInput: it is none of ours.
    """
    for locale in LOCALES:
        if payload.get("locale") == locale:
            return locale
    raise BadInput(field="locale", expected=" | ".join(LOCALES), found=repr(payload.get("locale")))


def live_copy(uow: UnitOfWork, product_id: str, *, channel: Channel, locale: Locale) -> ListingCopy | None:
    """The copy that shoppers see now, or None."""
    live = ListingStore(uow).live(product_id, channel, locale)
    return None if live is None else copy_of({"copy": live.copy})


def _text(source: JsonObject, name: str) -> str:
    value = source.get(name, "")
    if not isinstance(value, str):
        raise BadInput(field=name, expected="text", found=repr(value))
    return value


def _texts(source: JsonObject, name: str) -> tuple[str, ...]:
    value = source.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadInput(field=name, expected="a list of texts", found=repr(value))
    return tuple(str(item) for item in value)
