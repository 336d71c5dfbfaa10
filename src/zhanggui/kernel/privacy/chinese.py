"""Personal data in Chinese text: rules with checksums and cues. Pure."""

import re
from collections.abc import Iterator

from zhanggui.kernel.privacy.chinese_addresses import addresses
from zhanggui.kernel.privacy.numbers import classify_chinese, numbers

Found = tuple[int, int, int, str]  # rank, start, end, type

# One look decides whether any rule can match at all; most shop texts stop here.
_ANYTHING = re.compile(
    r"[0-9]{4}|[0-9][ \-][0-9]{3}|@|[〇零一二三四五六七八九幺]{7}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][·• ]?[A-Z]"
    r"|收[，,。 ]|收$"
    r"|收件|收货|联系人|姓名|名字|户名|持卡人|寄件|签收|我叫|名叫|我是|本人|买家|先生|女士|小姐|太太|阿姨|老师|经理|师傅"
    r"|微信|(?i:vx|wx|wechat|qq)|[vV]信|薇信|扣扣|护照|通行证|回乡证|台胞证|证件|地址|[号栋幢弄室楼]|寄[到往给]|送到|发到|住在"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗"
    "凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵汪祁毛"
    "狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡"
    "凌霍虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠曲封芮储靳段富巫乌焦巴弓牧"
    "车侯全班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲从鄂索咸籍赖卓蔺屠蒙池乔阴胥苍双闻莘"
    "党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾"
    "终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷辛阚那简饶空曾沙养鞠须丰巢关蒯相查后荆红"
    "游竺权逯盖益桓公仝肖闫代岳涂付"
)
_SURNAME = f"(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|端木|百里|南宫|[{_SURNAMES}])"
# Characters that open the next word rather than close a given name.
_GIVEN = r"(?:[一-龥·](?<![电手地住在的是我你他她它们号身微邮和与及或想要买订收寄发请您了吗呢吧啊,家先女老小姐]))"
_NAME = rf"{_SURNAME}{_GIVEN}{{1,2}}"
_NAME_CUED = re.compile(
    r"(?:收件人?|收货人?|联系人|姓名|名字|户名|持卡人|寄件人|签收人|买家|顾客|客户|机主|法人|业主|用户)"
    rf"(?:姓名|名字)?(?:[：:是为叫 \t]|就是){{0,3}}(?P<name>{_NAME})"
    r"(?=[^一-龥]|$|[电手地住在的是我你他她号身微邮和与及或想要收寄先女])"
)
_NAME_SAID = re.compile(
    rf"(?:我叫|名叫|我的?名字[是叫]|本人(?:叫|姓名)?|我是)(?P<name>{_NAME})(?=[^一-龥]|$|[电手地住在的身微邮和与想要收先女])"
)
_NAME_SIGNED = re.compile(rf"(?:^|[，,、;； \t0-9号室楼])(?P<name>{_NAME})亲?收(?=[，,。;； \t0-9]|$)")
_NAME_TITLED = re.compile(rf"(?P<name>{_SURNAME}{_GIVEN}{{0,2}})(?=先生|女士|小姐|太太|老师|经理|师傅|阿姨)")
# "王牌经理", "高级经理": common words that look like a surname and a title.
_NOT_NAMES = re.compile(
    r"^(?:高级|金牌|王牌|任何|安全|明白|全国|国家|广东|成为|解决|关于|管理|应该|别的|文化|万一|从来|公司|项目|包装|房东|那位|这位|通知|方便|相关|居家|都是|满意"
    r"|时间|红色|黄色|白色|蓝色|车主|程序|常规|平时|平台|强烈|强调)"
)
_WECHAT = re.compile(
    r"(?:微信号?|薇信|[vV]信|(?<![A-Za-z])(?i:vx|wx|wechat)(?![A-Za-z]))(?:号|账号)?(?:[：:是为加 ]"
    r"|ID){0,3}(?P<id>[A-Za-z][-_A-Za-z0-9]{5,19})"
)
_QQ = re.compile(r"(?:(?<![A-Za-z])[Qq]{2}|扣扣)(?:号码?|群)?[：:是为 ]{0,3}(?P<id>[1-9][0-9]{4,10})(?![0-9])")
_PASSPORT = re.compile(
    r"(?:护照|(?i:passport))[^0-9A-Za-z]{0,8}(?P<id>(?:[A-Za-z]{1,2}[0-9]{7,8}|[0-9]{9})(?![0-9A-Za-z]))"
)
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|来往内地|证件)[^0-9A-Za-z]{0,8}(?P<id>(?:[HMhm][0-9]{8,10}|[Cc][0-9A-Za-z][0-9]{7}|[0"
    r"-9]{8})(?![0-9A-Za-z]))"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•\- ]?"
    r"(?:[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF]|(?=[A-Z]{0,3}[0-9])[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9"
    r"]{4}[挂学警港澳])(?![A-Za-z0-9])"
)
_SPOKEN = re.compile(r"[〇零一二三四五六七八九幺]{11}(?![〇零一二三四五六七八九十百千万])")
_SPOKEN_DIGITS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_BIRTH = re.compile(
    r"(?:生日|出生(?:日期|于|年月)?|生于)[：:是为 ]{0,3}(?P<id>[12][0-9]{3}[-/.年][01]?[0-9](?:[-/.月][0-3]?[0-9]日?)?)"
)
_CUED = (
    (_WECHAT, "WECHAT"), (_QQ, "QQ"), (_PASSPORT, "PASSPORT"), (_PERMIT, "TRAVEL_PERMIT"), (_BIRTH, "DATE_TIME"),
)  # fmt: skip


def chinese(text: str) -> Iterator[Found]:
    """Candidates in one folded Chinese text; may overlap."""
    if not _ANYTHING.search(text):
        return
    for start, end, kind in numbers(text, classify_chinese):
        yield 8, start, end, kind
    for pattern, kind in _CUED:
        for match in pattern.finditer(text):
            yield 9, match.start("id"), match.end("id"), kind
    for match in _PLATE.finditer(text):
        yield 7, match.start(), match.end(), "CN_PLATE"
    for match in _SPOKEN.finditer(text):
        if classify_chinese(match.group().translate(_SPOKEN_DIGITS), [""], "") == "PHONE_NUMBER":
            yield 7, match.start(), match.end(), "PHONE_NUMBER"
    for start, end in addresses(text):
        yield 6, start, end, "STREET_ADDRESS"
    yield from _names(text)


def _names(text: str) -> Iterator[Found]:
    for pattern in (_NAME_CUED, _NAME_SAID, _NAME_SIGNED, _NAME_TITLED):
        for match in pattern.finditer(text):
            if not _NOT_NAMES.match(match.group("name")):
                yield 5, match.start("name"), match.end("name"), "PERSON"
