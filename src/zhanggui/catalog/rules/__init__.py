"""The rules of the catalogue: what a copy claims, what proves it, what law, channel and voice allow. Pure functions."""

from zhanggui.catalog.rules.adlaw import AbsoluteTerm, absolute_terms
from zhanggui.catalog.rules.claims import find_claims
from zhanggui.catalog.rules.compliance import check_copy, display_units
from zhanggui.catalog.rules.cutting import cut_unsupported
from zhanggui.catalog.rules.facts import looks_like_an_order
from zhanggui.catalog.rules.fitting import fit_channel
from zhanggui.catalog.rules.prove import prove
from zhanggui.catalog.rules.reading import facts_of

__all__ = [
    "AbsoluteTerm",
    "absolute_terms",
    "check_copy",
    "cut_unsupported",
    "display_units",
    "facts_of",
    "find_claims",
    "fit_channel",
    "looks_like_an_order",
    "prove",
]
