"""A small shop of our own, in the shape of a shop file."""

from typing import Any

Json = dict[str, Any]
ADDRESS = {"address1": "1 Quay", "address2": "", "city": "Ghent", "country": "Belgium", "state": "OV", "zip": "9000"}


def _variant(item: str, price: float, *, available: bool = True, **options: str) -> Json:
    return {"item_id": item, "options": options, "available": available, "price": price}


def _order(name: str, user: str, status: str, items: list[Json], method: str) -> Json:
    total = round(sum(item["price"] for item in items), 2)
    return {
        "order_id": name,
        "user_id": user,
        "address": ADDRESS,
        "items": items,
        "status": status,
        "fulfillments": [{"tracking_id": ["T1"], "item_ids": []}] if status == "delivered" else [],
        "payment_history": [{"transaction_type": "payment", "amount": total, "payment_method_id": method}],
    }


def _item(name: str, product: str, item: str, price: float, **options: str) -> Json:
    return {"name": name, "product_id": product, "item_id": item, "price": price, "options": options}


def small_shop() -> Json:
    """Two customers, two products, an order in each state that matters."""
    mug, lamp = _item("Mug", "p1", "m1", 10.1, colour="red"), _item("Lamp", "p2", "l1", 80.0, size="S")
    return {
        "products": {
            "p1": {
                "name": "Mug",
                "product_id": "p1",
                "variants": {
                    "m1": _variant("m1", 10.1, colour="red"),
                    "m2": _variant("m2", 12.35, colour="blue"),
                    "m3": _variant("m3", 9.0, colour="green", available=False),
                },
            },
            "p2": {
                "name": "Lamp",
                "product_id": "p2",
                "variants": {
                    "l1": _variant("l1", 80.0, size="S"),
                    "l2": _variant("l2", 180.0, size="L"),
                    "l3": _variant("l3", 60.0, size="XS"),
                },
            },
        },
        "users": {
            "ann": {
                "user_id": "ann",
                "name": {"first_name": "Ánn", "last_name": "Beck"},
                "address": ADDRESS,
                "email": "Ann@Example.com",
                "payment_methods": {
                    "gc": {"source": "gift_card", "id": "gc", "balance": 50.0},
                    "cc": {"source": "credit_card", "id": "cc", "brand": "visa", "last_four": "0001"},
                    "pp": {"source": "paypal", "id": "pp"},
                },
                "orders": ["#P", "#D", "#X", "#G"],
            },
            "bob": {
                "user_id": "bob",
                "name": {"first_name": "Bob", "last_name": "Cole"},
                "address": ADDRESS | {"zip": "1000"},
                "email": "bob@example.com",
                "payment_methods": {
                    "cc2": {"source": "credit_card", "id": "cc2", "brand": "visa", "last_four": "0002"}
                },
                "orders": ["#B"],
            },
        },
        "orders": {
            "#P": _order("#P", "ann", "pending", [mug, mug, lamp], "cc"),
            "#D": _order("#D", "ann", "delivered", [mug, lamp], "pp"),
            "#X": _order("#X", "ann", "processed", [mug], "cc"),
            "#G": _order("#G", "ann", "pending", [mug], "gc"),
            "#B": _order("#B", "bob", "pending", [mug], "cc2"),
        },
    }
