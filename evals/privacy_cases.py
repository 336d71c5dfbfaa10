"""Chinese personal-data sentences, made by seed. Synthetic: patterns and values were written by the rules' own authors,

so figures on them are optimistic; numbers carry right check digits, and every sentence is labelled by construction.
"""

import random
from dataclasses import dataclass

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红健文斌宇浩然子涵梓轩雨欣怡佳琪思远志国建春梅"
_CITIES = (
    ("浙江省杭州市", "西湖区"),
    ("广东省深圳市", "南山区"),
    ("上海市", "浦东新区"),
    ("北京市", "海淀区"),
    ("四川省成都市", "武侯区"),
    ("江苏省苏州市", "吴中区"),
    ("湖北省武汉市", "洪山区"),
    ("山东省青岛市", "市南区"),
    ("福建省厦门市", "思明区"),
    ("陕西省西安市", "雁塔区"),
)
_ROADS = (
    "文三路",
    "中山北路",
    "人民东路",
    "解放大道",
    "科技园南路",
    "长江西街",
    "建设巷",
    "和平里街",
    "滨江大道",
    "青年路",
)
_PLACES = ("", "翠苑小区", "阳光花园", "创新大厦", "金色家园", "万科城")
_PATTERNS = (
    "我叫{PERSON}，手机号{PHONE_NUMBER}，麻烦尽快发货",
    "收件人：{PERSON}，电话：{PHONE_NUMBER}，地址：{STREET_ADDRESS}",
    "{PERSON}女士您好，您的订单已发出",
    "联系人{PERSON} {PHONE_NUMBER}",
    "请把包裹寄到{STREET_ADDRESS}，谢谢",
    "我的身份证号是{CN_ID}，可以实名了吗",
    "退款退到银行卡{CREDIT_CARD}上",
    "邮箱{EMAIL_ADDRESS}收不到发票",
    "加微信{WECHAT}聊",
    "QQ{QQ}，有事留言",
    "车牌{CN_PLATE}停在门口",
    "护照号{PASSPORT}，清关用",
    "登录IP是{IP_ADDRESS}，不是我",
    "座机{PHONE_NUMBER}一直占线",
    "地址改成{STREET_ADDRESS}可以吗",
    "{STREET_ADDRESS}，{PERSON}收，{PHONE_NUMBER}",
    "姓名{PERSON}身份证{CN_ID}",
    "买家{PERSON}要求开票，邮箱是{EMAIL_ADDRESS}",
    "快递放{STREET_ADDRESS}门口就行",
    "这是我老公的号{PHONE_NUMBER}，打他的",
    "朋友{PERSON}推荐我来的",
    "帮我转给{PERSON}，谢谢",
    "{PERSON}已签收",
    "我住{STREET_ADDRESS}",
)
_CLEAN = (
    "这件衣服{n}号尺码偏大吗",
    "订单号{long}什么时候发货",
    "快递单号SF{long13}不动了",
    "净重{n}.5kg，容量{n}00ml",
    "满{n}00减{n}0，11月11日0点开抢",
    "第{n}栋楼以下包邮吗",
    "支持{n}00MHz，功率{n}5W",
    "我是老顾客了，能便宜{n}元吗",
    "货号{long13}有现货",
    "质量很好，第{n}次买了",
    "条码69{long11}",
    "请问师傅几点上门",
    "高级经理版本{n}.0.1.2",
    "联系人工客服",
    "用户体验很好",
    "2024-1{m}-1{m} 12:30:45 下单",
    "尺寸 {n}0×{n}5×1{n}0 厘米",
    "地址填错了怎么改",
    "收货后{n}天内可退",
    "客户满意度{n}8%",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence and its spans (start, end, type)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _luhn_completed(body: str) -> str:
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(body))]
    return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def _id(rng: random.Random) -> str:
    birth = f"{rng.randint(1950, 2008)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body = rng.choice(("110105", "330106", "440305", "510107", "320506")) + birth + _digits(rng, 3)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def _phone(rng: random.Random) -> str:
    number = "1" + rng.choice("3456789") + _digits(rng, 9)
    shapes = (
        number,
        f"{number[:3]} {number[3:7]} {number[7:]}",
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"+86{number}",
    )
    wide = "".join(chr(ord(d) + 0xFEE0) for d in number)
    return rng.choice(
        (
            *shapes,
            number,
            number,
            wide,
            f"0{rng.choice(('571', '755', '21', '10'))}-{rng.choice('2568')}{_digits(rng, 7)}",
        )
    )


def _address(rng: random.Random) -> str:
    city, district = rng.choice(_CITIES)
    house = f"{rng.choice(_ROADS)}{rng.randint(1, 999)}号"
    room = rng.choice(
        (
            "",
            f"{rng.randint(1, 30)}栋{rng.randint(1, 6)}单元{rng.randint(101, 2801)}室",
            f"{rng.randint(1, 20)}幢{rng.randint(101, 999)}",
        )
    )
    return rng.choice((city, city[-3:], "")) + district + house + rng.choice(_PLACES) + room


def _email(rng: random.Random) -> str:
    who, where = rng.choice(("zhang", "li.wei", "happy_cat")), rng.choice(("163.com", "qq.com", "mail.example.cn"))
    return f"{who}{_digits(rng, 3)}@{where}"


def _value(kind: str, rng: random.Random) -> str:
    makers = {
        "PERSON": lambda: rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2)))),
        "PHONE_NUMBER": lambda: _phone(rng),
        "STREET_ADDRESS": lambda: _address(rng),
        "CN_ID": lambda: _id(rng),
        "CREDIT_CARD": lambda: _luhn_completed("62" + _digits(rng, rng.choice((13, 16)))),
        "EMAIL_ADDRESS": lambda: _email(rng),
        "WECHAT": lambda: f"wx{_digits(rng, 6)}",
        "QQ": lambda: rng.choice("123456789") + _digits(rng, 8),
        "CN_PLATE": lambda: rng.choice("京沪浙粤川") + rng.choice("ABCE") + _digits(rng, 5),
        "PASSPORT": lambda: "E" + _digits(rng, 8),
        "IP_ADDRESS": lambda: ".".join(str(rng.randint(1, 254)) for _ in range(4)),
    }
    return makers[kind]()


def chinese_cases(count: int, seed: int) -> list[Case]:
    """Sentences with personal data."""
    rng = random.Random(seed)
    cases: list[Case] = []
    for _ in range(count):
        text, spans, rest = "", [], rng.choice(_PATTERNS)
        while "{" in rest:
            before, _, after = rest.partition("{")
            kind, _, rest = after.partition("}")
            value = _value(kind, rng)
            text += before
            spans.append((len(text), len(text) + len(value), kind))
            text += value
        cases.append(Case(text + rest, tuple(spans)))
    return cases


def clean_chinese(count: int, seed: int) -> list[str]:
    """Shop sentences full of numbers and without personal data."""
    rng = random.Random(seed)
    return [
        rng.choice(_CLEAN).format(
            n=rng.randint(1, 9),
            m=rng.randint(0, 2),
            long="20" + _digits(rng, 17),
            long13=_digits(rng, 13),
            long11=_digits(rng, 11),
        )
        for _ in range(count)
    ]
