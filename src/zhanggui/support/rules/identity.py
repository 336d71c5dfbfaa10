"""Whose order is it: proofs, lockout, and the tokens that visitors carry. Pure.

An order number alone proves nothing. The full e-mail address of the order, or at least the last four digits of its
phone, must come with it. The answer never says which of the two was wrong, so that numbers cannot be tried out.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from zhanggui.support.models.conversation import Attempt

VISITOR_FAILURES, VISITOR_SPAN = 5, timedelta(minutes=30)
ORDER_FAILURES, ORDER_SPAN = 10, timedelta(hours=24)
PROOF_LASTS = timedelta(hours=2)
_LEAST_DIGITS = 4
_MOST_DIGITS = 15
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+){1,4}", re.ASCII)
_TOKEN = re.compile(r"zv_([0-9A-Z]{26})_([0-9a-f]{40})")


def order_mark(number: str) -> str:
    """A hash under which tries on an order number are counted; the number itself is not kept."""
    return hashlib.sha256(normal_number(number).encode()).hexdigest()[:40]


def normal_number(number: str) -> str:
    """An order number as it is compared: no `#`, no blanks, upper case."""
    return re.sub(r"[\s#]", "", number).upper()


def proves(proof: str, *, email: str, phone: str) -> bool:
    """Whether what the customer said proves the order: its e-mail address whole, or its phone's last digits.

    Comparison takes the same time whatever is right; an order without e-mail and phone cannot be proved.
    """
    given = proof.strip()
    if _EMAIL.fullmatch(given):
        wanted = email.strip().casefold().encode()
        return bool(wanted) and hmac.compare_digest(given.casefold().encode(), wanted)
    digits = re.sub(r"\D", "", given)
    known = re.sub(r"\D", "", phone)
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS or len(known) < len(digits):
        return False
    return hmac.compare_digest(digits.encode(), known[-len(digits) :].encode())


def locked_until(attempts: Sequence[Attempt], visitor_id: str, mark: str, now: datetime) -> datetime | None:
    """Until when this visitor may not try this order again; None where they may.

    Five failures of a visitor within 30 minutes, or ten on an order within 24 hours, lock. A success of the visitor
    clears the visitor's own failures before it.
    """
    mine = [one for one in attempts if one.visitor_id == visitor_id and one.at > now - VISITOR_SPAN]
    last_right = max((one.at for one in mine if one.passed), default=None)
    wrong = [one.at for one in mine if not one.passed and (last_right is None or one.at > last_right)]
    ends: list[datetime] = []
    if len(wrong) >= VISITOR_FAILURES:
        ends.append(sorted(wrong)[-VISITOR_FAILURES] + VISITOR_SPAN)
    on_order = sorted(
        one.at for one in attempts if one.order_mark == mark and not one.passed and one.at > now - ORDER_SPAN
    )
    if len(on_order) >= ORDER_FAILURES:
        ends.append(on_order[-ORDER_FAILURES] + ORDER_SPAN)
    return max(ends, default=None)


def visitor_token(key: bytes, merchant_id: str, visitor_id: str) -> str:
    """The token that a browser keeps: the visitor's id, signed for this merchant with HMAC-SHA256."""
    return f"zv_{visitor_id}_{_sign(key, merchant_id, visitor_id)}"


def visitor_of(key: bytes, merchant_id: str, token: str) -> str | None:
    """The visitor whose token this is; None where it is not one of ours for this merchant."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    visitor_id, mark = parts.groups()
    return visitor_id if hmac.compare_digest(mark, _sign(key, merchant_id, visitor_id)) else None


def _sign(key: bytes, merchant_id: str, visitor_id: str) -> str:
    return hmac.digest(key, f"zhanggui/visitor\0{merchant_id}\0{visitor_id}".encode(), "sha256").hex()[:40]
