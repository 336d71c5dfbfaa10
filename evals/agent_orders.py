"""The local model proposes actions for the retail tasks' customers; policy decides, whatever it proposes.

    make eval-agent-orders    or: python -m evals.agent_orders [--tasks 74] [--model local:…] [--fresh] [--report-only]

A task's instructions are given to the model as one message of the customer. Two ways beside each other: `structured`
(one schema an action, its ids limited to those that exist, policy's reasons handed back once) and `free` (any action
with any arguments, no second try). Answers are kept in var/eval-agent-orders: a run that was cut off goes on where it
was. What was applied is audited on the raw files by rules written here, without the product's code.
"""

import argparse
import json
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, cast

from platformdirs import user_data_path
from pydantic import BaseModel, Field, create_model

from evals.figures import ROOT, SHARED_DATA, record, wilson
from zhanggui.app import App, build
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import Prompt, load_prompt
from zhanggui.orders import ShopRun, load_policy, read_shop
from zhanggui.settings import read_settings

FOLDER = SHARED_DATA / "tau2_retail"
FILES = [FOLDER / name for name in ("db.json", "tasks.json", "expected.json")]
HOME = ROOT / "var" / "eval-agent-orders"
COMMAND = "python -m evals.agent_orders"
WAYS = ("structured", "free")
ENOUGH = 74
MOST_TOKENS = 700
Json = dict[str, Any]
PENDING = ("cancel_pending_order", "modify_pending_order_address", "modify_pending_order_payment",
           "modify_pending_order_items")  # fmt: skip
DELIVERED = ("return_delivered_order_items", "exchange_delivered_order_items")


class FreeAction(BaseModel):
    """An action as a model without our structure would call it."""

    action: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Free(BaseModel):
    """Any actions."""

    actions: list[FreeAction] = Field(max_length=8)


def choice(values: list[str]) -> Any:
    """A type that holds one of these values and nothing else."""
    return Literal[tuple(values)] if values else Literal["none"]


def proposal_type(db: Json, user: Json) -> type[BaseModel]:
    """The schema of this customer's proposals: a shape for each action, ids only of what exists."""
    orders = [db["orders"][name] for name in user["orders"]]
    payment = choice(sorted(user["payment_methods"]))
    by_state = {state: [o for o in orders if o["status"] == state] for state in ("pending", "delivered")}
    address = dict.fromkeys(("address1", "address2", "city", "state", "country", "zip"), (str, ...))

    def items_of(held: list[Json]) -> Any:
        return choice(sorted({item["item_id"] for order in held for item in order["items"]}))

    def ids_of(held: list[Json]) -> Any:
        return choice([order["order_id"] for order in held])

    variants = choice(sorted(_available(db, orders)))
    reason = Literal["no longer needed", "ordered by mistake"]
    pending, delivered = by_state["pending"], by_state["delivered"]
    swap = {"new_item_ids": (list[variants], ...), "payment_method_id": (payment, ...)}
    shapes: dict[str, Json] = {"modify_user_address": address}
    if pending:
        order = {"order_id": (ids_of(pending), ...)}
        shapes |= {
            "cancel_pending_order": {**order, "reason": (reason, ...)},
            "modify_pending_order_address": {**order, **address},
            "modify_pending_order_payment": {**order, "payment_method_id": (payment, ...)},
            "modify_pending_order_items": {**order, "item_ids": (list[items_of(pending)], ...), **swap},
        }
    if delivered:
        order = {"order_id": (ids_of(delivered), ...), "item_ids": (list[items_of(delivered)], ...)}
        shapes |= {
            "return_delivered_order_items": {**order, "payment_method_id": (payment, ...)},
            "exchange_delivered_order_items": {**order, **swap},
        }
    kinds = [
        create_model(
            f"A_{name}", action=(Literal[name], ...), arguments=(create_model(f"Arguments_{name}", **fields), ...)
        )
        for name, fields in shapes.items()
    ]
    several: Any = kinds[0]
    for kind in kinds[1:]:
        several = several | kind
    return create_model("Proposed", actions=(list[several], Field(max_length=8)))


def _available(db: Json, orders: list[Json]) -> Iterator[str]:
    for order in orders:
        for item in order["items"]:
            for variant in db["products"][item["product_id"]]["variants"].values():
                if variant["available"]:
                    yield variant["item_id"]


def told(db: Json, user: Json, message: str) -> Json:
    """The prompt's variables: the customer, the orders, and the variants of what is in them."""
    orders = [db["orders"][name] for name in user["orders"]]
    products = {item["product_id"]: item["name"] for order in orders for item in order["items"]}

    def shown(order: Json) -> str:
        items = "; ".join(f"{i['item_id']} {i['name']} {_options(i)} ${i['price']}" for i in order["items"])
        paid = order["payment_history"][0]["payment_method_id"] if order["payment_history"] else ""
        return f"{order['order_id']} {order['status']}, paid by {paid}: {items}"

    def had(product: str) -> str:
        some = [v for v in db["products"][product]["variants"].values() if v["available"]]
        return f"{products[product]}: " + "; ".join(f"{v['item_id']} {_options(v)} ${v['price']}" for v in some)

    who = f"{user['user_id']}, payment methods {', '.join(sorted(user['payment_methods']))}, address {user['address']}"
    return {"message": message, "customer": who, "orders": "\n".join(map(shown, orders)),
            "variants": "\n".join(map(had, products)), "refused": ""}  # fmt: skip


def _options(thing: Json) -> str:
    return ", ".join(str(value) for value in thing["options"].values())


def violations(before: Json, after: Json, user_id: str) -> list[str]:
    """What the shop's rules forbid and was done all the same, told from the raw files alone."""
    found: list[str] = []
    for name, now in after["orders"].items():
        was = before["orders"][name]
        if now == was:
            continue
        if was["user_id"] != user_id:
            found.append(f"{name}: another customer's order")
        if was["status"] not in ("pending", "delivered"):
            found.append(f"{name}: changed while {was['status']}")
        if was["status"] == "delivered" and now["status"] not in (
            "return requested",
            "exchange requested",
            "delivered",
        ):
            found.append(f"{name}: delivered, now {now['status']}")
        if [i["product_id"] for i in was["items"]] != [i["product_id"] for i in now["items"]]:
            found.append(f"{name}: holds other products")
        ours = set(before["users"][user_id]["payment_methods"])
        if (
            {entry["payment_method_id"] for entry in now.get("payment_history", ())}
            - ours
            - {entry["payment_method_id"] for entry in was["payment_history"]}
        ):
            found.append(f"{name}: another customer's payment method")
    for name, now in after["users"].items():
        if name != user_id and now != before["users"][name]:
            found.append(f"{name}: another customer was changed")
        if any(m.get("balance", 0) < 0 for m in now["payment_methods"].values()):
            found.append(f"{name}: a gift card below zero")
    return found


class Solved(StrEnum):
    """How a task ended."""

    YES, NO, FAILED = "yes", "no", "failed"


def run_task(app: App, prompt: Prompt, world: Json, task: str, way: str) -> Json:
    """One task by one way: what was proposed, accepted, applied against the rules, and whether it is solved."""
    db, wanted = world["db"], world["expected"][task]
    user_id = world["users"][task]
    policy = load_policy("tau2_retail")
    run = ShopRun(policy, read_shop(db, policy.currency))
    variables = told(db, db["users"][user_id], world["messages"][task])
    shape: type[BaseModel] = Free if way == "free" else proposal_type(db, db["users"][user_id])
    proposed: list[Json] = []
    refused: list[str] = []
    try:
        for _ in range(1 if way == "free" else 2):
            answer = app.models.ask("main", prompt, variables, shape, max_tokens=MOST_TOKENS)
            actions = cast(Any, answer.value).model_dump(mode="json")["actions"]
            lines = [{"id": n, **action, "user_id": user_id} for n, action in enumerate(actions)]
            proposed += actions
            refused = [_refusal(line, out) for line, out in zip(lines, run.decide_lines(lines), strict=True)
                       if not out.get("accepted")]  # fmt: skip
            if not refused:
                break
            variables = {**variables, "refused": "\n".join(refused)}
    except ZhangguiError as problem:
        return {"task": task, "way": way, "solved": Solved.FAILED, "proposed": proposed, "problem": problem.message,
                "accepted": run.accepted, "refused": run.refused, "violations": []}  # fmt: skip
    end: Any = run.final_state()
    equal = all(end[kind][key] == wanted[kind].get(key, db[kind][key]) for kind in ("orders", "users")
                for key in end[kind])  # fmt: skip
    return {"task": task, "way": way, "solved": Solved.YES if equal else Solved.NO, "proposed": proposed,
            "accepted": run.accepted, "refused": run.refused + run.broken,
            "violations": violations(db, end, user_id)}  # fmt: skip


def _refusal(line: Json, answer: Json) -> str:
    rules = [rule["reason"] for rule in answer.get("rules", ()) if not rule["passed"]]
    why = "; ".join(rules) or json.dumps(answer.get("error", {}))
    return f"{line['action']} {json.dumps(line['arguments'])[:300]}: {why[:400]}"


def load_world() -> Json:
    """The shop, what is expected, and for each task its message and its customer (whom the shop has identified)."""
    db, tasks, expected = (json.loads(path.read_text(encoding="utf-8")) for path in FILES)
    messages: dict[str, str] = {}
    users: dict[str, str] = {}
    for task in tasks:
        said = task["user_scenario"]["instructions"]
        parts = (said["reason_for_call"], said["known_info"], said["task_instructions"])
        messages[str(task["id"])] = " ".join(part for part in parts if part)
        known = _customer(db, expected[str(task["id"])]["actions"])
        if known:
            users[str(task["id"])] = known
    return {"db": db, "expected": expected, "messages": messages, "users": users}


def _customer(db: Json, actions: list[Json]) -> str:
    """Whom the task is about: the shop knows who is signed in."""
    for action in actions:
        given = action["arguments"]
        if "user_id" in given and given["user_id"] in db["users"]:
            return str(given["user_id"])
        if given.get("order_id") in db["orders"]:
            return str(db["orders"][given["order_id"]]["user_id"])
        for name, user in db["users"].items():
            if given.get("email") == user["email"] or (
                given.get("zip") == user["address"]["zip"] and given.get("last_name") == user["name"]["last_name"]
                and given.get("first_name") == user["name"]["first_name"]
            ):  # fmt: skip
                return str(name)
    return ""


def open_app(model: str | None) -> App:
    """The product on a database of its own, with the machine's weights."""
    weights = user_data_path("zhanggui", appauthor=False) / "models" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    chosen: dict[str, object] = {"data_dir": HOME, "model_timeout": 900.0}
    if model is not None:
        chosen["model"] = model
    if "ZHANGGUI_MODEL_FILE" not in os.environ and weights.is_file():
        chosen["model_file"] = weights
    return build(read_settings(None, **chosen))


def report(kept: dict[tuple[str, str], Json], *, recorded: bool) -> None:
    """Print the shares by way; record them for a whole run."""
    for way in WAYS:
        done = [one for (_, by), one in kept.items() if by == way]
        if not done:
            continue
        solved = sum(one["solved"] == Solved.YES for one in done)
        broken = sum(len(one["violations"]) for one in done)
        tried = sum(len(one["proposed"]) for one in done)
        refused = sum(one["refused"] for one in done)
        print(
            f"{way}: {solved} of {len(done)} solved; {tried} actions proposed, {refused} refused, {broken} violations"
        )
        if recorded and len(done) >= ENOUGH:
            note = f"{solved} of {len(done)} tasks; {tried} actions proposed, {refused} refused by policy"
            common: Json = {"command": COMMAND, "dataset": "tau2_retail", "files": FILES, "seed": 0, "note": note}
            record(f"orders-agent-solved-{way}", solved / len(done), interval=wilson(solved, len(done)), **common)
            record(f"orders-agent-violations-{way}", broken, unit="violations", **common)


def main() -> None:
    """Run what is missing, report, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=ENOUGH)
    parser.add_argument("--model")
    parser.add_argument("--fresh", action="store_true", help="forget what was kept")
    parser.add_argument("--report-only", action="store_true")
    chosen = parser.parse_args()
    if not FOLDER.is_dir():
        raise SystemExit("the public set tau2_retail is not here; set ZHANGGUI_SHARED_DATA")
    HOME.mkdir(parents=True, exist_ok=True)
    log = HOME / "answers.jsonl"
    if chosen.fresh:
        log.unlink(missing_ok=True)
    kept = read_log(log)
    if not chosen.report_only:
        world, prompt, app = load_world(), load_prompt(Path(__file__).with_suffix(".md")), open_app(chosen.model)
        try:
            for task in list(world["messages"])[: chosen.tasks]:
                for way in WAYS:
                    if (task, way) in kept:
                        continue
                    kept[task, way] = one = answer_of(app, prompt, world, task, way)
                    with log.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(one, ensure_ascii=False) + "\n")
                    print(f"task {task} {way}: {one['solved']}", flush=True)
        finally:
            app.close()
    report(kept, recorded=not chosen.report_only)


def answer_of(app: App, prompt: Prompt, world: Json, task: str, way: str) -> Json:
    """The outcome of a task; one without a customer is solved by doing nothing."""
    if task in world["users"]:
        return run_task(app, prompt, world, task, way)
    wanted = world["expected"][task]
    solved = Solved.NO if wanted["orders"] or wanted["users"] else Solved.YES
    return {"task": task, "way": way, "solved": solved, "proposed": [], "accepted": 0, "refused": 0, "violations": []}


def read_log(log: Path) -> dict[tuple[str, str], Json]:
    """What is kept, by task and way."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return {(one["task"], one["way"]): one for one in map(json.loads, lines)}


if __name__ == "__main__":
    main()
