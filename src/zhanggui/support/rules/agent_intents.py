"""What a customer's message asks for, and the facts in it, read by rules in Chinese and English. Pure.

Nothing here decides: an intent opens a dialogue whose every step is checked by code.
"""

import re
from dataclasses import dataclass, field

TASKS = (
    "order-status", "parcel", "change-address", "cancel-order", "return", "exchange", "invoice", "price-protection",
    "find-product",
)  # fmt: skip
"""Tasks that the agent can work on; anything else is a question for the shop's knowledge."""
OTHERS = ("person", "yes", "no", "stop", "greeting", "thanks", "question")


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read out of one message: `intent` is one of TASKS or OTHERS, slots hold only the customer's words."""

    text: str
    intent: str = "question"
    slots: dict[str, str] = field(default_factory=dict[str, str])


_YES = re.compile(
    r"(?:是的?|对的?|确认|确定|好的?|可以|没错|同意|嗯+|行|ok|okay|yes|y|yep|sure|confirm(?:ed)?|correct|go ahead"
    r"|please do)"
    r"[\s,，。.!！~呀啊吧的呢]*(?:确认|确定|提交|无误|please|谢谢|thanks|thank you|do it){0,2}[\s,，。.!！~]*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:不|不是|不对|不要了?|不用了?|错了?|取消吧|算了|别|先不|no|n|nope|wrong|don'?t|do not"
    r"|not now)[\s,，。.!！~了吧啊]*"
    r"(?:谢谢|thanks|thank you)?[\s,，。.!！~]*",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"(?:算了|不用了|不需要了|不问了|没事了|不用人工了?|never ?mind|forget it|stop|cancel that)[\s,，。.!！~谢]*", re.I
)
_GREETING = re.compile(
    r"(?:你好|您好|在吗|在么|有人吗|哈喽|嗨|早上好|下午好|晚上好|hi|hello|hey|good (?:morning|afternoon|evening))"
    r"[\s,，。.!！?？~呀啊哦]*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:好的?|ok)?[\s,，]*(?:谢谢|多谢|感谢|谢啦|thanks|thank you|thx|cheers)[\s,，。.!！~您你了啦 a-z]{0,14}", re.I
)
_PERSON = re.compile(
    r"人工|真人|转客服|找客服|客服(?:人员|小姐姐|经理)|(?:要|找|叫|换|和|跟)(?:个|一个|你们的?)?(?:人|客服|经理"
    r"|主管)(?:说|聊|来|处理|谈|$)"
    r"|human|real person|(?:speak|talk|chat) (?:to|with) (?:a |an |some|your |the )?(?:one|body|person|agent|someone"
    r"|somebody|representative|manager|supervisor|staff|human)"
    r"|live agent|customer service rep",
    re.IGNORECASE,
)
# Order matters: the first that fits is taken.
_TASK_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (task, re.compile(pattern, re.IGNORECASE))
    for task, pattern in (
        ("price-protection", r"价保|保价|降价了?.{0,8}(?:差价|退|补)|退.{0,2}差价|补.{0,2}差价"
         r"|price (?:protection|match|adjust\w*|drop)"),
        ("change-address", r"(?:改|换|修改|更改|更换|填错|写错).{0,8}(?:地址|收货|收件)|(?:地址|收货信息"
        r"|收件人).{0,8}(?:错|改|换|修改|更改)"
         r"|(?:change|update|correct|wrong|edit|modify).{0,30}(?:address|deliver(?:y)? (?:to|location))"
         r"|address.{0,20}(?:wrong|change|incorrect)"),
        ("invoice", r"(?:开|要|补|申请|索取|需要).{0,8}(?:发票|专票|普票)|发票.{0,6}(?:开|抬头|申请)"
         r"|(?:need|want|get|send|issue|request).{0,20}(?:invoice|receipt)"),
        ("exchange", r"换货|(?:换|调换?|改)(?:一?[个件双条台]|成|大|小).{0,10}(?:号|码|色|款|尺|新|件|双)?|想换(?!地址)"
         r"|exchange|swap (?:it|this|the)|replace (?:it|this|the|my)|different (?:size|colou?r)"),
        ("return", r"退货|退掉|(?:想|要|申请|可以|能|怎么).{0,6}退(?!款|差|换)|不想要了|七天无理由|7天无理由"
         r"|\breturn\b(?!.{0,12}polic)|send (?:it|this|them) back"),
        ("cancel-order", r"取消.{0,8}(?:订单|单子|这单|购买)|(?:订单|单子|这单).{0,8}取消|不要了.{0,6}(?:取消|退款)"
        r"|^取消$|拍错了"
         r"|cancel.{0,20}(?:order|purchase)|order.{0,12}cancell?ed please"),
        ("parcel", r"快递|物流|包裹|到哪|到货了?[吗没]|什么时候(?:能)?到|多久(?:能)?到|还没(?:有)?(?:到|收到)|没收到"
        r"|单号|派送|签收"
         r"|track|parcel|package|deliver(?:ed|y) (?:date|status|yet)|where is my|where'?s my|not arrived"
         r"|hasn'?t arrived"
         r"|when will .{0,24}(?:arrive|come|get here)"),
        ("order-status", r"订单.{0,6}(?:状态|情况|怎么样|进度|查)|查.{0,6}订单|我的订单|发货了?[吗没]|(?:什么时候"
        r"|多久|何时|几时|还没|怎么还?不).{0,6}发货"
         r"|order (?:status|state|progress)|status of (?:my|the|an) order|check (?:on )?my order|has .{0,12}shipped"),
        ("find-product", r"(?:推荐|有没有|有.{0,16}吗|找|想买|想要|求|来一?[个双件款])"
         r".{0,30}(?:的|款|鞋|衣|裤|帽|包|帐|锅|灯|杯|机|霜|壶|袋|垫|伞|耳机|元|块)|\d+\s*(?:元|块).{0,3}(?:以内"
         r"|以下|左右|之内)"
         r"|(?:looking for|recommend|suggest|do you (?:have|sell)|i need an?|i want an?|find me|show me)\b.{3,}"
         r"|(?:under|below|less than|up to) ?[¥$€£]? ?\d"),
    )
)  # fmt: skip
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+){1,4}", re.ASCII)
_ORDER = re.compile(
    r"(?:订单(?:编)?号?|单号|编号|order(?: (?:number|no\.?|id))?|#)\s*(?:是|为|is|:|：|#|＃)*\s*"
    r"([A-Za-z]{0,6}-?\d[\w-]{2,24}|#?[A-Z]{1,4}\d{1,12})",
    re.IGNORECASE | re.ASCII,
)
_LOOKS_LIKE_ORDER = re.compile(
    r"(?<![\w@.+-])#?([A-Z]{1,6}[-_]?\d[\dA-Z-]{2,24}|\d{3,24}(?:-[\d]{1,12})*|[A-Z]{1,3}\d{1,8})(?![\w@])"
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|\+\d[\d -]{7,16}\d")
_LAST_DIGITS = re.compile(
    r"(?:手机|电话|手机号|号码|尾号|后四位|末四位|后4位|phone|mobile|ending(?: in)?|last (?:four|4)(?: digits)?)"
    r"[^\d@]{0,18}(\d{4,11})(?!\d)",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w@.-])\d{4,11}(?![\w@-])")
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        ("missing-item", r"少(?:发|了|件)|漏发|缺(?:件|少)|missing|not in the (?:box|package)"),
        ("wrong-item", r"发错|错发|(?:不是|跟).{0,6}我(?:买|要|拍)的|wrong (?:item|product|size|colou?r|one)"),
        ("damaged", r"破(?:了|损|碎)?|碎了?|压坏|摔坏|裂|broken|damaged|cracked|smashed"),
        ("quality", r"质量|坏了?|瑕疵|不能用|用不了|开线|掉色|漏水|故障|defect|faulty|does ?n[o']t work"
        r"|stopped working|poor quality"),
        ("not-as-described", r"描述不符|与图片不|跟图片不|和图片不|色差|货不对板|not as described|looks different"),
        ("no-reason", r"不(?:喜欢|想要|合适|合身|需要)|(?:大|小|紧|松)了|买错|拍错|多买|无理由|没有?原因|尺码|尺寸"
        r"|changed? my mind"
         r"|don'?t (?:like|want|need)|too (?:big|small|tight|large)|does ?n[o']t fit|no reason|ordered (?:by mistake"
         r"|wrong)"),
    )
)  # fmt: skip
_INTACT_YES = re.compile(
    r"(?:没有?|未|沒)(?:用|穿|拆|使用|洗)过?|全新|完好|吊牌(?:还)?在|包装完|unused|unworn|unopened|like new"
    r"|brand new|never (?:used|worn)|tags? (?:are )?(?:still )?on",
    re.I,
)
_INTACT_NO = re.compile(
    r"(?:用|穿|洗|使用)过了?|拆(?:开|封)了?|吊牌.{0,3}(?:剪|掉|没)|used it|worn it|washed|opened", re.I
)
_TAX_ID = re.compile(r"(?<![A-Za-z0-9])(?=[0-9A-Z]*\d)[0-9A-Z]{15,20}(?![A-Za-z0-9])")
# With its name before it, a number may be shorter, in groups and in small letters, as European ones often are.
_NAMED_TAX_ID = re.compile(
    r"(?:税号|纳税人识别号|统一社会信用代码|(?:tax|vat)(?:[ -]?(?:id|number|no\.?|reg(?:istration)?))*)"
    r"\s*(?:是|为|is|[:：#])*\s*(?=[A-Z .\-]{0,6}\d)([A-Z0-9](?:[ .\-]?[A-Z0-9]){6,21})(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
_TAX_ID_ALONE = re.compile(r"(?=.*\d.*\d.*\d)[A-Z0-9](?:[ .\-]?[A-Z0-9]){6,21}", re.IGNORECASE | re.ASCII)
_TAX_WORDS = re.compile(r"\s*(?:税号|纳税人识别号|统一社会信用代码|\b(?:tax|vat) (?:id|number|no)).*$", re.IGNORECASE)
_TITLE = re.compile(r"(?:抬头|title|made out to)\s*(?:是|为|写|开|is|[:：])*\s*([^\n,，。;；]{2,80})", re.IGNORECASE)
_COMPANY = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9（）()·& .]{2,60}?(?:有限责任公司|股份有限公司|有限公司|公司|事务所|工作室|合作社|大学"
    r"|学院|医院|Ltd\.?|LLC|Inc\.?|GmbH)"
)


# Asked about the rules of the shop, not about one's own order.
_POLICY = re.compile(
    r"支持.{0,12}吗|政策|规定|规则|流程|退款.{0,10}到账|到账|运费|邮费|包邮|多久.{0,4}(?:退|发票)|(?:怎么"
    r"|如何).{0,4}(?:退货|换货|开发票)"
    r"|(?:从|哪|什么).{0,8}发货的?地|发什么快递|用什么快递|polic|how (?:do|can|long|much)|can i (?:return|exchange"
    r"|cancel)|who pays"
    r"|do you (?:ship|deliver|offer|accept)|what is your",
    re.IGNORECASE,
)


def hear(text: str) -> Heard:
    """Read one message. The same text always reads the same."""
    plain = text.strip()
    slots = facts_in(plain)
    intent = _short_word(plain)
    if intent:
        return Heard(plain, intent, slots)
    if _PERSON.search(plain):
        return Heard(plain, "person", slots)
    if not (_POLICY.search(plain) and "order" not in slots):
        for task, pattern in _TASK_WORDS:
            if pattern.search(plain):
                return Heard(plain, task, slots)
    return Heard(plain, "question", slots)


def facts_in(text: str) -> dict[str, str]:
    """Order number, proof of identity, reason, state of the goods, invoice facts: only what stands in the message."""
    found: dict[str, str] = {}
    email, phone, last = _EMAIL.search(text), _PHONE.search(text), _LAST_DIGITS.search(text)
    rest = text
    if tax := _NAMED_TAX_ID.search(text):
        rest = text[: tax.start(1)] + " " + text[tax.end(1) :]
    if email:
        found["proof"] = email.group()
        rest = rest.replace(email.group(), " ")
    elif phone:
        found["proof"] = phone.group()
        rest = rest.replace(phone.group(), " ")
    elif last:
        found["proof"] = last.group(1)
        rest = rest[: last.start(1)] + " " + rest[last.end(1) :]
    number = _ORDER.search(rest) or _LOOKS_LIKE_ORDER.search(rest)
    if number:
        found["order"] = number.group(1)
        rest = rest[: number.start(1)] + " " + rest[number.end(1) :]
        if "proof" not in found and len(others := _BARE.findall(rest)) == 1:
            found["proof"] = others[0]
    for name, value in (("reason", _reason(text)), ("intact", _intact(text)), *_invoice_facts(text)):
        if value:
            found[name] = value
    return found


def tax_number_alone(text: str) -> str:
    """The tax number that a message consists of, or holds; else an empty text."""
    plain = text.strip().rstrip("。.")
    return plain if _TAX_ID_ALONE.fullmatch(plain) else dict(_invoice_facts(plain))["tax_id"]


def digits_alone(text: str) -> str:
    """The digits of a message that is nothing but a number of 4 to 11 digits (blanks allowed), else an empty text."""
    plain = re.sub(r"[\s。.]", "", text)
    return plain if re.fullmatch(r"\d{4,11}", plain) else ""


def _short_word(plain: str) -> str:
    for word, pattern in (("stop", _STOP), ("yes", _YES), ("no", _NO), ("greeting", _GREETING), ("thanks", _THANKS)):
        if len(plain) <= 40 and pattern.fullmatch(plain):
            return word
    return ""


def _reason(text: str) -> str:
    return next((reason for reason, pattern in _REASONS if pattern.search(text)), "")


def _intact(text: str) -> str:
    if _INTACT_YES.search(text):
        return "yes"
    return "no" if _INTACT_NO.search(text) else ""


def _invoice_facts(text: str) -> tuple[tuple[str, str], ...]:
    named, title, company = _NAMED_TAX_ID.search(text), _TITLE.search(text), _COMPANY.search(text)
    bare = _TAX_ID.search(text)
    tax = named.group(1) if named else bare.group() if bare else ""
    name = title.group(1).strip() if title else ""
    if company and not name:
        name = company.group().strip()
    return ("tax_id", tax), ("title", _TAX_WORDS.sub("", name))
