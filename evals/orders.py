"""The retail tasks through `batch orders`: right actions accepted as the environment accepts them, wrong ones not.

`python -m evals.orders` (= `make eval-orders`) needs the public set `tau2_retail`.
"""

import json
import random
from collections import Counter
from typing import Any

from evals.figures import SHARED_DATA, record, wilson
from evals.wrong_orders import wrong_actions
from evals.wrong_worlds import WRITES, World, Wrong
from zhanggui.orders.models import Shop
from zhanggui.orders.rules.policy import Policy
from zhanggui.orders.rules.shop_json import read_shop
from zhanggui.orders.service.batch_orders import ShopRun
from zhanggui.orders.service.policies import load_policy

FOLDER = SHARED_DATA / "tau2_retail"
FILES = [FOLDER / name for name in ("db.json", "tasks.json", "expected.json")]
COMMAND = "python -m evals.orders"
SEED = 20261123
ROUNDS = 4
Json = dict[str, Any]


def right_actions(policy: Policy, shop: Shop, db: Json, expected: Json) -> tuple[int, int, int, list[str]]:
    """(actions answered as expected, actions, tasks whose whole end state is equal, differences in words)."""
    agreed = total = equal = 0
    differences: list[str] = []
    for task, wanted in expected.items():
        run = ShopRun(policy, shop)
        answers = list(run.decide_lines(wanted["actions"]))
        for action, answer in zip(wanted["actions"], answers, strict=True):
            total += 1
            if answer.get("accepted") == action["accepted"] and answer["id"] == action["id"]:
                agreed += 1
            else:
                differences.append(f"task {task}, action {action['id']}: accepted {answer.get('accepted')}")
        end: Any = run.final_state()
        before = len(differences)
        for kind in ("orders", "users"):
            for key, now in end[kind].items():
                if now != wanted[kind].get(key, db[kind][key]):
                    differences.append(f"task {task}, {kind} {key} ends otherwise")
        equal += len(differences) == before
    return agreed, total, equal, differences


def refused_rightly(run: ShopRun, wrong: Wrong) -> tuple[bool, bool, bool]:
    """(accepted, the expected rule is among the failed ones, nothing else failed) for one wrong action."""
    for answer in run.decide_lines(wrong.before):
        if not answer.get("accepted"):
            raise SystemExit(f"a preparing action was refused: {wrong.kind}: {answer}")
    shop = run.shop
    (answer,) = list(run.decide_lines([wrong.line]))
    rules: Any = answer.get("rules", [])
    failed = {rule["id"] for rule in rules if not rule["passed"]}
    if run.shop is not shop:
        return True, False, False
    return bool(answer.get("accepted")), wrong.rule in failed, failed <= {wrong.rule, *wrong.also}


def try_wrong_actions(
    policy: Policy, shop: Shop, db: Json, expected: Json
) -> tuple[Counter[str], Counter[str], list[str]]:
    """Wrong actions per kind and what came of them, made at the point of each task where the right action stands."""
    world = World(db, random.Random(SEED))
    kinds: Counter[str] = Counter()
    outcome: Counter[str] = Counter()
    surprises: list[str] = []
    for task, wanted in expected.items():
        run = ShopRun(policy, shop)
        seen: set[str] = set()
        for action in wanted["actions"]:
            right = {key: action[key] for key in ("id", "action", "arguments")}
            rounds = ROUNDS if action["action"] in WRITES else 1
            made = [w for _ in range(rounds) for w in wrong_actions(world, right)] if action["accepted"] else []
            for wrong in made:
                shown = json.dumps([wrong.kind, wrong.before, wrong.line], sort_keys=True)
                if shown in seen:
                    continue
                seen.add(shown)
                start = ShopRun(policy, shop) if wrong.fresh else ShopRun(policy, run.shop, dict(run.sessions))
                accepted, named, only = refused_rightly(start, wrong)
                kinds[wrong.kind] += 1
                outcome["accepted"] += accepted
                outcome["named"] += named
                outcome["only"] += only
                if accepted or not named or not only:
                    surprises.append(
                        f"task {task}: {wrong.kind}: expected {wrong.rule}: {json.dumps(wrong.line)[:300]}"
                    )
            list(run.decide_lines([right]))
    return kinds, outcome, surprises


def main() -> None:
    """Run both halves, print what differs, record the figures; exit 1 where the bar is missed."""
    if not FOLDER.is_dir():
        raise SystemExit("the public set tau2_retail is not here; set ZHANGGUI_SHARED_DATA")
    db = json.loads(FILES[0].read_text(encoding="utf-8"))
    expected = json.loads(FILES[2].read_text(encoding="utf-8"))
    policy = load_policy("tau2_retail")
    shop = read_shop(db, policy.currency)
    agreed, total, equal, differences = right_actions(policy, shop, db, expected)
    kinds, outcome, surprises = try_wrong_actions(policy, shop, db, expected)
    made = kinds.total()
    for line in [*differences, *surprises[:40]]:
        print(line)
    for kind, count in sorted(kinds.items()):
        print(f"  {count:5d}  {kind}")
    common: Json = {"command": COMMAND, "dataset": "tau2_retail", "files": FILES, "seed": SEED}
    note = f"{agreed} of {total} right actions answered as the benchmark's environment answers them"
    record("orders-right-actions", agreed / total, interval=wilson(agreed, total), note=note, **common)
    note = f"{equal} of {len(expected)} tasks end with every order and customer equal, field by field"
    record("orders-end-states", equal / len(expected), interval=wilson(equal, len(expected)), note=note, **common)
    note = f"{made} wrong actions of {len(kinds)} kinds, made from the right ones"
    record("orders-wrong-tried", made, unit="actions", note=note, **common)
    record("orders-wrong-accepted", outcome["accepted"], unit="actions", note=note, **common)
    share = outcome["named"] / made
    record("orders-wrong-rule-named", share, interval=wilson(outcome["named"], made), note=note, **common)
    share, note = outcome["only"] / made, f"{note}; no rule fails that has nothing to do with what was made wrong"
    record("orders-wrong-rule-only", share, interval=wilson(outcome["only"], made), note=note, **common)
    if agreed < total or equal < len(expected) or outcome["accepted"] or outcome["named"] < made or made < 5_000:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
