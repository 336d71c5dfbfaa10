"""Short names for what a customer has, and the schema that allows nothing else: o1 orders, i3 items, v7 variants, p1
ways to pay, a1 addresses. A proposal in these names is turned back into the shop's own actions and ids."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

Json = dict[str, Any]
ADDRESS = ("address1", "address2", "city", "state", "country", "zip")
MOST_ACTIONS = 6
_WORD = re.compile(r"[a-z]{3,}")


class Address(BaseModel):
    """An address that the customer gave and that the shop does not have yet."""

    address1: str = Field(max_length=60)
    address2: str = Field(max_length=40)
    city: str = Field(max_length=40)
    state: str = Field(max_length=20)
    country: str = Field(max_length=20)
    zip: str = Field(max_length=10)


class Nothing(BaseModel):
    """Nothing is to be done, and why."""

    do: Literal["nothing"]
    why: str = Field(min_length=3, max_length=120)


@dataclass(slots=True)
class Handles:
    """The short names of one customer's things, each with what it stands for."""

    orders: dict[str, str] = field(default_factory=dict)
    items: dict[str, tuple[str, Json]] = field(default_factory=dict)
    variants: dict[str, Json] = field(default_factory=dict)
    payments: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Json] = field(default_factory=dict)
    products: dict[str, list[str]] = field(default_factory=dict)

    def of_state(self, db: Json, state: str) -> tuple[list[str], list[str]]:
        """Names of the orders in this state and of their items."""
        orders = [name for name, key in self.orders.items() if db["orders"][key]["status"] == state]
        keys = {self.orders[name] for name in orders}
        return orders, [name for name, (key, _) in self.items.items() if key in keys]

    def swaps(self, items: Iterable[str]) -> list[str]:
        """Every item with each available variant of its own product, as `i3>v7`."""
        return [
            f"{name}>{other}"
            for name in items
            for other in self.products.get(self.items[name][1]["product_id"], ())
            if self.variants[other]["item_id"] != self.items[name][1]["item_id"]
        ]


def handles_of(db: Json, user: Json, message: str) -> Handles:
    """Short names for a customer's orders, items, ways to pay and addresses, and for the variants of the products that
    the message speaks of (of all products, when it names none)."""
    made = Handles()
    made.payments = {f"p{n}": key for n, key in enumerate(sorted(user["payment_methods"]), 1)}
    _add_address(made, user["address"])
    for n, key in enumerate(user["orders"], 1):
        order = db["orders"][key]
        made.orders[f"o{n}"] = key
        _add_address(made, order["address"])
        if order["status"] in ("pending", "delivered"):
            for item in order["items"]:
                made.items[f"i{len(made.items) + 1}"] = (key, item)
    names = {item["product_id"]: item["name"] for _, item in made.items.values()}
    meant = [product for product, name in names.items() if _named(name, message)] or list(names)
    for product in meant:
        for variant in db["products"][product]["variants"].values():
            if variant["available"]:
                name = f"v{len(made.variants) + 1}"
                made.variants[name] = variant
                made.products.setdefault(product, []).append(name)
    return made


def _add_address(made: Handles, address: Json) -> None:
    if address not in made.addresses.values():
        made.addresses[f"a{len(made.addresses) + 1}"] = address


def _named(name: str, message: str) -> bool:
    joined = re.sub(r"[^a-z]", "", message.lower())
    said = {word.removesuffix("s") for word in _WORD.findall(message.lower())}
    words = {word.removesuffix("s") for word in _WORD.findall(name.lower())}
    return bool(said & words) or re.sub(r"[^a-z]", "", name.lower()) in joined


def told(db: Json, user: Json, message: str, made: Handles) -> Json:
    """The prompt's variables in short names."""
    ways = "; ".join(f"{name} {key.rsplit('_', 1)[0]}" for name, key in made.payments.items())
    places = "\n".join(f"{name} {', '.join(map(str, place.values()))}" for name, place in made.addresses.items())
    back = {key: name for name, key in made.payments.items()}
    at = {tuple(place.values()): name for name, place in made.addresses.items()}
    lines: list[str] = []
    for name, key in made.orders.items():
        order = db["orders"][key]
        paid = back.get(order["payment_history"][0]["payment_method_id"], "")
        own = [(n, item) for n, (of, item) in made.items.items() if of == key]
        things = "; ".join(f"{n.rsplit('/')[-1]} {item['name']} ({options(item)}) ${item['price']}" for n, item in own)
        place = at.get(tuple(order["address"].values()), "")
        lines.append(f"{name} {key} {order['status']}, paid by {paid}, to {place}: {things}")
    products = {item["product_id"]: item["name"] for _, item in made.items.values()}
    variants = [
        f"{products[product]}: {'; '.join(_shown(name, made.variants[name]) for name in some)}"
        for product, some in made.products.items()
    ]  # fmt: skip
    who = f"{user['name']['first_name']}, home {at[tuple(user['address'].values())]}"
    return {"message": message, "customer": who, "payments": ways, "addresses": places, "orders": "\n".join(lines),
            "variants": "\n".join(variants), "refused": ""}  # fmt: skip


def _shown(name: str, variant: Json) -> str:
    return f"{name} {options(variant)} ${variant['price']}"


def options(thing: Json) -> str:
    """A variant's options, one after another."""
    return ", ".join(str(value) for value in thing["options"].values())


def proposal_type(db: Json, made: Handles) -> type[BaseModel]:
    """The schema of this customer's proposals: a shape for each action that a state allows, names only of what exists,
    at least one entry (`nothing` with a reason, when nothing is to be done)."""
    pending, to_change = made.of_state(db, "pending")
    delivered, to_return = made.of_state(db, "delivered")
    pay = _one_of(made.payments)
    place: Any = _one_of(made.addresses) | Address
    shapes: dict[str, Json] = {"change_home_address": {"to": place}}
    if pending:
        reason = Literal["no longer needed", "ordered by mistake"]
        shapes["cancel"] = {"order": _one_of(pending), "reason": reason}
        shapes["change_order_address"] = {"order": _one_of(pending), "to": place}
        shapes["change_order_payment"] = {"order": _one_of(pending), "pay": pay}
    if made.swaps(to_change):
        shapes["change_items"] = {"swaps": _some_of(made.swaps(to_change)), "pay": pay}
    if delivered:
        shapes["return"] = {"items": _some_of(to_return), "refund_to": pay}
    if made.swaps(to_return):
        shapes["exchange"] = {"swaps": _some_of(made.swaps(to_return)), "pay": pay}
    several: Any = Nothing
    for name, fields in shapes.items():
        several |= create_model(
            f"Do_{name}", do=(Literal[name], ...), **{key: (kind, ...) for key, kind in fields.items()}
        )
    return create_model("Proposed", actions=(list[several], Field(min_length=1, max_length=MOST_ACTIONS)))


def _one_of(values: Iterable[str]) -> Any:
    return Literal[tuple(values)]


def _some_of(values: list[str]) -> Any:
    return Annotated[list[_one_of(values)], Field(min_length=1, max_length=8)]


def actions_of(made: Handles, proposed: list[Json]) -> list[Json]:
    """The shop's actions that a proposal in short names means. What belongs to several orders becomes one action each;
    `nothing` becomes none."""
    found: list[Json] = []
    for one in proposed:
        found += _ACTIONS[one["do"]](made, one)
    return found


def _address(made: Handles, to: Any) -> Json:
    return dict(made.addresses[to]) if isinstance(to, str) else dict(to)


def _swapped(action: str) -> Any:
    def build(made: Handles, one: Json) -> list[Json]:
        by_order: dict[str, list[tuple[str, str]]] = {}
        for pair in dict.fromkeys(one["swaps"]):
            item, variant = pair.split(">")
            key, thing = made.items[item]
            by_order.setdefault(key, []).append((thing["item_id"], made.variants[variant]["item_id"]))
        pay = made.payments[one["pay"]]
        return [
            {"action": action, "arguments": {"order_id": key, "item_ids": [a for a, _ in pairs],
             "new_item_ids": [b for _, b in pairs], "payment_method_id": pay}}
            for key, pairs in by_order.items()
        ]  # fmt: skip

    return build


def _returned(made: Handles, one: Json) -> list[Json]:
    by_order: dict[str, list[str]] = {}
    for name in dict.fromkeys(one["items"]):
        key, thing = made.items[name]
        by_order.setdefault(key, []).append(thing["item_id"])
    pay = made.payments[one["refund_to"]]
    return [
        {"action": "return_delivered_order_items",
         "arguments": {"order_id": key, "item_ids": ids, "payment_method_id": pay}}
        for key, ids in by_order.items()
    ]  # fmt: skip


def _single(action: str, made: Handles, one: Json) -> list[Json]:
    arguments: Json = {"order_id": made.orders[one["order"]]} if "order" in one else {}
    if "to" in one:
        arguments |= _address(made, one["to"])
    if "pay" in one:
        arguments["payment_method_id"] = made.payments[one["pay"]]
    if "reason" in one:
        arguments["reason"] = one["reason"]
    return [{"action": action, "arguments": arguments}]


_ACTIONS: dict[str, Any] = {
    "nothing": lambda made, one: [],
    "cancel": lambda made, one: _single("cancel_pending_order", made, one),
    "change_home_address": lambda made, one: _single("modify_user_address", made, one),
    "change_order_address": lambda made, one: _single("modify_pending_order_address", made, one),
    "change_order_payment": lambda made, one: _single("modify_pending_order_payment", made, one),
    "change_items": _swapped("modify_pending_order_items"),
    "exchange": _swapped("exchange_delivered_order_items"),
    "return": _returned,
}
