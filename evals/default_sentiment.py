"""Train the shipped judge of sentiment, on made-up and openly licensed reviews only, into the package.

    python -m evals.default_sentiment

Sources: reviews composed from the word lists in `kernel/textmodels/data` (ours), the reviews of the demo shop (ours,
synthetic), and the reviews of DummyJSON (MIT). Nothing of the
sets that it is measured on (`python -m evals.sentiment`).
"""

import json

from evals.figures import SHARED_DATA
from zhanggui.demo import make_shop
from zhanggui.kernel.textmodels import train_default
from zhanggui.kernel.textmodels.sentiment import DEFAULT_FILE

DUMMYJSON = SHARED_DATA / "dummyjson" / "products.json"
COMPOSED = 16_000
LIMITS = (
    "Trained on made-up text: knows the words of its lists, not your goods. On real reviews it is right less often "
    "than a model trained on your own (`zhanggui train sentiment`): see evals.sentiment. Figures here are "
    "on made-up text. Irony, comparisons and mixed reviews are often misread. Reads the first 20,000 characters."
)


def main() -> None:
    """Train, describe and write the model."""
    shop = [(review.text, review.sentiment) for review in make_shop().reviews]
    products = json.loads(DUMMYJSON.read_text(encoding="utf-8"))
    found = [
        (review["comment"], "positive" if review["rating"] >= 4 else "negative")
        for product in products
        for review in product["reviews"]
    ]
    rows = shop + found
    model = train_default([text for text, _ in rows], [label for _, label in rows], composed=COMPOSED)
    sources = [
        {"name": "composed from own word lists", "licence": "Apache-2.0", "rows": 2 * COMPOSED},
        {"name": "demo shop reviews (synthetic)", "licence": "Apache-2.0", "rows": len(shop)},
        {"name": "DummyJSON reviews", "licence": "MIT", "rows": len(found)},
    ]
    model.described(data={**model.card.data, "sources": sources}, limits=LIMITS).save(DEFAULT_FILE)
    print(f"{DEFAULT_FILE.name}: {DEFAULT_FILE.stat().st_size / 1e6:.2f} MB, {model.card.figures}")


if __name__ == "__main__":
    main()
