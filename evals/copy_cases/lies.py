"""Planted lies: one true value of a sentence changed, or a feature, certificate, origin or brand added. Own lists, own rules."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evals.copy_cases.writer import Line, Sentence

_EN: dict[str, tuple[str, ...]] = {
    "material": ("Silk", "Leather", "Velvet", "Bamboo", "Titanium", "Wool", "Linen", "Solid Oak", "Cashmere", "Stainless Steel", "Porcelain", "Nylon",
                 "Acrylic", "Marble", "Carbon Fiber", "Suede", "Aluminium", "Brass", "Rattan", "Corduroy", "Glass", "Latex", "Silicone", "Denim", "Satin"),
    "colour": ("Turquoise", "Crimson", "Olive Green", "Lavender", "Charcoal", "Orange", "Navy Blue", "Burgundy", "Mint", "Gold", "Purple", "Beige", "Teal",
               "Ivory", "Maroon", "Sky Blue", "Pink", "Khaki", "Yellow", "Magenta", "Brown", "Red", "White", "Black", "Green"),
    "brand": ("Nike", "Samsung", "Gucci", "Sony", "Zara", "Philips", "Titan", "Puma", "Bosch", "Lakme", "Roadster", "Prestige", "Tefal", "Levi's", "Xiaomi",
              "Kellwood Home", "Varnikaa", "Torquemaster"),
    "origin": ("Italy", "Germany", "Japan", "France", "Switzerland", "the USA", "Vietnam", "South Korea", "Turkey", "Portugal", "Sweden", "Bangladesh"),
    "certification": ("FDA", "ISO 14001", "CE", "GOTS", "OEKO-TEX Standard 100", "Energy Star", "USDA Organic", "RoHS", "UL", "GIA", "Fair Trade", "Halal", "FSC"),
    "feature": ("waterproof", "wireless charging", "fully machine washable", "a detachable hood", "a built-in GPS", "BPA-free", "hypoallergenic", "scratch resistant",
                "hand-stitched", "UV protection", "Bluetooth 5.0", "quick-dry", "wrinkle-free", "noise cancelling", "a hidden zip pocket", "flame retardant",
                "anti-slip soles", "dishwasher safe", "breathable mesh lining", "a touchscreen", "biodegradable", "solar charging", "memory foam padding",
                "a free carrying case", "a lifetime warranty", "free shipping", "vegan", "antibacterial", "night vision", "voice control", "LED backlight",
                "an adjustable strap", "four-way stretch", "gluten-free", "a 30-day money-back guarantee", "temperature control", "fast charging", "a removable filter"),
}  # fmt: skip
_EN_ADD: dict[str, tuple[str, ...]] = {
    "feature": ("It is also {v}.", "It features {v}.", "Comes with {v}.", "Enjoy {v} every day.", "Now with {v}.", "Its {v} design makes life easier."),
    "origin": ("Made in {v}.", "Proudly manufactured in {v}.", "Imported from {v}.", "Designed and produced in {v}."),
    "certification": ("{v} certified.", "It is {v} certified for your safety.", "Comes with {v} certification.", "Approved by {v}."),
    "brand": ("By {v}.", "A quality product from {v}.", "Another classic by {v}."),
    "colour": ("It comes in {v}.", "The elegant {v} colour stands out."),
    "material": ("Made of {v}.", "The {v} build feels great."),
}
_ZH: dict[str, tuple[str, ...]] = {
    "material": ("真丝", "羊毛", "纯棉", "亚麻", "真皮", "雪纺", "羊绒", "天丝", "涤纶", "不锈钢", "实木", "陶瓷", "麂皮", "灯芯绒", "丝绒", "竹纤维", "醋酸", "莫代尔"),
    "colour": ("酒红色", "墨绿色", "天蓝色", "橙色", "紫色", "卡其色", "粉色", "黑色", "白色", "银灰色", "香槟色", "柠檬黄", "驼色", "藏青色", "玫红色", "咖啡色", "雾霾蓝"),
    "brand": ("耐克", "优衣库", "海尔", "美的", "李宁", "华为", "香奈儿", "波司登", "小米", "ZARA", "Nike", "MUJI"),
    "origin": ("意大利", "德国", "日本", "法国", "韩国", "新西兰", "瑞士", "美国", "越南"),
    "certification": ("FDA认证", "ISO9001认证", "CE认证", "欧盟有机认证", "3C认证", "OEKO-TEX认证", "SGS检测", "GOTS认证", "国家专利"),
    "feature": ("防水", "抗菌", "加绒", "免烫", "可机洗", "防晒", "无线充电", "连帽", "防紫外线", "速干", "手工缝制", "抗皱", "防静电", "不含荧光剂", "可拆卸内胆",
                "恒温", "降噪", "食品级", "透气", "高弹力", "指纹解锁", "七天无理由退换", "全国包邮", "终身质保", "防风", "立体口袋", "吸湿排汗", "阻燃", "一键折叠", "亮片装饰"),
}  # fmt: skip
_ZH_ADD: dict[str, tuple[str, ...]] = {
    "feature": ("而且{v}，更加实用。", "支持{v}。", "具有{v}的特点。", "{v}设计，贴心实用。", "同时{v}。"),
    "origin": ("{v}原装进口。", "产自{v}。", "{v}制造。", "来自{v}的工艺。"),
    "certification": ("通过{v}。", "已获{v}，放心使用。", "符合{v}要求。"),
    "brand": ("{v}正品。", "来自{v}品牌。", "{v}旗舰出品。"),
    "colour": ("{v}的配色很出彩。", "采用{v}。"),
    "material": ("采用{v}面料。", "{v}材质，手感舒适。"),
}
_UNITS = ("cm", "mm", "inch", "m", "g", "kg", "ml", "L", "W", "V", "GB", "hours")
_ZH_UNITS = ("厘米", "毫米", "克", "千克", "毫升", "升", "瓦", "小时", "米")
_SAME = {"厘米": "cm", "毫米": "mm", "克": "g", "千克": "kg", "毫升": "ml", "升": "l", "瓦": "w", "小时": "hours", "米": "m", "inches": "inch"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)(\s*)(inches|inch|cm|mm|kg|ml|mAh|cts?|carat|[gGLlmWwV]|毫升|厘米|千克|毫米|克|升|瓦|小时|件|年|个月)(?![A-Za-z])")


@dataclass(frozen=True)
class Lie:
    """A false sentence; the lie stands at `start`..`end`."""

    text: str
    start: int
    end: int
    kind: str
    language: str
    source: str
    how: str


def _told(line: Line) -> str:
    parts = [str(line.get(k) or "") for k in ("title", "brand", "category", "price")]
    parts += [f"{k} {v}" for k, v in line["attributes"].items()]
    return " ".join(parts).lower()


def _unsaid(options: tuple[str, ...] | list[str], told: str, dice: random.Random) -> str:
    """A value none of whose longer words the product's facts hold."""
    for value in dice.sample(list(options), len(options)):
        words = [w for w in re.findall(r"[a-z]{3,}|[一-鿿]{2,}", value.lower()) if w not in {"the", "and", "认证", "检测"}]
        if words and not any(word in told or word.rstrip("s") in told for word in words) and not _near(value, told):
            return value
    return ""


def _near(value: str, told: str) -> bool:
    """Chinese: a colour or cloth whose first character stands in the facts might be a kind of what is there."""
    return bool(re.match(r"[一-鿿]", value)) and (value.rstrip("色")[-1:] in told or value[:2] in told)


def _swap(sentence: Sentence, value: str, how: str, kind: str = "") -> Lie:
    text = sentence.text[: sentence.start] + value + sentence.text[sentence.end :]
    return Lie(text, sentence.start, sentence.start + len(value), kind or sentence.kind, sentence.language, sentence.source, how)


def change(sentence: Sentence, line: Line, dice: random.Random, peers: dict[str, list[str]]) -> Iterator[Lie]:
    """The lies that one true sentence allows: another number, unit, listed value, or another product's value."""
    said, told = sentence.text[sentence.start : sentence.end], _told(line)
    yield from _numbers(sentence, said, told, dice)
    lists = _EN if sentence.language == "en" else _ZH
    if sentence.kind in lists and sentence.kind != "feature":
        value = _unsaid(lists[sentence.kind], told, dice)
        if value:
            yield _swap(sentence, value if sentence.language == "zh-CN" or dice.random() < 0.6 else value.lower(), "listed value")
    others = peers.get(sentence.attribute.lower(), [])
    if sentence.kind in {"material", "colour", "brand", "origin", "certification", "model"} and others:
        value = _unsaid(dice.sample(others, min(12, len(others))), told, dice)
        if value:
            yield _swap(sentence, value, "another product's value")


def _numbers(sentence: Sentence, said: str, told: str, dice: random.Random) -> Iterator[Lie]:
    match = _NUMBER.search(said)
    if match and sentence.kind not in {"title", "brand"}:
        old = match.group()
        for _ in range(8):
            factor = dice.choice((0.5, 2, 3, 1.1, 0.8, 10))
            new = f"{float(old) * factor:.{len(old.partition('.')[2])}f}" if dice.random() < 0.6 else str(int(float(old)) + dice.randint(1, 9))
            if float(new) != float(old) and not re.search(rf"(?<![\d.]){re.escape(new)}(?![\d.])", told) and float(new) > 0:
                kind = "count" if sentence.kind == "count" else "number"
                yield _swap(sentence, said[: match.start()] + new + said[match.end() :], "number", kind)
                break
    unit = _WITH_UNIT.search(said)
    if unit and unit.group(3) not in {"件", "年", "个月"}:
        options = _UNITS if sentence.language == "en" else _ZH_UNITS
        same = _SAME.get(unit.group(3).lower(), unit.group(3).lower())
        new = dice.choice([u for u in options if _SAME.get(u.lower(), u.lower()) != same])
        if not re.search(rf"{re.escape(unit.group(1))}\s*{re.escape(new.lower())}\b", told):
            yield _swap(sentence, said[: unit.start(3)] + new + said[unit.end(3) :], "unit", "unit")


def add(line: Line, language: str, source: str, dice: random.Random) -> Iterator[Lie]:
    """A sentence that adds what no fact says, of each kind."""
    lists, frames = (_EN, _EN_ADD) if language == "en" else (_ZH, _ZH_ADD)
    told = _told(line)
    for kind in dice.sample(list(frames), 3):
        value = _unsaid(lists[kind], told, dice)
        if value:
            frame = dice.choice(frames[kind])
            start = frame.index("{v}")
            yield Lie(frame.replace("{v}", value), start, start + len(value), f"added {kind}" if kind != "feature" else "added feature", language, source, "added")


def with_source(lie: Lie, source: str) -> Lie:
    """The same lie, counted under another source."""
    return replace(lie, source=source)
