"""Addresses out of a customer's own words, Chinese and English. Pure."""

import re

_PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_CITIES_OF_THEIR_OWN = ("北京", "天津", "上海", "重庆", "香港", "澳门")
_PROVINCE = re.compile(rf"({'|'.join(_PROVINCES)})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?")
_CITY = re.compile(r"([\u4e00-\u9fff]{2,6}?(?:市|自治州|地区|盟))")
_DISTRICT = re.compile(r"([\u4e00-\u9fff]{1,7}?(?:区|县|旗|市))")
_STREET = re.compile(
    r"[\u4e00-\u9fff]{1,}.{0,60}\d.{0,40}|[\u4e00-\u9fff]{2,}(?:路|街|道|村|镇|巷|弄|园|苑|小区|大厦|广场).{0,60}"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_POST = re.compile(r"(?<!\d)\d{6}(?!\d)")
_NAME = re.compile(
    r"(?:收件人|收货人|姓名|名字|name)\s*(?:改成|改为|是|为|[:：])*\s*"
    r"([\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .'-]{1,40})",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^.*?(?:地址|address)\s*(?:改成|改为|换成|修改为|更改为|变更为|是|为|to|is|should be|[:：])+\s*",
    re.IGNORECASE | re.DOTALL,
)
_ENGLISH = re.compile(
    r"(?P<street>(?:\d+[\w/-]*\s+[^,\n]{3,80}|[^,\n]{3,60}\s\d+[\w/-]*))\s*,\s*(?P<city>[A-Za-z .'-]{2,50})\s*"
    r"(?:,\s*(?P<region>[A-Za-z .'-]{2,40}?)(?=[\s,]))?\s*,?\s*(?P<post>[A-Z0-9]{2,5}[ -]?[A-Z0-9]{2,5})?\s*"
    r"(?:,\s*(?P<country>[A-Za-z .]{2,40}))?\s*[.。]?\s*$",
    re.IGNORECASE,
)


def address_in(text: str) -> dict[str, str]:
    """The parts of an address found in a message; empty where there is none that names a street.

    Keys: region, city, district, street, postal_code, name, phone, country; only those that were said.
    """
    plain = " ".join(_LEAD.sub("", text.strip(), count=1).split())
    if not 6 <= len(plain) <= 300:
        return {}
    return _chinese(plain) or _english(plain)


def _chinese(plain: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, pattern in (("phone", _PHONE), ("postal_code", _POST)):
        match = pattern.search(plain)
        if match:
            found[name] = match.group()
            plain = plain.replace(match.group(), " ")
    person = _NAME.search(plain)
    if person:
        found["name"] = person.group(1).strip()
        plain = plain.replace(person.group(), " ")
    province = _PROVINCE.search(plain)
    if province is None:
        return {}
    before, rest = plain[: province.start()], plain[province.end() :].lstrip(" ,，")
    found["region"] = province.group(1)
    own = province.group(1) in _CITIES_OF_THEIR_OWN
    city = None if own else _CITY.match(rest)
    found["city"] = province.group(1) if own else (city.group(1).removesuffix("市") if city else "")
    rest = (
        rest[city.end() :].lstrip(" ,，") if city else re.sub(r"^(?:市辖区|北京市|上海市|天津市|重庆市)\s*", "", rest)
    )
    district = _DISTRICT.match(rest)
    if district:
        found["district"] = district.group(1)
        rest = rest[district.end() :]
    street = _STREET.search(rest)
    if street is None:
        return {}
    words = street.group().strip(" ,，。.;；")
    words, _, tail = words.partition(" ") if re.search(r"\s[\u4e00-\u9fff]{2,4}$", words) else (words, "", "")
    found["street"] = words
    name = tail.strip() or before.strip(" ,，:：")
    if "name" not in found and re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name):
        found["name"] = name
    return {key: value for key, value in found.items() if value}


def _english(plain: str) -> dict[str, str]:
    match = _ENGLISH.search(plain)
    if match is None:
        return {}
    parts = {key: (value or "").strip() for key, value in match.groupdict().items()}
    found = {
        "street": parts["street"], "city": parts["city"], "region": parts["region"], "postal_code": parts["post"],
        "country": parts["country"],
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}
