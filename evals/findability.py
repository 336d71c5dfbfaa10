"""How often a listing is found before and after its title is rebuilt for a channel, among all listings' titles.

Known-item queries on `flipkart_sample`: for each product drawn by seed its brand, the last word of its shelf and two of
its specification values, which a shopper knows of the thing that she looks for; the product should stand among the
first ten. Queries are made from the specifications alone and are not shown to the title writer. Every other listing
keeps its old title, so what is measured is the gain of one seller who rebuilds titles, not of all at once.

    python -m evals.findability
"""

import ast
import random

import numpy as np
import polars as pl

from evals.figures import SHARED_DATA, record
from zhanggui.catalog.models import Fact, ProductFacts
from zhanggui.catalog.rules.title_order import channel_title
from zhanggui.catalog.service.keywords import ListingIndex, SearchedFor, TitleReader, findability

FILE = SHARED_DATA / "flipkart_sample" / "products.csv"
COMMAND = "python -m evals.findability"
SEED, PRODUCTS = 0, 1000


def load() -> dict[str, ProductFacts]:
    """Products with a title, a brand and at least four specifications."""
    products: dict[str, ProductFacts] = {}
    for row in pl.read_csv(FILE, infer_schema=False).iter_rows(named=True):
        facts = [
            Fact(str(one.get("key") or "detail"), str(one.get("value") or ""))
            for one in _literal(row["product_specifications"])
        ]
        shelf = tuple(str(one) for one in _literal(row["product_category_tree"])[:-1])
        if row["product_name"] and row["brand"] and len(facts) >= 4 and shelf:
            products[row["uniq_id"]] = ProductFacts(row["product_name"], shelf, row["brand"], tuple(facts))
    return products


def _literal(text: str | None) -> list:
    try:
        found = ast.literal_eval(text or "[]")
    except (ValueError, SyntaxError):
        return []
    return found if isinstance(found, list) else []


def known_item_query(facts: ProductFacts, chance: random.Random) -> str:
    """Brand, shelf and two specification values of at most three words."""
    values = [fact.value for fact in facts.facts if 1 < len(fact.value) <= 24 and len(fact.value.split()) <= 3]
    picked = chance.sample(values, min(2, len(values)))
    return " ".join([facts.brand, facts.category[-1].split()[-1], *picked])


def main() -> None:
    """Measure and record."""
    if not FILE.exists():
        print(f"skipped: {FILE} is not here")
        return
    products = load()
    chance = random.Random(SEED)
    drawn = chance.sample(sorted(products), min(PRODUCTS, len(products)))
    index = ListingIndex({one: facts.title for one, facts in products.items()})
    parts = TitleReader().read([(products[one].title, "en") for one in drawn])
    rows: list[tuple[float, float, float, float]] = []
    for one, read in zip(drawn, parts, strict=True):
        facts = products[one]
        title = channel_title(facts, read, "en", "google")
        told = findability(index, one, facts.title, title, [SearchedFor(known_item_query(facts, chance))])
        rows.append((told.before, told.after, told.reciprocal_before, told.reciprocal_after))
    table = np.array(rows)
    picks = np.random.default_rng(SEED).integers(0, len(table), (1000, len(table)))
    for figure, values in (
        ("findability-before", table[:, 0]),
        ("findability-after", table[:, 1]),
        ("findability-mrr-before", table[:, 2]),
        ("findability-mrr-after", table[:, 3]),
        ("findability-gain", table[:, 1] - table[:, 0]),
    ):
        low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
        record(
            figure,
            float(values.mean()),
            interval=(float(low), float(high)),
            unit="share in the first ten" if "mrr" not in figure else "MRR",
            command=COMMAND,
            dataset="flipkart_sample",
            files=[FILE],
            seed=SEED,
            note=f"{len(table)} known-item queries among {len(products)} listings; the others keep their titles",
        )


if __name__ == "__main__":
    main()
