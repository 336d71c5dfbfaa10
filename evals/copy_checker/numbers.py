"""Numbers of a text with what they measure, in base units; English and Chinese, digits and words. Own tables only."""

import re
from dataclasses import dataclass

# unit -> (what is measured, how many base units)
_UNITS: dict[str, tuple[str, float]] = {}
for _names, _kind, _scale in (
    ("mm millimeter millimeters millimetre millimetres 毫米", "length", 0.001),
    ("cm cms centimeter centimeters centimetre centimetres 厘米 公分", "length", 0.01),
    ("m meter meters metre metres mtr 米", "length", 1.0),
    ("km kilometer kilometers kilometre 公里 千米", "length", 1000.0),
    ('in inch inches 英寸 吋 寸 " ”', "length", 0.0254),
    ("ft feet foot 英尺", "length", 0.3048),
    ("yd yard yards 码", "length", 0.9144),
    ("mg milligram milligrams 毫克", "mass", 0.000001),
    ("g gm gms gram grams 克", "mass", 0.001),
    ("kg kgs kilogram kilograms kilo 千克 公斤", "mass", 1.0),
    ("斤", "mass", 0.5),
    ("lb lbs pound pounds 磅", "mass", 0.45359237),
    ("oz ounce ounces 盎司", "mass", 0.028349523),
    ("ml mls milliliter milliliters millilitre 毫升", "volume", 0.001),
    ("l ltr liter liters litre litres 升", "volume", 1.0),
    ("gal gallon gallons 加仑", "volume", 3.785411784),
    ("w watt watts 瓦", "power", 1.0),
    ("kw kilowatt kilowatts 千瓦", "power", 1000.0),
    ("v volt volts 伏", "voltage", 1.0),
    ("mah 毫安 毫安时", "charge", 1.0),
    ("hz 赫兹", "frequency", 1.0),
    ("mhz", "frequency", 1e6),
    ("ghz", "frequency", 1e9),
    ("mb", "memory", 1.0),
    ("gb", "memory", 1024.0),
    ("tb", "memory", 1048576.0),
    ("mp megapixel megapixels 万像素", "pixels", 1.0),
    ("% percent 百分", "share", 1.0),
    ("second seconds sec secs 秒", "time", 1.0),
    ("minute minutes min mins 分钟", "time", 60.0),
    ("hour hours hr hrs 小时", "time", 3600.0),
    ("day days 天 日", "time", 86400.0),
    ("week weeks 周 星期", "time", 604800.0),
    ("month months 个月 月", "time", 2592000.0),
    ("year years yr yrs 年", "time", 31536000.0),
):
    for _name in _names.split():
        _UNITS[_name] = (_kind, _scale)
_SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = dict(zip(_SMALL, range(2, 13), strict=True))
_WORDS |= {"dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_UNIT = "|".join(
    "in(?! (?!wide|tall|high|long|deep)[a-z])" if unit == "in" else re.escape(unit)
    for unit in sorted(_UNITS, key=len, reverse=True)
)  # 5 in black is no inch
_DIGITS = re.compile(rf"(?<![A-Za-z0-9_.])(\d+(?:,\d{{3}})*(?:\.\d+)?)(?:[\s-]?({_UNIT})(?![a-z]))?", re.IGNORECASE)
_SPELT = re.compile(rf"\b({'|'.join(_WORDS)})\b(?:[\s-]({_UNIT})(?![a-z]))?", re.IGNORECASE)
_HAN_COUNT = re.compile(r"([两二三四五六七八九十])(?=[件个条只片层色种款粒颗把根袋瓶盒双套枚支张](?!裤|裙|领|扣))")
_TOPICS = {
    "width": r"\bwid(?:e|th)\b|宽",
    "height": r"\bheight\b|\btall\b|\bhigh\b|高(?!领|腰)",
    "depth": r"\bdepth\b|\bdeep\b|深(?!色|蓝|灰)",
    "length": r"\blength\b|\blong\b|长(?!袖|裤|裙|款)",
    "weight": r"\bweigh(?:s|t|ing)?\b|重量|净重",
    "warranty": r"\bwarrant|保修|质保",
    "return": r"\breturn|退",
    "shipping": r"\bship|\bdeliver|\bdispatch|发货",
    "heel": r"\bheel|跟高",
    "diameter": r"\bdiameter\b|直径",
}
TOPICS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _TOPICS.items()}
_BREAK = re.compile(r"[.;。；,，、\n](?!\d)|\band\b|\bby\b")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at `start`..`end`; `kind` is "" without a unit, else the value is in base units; `topic`: which size."""

    start: int
    end: int
    value: float
    kind: str
    topic: str = ""


def amounts(text: str) -> list[Amount]:
    """Every number of a text: 24.76 cm, two pockets, 三件."""
    found = [_amount(text, m.start(), m.end(), float(m[1].replace(",", "")), m[2]) for m in _DIGITS.finditer(text)]
    found += [_amount(text, m.start(), m.end(), float(_WORDS[m[1].lower()]), m[2]) for m in _SPELT.finditer(text)]
    found += [_amount(text, m.start(), m.end(), float(_HAN[m[1]]), None) for m in _HAN_COUNT.finditer(text)]
    return sorted(found, key=lambda one: one.start)


def _amount(text: str, start: int, end: int, value: float, unit: str | None) -> Amount:
    kind, scale = _UNITS[unit.lower()] if unit else ("", 1.0)
    topic = _topic(text, start, end)
    # A warranty has no centimetres: `6.31 cm with 2 Year Warranty` names the years.
    lasts = topic not in ("warranty", "return", "shipping") or kind in ("", "time")
    return Amount(start, end, value * scale, kind, topic if lasts else "")


def _topic(text: str, start: int, end: int) -> str:
    """The dimension or promise that the number's own clause names: right after it, else nearest before it."""
    left = [m.end() for m in _BREAK.finditer(text, max(0, start - 40), start)]
    right = _BREAK.search(text, end, end + 30)
    clause_before = text[left[-1] if left else max(0, start - 40) : start]
    clause_after = text[end : right.start() if right else end + 30]
    after = [(m.start(), name) for name, pattern in TOPICS.items() if (m := pattern.search(clause_after))]
    before = [(-m.end(), name) for name, pattern in TOPICS.items() for m in pattern.finditer(clause_before)]
    if after and min(after)[0] <= 2:
        return min(after)[1]
    if before:
        return min(before)[1]
    return min(after)[1] if after else ""


def unit_in_name(name: str) -> str:
    """The unit that an attribute's name shows: `Weight (g)`."""
    match = re.search(rf"[(（]\s*({_UNIT})\s*[)）]", name, re.IGNORECASE)
    return match[1].lower() if match else ""
