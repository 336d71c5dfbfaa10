"""How facts and words are called in plain English and Chinese, for sentences generated from policy data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A fact's name. For a yes-or-no fact, `en`/`zh` is the clause when it is so, `en_not`/`zh_not` when it is not."""

    en: str
    zh: str
    en_not: str = ""
    zh_not: str = ""


FACTS: dict[str, Label] = {
    "action.known": Label("the action is known", "该操作已知", "the action is unknown", "该操作未知"),
    "arguments.missing": Label("missing or malformed arguments", "缺少或格式不对的参数"),
    "session.identified": Label(
        "the customer has been identified", "已核实客户身份", "nobody has identified the customer", "尚未核实客户身份"
    ),
    "session.same_customer": Label(
        "the request concerns the customer of this conversation",
        "请求属于本次会话的客户",
        "the request concerns another customer",
        "请求涉及另一位客户",
    ),
    "session.confirmed": Label(
        "the customer said yes to the details",
        "客户已明确确认操作内容",
        "the customer has not confirmed the details",
        "客户尚未确认操作内容",
    ),
    "lookup.found": Label("the search finds a customer", "查询到该客户", "no such customer is found", "未找到该客户"),
    "order.exists": Label("the order exists", "订单存在", "there is no such order", "没有这个订单"),
    "user.exists": Label("the customer exists", "客户存在", "there is no such customer", "没有这个客户"),
    "product.exists": Label("the product exists", "商品存在", "there is no such product", "没有这个商品"),
    "item.exists": Label("the item exists", "商品规格存在", "there is no such item", "没有这个商品规格"),
    "expression.valid": Label(
        "the expression is plain arithmetic", "算式是普通四则运算", "the expression is not plain arithmetic", "算式无效"
    ),
    "order.status": Label("the order's status", "订单状态"),
    "order.done": Label("the one-time actions already done on the order", "订单已做过的一次性操作"),
    "cancel.reason": Label("the reason for cancelling", "取消原因"),
    "address.complete": Label(
        "the address is complete", "地址完整", "street, city, state, country or postal code is empty", "地址不完整"
    ),
    "items.count": Label("the number of items named", "列出的商品件数"),
    "items.not_in_order": Label("items named that the order does not hold", "订单中没有的商品"),
    "items.paired": Label(
        "every old item has its new item",
        "新旧商品一一对应",
        "the numbers of old and new items differ",
        "新旧商品数量不一致",
    ),
    "items.unknown_new": Label("new items that do not exist", "不存在的新商品"),
    "items.other_product": Label("new items of another product", "属于其他商品的新规格"),
    "items.unavailable": Label("new items that are not available", "缺货的新规格"),
    "items.unchanged": Label("items exchanged for themselves", "与原规格相同的商品"),
    "payment.exists": Label(
        "the payment method belongs to the customer",
        "付款方式属于该客户",
        "the customer has no such payment method",
        "客户没有这个付款方式",
    ),
    "payment.kind": Label("the kind of payment method", "付款方式类型"),
    "payment.original": Label(
        "the payment method is the original one",
        "是原付款方式",
        "it is not the original payment method",
        "不是原付款方式",
    ),
    "payment.balance": Label("the gift card's balance", "礼品卡余额"),
    "payment.count": Label("the number of payments in force", "有效付款笔数"),
    "amount.due": Label("the amount to pay", "应付金额"),
    "request.at": Label("the request", "申请时间"),
    "request.reason": Label("the reason given", "申请理由"),
    "request.fault": Label("whose fault it is", "责任方"),
    "request.proof": Label(
        "there is evidence of the fault", "有责任凭证", "there is no evidence of the fault", "没有责任凭证"
    ),
    "request.units": Label("the units asked for", "申请件数"),
    "request.amount": Label("the amount asked for", "申请金额"),
    "units.excess": Label(
        "the number of units asked for beyond those delivered and not yet returned", "超出已签收未退数量的件数"
    ),
    "units.excess_unshipped": Label(
        "the number of units asked for beyond those not yet dispatched", "超出未发货数量的件数"
    ),
    "goods.kinds": Label("the kinds of goods", "商品类别"),
    "goods.intact": Label(
        "the goods are intact", "商品完好", "the goods are used beyond trying them", "商品已超出查验试用范围"
    ),
    "goods.opened": Label("the seal was broken", "已拆封", "the seal is unbroken", "未拆封"),
    "goods.exception_agreed": Label(
        "the customer agreed to the exception at purchase",
        "客户在购买时已单独确认不适用无理由退货",
        "the customer did not agree to the exception at purchase",
        "客户未在购买时确认不适用无理由退货",
    ),
    "order.state": Label("the order's state", "订单状态"),
    "order.paid_at": Label("the payment", "付款时间"),
    "order.placed_at": Label("the purchase", "下单时间"),
    "order.dispatch_promised_at": Label("the promised dispatch", "承诺发货时间"),
    "order.dispatched": Label("the order is dispatched", "已发货", "the order is not dispatched", "未发货"),
    "order.dispatched_at": Label("the dispatch", "发货时间"),
    "order.dispatched_or_now": Label("the dispatch (or now, if not dispatched)", "发货时间（未发货则为当前时间）"),
    "order.delivered_or_now": Label("the receipt (or now, if not received)", "签收时间（未签收则为当前时间）"),
    "order.subtotal_with_freight": Label("the goods' price with the freight paid", "商品金额加发货运费"),
    "payment.refund_kinds": Label("the kinds of method refunded", "退款方式类型"),
    "order.delivered_at": Label("the receipt of the goods", "签收时间"),
    "order.presale": Label("it is a pre-sale", "是预售订单", "it is not a pre-sale", "不是预售订单"),
    "order.subtotal": Label("the goods' price", "商品金额"),
    "order.outbound_freight": Label("the freight paid for delivery", "发货运费"),
    "return.received_at": Label("the goods' return to the seller", "商家收到退货时间"),
    "return.sent_at": Label("the proof of sending back", "退货寄出时间"),
    "money.refundable": Label("what was paid and not yet refunded", "已付未退金额"),
    "trader.informed": Label(
        "the customer was told of the right of withdrawal",
        "已告知客户撤回权",
        "the customer was not told of the right of withdrawal",
        "未告知客户撤回权",
    ),
    "trader.informed_return_cost": Label(
        "the customer was told to bear the cost of returning",
        "已告知客户承担退货运费",
        "the customer was not told to bear the cost of returning",
        "未告知客户承担退货运费",
    ),
    "trader.same_method": Label(
        "the refund goes by the means of payment used",
        "退款按原付款方式退回",
        "the refund goes by another means of payment",
        "退款未按原付款方式退回",
    ),
    "price.paid": Label("the price paid", "成交价"),
    "price.now": Label("the price now", "现价"),
    "price.drop": Label("the price drop", "差价"),
    "price.same_offer": Label(
        "it is the same offer at the same seller", "同店同款同规格", "it is another offer", "不是同店同款同规格"
    ),
    "parcel.lost": Label("the parcel is lost", "包裹已丢失", "the parcel is not lost", "包裹未丢失"),
    "parcel.status": Label("the parcel's status", "包裹状态"),
}

WORDS: dict[str, str] = {
    "pending": "待处理",
    "pending (item modified)": "待处理（已改商品）",
    "processed": "已处理",
    "delivered": "已送达",
    "cancelled": "已取消",
    "exchange requested": "已申请换货",
    "return requested": "已申请退货",
    "gift_card": "礼品卡",
    "credit_card": "信用卡",
    "paypal": "PayPal 账户",
    "no longer needed": "不再需要",
    "ordered by mistake": "误下单",
    "modify_pending_order_items": "修改商品",
    "modify_pending_order_address": "修改地址",
    "modify_pending_order_payment": "修改付款方式",
    "exchange_delivered_order_items": "换货",
    "return_delivered_order_items": "退货",
    "immediately": "即时到账",
    "in 5 to 7 business days": "5 至 7 个工作日",
    "original payment method": "原付款方式",
    "seller": "商家",
    "buyer": "买家",
    "carrier": "承运商",
    "nobody": "无人担责",
    "no-reason": "无理由",
    "quality": "质量问题",
    "damaged": "破损",
    "wrong-item": "发错货",
    "not-as-described": "与描述不符",
    "missing-item": "少发",
    "late": "延误",
    "custom-made": "定作商品",
    "perishable": "鲜活易腐商品",
    "digital": "在线下载的数字化商品",
    "sealed-media": "音像制品、计算机软件",
    "newspaper": "报纸、期刊",
    "hygiene-sealed": "拆封后影响人身安全或健康的商品",
    "value-drop": "激活或试用后贬值较大的商品",
    "near-expiry": "销售时已明示的临期、瑕疵商品",
    "service-done": "已履行完毕的服务",
    "mixed": "交付后与其他物品混合的商品",
    "dated-leisure": "指定日期的住宿、运输、餐饮、休闲服务",
    "placed": "已下单",
    "accepted": "已接单",
    "held": "已暂停",
    "closed": "已完结",
}


def fact_label(name: str) -> Label:
    """The label of a fact; an unlisted one is called by its own name."""
    plain = name.replace(".", " ").replace("_", " ")
    return FACTS.get(name, Label(plain, plain, f"not {plain}", f"非{plain}"))


def word_zh(word: str) -> str:
    """The Chinese word for a value; an unlisted one stays as it is."""
    return WORDS.get(word, word)
