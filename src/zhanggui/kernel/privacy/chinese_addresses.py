"""Chinese postal addresses: anchored on the house number, grown both ways, believed only with a street. Pure."""

import re
from collections.abc import Iterator

_LONGEST = 60  # characters after the first house number; also bounds the time on hostile texts
_TRIGGER = re.compile(r"[号栋幢弄室楼单]|地址|寄[到往给]|[送发]到|住在|住址")
_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百]{1,5}(?:[-－之#][0-9A-Za-z]{1,5}){0,3}"
_HOUSE = re.compile(rf"(?:{_NUMBER}\s?(?:号楼?|弄|栋|幢|单元|室|座)|#[0-9]{{1,5}})")
_ROOM = re.compile(
    rf"\s?(?:[一-龥]{{0,10}}?{_NUMBER}(?:号楼?|弄|栋|幢|单元|室|楼|层|座|户|门(?!口))|\s?[0-9]{{3,4}}(?![0-9年月日元块件个])室?"
    r"|[一-龥]{2,8}(?:大厦|广场|公寓|小区|花园|家园|新村|宿舍|中心|城|苑|府|写字楼|大楼|科技园|工业园|大学|学校|医院))"
)
_LEFT = re.compile(r"[一-龥A-Za-z0-9·\-\s]*$")
_CUT = re.compile(
    r"(?:地址|住址|寄到|寄往|寄给|送到|送至|发到|发往|发货到|寄至|住在|住|位于|搬到|改成|改为|换成|家在|在|到|至|是|为|给|[：:\s])"
)
_CUED = re.compile(
    r"(?:收货地址|收件地址|详细地址|家庭住址|新地址|地址|住址|寄[到往至]|[送发][到至往]|住在|搬到)"
    r"(?:改成|改为|换成|[：:是为在 ]){0,3}(?P<address>[^，。！？；\n,;!?：:]{5,50})"
)
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    "|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|郑州|青岛|大连|宁波|厦门|福州|合肥|济南|沈阳|哈尔滨|长春|石家庄|太原|南昌|南宁"
    "|昆明|贵阳|兰州|海口|无锡|常州|东莞|佛山|温州|泉州|珠海|中山|惠州|嘉兴|绍兴|金华|台州|徐州|南通|扬州|烟台|潍坊|洛阳|襄阳|宜昌"
)
_REGION = re.compile(
    rf"(?:{_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?|(?:{_CITIES})市?"
    r"|(?<![一-龥])[一-龥]{2,5}(?:省|市|自治州|区|县)"
)
_NAMED_REGION = re.compile(f"{_PROVINCES}|{_CITIES}")
_STREET = re.compile(
    r"[一-龥0-9]{1,8}?(?:路|大街|街|大道|巷|弄|胡同|小区|花园|新村|家园|苑|大厦|公寓|广场|村|镇|乡|街道|里|坊|府|湾|园)"
)
_STRONG_STREET = re.compile(
    r"[一-龥]{1,6}(?:路|大街|街|大道|巷|胡同|小区|花园|新村|家园|苑|公寓|村)\s?(?:[0-9东西南北中]|[一二三四五六七八九十]+[号弄栋幢])"
)
_ADMIN = re.compile(r"[一-龥]{2,6}?(?:省|市|区|县|镇|乡|街道|自治州)")
_NOT_START = re.compile(
    r"(?:我|放|你|他|她|的|请|帮|把|麻烦|现|家|和|跟|都|就|也|要|想|直接|可以|然后|快递|包裹|货|东西|新|了|吧|一下|住|今天|明天|从|往)+"
)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where postal addresses stand, as (start, end); may overlap."""
    if not _TRIGGER.search(text):
        return
    done = 0
    found: list[tuple[int, int]] = []
    for house in _HOUSE.finditer(text):
        if house.start() < done:
            continue
        end = _grow_right(text, house.end())
        start = _grow_left(text, house.start())
        if start is not None and _believable(text[start:end]):
            found.append((start, end))
            done = end
    yield from found
    for cued in _CUED.finditer(text):
        if any(start < cued.end() and cued.start() < end for start, end in found):
            continue
        if _REGION.search(cued.group("address")) and len(_ADMIN.findall(cued.group("address"))) >= 2:
            yield cued.start("address"), cued.start("address") + len(cued.group("address").rstrip())


def _grow_right(text: str, end: int) -> int:
    limit = end + _LONGEST
    while end < limit and (room := _ROOM.match(text, end)):
        end = room.end()
    return end


def _grow_left(text: str, start: int) -> int | None:
    """The place where the address that leads to this house number begins; None without any letters before it."""
    floor = max(0, start - 48)
    window = text[floor:start]
    left = _LEFT.search(window)
    window_start = floor + (left.start() if left else len(window))
    window = text[window_start:start]
    cut = 0
    for cue in _CUT.finditer(window):
        if _STREET.search(window, cue.end()):
            cut = cue.end()
    window_start, window = window_start + cut, window[cut:]
    region = _NAMED_REGION.search(window) or _REGION.search(window)
    return window_start + _skip(window, region.start() if region else 0) if window else None


def _skip(window: str, begin: int) -> int:
    opening = _NOT_START.match(window, begin)
    cue = _CUT.match(window, opening.end() if opening else begin)
    return cue.end() if cue else (opening.end() if opening else begin)


def _believable(address: str) -> bool:
    """A house number alone is nothing: a street that runs into it, or a region and a street, must stand before it."""
    if _STRONG_STREET.search(address):
        return True
    named = _NAMED_REGION.search(address) is not None
    return bool(_STREET.search(address)) and (named or len(_ADMIN.findall(address)) >= 2)
