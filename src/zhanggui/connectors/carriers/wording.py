"""What carriers' sentences mean, where a code says too little: English, Chinese, French, German; most telling first."""

import re
from dataclasses import dataclass

from zhanggui.kernel.commerce import ParcelReason as Reason
from zhanggui.kernel.commerce import ParcelStatus as Status


@dataclass(frozen=True, slots=True)
class Meaning:
    """A status, a reason, or both."""

    status: Status | None = None
    reason: Reason | None = None


# One row: status, reason, alternatives. The first row that matches wins, so returns, refusals and failures come before
# deliveries ("delivery refused", "未签收") and deliveries before the rest.
_ROWS: tuple[tuple[Status, Reason | None, tuple[str, ...]], ...] = (
    (
        Status.RETURNING,
        None,
        (
            r"return(ing|s)? to (the )?(sender|shipper)",
            r"being returned",
            r"退回中",
            r"退件中",
            r"rücksendung",
            r"retour à l'exp",
        ),
    ),
    (
        Status.RETURNED,
        None,
        (
            r"\breturned to (the )?(sender|shipper|merchant)",
            r"已退回(至)?(寄|发)件",
            r"退件(已)?签收",
            r"退签",
        ),
    ),
    (
        Status.REFUSED,
        Reason.BUYER_REFUSED,
        (
            r"\brefus",
            r"\brejected by (the )?(recipient|consignee|customer)",
            r"拒收",
            r"拒签",
            r"verweiger",
        ),
    ),
    (
        Status.LOST,
        Reason.CARRIER_LOSS,
        (
            r"\b(lost|missing)\b",
            r"丢失",
            r"遗失",
            r"perdu",
            r"verloren",
        ),
    ),
    (
        Status.DAMAGED,
        Reason.CARRIER_DAMAGE,
        (
            r"\bdamaged?\b",
            r"破损",
            r"损坏",
            r"endommag",
            r"beschädig",
        ),
    ),
    (
        Status.CANCELLED,
        Reason.SELLER_CANCELLED,
        (
            r"\b(shipment|label|order|pickup) (was )?(cancell?ed|voided)",
            r"取消寄件",
            r"已撤销",
        ),
    ),
    (
        Status.ON_HOLD,
        Reason.CUSTOMS_DUTIES,
        (
            r"(dut(y|ies)|tax(es)?|customs charges?) .{0,30}(unpaid|due|payment)",
            r"缴税",
            r"关税待付",
        ),
    ),
    (
        Status.ON_HOLD,
        Reason.CUSTOMS_DOCUMENTS,
        (
            r"(document|paperwork|invoice|information).{0,40}(missing|required|customs)",
            r"清关资料",
            r"补充材料",
        ),
    ),
    (
        Status.IN_TRANSIT,
        None,
        (
            r"(cleared|released|released by) customs",
            r"customs (cleared|clearance (is )?complete)",
            r"clearance completed",
            r"清关完成",
            r"已清关",
            r"放行",
        ),
    ),
    (
        Status.ON_HOLD,
        Reason.CUSTOMS_DELAY,
        (
            r"held (by|in|at) customs",
            r"customs (delay|hold|inspection|exception)",
            r"海关扣",
            r"清关异常",
            r"查验",
        ),
    ),
    (
        Status.ATTEMPT_FAILED,
        Reason.BUYER_ABSENT,
        (
            r"(customer|recipient|consignee|addressee|receiver) (was )?(not |un)(available|home)",
            r"no ?(one|body) (was )?(home|available)",
            r"not home",
            r"business (was )?closed",
            r"无人(在家|签收|接听)",
            r"联系不上",
            r"电话不通",
            r"absent",
            r"nicht angetroffen",
        ),
    ),
    (
        Status.ATTEMPT_FAILED,
        Reason.BUYER_ADDRESS,
        (
            r"(incorrect|insufficient|invalid|wrong|incomplete|bad) address",
            r"address (is |was )?(incorrect|incomplete|unknown|not found)",
            r"moved",
            r"地址(错误|不详|不全|有误)",
            r"adresse (incorrecte|inconnue)",
            r"adresse (falsch|unvollständig)",
        ),
    ),
    (
        Status.ATTEMPT_FAILED,
        Reason.BUYER_ACCESS,
        (
            r"(no|restricted|unable to) access",
            r"无法进入",
        ),
    ),
    (
        Status.ATTEMPT_FAILED,
        Reason.BUYER_RESCHEDULED,
        (
            r"reschedul",
            r"改期",
            r"约定.{0,6}(再|改).{0,4}派",
        ),
    ),
    (
        Status.DELAYED,
        Reason.WEATHER,
        (
            r"\bweather",
            r"\bsnow",
            r"\bstorm",
            r"\bflood",
            r"天气",
            r"暴雨",
            r"暴雪",
            r"台风",
            r"intempéries",
            r"wetter",
        ),
    ),
    (
        Status.DELAYED,
        Reason.CARRIER_MISSORT,
        (
            r"mis-?(sort|rout)",
            r"wrong (facility|depot)",
            r"错分",
            r"错发",
        ),
    ),
    (
        Status.DELAYED,
        Reason.CARRIER_VEHICLE,
        (
            r"(vehicle|mechanical|flight) (issue|failure|delay|cancell)",
            r"车辆故障",
        ),
    ),
    (
        Status.DELAYED,
        Reason.OTHER_HOLIDAY,
        (
            r"\bholiday",
            r"节假日",
            r"春节",
        ),
    ),
    (
        Status.DELAYED,
        Reason.CARRIER_DELAY,
        (
            r"\bdelay(ed)?\b",
            r"延误",
            r"滞留",
            r"积压",
            r"retard",
            r"verspätet",
            r"verzöger",
        ),
    ),
    (
        Status.ATTEMPT_FAILED,
        None,
        (
            r"(delivery|attempt).{0,20}(failed|unsuccessful|not possible|attempted)",
            r"attempted delivery",
            r"派送(失败|不成功)",
            r"投递失败",
            r"未妥投",
            r"zustellversuch",
            r"échec de (la )?livraison",
        ),
    ),
    (
        Status.READY_FOR_PICKUP,
        None,
        (
            r"(available|ready|awaiting|held) (for )?(pick ?-?up|collection)",
            r"awaiting collection",
            r"待(自)?取",
            r"取件码",
            r"已(放入|存放|到达)?.{0,12}(驿站|快递柜|代收点|自提)",
            r"prêt à être retiré",
            r"abholbereit",
            r"en point de retrait",
        ),
    ),
    (
        Status.OUT_FOR_DELIVERY,
        None,
        (
            r"out for delivery",
            r"on (a |the )?(delivery|courier|vehicle).{0,12}(route|today|delivery)",
            r"with .{0,40}for delivery",
            r"delivery route",
            r"派(件|送)(中|员)",
            r"正在派",
            r"en cours de livraison",
            r"in zustellung",
            r"préparons pour le mettre en livraison",
        ),
    ),
    (
        Status.DELIVERED,
        None,
        (
            r"\bdelivered\b",
            r"proof of delivery",
            r"已签收",
            r"签收人",
            r"妥投",
            r"(est|été) livré",
            r"zugestellt",
        ),
    ),
    (
        Status.INFO_RECEIVED,
        None,
        (
            r"label (was |has been )?created",
            r"created a label",
            r"information (received|submitted|approved)",
            r"electronic(ally)? (information|notified)",
            r"notified to .{0,30}electronically",
            r"tracking number allocated",
            r"order (is )?(ready|created)",
            r"shipping information",
            r"awaiting item",
            r"pre-?advi[cs]e",
            r"已下单",
            r"电子面单",
            r"等待揽收",
            r"angekündigt",
        ),
    ),
    (
        Status.PICKED_UP,
        None,
        (
            r"picked[ -]?up",
            r"collected",
            r"received (by|at)",
            r"in possession of",
            r"accepted (at|by)",
            r"drop(ped)?[ -]?off",
            r"揽(收|件)",
            r"已收件",
            r"收寄",
            r"abgeholt",
            r"pris(e)? en charge",
            r"entre nos mains",
        ),
    ),
    (
        Status.IN_TRANSIT,
        None,
        (
            r"transit",
            r"depart",
            r"arriv",
            r"processed",
            r"sort(ed|ing)",
            r"facilit",
            r"hub\b",
            r"distribution cent",
            r"handed over",
            r"customs",
            r"clearance",
            r"运输",
            r"发往",
            r"到达",
            r"离开",
            r"中转",
            r"转运",
            r"清关",
            r"acheminement",
            r"en chemin",
            r"unterwegs",
            r"verladen",
            r"préparons",
            r"remis au transporteur",
        ),
    ),
)
_COMPILED = tuple((status, reason, re.compile("|".join(words), re.IGNORECASE)) for status, reason, words in _ROWS)
_LONGEST = 2_000
# "not delivered", "未签收": a delivery denied is no delivery.
_DENIED = re.compile(
    r"\b(not|never|un)[ -]?(been )?delivered|undeliver|未签收|未送达|non livré|nicht zugestellt", re.IGNORECASE
)


def read_sentence(text: str) -> Meaning | None:
    """What a carrier's sentence means, or None where nothing in it is known."""
    shown = text[:_LONGEST]
    denied = _DENIED.search(shown) is not None
    for status, reason, pattern in _COMPILED:
        if denied and status is Status.DELIVERED:
            continue
        if pattern.search(shown):
            return Meaning(status, reason)
    return Meaning(Status.ATTEMPT_FAILED) if denied else None
