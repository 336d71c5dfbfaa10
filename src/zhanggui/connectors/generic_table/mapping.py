"""Which column fills which field: saved by the merchant, guessed from names. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject

TEXT_FIELDS = ("id", "title", "description", "category", "brand", "images", "tags", "status", "currency")
UNIT_FIELDS = ("sku", "stock", "barcode", "weight")
FIELDS = (*TEXT_FIELDS, "price", *UNIT_FIELDS, "ignore")

_SYNONYMS = {
    "id": "id product_id productid handle item_id itemid uniq_id pid 商品id 商品编号 宝贝id 编号 商品编码",
    "sku": "sku sku_id skuid variant_sku seller_sku 货号 商家编码 sku编码 规格编码",
    "title": "title name product_name productname product_title item_name 标题 商品名称 宝贝标题 商品标题 名称 品名",
    "description": "description desc body product_description long_description 描述 商品描述 宝贝描述 详情 商品详情",
    "category": "category categories product_type category_path 类目 分类 商品分类 类别",
    "brand": "brand vendor manufacturer productbrand product_brand 品牌 厂商",
    "price": "price sale_price selling_price unit_price 价格 售价 单价 一口价 销售价",
    "currency": "currency currency_code 币种 货币",
    "stock": "stock quantity qty inventory inventory_quantity stock_quantity 库存 数量 库存数量",
    "images": "image images image_url image_urls img picture pictures image_link thumbnail 图片 主图 商品图片 图片链接",
    "tags": "tags tag labels 标签",
    "status": "status state published 状态 上架状态",
    "barcode": "barcode gtin ean upc 条码 条形码",
    "weight": "weight weight_g weight_grams grams 重量 克重",
}
_ATTRIBUTE_WORDS = """
    material colour color size pattern style fabric gender capacity dimensions origin model season fit length width
    height flavour flavor scent finish care primarycolor
    材质 颜色 尺码 尺寸 风格 图案 款式 版型 面料 适用性别 适用人群 容量 规格 产地 型号 季节 功能 口味 香型
"""
_ATTRIBUTES = frozenset(_ATTRIBUTE_WORDS.split())
_BY_NAME = {name: target for target, names in _SYNONYMS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Column name -> field: one of `FIELDS`, `attributes.<name>` or `extra.<name>`; columns not named go to `extra`.

    Attributes:
        currency: of prices in rows without a currency of their own.
        separator: between the values of a list cell that is not a JSON array.
    """

    columns: Mapping[str, str]
    currency: str
    separator: str = field(default=";")

    def field_of(self, column: str) -> str:
        """The field that a column fills."""
        given = self.columns.get(column)
        return given or (column if column.startswith("attributes.") else f"extra.{column}")

    def check(self, columns: Iterable[str]) -> None:
        """Raise where the mapping cannot work for a file with these columns.

        Raises:
            BadInput: no id or SKU, a field twice, an unknown field.
        """
        names = list(columns)
        targets = [self.field_of(name) for name in names]
        for name, target in zip(names, targets, strict=True):
            if target not in FIELDS and not target.startswith(("attributes.", "extra.")):
                raise BadInput(row=1, field=name, expected=f"one of {', '.join(FIELDS)}", found=target)
            if target != "ignore" and targets.count(target) > 1:
                raise BadInput(row=1, field=name, expected=f"one column for {target}", found="several")
        if not {"id", "sku"} & set(targets):
            raise BadInput(row=1, field="id", expected="a column for the id or the SKU", found=", ".join(names))

    def as_json(self) -> JsonObject:
        """For saving; `from_json` reads it back."""
        return {"columns": dict(self.columns), "currency": self.currency, "separator": self.separator}

    @classmethod
    def from_json(cls, saved: JsonObject) -> "ColumnMapping":
        """A saved mapping.

        Raises:
            BadInput: it is not one.
        """
        columns, currency, separator = saved.get("columns"), saved.get("currency"), saved.get("separator", ";")
        if isinstance(columns, dict) and isinstance(currency, str) and isinstance(separator, str):
            return cls({name: str(target) for name, target in columns.items()}, currency, separator)
        raise BadInput(field="mapping", expected="columns, currency and separator", found=str(saved))


def guess_mapping(columns: Iterable[str], currency: str, *, separator: str = ";") -> ColumnMapping:
    """A mapping from the columns' names; each field is given to the first column that fits."""
    found: dict[str, str] = {}
    for column in columns:
        plain, money = _plain(column)
        target = _BY_NAME.get(plain)
        if target and target not in found.values():
            found[column] = target
            currency = money or currency
        elif plain in _ATTRIBUTES:
            found[column] = f"attributes.{column.strip()}"
    return ColumnMapping(found, currency, separator)


def _plain(column: str) -> tuple[str, str]:
    """The name without case, blanks and a unit in brackets; and that unit where it is a currency: `Price (INR)`."""
    head, _, tail = column.strip().replace("（", "(").partition("(")
    unit = tail.rstrip(")） ").strip()
    money = unit if re.fullmatch(r"[A-Z]{3}", unit) else ""
    return re.sub(r"[\s\-]+", "_", head.strip().lower()), money
