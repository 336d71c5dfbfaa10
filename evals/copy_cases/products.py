"""Products of the data sets as input lines of `batch check-copy`, and a few synthetic Chinese ones with figures."""

import ast
import csv
import json
import random
from collections.abc import Iterator
from typing import Any

from evals.figures import SHARED_DATA

Line = dict[str, Any]
FILES = {
    "flipkart_sample": SHARED_DATA / "flipkart_sample" / "products.csv",
    "dummyjson": SHARED_DATA / "dummyjson" / "products.json",
    "advertisegen_dev": SHARED_DATA / "advertisegen_dev" / "dev.json",
}


def flipkart() -> Iterator[Line]:
    """Key/value specifications; values without a key are left out."""
    with FILES["flipkart_sample"].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                pairs = ast.literal_eval(row["product_specifications"])
            except (ValueError, SyntaxError):
                continue
            attributes: dict[str, list[str]] = {}
            for pair in pairs:
                if isinstance(pair, dict) and pair.get("key") and pair.get("value"):
                    attributes.setdefault(str(pair["key"]), []).append(str(pair["value"]))
            yield {
                "id": row["uniq_id"],
                "title": row["product_name"],
                "brand": row["brand"],
                "price": row["retail_price"] or None,
                "currency": "INR",
                "attributes": attributes,
            }


def dummyjson() -> Iterator[Line]:
    """The made-up shop's products: dimensions in centimetres, weight in grams, promises as text."""
    products = json.loads(FILES["dummyjson"].read_text(encoding="utf-8"))
    for row in products if isinstance(products, list) else products["products"]:
        size = row["dimensions"]
        yield {
            "id": str(row["id"]),
            "title": row["title"],
            "brand": row.get("brand") or "",
            "category": row["category"],
            "price": row["price"],
            "currency": "USD",
            "attributes": {
                "Width": f"{size['width']} cm",
                "Height": f"{size['height']} cm",
                "Depth": f"{size['depth']} cm",
                "Weight": f"{row['weight']} g",
                "Warranty": row["warrantyInformation"],
                "Shipping": row["shippingInformation"],
                "Return Policy": row["returnPolicy"],
                "Tags": list(row["tags"]),
                "Minimum Order Quantity": str(row["minimumOrderQuantity"]),
                "SKU": row["sku"],
            },
        }


def advertisegen() -> Iterator[Line]:
    """`类型#上衣*材质#牛仔布` attributes with the human text kept under `text`."""
    for number, line in enumerate(FILES["advertisegen_dev"].read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        attributes: dict[str, list[str]] = {}
        for pair in row["content"].split("*"):
            name, _, value = pair.partition("#")
            attributes.setdefault(name, []).append(value)
        yield {"id": f"ad{number}", "title": "", "attributes": attributes, "text": row["summary"]}


_ZH_TYPES = {
    "保温杯": ("容量", ["350毫升", "500毫升", "750ml", "1.2升"], ["304不锈钢", "316不锈钢"]),
    "双肩包": ("尺寸", ["45×30×15厘米", "42×28×14cm"], ["尼龙", "帆布", "涤纶"]),
    "充电宝": ("电池容量", ["10000mAh", "20000mAh"], ["铝合金", "ABS塑料"]),
    "床单": ("尺寸", ["200×230厘米", "180×200厘米"], ["纯棉", "亚麻", "天丝"]),
    "台灯": ("功率", ["9W", "12瓦", "24W"], ["铝合金", "实木"]),
    "砧板": ("尺寸", ["38×26厘米", "40×28厘米"], ["竹制", "橡胶木"]),
    "毛巾": ("重量", ["110克", "95克", "0.12千克"], ["纯棉", "竹纤维"]),
    "蓝牙音箱": ("续航", ["8小时", "12小时", "24小时"], ["ABS塑料", "铝合金"]),
}
_ZH_BRANDS = ["朗晨", "木禾集", "晴野", "青屿", "拾光里", "南北织造", "云杉工坊", "TORVIK", "Lumo"]
_ZH_COLOURS = ["黑色", "白色", "深蓝色", "军绿色", "米白色", "粉色", "灰色", "酒红色"]
_ZH_ORIGINS = ["中国", "日本", "德国", "浙江杭州", "广东深圳", "意大利"]


def synthetic_chinese(seed: int, count: int = 160) -> Iterator[Line]:
    """Chinese products with figures, brand, origin and certificates: made up, as the public set has none of these."""
    dice = random.Random(f"zh-{seed}")
    for number in range(count):
        kind = dice.choice(list(_ZH_TYPES))
        size_name, sizes, materials = _ZH_TYPES[kind]
        attributes: dict[str, Any] = {
            "材质": dice.choice(materials),
            "颜色": dice.choice(_ZH_COLOURS),
            size_name: dice.choice(sizes),
            "产地": dice.choice(_ZH_ORIGINS),
            "型号": f"{dice.choice('ABKTX')}{dice.choice('CDLMR')}-{dice.randint(100, 999)}",
            "数量": f"{dice.randint(2, 6)}件",
            "质保": dice.choice(["1年", "2年", "36个月"]),
            "净重": f"{dice.randint(2, 19) * 50}克" if size_name != "重量" else "见重量",
        }
        if dice.random() < 0.5:
            attributes["认证"] = dice.choice(["3C认证", "ISO9001认证", "SGS检测", "CE认证"])
        if dice.random() < 0.6:
            attributes["特点"] = dice.sample(["可折叠", "防滑", "便携", "可机洗", "环保", "加厚"], 2)
        brand = dice.choice(_ZH_BRANDS)
        yield {
            "id": f"zh{number}",
            "title": f"{brand}{kind}",
            "brand": brand,
            "category": kind,
            "attributes": attributes,
        }


def split(lines: list[Line], seed: int) -> tuple[list[Line], list[Line]]:
    """Halves by seed: the first to tune on, the second to report."""
    order = sorted(range(len(lines)), key=lambda at: random.Random(f"{seed}-{lines[at]['id']}").random())
    half = len(lines) // 2
    return [lines[at] for at in order[:half]], [lines[at] for at in order[half:]]
