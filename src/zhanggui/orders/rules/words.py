"""How the facts of `dossier` are called, added to the vocabulary of sentences by whoever imports this module."""

from zhanggui.orders.rules.vocabulary import FACTS, WORDS, Label

DESK_FACTS: dict[str, Label] = {
    "now": Label("this moment", "当前时间"),
    "order.paid": Label("the order is paid", "订单已付清", "the order is not paid", "订单未付清"),
    "order.paid_in_part": Label("a part is paid", "仅付了部分", "nothing is paid in part", "不是部分付款"),
    "order.awaits_payment": Label(
        "the order waits for its payment", "订单等待付款", "the order waits for no payment", "订单无需等待付款"
    ),
    "order.age_hours": Label("the hours since the order", "下单后的小时数"),
    "order.total": Label("the order's total", "订单金额"),
    "order.cash_on_delivery": Label("it is paid on delivery", "货到付款", "it is not paid on delivery", "不是货到付款"),
    "order.note": Label("the customer left a note", "买家有留言", "the customer left no note", "买家没有留言"),
    "order.units": Label("the number of units ordered", "订购件数"),
    "order.fits_together": Label(
        "what the shop told fits together", "店铺数据前后一致", "what the shop told does not fit", "店铺数据前后矛盾"
    ),
    "money.due": Label("the amount still due", "未付金额"),
    "money.overpaid": Label("the amount paid too much", "多付金额"),
    "units.waiting": Label("the units not yet given to a warehouse", "尚未分配仓库的件数"),
    "parcel.refused": Label("a parcel was refused", "包裹被拒收", "no parcel was refused", "包裹未被拒收"),
    "parcel.problem": Label("the parcel's problem", "包裹异常类型"),
    "parcel.culprit": Label("who is to blame for it", "异常责任方"),
    "parcel.claim_age_days": Label("the days since the problem began", "异常发生后的天数"),
    "return.accepted": Label("returned goods were accepted", "退货已验收", "no return was accepted", "退货未验收"),
    "return.refund_due": Label(
        "money is owed for accepted returns", "已验收退货尚未退款", "nothing is owed for returns", "没有待退款的退货"
    ),
    "return.received": Label("returned goods are here", "退货已到仓", "no returned goods are here", "退货未到仓"),
    "desk.reminders": Label("the number of reminders sent", "已催付次数"),
    "desk.hours_since_reminder": Label("the hours since the last reminder", "距上次催付的小时数"),
    "desk.invoiced": Label("an invoice was issued", "已开发票", "no invoice was issued", "未开发票"),
    "desk.claims": Label("the number of claims made", "已提出的理赔数"),
    "warehouse.packing": Label(
        "a warehouse is packing it", "仓库正在拣货打包", "no warehouse is packing it", "仓库尚未拣货"
    ),
    "address.known": Label("the address is known", "有收货地址", "no address is known", "没有收货地址"),
    "address.changes": Label(
        "the address differs from the one there is", "与现有地址不同", "it is the same address", "与现有地址相同"
    ),
    "stock.counted": Label("stock is counted", "有库存数据", "stock is not counted", "没有库存数据"),
    "stock.there": Label("the units in stock", "有货件数"),
    "stock.missing": Label("the units not in stock", "缺货件数"),
    "units.above_stock": Label("the units asked for beyond those in stock", "超出库存的件数"),
    "units.above_waiting": Label("the units asked for beyond those waiting", "超出待分配数量的件数"),
    "risk.score": Label("the risk score", "风险分"),
    "risk.level": Label("the risk level", "风险等级"),
    "risk.signals": Label("the signs of risk", "风险信号"),
    "message.unproved": Label("what the message says without proof", "消息中没有依据的内容"),
    "message.empty": Label("the message is empty", "消息为空", "the message says something", "消息有内容"),
    "message.today": Label("the messages already sent today", "今日已发消息数"),
    "invoice.title": Label("an invoice title is given", "已填发票抬头", "no invoice title is given", "未填发票抬头"),
    "invoice.tax_number_fits": Label(
        "the tax number can be one",
        "税号格式与校验位正确",
        "the tax number is mistyped",
        "税号有误（校验位不符或格式不对）",
    ),
    "request.refund_basis": Label("the basis of the refund", "退款依据"),
    "money.return_value": Label("the value of the accepted return", "已验收退货的价值"),
}
DESK_WORDS: dict[str, str] = {
    "low": "低",
    "medium": "中",
    "high": "高",
    "duplicate": "重复下单",
    "refusals": "曾拒收",
    "lost": "丢失",
    "stuck": "停滞",
    "delivered-but-denied": "签收未收到",
    "return": "退货",
    "goodwill": "商家补偿",
    "shop-cancelled": "商家取消",
    "unpaid": "未付款",
}

FACTS.update({name: label for name, label in DESK_FACTS.items() if name not in FACTS})
WORDS.update({word: zh for word, zh in DESK_WORDS.items() if word not in WORDS})
