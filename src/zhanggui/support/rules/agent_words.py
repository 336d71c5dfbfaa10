"""Every sentence that the agent says, in both languages. Values are filled in by code; no model writes here. Pure."""

from collections.abc import Mapping
from string import Formatter

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.types import Locale

_ZH: Mapping[str, str] = {
    "hello": "您好，我是本店的智能客服。可以帮您查订单和物流、改地址、取消、退换货、开发票、价保，也可以按需求找商品"
    "。随时回复“人工”由同事接待。",
    "thanks": "不客气，还有需要随时找我。",
    "ask-order": "好的，请告诉我订单编号。",
    "ask-proof": "为保护您的信息，请提供下单时的手机号后四位或完整邮箱，我核对后再处理。",
    "not-proved": "抱歉，订单编号与手机号/邮箱没有对上。请检查后再发一次；也可以回复“人工”由同事核对。",
    "locked": "核对失败次数太多，为安全起见暂时不能再试。可以回复“人工”由同事为您核对。",
    "ask-item": "请问是哪一件？回复序号即可（可多选，全部请回复“全部”）：\n{items}",
    "ask-reason": "请问原因是什么？（不合适/不想要、质量问题、收到破损、发错货、少件、与描述不符）",
    "ask-intact": "商品是否未使用、吊牌和包装完好？请回复“是”或“否”。",
    "ask-address": "请发新的完整收货地址（省、市、区、街道门牌号；如换收件人请附姓名和手机号）。",
    "ask-title": "请发发票抬头；企业发票请附税号。",
    "ask-wish": "请问想换成什么（例如：同款换新、大一码、蓝色）？",
    "order": "订单 {number}：{state}{paid}，下单时间 {placed}，合计 {total}。\n{items}{parcels}",
    "parcel": "订单 {number} 的物流：\n{parcels}",
    "no-parcel": "订单 {number} 还没有物流信息：{state}{paid}。发货后这里会显示承运商和单号。",
    "parcel-line": "· {carrier} {tracking}：{status}{event}",
    "confirm": "请核对：\n{details}\n确认无误请回复“确认”，不办理请回复“取消”。",
    "nothing-to-confirm": "目前没有等待确认的申请。请问需要什么帮助？",
    "dropped": "好的，没有提交任何申请。还有什么可以帮您？",
    "proposed": "已提交{task}申请（编号 {proposal}），由店铺审核后办理，结果会在这里告诉您。",
    "applied": "{task}已办理（编号 {proposal}）。",
    "refused": "抱歉，按店铺规则目前不能办理{task}：\n{reasons}\n如有特殊情况，回复“人工”由同事处理。",
    "refused-tax-id": "抱歉，这样还开不了发票：\n{reasons}\n请再发一次税号；不需要了请回复“取消”，也可以回复“人工”。",
    "by-hand": "{task}需要同事处理，我已把情况转给同事。",
    "remind": "（刚才的{task}还在等您确认：回复“确认”提交，“取消”放弃。）",
    "found": "按您的需求找到：\n{products}",
    "product": "{place}. {title}，{price}\n   {reasons}",
    "reason": "“{word}”：{attribute} {value}",
    "reason-title": "“{word}”：见商品标题",
    "missing": "资料里没有写明：{words}",
    "price-fits": "价格在您的预算内",
    "none-found": "没有找到符合“{need}”的在售商品。换个条件试试，或回复“人工”由同事推荐。",
    "answer": "{answer}",
    "source": "（依据：{sources}）",
    "clarify": "{answer}",
    "unknown": "这个问题我没有可靠的资料，不想乱答。需要我转给同事吗？（回复“是”转人工）",
    "down": "抱歉，我这边暂时出了问题，无法回答。已通知同事，会有人在这里回复您。",
    "handed": "已为您转接同事，请稍等，您说的情况我都已转达。",
    "handed-urgent": "这件事很重要，我已立即通知同事优先处理。如有人身危险，请先远离危险并拨打当地急救或报警电话。",
    "handed-shut": "同事目前不在线，{opens}上班后会第一时间在这里回复您。这期间我仍可以帮您查订单、物流。",
    "handed-shut-unknown": "同事目前不在线，上班后会在这里回复您。这期间我仍可以帮您查订单、物流。",
    "already-asked": "已经在为您转接同事，请稍等。",
    "withdrawn": "好的，已取消转人工。还有什么可以帮您？",
    "taken": "{name} 已接入，为您服务。",
    "returned": "同事已处理完，现在由智能客服继续为您服务。",
    "closed": "本次人工服务已结束。还有需要随时留言。",
    "still-waiting": "同事都在忙，让您久等了。您仍在排队中，不会丢失；也可以先离开，回复会留在这里。",
    "settled-yes": "您的申请（编号 {proposal}）已办理。",
    "settled-no": "您的申请（编号 {proposal}）没有通过。如有疑问请回复“人工”。",
    "paid": "，已付款",
    "unpaid": "，未付款",
    "wants-task": "{task}（订单 {number}）",
    "wants-task-only": "{task}",
    "attribute-title": "标题",
}
_EN: Mapping[str, str] = {
    "hello": "Hello, I am this shop's assistant (a program). I can check orders and parcels, change an address, "
    "cancel, "
    "return, exchange, invoice, price protection, and find products by need. Write “person” at any time for a human.",
    "thanks": "You are welcome.",
    "ask-order": "Sure. What is your order number?",
    "ask-proof": "To protect your data, please give the last four digits of the phone or the full e-mail address of "
    "the "
    "order; I will go on once it matches.",
    "not-proved": "Sorry, the order number and the phone or e-mail do not match. Please check and send both again, or "
    "write “person”.",
    "locked": "There were too many failed tries, so for safety I cannot check again for now. Write “person” and a "
    "colleague will check with you.",
    "ask-item": "Which item? Reply with the number (several are fine, or “all”):\n{items}",
    "ask-reason": "What is the reason? (changed my mind, quality, arrived damaged, wrong item, missing item, not as "
    "described)",
    "ask-intact": "Is it unused, with tags and packaging complete? Please reply yes or no.",
    "ask-address": "Please send the full new address (street and number, city, region, postcode, country).",
    "ask-title": "Please send the name for the invoice, and the tax id if it is for a company.",
    "ask-wish": "What would you like instead (for example: the same again, a size larger, blue)?",
    "order": "Order {number}: {state}{paid}, placed {placed}, total {total}.\n{items}{parcels}",
    "parcel": "Parcels of order {number}:\n{parcels}",
    "no-parcel": "There is no parcel of order {number} yet: {state}{paid}. Carrier and number will show here once "
    "sent.",
    "parcel-line": "· {carrier} {tracking}: {status}{event}",
    "confirm": "Please check:\n{details}\nReply “confirm” to send it, or “no” to drop it.",
    "nothing-to-confirm": "Nothing is waiting for your yes. How can I help?",
    "dropped": "All right, nothing was sent. Anything else?",
    "proposed": "Your request ({task}, no. {proposal}) was handed in. The shop decides on it, and I will tell you "
    "here.",
    "applied": "Done: {task} (no. {proposal}).",
    "refused": "Sorry, by the shop's rules {task} is not possible now:\n{reasons}\nIf your case is special, write "
    "“person”.",
    "refused-tax-id": "Sorry, an invoice cannot be made out like this:\n{reasons}\nPlease send the tax number again; "
    "write “no” to drop it, or “person”.",
    "by-hand": "{task} needs a colleague; I have passed on what you told me.",
    "remind": "(Your {task} still waits for your yes: reply “confirm” to send it, “no” to drop it.)",
    "found": "These fit what you are looking for:\n{products}",
    "product": "{place}. {title}, {price}\n   {reasons}",
    "reason": "“{word}”: {attribute} {value}",
    "reason-title": "“{word}”: see its title",
    "missing": "its data does not say: {words}",
    "price-fits": "its price is within your budget",
    "none-found": "Nothing on sale fits “{need}”. Try other words, or write “person” for advice.",
    "answer": "{answer}",
    "source": "(Source: {sources})",
    "clarify": "{answer}",
    "unknown": "I have no reliable source for this and would rather not guess. Shall I pass it to a colleague? ("
    "Reply yes)",
    "down": "Sorry, something is wrong on my side and I cannot answer. A colleague has been told and will reply here.",
    "handed": "I have passed you to a colleague with everything you told me. Please wait a moment.",
    "handed-urgent": "This is important: I have alerted a colleague to take it first. If anyone is in danger, get away "
    "from it and call your local emergency number.",
    "handed-shut": "Nobody is on duty now; a colleague will reply here from {opens}. Until then I can still check "
    "orders and parcels.",
    "handed-shut-unknown": "Nobody is on duty now; a colleague will reply here. Until then I can still check orders.",
    "already-asked": "A colleague has been asked already; please wait a moment.",
    "withdrawn": "All right, I have taken the request back. How can I help?",
    "taken": "{name} is with you now.",
    "returned": "The colleague is done; the assistant goes on from here.",
    "closed": "This conversation with our team is over. Write again whenever you like.",
    "still-waiting": "Everybody is busy, sorry for the wait. You are still in line and will not be lost; you may "
    "leave, "
    "the reply stays here.",
    "settled-yes": "Your request (no. {proposal}) has been carried out.",
    "settled-no": "Your request (no. {proposal}) was not approved. Write “person” if you have questions.",
    "paid": ", paid",
    "unpaid": ", not paid",
    "wants-task": "{task} (order {number})",
    "wants-task-only": "{task}",
    "attribute-title": "title",
}
_TASKS: Mapping[str, tuple[str, str]] = {
    "order-status": ("查询订单", "order status"),
    "parcel": ("查询物流", "parcel tracking"),
    "change-address": ("修改地址", "a change of address"),
    "cancel-order": ("取消订单", "cancelling the order"),
    "return": ("退货", "a return"),
    "exchange": ("换货", "an exchange"),
    "invoice": ("开发票", "an invoice"),
    "price-protection": ("价保退差价", "price protection"),
    "find-product": ("找商品", "finding a product"),
    "question": ("咨询", "a question"),
    "person": ("转人工", "talking to a person"),
}
_STATES: Mapping[str, tuple[str, str]] = {
    "placed": ("已下单", "placed"), "accepted": ("处理中", "being handled"), "held": ("审核中", "being reviewed"),
    "cancelled": ("已取消", "cancelled"), "closed": ("已完成", "completed"), "created": ("已出单", "label made"),
    "in-transit": ("运输中", "in transit"), "out-for-delivery": ("派送中", "out for delivery"),
    "attempt-failed": ("派送未成功", "delivery was tried"), "at-pickup-point": ("待自提", "ready for pickup"),
    "delivered": ("已送达", "delivered"), "returning": ("退回途中", "on its way back"), "returned": ("已退回", ""
    "returned"),
    "lost": ("丢失", "lost"), "voided": ("已作废", "voided"),
}  # fmt: skip
_DETAILS: Mapping[str, tuple[str, str]] = {
    "task": ("办理", "Request"), "number": ("订单", "Order"), "address": ("新地址", "New address"),
    "items": ("商品", "Items"), "reason": ("原因", "Reason"), "title": ("发票抬头", "Invoice to"),
    "tax_id": ("税号", "Tax id"), "wish": ("换成", "Instead"), "intact": ("未使用且完好", "Unused and complete"),
}  # fmt: skip
_REASONS: Mapping[str, tuple[str, str]] = {
    "no-reason": ("不合适/不想要", "changed my mind"), "quality": ("质量问题", "quality"),
    "damaged": ("收到破损", "arrived damaged"), "wrong-item": ("发错货", "wrong item"),
    "missing-item": ("少件", "missing item"), "not-as-described": ("与描述不符", "not as described"),
}  # fmt: skip


def say(locale: Locale, key: str, **values: object) -> str:
    """One sentence with its values.

    Raises:
        ProgrammerError: no such sentence, or a value is missing.
    """
    try:
        template = (_ZH if locale == "zh-CN" else _EN)[key]
        return Formatter().vformat(template, (), {name: str(value) for name, value in values.items()})
    except KeyError as missing:
        raise ProgrammerError(f"sentence {key!r}: {missing} is missing") from missing


def sentences(locale: Locale) -> Mapping[str, str]:
    """Every sentence of a language by its key."""
    return _ZH if locale == "zh-CN" else _EN


def task_name(locale: Locale, task: str) -> str:
    """A task for people."""
    return _pick(_TASKS, locale, task)


def state_name(locale: Locale, state: str) -> str:
    """A state of an order or a parcel for people."""
    return _pick(_STATES, locale, state.replace("_", "-"))


def detail_name(locale: Locale, name: str) -> str:
    """A line of what is to be confirmed."""
    return _pick(_DETAILS, locale, name)


def reason_name(locale: Locale, reason: str) -> str:
    """A reason for a return, for people."""
    return _pick(_REASONS, locale, reason)


def _pick(table: Mapping[str, tuple[str, str]], locale: Locale, word: str) -> str:
    found = table.get(word)
    return word if found is None else found[0 if locale == "zh-CN" else 1]
