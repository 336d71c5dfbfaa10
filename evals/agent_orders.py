"""The local model proposes actions for the retail tasks' customers; policy decides, whatever it proposes.

    make eval-agent-orders    or: python -m evals.agent_orders [--tasks 16] [--minutes 25] [--model local:…] [--fresh]

A task's instructions are given to the model as one message of the customer. Two ways beside each other, on a sample of
the tasks (seeded; its size is in the figure's note): `structured` (short names of what exists and a schema that allows
no other, at least one entry, policy's reasons handed back once) and `free` (the shop's own ids, any text, no second
try). Outcomes are kept a line a task in the work folder (--work, the machine's cache folder by default): a run that was
cut off goes on where it was. What was applied is audited on the raw files by rules written here, without the product's
code. --ceiling runs no model: it proposes the benchmark's own actions, to show what the shapes can say.
"""

import argparse
import json
import os
import random
import time
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from platformdirs import user_cache_path, user_data_path

from evals.agent_handles import ADDRESS, Handles, actions_of, handles_of, proposal_type, told
from evals.figures import SHARED_DATA, record, wilson
from zhanggui.app import App, build
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import load_prompt
from zhanggui.orders import ShopRun, load_policy, read_shop
from zhanggui.settings import read_settings

FOLDER = SHARED_DATA / "tau2_retail"
FILES = [FOLDER / name for name in ("db.json", "tasks.json", "expected.json")]
COMMAND = "python -m evals.agent_orders"
WAYS = ("structured", "free")
SEED = 20261124
TASKS = 16
MINUTES = 25.0
MOST_TOKENS = {"structured": 260, "free": 220}
REASONS = ("no longer needed", "ordered by mistake")
WRITES = ("cancel_pending_order", "modify_pending_order_address", "modify_pending_order_payment",
          "modify_pending_order_items", "return_delivered_order_items", "exchange_delivered_order_items",
          "modify_user_address")  # fmt: skip
Json = dict[str, Any]


def violations(db: Json, after: Json, user_id: str) -> list[str]:
    """What the shop's rules forbid and was done all the same, told from the raw files alone."""
    found: list[str] = []
    for name, now in after["orders"].items():
        was = db["orders"][name]
        if now != was:
            found += [f"{name}: {what}" for what in _order_faults(db, was, now, user_id)]
    for name, now in after["users"].items():
        if name != user_id and now != db["users"][name]:
            found.append(f"{name}: another customer was changed")
        if any(m.get("balance", 0) < 0 for m in now["payment_methods"].values()):
            found.append(f"{name}: a gift card below zero")
    return found


def _order_faults(db: Json, was: Json, now: Json, user_id: str) -> list[str]:
    ends = {"pending": ("pending", "cancelled", "pending (item modified)"),
            "delivered": ("delivered", "return requested", "exchange requested")}  # fmt: skip
    mine = set(db["users"][user_id]["payment_methods"])
    first = was["payment_history"][0]["payment_method_id"] if was["payment_history"] else ""
    fresh = [entry for entry in now["payment_history"] if entry not in was["payment_history"]]
    swapped = [(a, b) for a, b in zip(was["items"], now["items"], strict=False) if a["item_id"] != b["item_id"]]
    back = now.get("return_payment_method_id") or first
    tests = {
        "another customer's order": was["user_id"] == user_id,
        f"changed from {was['status']} to {now['status']}": now["status"] in ends.get(was["status"], ()),
        "holds other products": [i["product_id"] for i in was["items"]] == [i["product_id"] for i in now["items"]],
        "another customer's payment method": {entry["payment_method_id"] for entry in fresh} <= mine | {first},
        "a reason that is none": now["status"] != "cancelled" or now.get("cancel_reason") in REASONS,
        "a refund to another card": back == first or back.startswith("gift_card"),
        "a variant that cannot be had": all(
            db["products"][new["product_id"]]["variants"][new["item_id"]]["available"] for _, new in swapped
        ),
        "items that were not in it came back": set(now.get("return_items") or ()) | set(now.get("exchange_items") or ())
        <= {item["item_id"] for item in was["items"]},
    }
    return [what for what, kept in tests.items() if not kept]


class Solved(StrEnum):
    """How a task ended."""

    YES, NO, FAILED = "yes", "no", "failed"


class Customer:
    """One task's customer before the shop: proposals go in, policy decides, the end is told against what is wanted."""

    def __init__(self, world: Json, task: str) -> None:
        policy = load_policy("tau2_retail")
        self.db, self.task, self.wanted = world["db"], task, world["expected"][task]
        self.user_id: str = world["users"][task]
        self.user: Json = self.db["users"][self.user_id]
        self.message: str = world["messages"][task]
        self.run = ShopRun(policy, read_shop(self.db, policy.currency))
        self.proposed: list[Json] = []

    def decide(self, actions: list[Json]) -> list[str]:
        """What policy refused of these actions, with its reasons; the rest is applied."""
        lines = [{"id": n, "action": one["action"], "arguments": one["arguments"], "user_id": self.user_id}
                 for n, one in enumerate(actions, len(self.proposed))]  # fmt: skip
        self.proposed += actions
        return [_refusal(line, out) for line, out in zip(lines, self.run.decide_lines(lines), strict=True)
                if not out.get("accepted")]  # fmt: skip

    def outcome(self, way: str, **more: object) -> Json:
        """The line that is kept."""
        end: Any = self.run.final_state()
        wanted, db = self.wanted, self.db
        equal = all(end[kind][key] == wanted[kind].get(key, db[kind][key]) for kind in ("orders", "users")
                    for key in end[kind])  # fmt: skip
        line = {"task": self.task, "way": way, "solved": Solved.YES if equal else Solved.NO,
                "proposed": self.proposed, "accepted": self.run.accepted,
                "refused": self.run.refused + self.run.broken,
                "violations": violations(self.db, end, self.user_id)}  # fmt: skip
        return line | more


def run_structured(app: App, customer: Customer) -> None:
    """Short names, the schema of what exists, policy's reasons handed back once."""
    prompt = load_prompt(Path(__file__).with_suffix(".md"))
    made = handles_of(customer.db, customer.user, customer.message)
    shape = proposal_type(customer.db, made)
    variables = told(customer.db, customer.user, customer.message, made)
    for _ in range(2):
        answer = app.models.ask("main", prompt, variables, shape, max_tokens=MOST_TOKENS["structured"])
        said = cast(Any, answer.value).model_dump(mode="json")["actions"]
        refused = customer.decide(actions_of(made, said))
        if not refused:
            return
        variables = {**variables, "refused": "\n".join(short(made, line) for line in refused)}


def run_free(app: App, customer: Customer) -> None:
    """The same facts by the shop's own ids, any text, once."""
    prompt = load_prompt(Path(__file__).with_name("agent_orders_free.md"))
    made = handles_of(customer.db, customer.user, customer.message)
    own = plain(made)
    variables = {**told(customer.db, customer.user, customer.message, own), "user_id": customer.user_id}
    text = app.models.ask("main", prompt, variables, str, max_tokens=MOST_TOKENS["free"]).value
    customer.decide(read_free(text))


def plain(made: Handles) -> Handles:
    """The same things under the shop's own ids."""
    return Handles(
        orders={key: key for key in made.orders.values()},
        items={f"{key}/{item['item_id']}": (key, item) for key, item in made.items.values()},
        variants={variant["item_id"]: variant for variant in made.variants.values()},
        payments={key: key for key in made.payments.values()},
        addresses=made.addresses,
        products={key: [made.variants[name]["item_id"] for name in names] for key, names in made.products.items()},
    )


def read_free(text: str) -> list[Json]:
    """The calls in a free answer: every JSON object with an action and arguments, wherever it stands in the text."""
    found: list[Json] = []
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            at += 1
            continue
        if isinstance(value.get("action"), str) and isinstance(value.get("arguments"), dict):
            found.append({"action": value["action"], "arguments": value["arguments"]})
    return found[:8]


def short(made: Handles, text: str) -> str:
    """A refusal with the shop's ids put back into short names."""
    back = {key: name for name, key in (*made.orders.items(), *made.payments.items())}
    back |= {variant["item_id"]: name for name, variant in made.variants.items()}
    back |= {item["item_id"]: name for name, (_, item) in made.items.items()}
    for key, name in back.items():
        text = text.replace(key, name)
    return text


def run_task(app: App, world: Json, task: str, way: str) -> Json:
    """One task by one way: what was proposed, accepted, applied against the rules, and whether it is solved."""
    customer, started = Customer(world, task), time.monotonic()
    try:
        (run_structured if way == "structured" else run_free)(app, customer)
    except ZhangguiError as problem:
        seconds = round(time.monotonic() - started, 1)
        return customer.outcome(way, solved=Solved.FAILED, problem=problem.message, seconds=seconds)
    return customer.outcome(way, seconds=round(time.monotonic() - started, 1))


def ceiling(world: Json) -> Json:
    """The share of tasks whose own actions can be said in short names and, said so, end as wanted; no model."""
    solved = 0
    for task in world["users"]:
        customer = Customer(world, task)
        made = handles_of(customer.db, customer.user, customer.message)
        shape: Any = proposal_type(customer.db, made)
        writes = [one for one in customer.wanted["actions"] if one["action"] in WRITES]
        try:
            said = [in_handles(made, one) for one in writes] or [{"do": "nothing", "why": "nothing asked"}]
            value = shape.model_validate({"actions": said}).model_dump(mode="json")["actions"]
        except (ValueError, StopIteration):
            continue
        customer.decide(actions_of(made, value))
        solved += customer.outcome("ceiling")["solved"] == Solved.YES
    return {"solved": solved, "tasks": len(world["users"])}


def in_handles(made: Handles, one: Json) -> Json:
    """One of the benchmark's own actions in short names.

    Raises:
        StopIteration: something in it has no short name.
    """
    name, given = one["action"], one["arguments"]
    order = next((n for n, key in made.orders.items() if key == given.get("order_id")), "")
    pay = next((n for n, key in made.payments.items() if key == given.get("payment_method_id")), "")

    def item(key: str) -> str:
        return next(n for n, (of, thing) in made.items.items() if of == given["order_id"] and thing["item_id"] == key)

    def swaps() -> list[str]:
        pairs = zip(given["item_ids"], given["new_item_ids"], strict=True)
        return [f"{item(a)}>{next(n for n, v in made.variants.items() if v['item_id'] == b)}" for a, b in pairs]

    place = {key: given.get(key, "") for key in ADDRESS}
    said: dict[str, Any] = {
        "cancel_pending_order": lambda: {"do": "cancel", "order": order, "reason": given["reason"]},
        "modify_pending_order_address": lambda: {"do": "change_order_address", "order": order, "to": place},
        "modify_pending_order_payment": lambda: {"do": "change_order_payment", "order": order, "pay": pay},
        "modify_pending_order_items": lambda: {"do": "change_items", "swaps": swaps(), "pay": pay},
        "return_delivered_order_items": lambda: {
            "do": "return", "items": [item(key) for key in given["item_ids"]], "refund_to": pay
        },
        "exchange_delivered_order_items": lambda: {"do": "exchange", "swaps": swaps(), "pay": pay},
        "modify_user_address": lambda: {"do": "change_home_address", "to": place},
    }  # fmt: skip
    return cast(Json, said[name]())


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


def open_app(model: str | None, work: Path) -> App:
    """The product on a database of its own, with the machine's weights."""
    weights = user_data_path("zhanggui", appauthor=False) / "models" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    chosen: dict[str, object] = {"data_dir": work, "model_timeout": 900.0}
    if model is not None:
        chosen["model"] = model
    if "ZHANGGUI_MODEL_FILE" not in os.environ and weights.is_file():
        chosen["model_file"] = weights
    return build(read_settings(None, **chosen))


def report(kept: dict[tuple[str, str], Json], tasks: list[str], of: int) -> None:
    """Print the shares by way over the tasks that both ways finished; record them once that is the whole sample."""
    both = [task for task in tasks if all((task, way) in kept for way in WAYS)]
    if len(both) < len(tasks):
        print(f"{len(both)} of the {len(tasks)} tasks are finished by both ways: nothing is recorded yet")
    for way in WAYS:
        done = [kept[task, way] for task in both]
        if not done:
            continue
        solved = sum(one["solved"] == Solved.YES for one in done)
        broken = sum(len(one["violations"]) for one in done)
        tried = sum(len(one["proposed"]) for one in done)
        refused = sum(one["refused"] for one in done)
        seconds = sorted(one.get("seconds", 0.0) for one in done)[len(done) // 2]
        note = f"{solved} of {len(done)} tasks (seeded sample of {of}); {tried} actions proposed, {refused} refused"
        print(f"{way}: {note}, {broken} violations applied, {seconds:.0f} s a task (median)")
        if len(both) == len(tasks):
            common: Json = {"command": COMMAND, "dataset": "tau2_retail", "files": FILES, "seed": SEED, "note": note}
            record(f"orders-agent-solved-{way}", solved / len(done), interval=wilson(solved, len(done)), **common)
            record(f"orders-agent-violations-{way}", broken, unit="violations", **common)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="start no further task after this long")
    parser.add_argument("--model")
    parser.add_argument("--work", type=Path, default=user_cache_path("zhanggui", appauthor=False) / "eval-agent-orders")
    parser.add_argument("--fresh", action="store_true", help="forget what was kept")
    parser.add_argument("--report-only", action="store_true", help="run nothing, tell and record what is kept")
    parser.add_argument("--ceiling", action="store_true", help="no model: what the shapes can say")
    return parser.parse_args()


def main() -> None:
    """Run what is missing, report, record."""
    chosen = arguments()
    if not FOLDER.is_dir():
        raise SystemExit("the public set tau2_retail is not here; set ZHANGGUI_SHARED_DATA")
    world = load_world()
    if chosen.ceiling:
        print(ceiling(world))
        return
    chosen.work.mkdir(parents=True, exist_ok=True)
    log = chosen.work / "answers.jsonl"
    if chosen.fresh:
        log.unlink(missing_ok=True)
    kept = read_log(log)
    tasks = random.Random(SEED).sample(sorted(world["users"], key=int), len(world["users"]))[: chosen.tasks]
    if not chosen.report_only:
        app = open_app(chosen.model, chosen.work)
        try:
            until = time.monotonic() + chosen.minutes * 60
            run_all(app, world, [(task, way) for task in tasks for way in WAYS], kept, log, until)
        finally:
            app.close()
    report(kept, tasks, len(world["users"]))


def run_all(
    app: App, world: Json, wanted: list[tuple[str, str]], kept: dict[tuple[str, str], Json], log: Path, until: float
) -> None:
    """Run those that are not kept until the monotonic time is over; each outcome is kept at once."""
    for task, way in wanted:
        if (task, way) in kept:
            continue
        if time.monotonic() > until:
            return
        kept[task, way] = one = run_task(app, world, task, way)
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one, ensure_ascii=False) + "\n")
        print(f"task {task} {way}: {one['solved']} in {one['seconds']} s", flush=True)


def read_log(log: Path) -> dict[tuple[str, str], Json]:
    """What is kept, by task and way."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return {(one["task"], one["way"]): one for one in map(json.loads, lines)}


if __name__ == "__main__":
    main()
