"""One action on a shop under a policy: decide, carry out, say how to take it back. Pure."""

from dataclasses import replace

from zhanggui.kernel.errors import Conflict, ProgrammerError
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.orders.models import Decision, RuleResult, Sentence, Session, Shop, ShopOrder, ShopUser, UndoStep
from zhanggui.orders.rules.engine import evaluate
from zhanggui.orders.rules.policy import Policy
from zhanggui.orders.rules.retail_actions import carry_out, is_write, look_up
from zhanggui.orders.rules.retail_facts import ARGUMENTS, facts_for, point
from zhanggui.orders.rules.shop_json import order_json, user_json


def execute(shop: Shop, action: str, arguments: JsonObject, policy: Policy, session: Session) -> Decision:
    """Decide on one action and, where the policy accepts it, carry it out on a new shop.

    A refusal changes nothing: the same shop and session come back. Nothing in `arguments` is trusted: names, ids and
    types are checked by rules, and unknown arguments are ignored.
    """
    if action not in ARGUMENTS:
        return Decision(False, (_unknown_action(action),), None, None, shop, session)
    target = point(shop, action, arguments)
    facts = facts_for(shop, action, target, session)
    verdict = evaluate(policy, action, facts)
    if not verdict.allowed:
        rules = verdict.rules or (_unknown_action(action),)
        return Decision(False, rules, None, None, shop, session, facts)
    if target.user is not None:
        session = replace(session, user_id=target.user.id)
    if not is_write(action):
        return Decision(True, verdict.rules, look_up(shop, action, target), None, shop, session, facts)
    after = carry_out(shop, action, target, policy.quirks)
    undo = _undo_step(shop, after, target.order, target.user)
    result: JsonValue
    if target.order is not None:
        result = order_json(after.orders[target.order.id])
    elif target.user is not None:
        result = user_json(after.users[target.user.id])
    else:
        raise ProgrammerError(f"{action} was carried out on nothing")
    return Decision(True, verdict.rules, result, undo, after, session, facts)


def take_back(shop: Shop, step: UndoStep) -> Shop:
    """The shop with one carried-out action undone.

    Raises:
        Conflict: it cannot be undone, or a record it touched has changed since.
    """
    if not step.possible:
        raise Conflict(step.reason.en)
    moved_on = [o.id for o in step.orders_after if shop.orders.get(o.id) != o]
    moved_on += [u.id for u in step.users_after if shop.users.get(u.id) != u]
    if moved_on:
        raise Conflict(f"changed since: {', '.join(moved_on)}")
    for order in step.orders_before:
        shop = replace(shop.with_order(order), done={**shop.done, order.id: step.done_before})
    for user in step.users_before:
        shop = shop.with_user(user)
    return shop


def _undo_step(before: Shop, after: Shop, order: ShopOrder | None, user: ShopUser | None) -> UndoStep:
    orders = [order.id] if order is not None and after.orders[order.id] != order else []
    users = [user.id] if user is not None and after.users[user.id] != user else []
    refunded = order is not None and _refunded_outside(order, after.orders[order.id], after)
    reason = (
        Sentence(
            "A refund has left for a card or an account outside the shop and cannot be called back.",
            "退款已发往银行卡或外部账户，无法撤回。",
        )
        if refunded
        else Sentence("The records can be put back as they were.", "可恢复为操作前的记录。")
    )
    return UndoStep(
        possible=not refunded,
        reason=reason,
        orders_before=tuple(before.orders[i] for i in orders),
        orders_after=tuple(after.orders[i] for i in orders),
        users_before=tuple(before.users[i] for i in users),
        users_after=tuple(after.users[i] for i in users),
        done_before=before.done.get(order.id, frozenset()) if order is not None else frozenset(),
    )


def _refunded_outside(before: ShopOrder, after: ShopOrder, shop: Shop) -> bool:
    methods = shop.users[after.user_id].payment_methods
    return any(
        move.kind == "refund"
        and move.amount.minor > 0
        and (move.method_id not in methods or methods[move.method_id].balance is None)
        for move in after.transactions[len(before.transactions) :]
    )


def _unknown_action(action: str) -> RuleResult:
    text = Sentence("Required: the action is one that the policy knows.", "要求：操作须为政策所列操作。")
    shown = action if len(action) <= 80 else f"{action[:80]}…"
    reason = Sentence(f"The policy knows no action “{shown}”. {text.en}", f"政策中没有“{shown}”这一操作。{text.zh}")
    return RuleResult("action-known", False, text, reason, {"action": shown})
