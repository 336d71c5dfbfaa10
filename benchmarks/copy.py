"""Drafts per hour: the product's local model in parallel slots beside the plain Transformers pipeline, same weights.

    make bench-copy       or: python -m benchmarks.copy [--drafts 4] [--rounds 1] [--tokens 64] [--weights FILE]

Both get the product's own prompts for made-up products and write exactly the same number of tokens (no end of text
stops them early). Each side runs in a process of its own, so that its peak memory is its own; rounds are interleaved.
The peer loads the same GGUF file by `AutoModelForCausalLM.from_pretrained(folder, gguf_file=...)` and answers in a
plain loop over `pipeline("text-generation")`. It needs `make train-extra`.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evals.figures import record
from platformdirs import user_data_path

from zhanggui.catalog import CopyRequest, Copywriter, facts_of
from zhanggui.kernel.llm import (
    DEFAULT_WEIGHTS,
    ChatRequest,
    FakeProvider,
    Message,
    Models,
    ModelSettings,
    ProviderSettings,
)
from zhanggui.kernel.llm.providers import build_provider
from zhanggui.kernel.storage import Database, MerchantStore, migrate

HOME = user_data_path("zhanggui", appauthor=False) / "models" / DEFAULT_WEIGHTS.file
SLOTS = 4
_KINDS = (
    ("Shirt", {"Fabric": "Linen", "Color": "Navy", "Sleeve": "Half Sleeve", "Fit": "Regular", "Ideal For": "Men"}),
    (
        "Mug",
        {"Material": "Stoneware", "Color": "Sage", "Capacity": "350 ml", "Height": "9 cm", "Microwave Safe": "Yes"},
    ),
    ("Backpack", {"Material": "Nylon", "Color": "Black", "Capacity": "22 l", "Closure": "Zipper", "Weight": "640 g"}),
    (
        "Desk lamp",
        {"Material": "Aluminium", "Color": "White", "Power": "9 W", "Height": "38 cm", "Base Shape": "Round"},
    ),
)


def prompts(count: int, folder: Path) -> list[list[dict[str, str]]]:
    """The messages that the product's copywriter sends for made-up products, taken down by a model that is none."""
    fake = FakeProvider()
    database = Database(f"sqlite:///{folder / 'prompts.db'}")
    migrate(database)
    MerchantStore(database).create("bench", name="bench")
    settings = ModelSettings(providers=(ProviderSettings("fake", "fake"),), default=("fake",))
    requests: list[CopyRequest] = []
    for number in range(count):
        name, attributes = _KINDS[number % len(_KINDS)]
        line = {"title": f"{name} no. {number + 1}", "brand": "Torvik", "attributes": attributes}
        requests.append(CopyRequest(facts_of(line), "en", "shopify"))
    models = Models(database, settings, providers={"fake": fake})
    for request in requests:
        Copywriter(models).write("bench", request)
    database.close()
    first = [asked for asked in fake.requests if asked.schema and "bullets" in json.dumps(asked.schema)]
    return [[{"role": m.role, "content": m.text} for m in asked.messages] for asked in first][:count]


def peak_mib() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(chats: list[list[dict[str, str]]], tokens: int, weights: Path) -> dict[str, Any]:
    """The product's provider with its parallel slots, after one warm-up that loads and keeps the shared prefix."""
    settings = ProviderSettings("local", "local", weights=weights, slots=SLOTS, on_machine=True, timeout_seconds=3600)
    provider = build_provider(settings)
    # A string of exactly so many characters cannot end early; max_tokens then ends it.
    schema = {"type": "string", "minLength": tokens * 12}

    def one(chat: list[dict[str, str]]) -> int:
        messages = tuple(Message("system" if m["role"] == "system" else "user", m["content"]) for m in chat)
        request = ChatRequest(messages, max_tokens=tokens, schema=schema, timeout_seconds=3600)
        return provider.complete(request).output_tokens

    one([*chats[0][:1], {"role": "user", "content": "Facts: {}"}])
    started = time.perf_counter()
    with ThreadPoolExecutor(SLOTS) as pool:
        written = list(pool.map(one, chats))
    seconds = time.perf_counter() - started
    provider.close()
    return {"seconds": seconds, "tokens": sum(written), "mib": peak_mib()}


def theirs(chats: list[list[dict[str, str]]], tokens: int, weights: Path) -> dict[str, Any]:
    """The plain loop over `pipeline("text-generation")`, after one short warm-up."""
    # Optional and heavy: there only after `make train-extra`.
    import transformers

    source, more = str(weights.parent), {"gguf_file": weights.name}
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, **more)
    model = transformers.AutoModelForCausalLM.from_pretrained(source, **more).eval()
    write = transformers.pipeline("text-generation", model=model, tokenizer=tokenizer)
    length = {"do_sample": False, "return_full_text": False, "min_new_tokens": tokens, "max_new_tokens": tokens}
    write(chats[0], **{**length, "min_new_tokens": 2, "max_new_tokens": 2})
    started = time.perf_counter()
    for chat in chats:
        write(chat, **length)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "tokens": tokens * len(chats), "mib": peak_mib()}


SIDES = {"ours": ours, "theirs": theirs}


def measured(side: str, chats: list[list[dict[str, str]]], chosen: argparse.Namespace) -> dict[str, Any]:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.copy", "--side", side]
    command += ["--tokens", str(chosen.tokens), "--weights", str(chosen.weights)]
    done = subprocess.run(command, input=json.dumps(chats), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    rate = len(chats) / result["seconds"] * 3600
    print(
        f"{side}: {rate:.1f} drafts/h, {result['tokens']} tokens in {result['seconds']:.1f} s, {result['mib']:.0f} MiB"
    )
    return {**result, "rate": rate}


def report(seen: dict[str, list[dict[str, Any]]], chosen: argparse.Namespace) -> None:
    """Record the ratio and both peaks."""
    rates = {side: statistics.median(run["rate"] for run in runs) for side, runs in seen.items()}
    note = (
        f"{chosen.drafts} drafts of {chosen.tokens} tokens, median of {chosen.rounds} interleaved rounds; "
        f"{rates['ours']:.0f} against {rates['theirs']:.0f} drafts per hour; {SLOTS} slots; loading not counted"
    )
    common: dict[str, Any] = {"command": "make bench-copy", "dataset": "made-up products in benchmarks/copy.py"}
    record("bench-copy-speed-ratio", rates["ours"] / rates["theirs"], unit="x drafts per hour", note=note, **common)
    for side, name in (("ours", "bench-copy-memory"), ("theirs", "bench-copy-memory-transformers")):
        record(name, max(run["mib"] for run in seen[side]), unit="MiB", note="peak of the process", **common)


def main() -> None:
    """Measure both sides, record the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=64, help="tokens that each draft is made to have")
    parser.add_argument("--weights", type=Path, default=HOME)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.weights.is_file():
        raise SystemExit(f"no weights at {chosen.weights}: run `zhanggui models pull`")
    if chosen.side:
        print(json.dumps(SIDES[chosen.side](json.load(sys.stdin), chosen.tokens, chosen.weights)))
        return
    absent = [
        name for name in ("torch", "transformers", "gguf", "accelerate") if importlib.util.find_spec(name) is None
    ]
    if absent:
        raise SystemExit(f"the peer needs {', '.join(absent)}: run `make train-extra` first")
    with tempfile.TemporaryDirectory() as folder:
        chats = prompts(chosen.drafts, Path(folder))
    seen: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for number in range(chosen.rounds):
        for side in list(SIDES)[:: 1 if number % 2 == 0 else -1]:
            seen[side].append(measured(side, chats, chosen))
    report(seen, chosen)


if __name__ == "__main__":
    main()
