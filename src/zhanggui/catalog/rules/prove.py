"""Prove a copy against a product's facts: every claim tied to the attribute that supports it, every check run."""

from zhanggui.catalog.models import Channel, Claim, ClaimKind, CopyCheck, ListingCopy, ProductFacts, ProvedCopy, Voice
from zhanggui.catalog.rules.claims import find_findings
from zhanggui.catalog.rules.compliance import TextPart, check_copy, text_parts
from zhanggui.catalog.rules.facts import FactIndex, index_facts
from zhanggui.catalog.rules.findings import Finding, cover_of
from zhanggui.catalog.rules.kinds import kind_of_title
from zhanggui.catalog.rules.labels import bind_labels
from zhanggui.catalog.rules.support import judge
from zhanggui.kernel.types import Locale

_TITLES = frozenset({"title", "seo_title"})


def prove(copy: ListingCopy, facts: ProductFacts, *, locale: Locale, channel: Channel, voice: Voice) -> ProvedCopy:
    """The copy with all its claims, each supported by named facts or refused with a reason, and every check.

    Pure and deterministic. `ProvedCopy.publishable` says whether it may be published as it stands.
    """
    index = index_facts(facts)
    claims = tuple(claim for part in text_parts(copy) for claim in _prove_part(part, index, locale))
    checks = (_claims_check(claims), *check_copy(copy, locale=locale, channel=channel, voice=voice))
    return ProvedCopy(copy, claims, checks)


def _prove_part(part: TextPart, index: FactIndex, locale: Locale) -> list[Claim]:
    text = part.text
    claims: list[Claim] = []
    findings = bind_labels(text, _with_kind(part, find_findings(text, locale)), index)
    for finding in findings:
        verdict = judge(text, finding, index)
        kind = ClaimKind.SOFT if verdict.soft else finding.kind
        claims.append(
            Claim(
                text=text[finding.start : finding.end],
                field=part.field,
                start=finding.start,
                end=finding.end,
                kind=kind,
                supported=verdict.supported,
                evidence=verdict.evidence,
                item=part.item,
                reason=verdict.reason,
                reason_zh=verdict.reason_zh,
            )
        )
    return claims


def _with_kind(part: TextPart, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A title's noun says what the product is, unless another claim holds it already."""
    kind = kind_of_title(part.text) if part.field in _TITLES else None
    if kind is None or not cover_of(len(part.text), found).free(kind, over_soft=True):
        return found
    return tuple(sorted((*found, kind), key=lambda one: one.start))


def _claims_check(claims: tuple[Claim, ...]) -> CopyCheck:
    wrong = [claim for claim in claims if claim.hard and not claim.supported]
    if not wrong:
        count = sum(c.hard for c in claims)
        fine = f"{count} hard claims, each with its attribute"
        return CopyCheck("claims", True, fine, reason_zh=f"{count} 条事实说法，每条都有属性为证")
    told = "; ".join(f"“{claim.text}”: {claim.reason}" for claim in wrong[:5])
    told_zh = "；".join(f"“{claim.text}”：{claim.reason_zh or claim.reason}" for claim in wrong[:5])
    return CopyCheck("claims", False, told, reason_zh=told_zh)
