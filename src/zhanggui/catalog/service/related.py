"""Related products: bought together where there are orders, alike where there are none; always with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval.collaborative import Basket, ContentVectors, ItemModel, ItemSettings
from zhanggui.kernel.types import Locale

_COLUMNS = ("user", "item", "timestamp")
_DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%m/%d/%y %H:%M")


@dataclass(frozen=True, slots=True)
class RelatedReason:
    """Why an item is shown.

    Attributes:
        kind: `bought-together`, `alike` (words of the two products) or `often-bought` (nothing else is known).
        because: the item asked about that speaks for it; empty for `often-bought`.
        together: baskets that hold both.
        baskets: baskets that hold `because`, or any basket for `often-bought`.
        words: what the two products share, for `alike`.
    """

    kind: Literal["bought-together", "alike", "often-bought"]
    because: str = ""
    together: int = 0
    baskets: int = 0
    words: tuple[str, ...] = ()

    def text(self, locale: Locale = "en") -> str:
        """The reason as a sentence."""
        zh = locale == "zh-CN"
        if self.kind == "bought-together":
            return (
                f"买过 {self.because} 的 {self.baskets} 单里有 {self.together} 单同时买了它"
                if zh
                else f"bought together in {self.together} of {self.baskets} baskets with {self.because}"
            )
        if self.kind == "alike":
            shared = ("、" if zh else ", ").join(self.words)
            return f"与 {self.because} 相似：{shared}" if zh else f"like {self.because}: {shared}"
        return (
            f"{self.baskets} 单里有 {self.together} 单买了它" if zh else f"in {self.together} of {self.baskets} baskets"
        )


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """One answer: the item, a score that compares within one answer only, and the reason."""

    item: str
    score: float
    reason: RelatedReason


class RelatedModel:
    """Related items for one item or a whole basket. Fitted once, then only read.

    The dense part holds the `ItemSettings.dense_items` most bought items; further items take part by plain counts.
    """

    def __init__(self, bought: ItemModel | None, content: ContentVectors | None, baskets: int) -> None:
        self._bought, self._content, self._baskets = bought, content, baskets

    @classmethod
    def fit(
        cls,
        baskets: Iterable[Basket],
        *,
        products: Mapping[str, str] | None = None,
        settings: ItemSettings | None = None,
    ) -> "RelatedModel":
        """Learn from baskets, from `products` (item -> its words, see `words_of_product`), or from both.

        Raises:
            BadInput: there are neither baskets nor products.
        """
        filled = [basket for basket in baskets if basket.items]
        products = {item: words for item, words in (products or {}).items() if words.strip()}
        if not filled and not products:
            raise BadInput(field="baskets", expected="baskets or products to learn from", found="neither")
        bought = ItemModel.fit(filled, texts=products or None, settings=settings) if filled else None
        return cls(bought, ContentVectors.fit(products) if products else None, len(filled))

    def related(self, items: Sequence[str], k: int = 10) -> list[RelatedItem]:
        """The k best other items: by purchases first, then by likeness, then the most bought."""
        asked = list(dict.fromkeys(items))
        found: dict[str, RelatedItem] = {}
        for source in (self._by_purchase, self._by_words, self._by_count):
            for one in source(asked, k + len(asked) + len(found)):
                if len(found) < k and one.item not in asked:
                    found.setdefault(one.item, one)
        return list(found.values())

    def _by_purchase(self, asked: list[str], k: int) -> list[RelatedItem]:
        model = self._bought
        if model is None or not len(model.known(asked)):
            return []
        scores = model.scores(asked)
        scores[model.known(asked)] = -np.inf
        picked = [at for at in _best(scores, k) if scores[at] > 0]
        names = [model.items[at] for at in picked]
        told = model.because(asked, names) if names else []
        return [
            RelatedItem(name, float(scores[at]), self._why(model, asked, name, because))
            for at, name, because in zip(picked, names, told, strict=True)
        ]

    def _why(self, model: ItemModel, asked: list[str], item: str, because: tuple[str, int, int]) -> RelatedReason:
        if because[1]:
            return RelatedReason("bought-together", *because)
        return self._alike(asked, item) or self._often(model, item)

    def _by_words(self, asked: list[str], k: int) -> list[RelatedItem]:
        content = self._content
        if content is None:
            return []
        scores = content.like(asked)
        answers: list[RelatedItem] = []
        for at in _best(scores, k):
            reason = self._alike(asked, content.ids[at]) if scores[at] > 0 else None
            if reason is not None:
                answers.append(RelatedItem(content.ids[at], float(scores[at]), reason))
        return answers

    def _alike(self, asked: list[str], item: str) -> RelatedReason | None:
        content = self._content
        if content is None or item not in content.index:
            return None
        shared = [(one, content.shared(one, item)) for one in asked if one in content.index and one != item]
        best = max(shared, key=lambda pair: len(pair[1]), default=("", ()))
        return RelatedReason("alike", best[0], words=best[1]) if best[1] else None

    def _by_count(self, asked: list[str], k: int) -> list[RelatedItem]:
        model = self._bought
        if model is None:
            return []
        picked = _best(model.bought.astype(np.float64), k)
        return [RelatedItem(model.items[at], 0.0, self._often(model, model.items[at])) for at in picked]

    def _often(self, model: ItemModel, item: str) -> RelatedReason:
        count = int(model.bought[model.index[item]])
        return RelatedReason("often-bought", together=count, baskets=self._baskets)


def words_of_product(product: Product) -> str:
    """Everything that makes two products alike: title, category, brand, attribute values, tags."""
    values = (value for values in product.attributes.values() for value in values)
    return " ".join([product.title, product.title, *product.category, product.brand, *values, *product.tags])


def read_baskets(file: Path) -> tuple[tuple[Basket, ...], tuple[BadInput, ...]]:
    """Baskets from a CSV `user,item,timestamp[,quantity][,basket]` in the order of time, and the rows left out.

    Without `basket`, a basket is one user at one timestamp. Rows with a quantity of zero or less (returns) are no
    purchase and are left out in silence; one without an item, a readable time or a number for a quantity is a problem.

    Raises:
        BadInput: the file is no such CSV.
    """
    try:
        table = pl.read_csv(file, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise BadInput(field=file.name, expected="a CSV in UTF-8", found=str(broken)) from broken
    table = table.rename({name: name.strip().lower().lstrip("\ufeff") for name in table.columns})
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise BadInput(field=file.name, expected=f"columns {', '.join(_COLUMNS)}", found=", ".join(table.columns))
    table = table.with_row_index("row", offset=2).with_columns(_moment(), _quantity(table.columns))
    problems = tuple(_problems(table))
    good = table.filter(pl.col("item").str.strip_chars() != "", pl.col("at").is_not_null(), pl.col("count") > 0)
    by = ["user", "basket"] if "basket" in table.columns else ["user", "at"]
    grouped = (
        good.with_columns(pl.col("user").fill_null(""), pl.col("item").str.strip_chars())
        .group_by(by, maintain_order=True)
        .agg(pl.col("at").min().alias("first"), pl.col("item").unique(maintain_order=True).alias("items"))
        .sort("first", maintain_order=True)
    )
    return tuple(Basket(tuple(row["items"]), row["user"]) for row in grouped.iter_rows(named=True)), problems


def _moment() -> pl.Expr:
    """The time in UTC: a date in a usual format, or seconds since 1970."""
    text = pl.col("timestamp").str.strip_chars().str.replace("T", " ").str.replace(r"(\.\d+)?(Z|[+-]00:?00)?$", "")
    dates = [text.str.to_datetime(form, strict=False) for form in _DATE_FORMATS]
    seconds = pl.from_epoch(pl.col("timestamp").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False), "s")
    return pl.coalesce(*dates, seconds.cast(pl.Datetime("us"))).alias("at")


def _quantity(columns: Sequence[str]) -> pl.Expr:
    if "quantity" not in columns:
        return pl.lit(1.0).alias("count")
    return pl.col("quantity").cast(pl.Float64, strict=False).fill_nan(None).alias("count")


def _problems(table: pl.DataFrame) -> Iterable[BadInput]:
    bad = table.filter(
        pl.col("item").fill_null("").str.strip_chars().eq("") | pl.col("at").is_null() | pl.col("count").is_null()
    )
    for row in bad.iter_rows(named=True):
        if not (row["item"] or "").strip():
            yield BadInput(row=row["row"], field="item", expected="an item", found="nothing")
        elif row["at"] is None:
            yield BadInput(row=row["row"], field="timestamp", expected="a date or a time", found=str(row["timestamp"]))
        else:
            yield BadInput(row=row["row"], field="quantity", expected="a number", found=str(row["quantity"]))


def _best(scores: "np.ndarray[tuple[int], np.dtype[np.float64]]", k: int) -> list[int]:
    """Places of the k highest scores, best first; ties in order of place."""
    k = min(k, len(scores))
    near = np.argpartition(-scores, k - 1)[:k] if k else np.zeros(0, np.int64)
    cut = scores[near].min() if k else 0.0
    near = np.flatnonzero(scores >= cut)
    order: list[int] = near[np.argsort(-scores[near], kind="stable")][:k].tolist()
    return order


__all__ = ["Basket", "RelatedItem", "RelatedModel", "RelatedReason", "read_baskets", "words_of_product"]
