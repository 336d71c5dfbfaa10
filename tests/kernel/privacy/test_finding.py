"""What is found, and what must be left alone."""

import pytest

from zhanggui.kernel.privacy import Known, find, redact

CHINESE = [
    ("手机号１３８-0013-8000，谢谢", "PHONE_NUMBER", "１３８-0013-8000"),
    ("打 138 0013 8000", "PHONE_NUMBER", "138 0013 8000"),
    ("1\u200b3\u200b800138000 邮编510000", "PHONE_NUMBER", "1\u200b3\u200b800138000"),
    ("13800138000 510000", "PHONE_NUMBER", "13800138000"),
    ("电话+86 13800138000", "PHONE_NUMBER", "+86 13800138000"),
    ("一三八零零一三八零零零", "PHONE_NUMBER", "一三八零零一三八零零零"),
    ("座机0571-88886666转8001", "PHONE_NUMBER", "0571-88886666转8001"),
    ("电话88886666", "PHONE_NUMBER", "88886666"),
    ("身份证11010519491231002X", "CN_ID", "11010519491231002X"),
    ("卡号6222 0200 0000 0000 000", "CREDIT_CARD", "6222 0200 0000 0000 000"),
    ("付款卡 4111111111111111 已扣", "CREDIT_CARD", "4111111111111111"),
    ("车牌浙A·12345", "CN_PLATE", "浙A·12345"),
    ("粤B12345D停门口", "CN_PLATE", "粤B12345D"),
    ("护照号：E12345678", "PASSPORT", "E12345678"),
    ("回乡证H12345678", "TRAVEL_PERMIT", "H12345678"),
    ("加我微信abc_12345吧", "WECHAT", "abc_12345"),
    ("QQ：123456789", "QQ", "123456789"),
    ("邮箱zhang.wei@163.com不是qq", "EMAIL_ADDRESS", "zhang.wei@163.com"),
    ("来自192.168.10.7的登录", "IP_ADDRESS", "192.168.10.7"),
    ("我叫张伟明，手机丢了", "PERSON", "张伟明"),
    ("收件人：王芳电话是多少", "PERSON", "王芳"),
    ("联系人 欧阳修远", "PERSON", "欧阳修远"),
    ("李小姐说不要了", "PERSON", "李"),
    ("地址：浙江省杭州市西湖区文三路478号华星时代广场A座1203室，谢谢", "STREET_ADDRESS",
     "浙江省杭州市西湖区文三路478号华星时代广场A座1203室"),
    ("请寄到上海市浦东新区张江路88弄3号楼502李小姐收", "STREET_ADDRESS", "上海市浦东新区张江路88弄3号楼502"),
    ("我住在朝阳区建国路93号院", "STREET_ADDRESS", "朝阳区建国路93号"),
    ("收货地址改成广东省深圳市南山区粤海街道", "STREET_ADDRESS", "广东省深圳市南山区粤海街道"),
]  # fmt: skip
ENGLISH = [
    ("My name is John Smith, hello", "PERSON", "John Smith"),
    ("Dear Mr. Wilson, hello", "PERSON", "Wilson"),
    ("I spoke to Jennifer Lopez-Garcia yesterday", "PERSON", "Jennifer Lopez-Garcia"),
    ("call me at +1 (415) 555-0132", "PHONE_NUMBER", "+1 (415) 555-0132"),
    ("or 415-555-0132 x22 please", "PHONE_NUMBER", "415-555-0132 x22"),
    ("card 4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("my SSN: 078-05-1120", "US_SSN", "078-05-1120"),
    ("IBAN GB82 WEST 1234 5698 7654 32 ok", "IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),
    ("ship to 626 Main Street, Apt 4, please", "STREET_ADDRESS", "626 Main Street, Apt 4"),
    ("I was born on 1996-05-30.", "DATE_TIME", "1996-05-30"),
    ("mail emily.johnson@x.example.com now", "EMAIL_ADDRESS", "emily.johnson@x.example.com"),
    ("from 10.20.30.40 again", "IP_ADDRESS", "10.20.30.40"),
    ("at 2001:db8::8a2e:370:7334 now", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    ("see https://bob:pw@shop.example/x now", "DOMAIN_NAME", "https://bob:pw@shop.example/x"),
    ("my zip code is 29112", "ZIP_CODE", "29112"),
    ("打给 Mr. Wilson 吧", "PERSON", "Wilson"),
]
CLEAN_CHINESE = [
    "这款衣服3号发货，5层加厚，10号尺码",
    "订单号202411230001234567，快递SF1234567890123",
    "EAN 6901234567892 的商品，数量 10 20 30",
    "高级经理推荐，安全方便，2024年11月11日开抢",
    "尺寸 100-120-150 cm，净重 1.25kg，容量 5000-6000mAh",
    "支持WiFi 6，5G，v1.2.3.4 版本，价格 12345.67 元",
    "身份证号110105194912310021不对",  # the check digit is wrong
    "拍下13号链接，8号楼下不送货",
]
CLEAN_ENGLISH = [
    "order 12345678901 has 3 items for $199.99, size 10 20 30",
    "Model XPS 13 9310, 16 GB RAM, 512 GB SSD, 1920x1080",
    "Dear Customer, thank you for your patience.",
    "Firmware version 1.2.3.4 ships in 3-5 business days",
    "EAN 5901234123457 and SKU 4007-22-811",
]


def _found(text: str, locale: str) -> list[tuple[str, str]]:
    return [(span.type, span.text) for span in find(text, "zh-CN" if locale == "zh" else "en")]


@pytest.mark.parametrize(("text", "kind", "value"), CHINESE)
def test_chinese_personal_data_are_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in _found(text, "zh")


@pytest.mark.parametrize(("text", "kind", "value"), ENGLISH)
def test_english_personal_data_are_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in _found(text, "en")


@pytest.mark.parametrize("text", CLEAN_CHINESE)
def test_chinese_shop_talk_is_left_alone(text: str) -> None:
    assert _found(text, "zh") == []


@pytest.mark.parametrize("text", CLEAN_ENGLISH)
def test_english_shop_talk_is_left_alone(text: str) -> None:
    assert _found(text, "en") == []


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("寄给小芳芳了", Known("小芳芳"), "小芳芳"),
        ("hi EMILY  JOHNSON!", Known("Emily Johnson"), "EMILY  JOHNSON"),
        ("hi Emily!", Known("Emily Johnson"), "Emily"),
        ("call 965 431 3024", Known("+81 965-431-3024", "PHONE_NUMBER"), "965 431 3024"),
        ("at (965)431.3024", Known("+81 965-431-3024", "PHONE_NUMBER"), "(965)431.3024"),
        ("626 main\nstreet, Phoenix", Known("626 Main Street", "STREET_ADDRESS"), "626 main\nstreet"),
        ("收件Emily收", Known("Emily"), "Emily"),
    ],
)
def test_known_values_are_found_in_any_spelling(text: str, known: Known, value: str) -> None:
    assert [(span.type, span.text) for span in find(text, "zh-CN", [known])] == [(known.type, value)]


def test_a_known_name_is_not_found_inside_a_word() -> None:
    assert find("the Annual sale of Annatto", "en", [Known("Ann Lee")]) == ()


def test_redaction_names_the_type_and_keeps_the_rest() -> None:
    text, spans = redact("收件人：王芳，13800138000", "zh-CN")
    assert text == "收件人：[PERSON]，[PHONE_NUMBER]"
    assert [(span.start, span.end) for span in spans] == [(4, 6), (7, 18)]


@pytest.mark.parametrize(
    "text",
    ["", "0" * 50_000, "1 " * 20_000, "号" * 20_000, "A" * 30_000 + "@", "张" * 20_000, "[[" * 9_000, "在1号" * 5_000],
)
def test_hostile_texts_end_soon_and_never_raise(text: str) -> None:
    for locale in ("zh-CN", "en"):
        spans = find(text, locale, [Known("Emily Johnson"), Known("13800138000", "PHONE_NUMBER")], wide=True)
        assert all(text[span.start : span.end] == span.text for span in spans)
