"""How soon a shopper reads something: answers from 100,000 articles, and the first word of the local model.

    python -m benchmarks.chat [--articles 100000] [--questions 200] [--only index|desk|model]

`index` times the bare index with the bundled embedding model; `desk` the same question through `KnowledgeDesk.answer`
on a database; `model` the first word from the embedded chat model with 1 and with 8 conversations at once. The store is
made up: distinct products by distinct matters. Its article vectors are sums of fixed directions of words, because
embedding 100,000 articles would take an hour and how they were made changes no time; every question goes through the
real embedding model. Questions are all different and are answered once before the clock runs only to load the model.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from evals.figures import record

from zhanggui.kernel.llm import DEFAULT_WEIGHTS, ChatRequest, Message, ProviderSettings
from zhanggui.kernel.llm.providers import build_provider
from zhanggui.kernel.retrieval import NanoEmbedder, Vectors
from zhanggui.kernel.retrieval.embedders import unit
from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata
from zhanggui.support import Answerer, AnswerIndex, AnswerVectors, Article, KnowledgeDesk, Passage
from zhanggui.support.store.knowledge import KnowledgeStore

HOME = Path.home() / ".local/share/zhanggui/models" / DEFAULT_WEIGHTS.file
MATTERS = ("return", "washing", "battery", "delivery", "warranty", "size", "assembly", "voltage", "storage", "refund")
THINGS = ("tent", "kettle", "lamp", "jacket", "speaker", "pan", "blanket", "backpack", "monitor", "scooter")
MAKES = ("alpine", "river", "cedar", "copper", "lunar", "coral", "ember", "frost", "harbour", "meadow")
KNOWN = ("how do I return the {make} {thing} model {number}", "{thing} {number} from {make}: {matter}?",
         "my {make} {thing} {number}, what about {matter}", "does the {matter} of {make} {number} differ")  # fmt: skip


class ComposedEmbedder:
    """The bundled model for questions; sums of fixed directions of words for the articles of the store."""

    def __init__(self, inner: NanoEmbedder) -> None:
        self._inner, self._words, self._draw = inner, dict[str, Vectors](), np.random.default_rng(5)
        self.name, self.dimensions, self.ready = inner.name, inner.dimensions, False

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Real ones, once the store is built."""
        return self._inner.queries(texts) if self.ready else self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Sums over words."""
        return unit(np.stack([np.sum([self._word(word) for word in text.split()], axis=0) for text in texts]))

    def _word(self, word: str) -> Vectors:
        if word not in self._words:
            self._words[word] = self._draw.standard_normal(self.dimensions).astype(np.float32)
        return self._words[word]


def store(articles: int) -> list[Passage]:
    """Distinct articles."""
    made: list[Passage] = []
    for at in range(articles):
        matter, thing, make = MATTERS[at % 10], THINGS[at // 10 % 10], MAKES[at // 100 % 10]
        title = f"{matter} of the {make} {thing} model {at}"
        text = (
            f"For the {make} {thing} model {at} the rule on {matter} is number {at % 97}. Ask us within {at % 29} days."
        )
        made.append(Passage(f"article-{at}", title, text, "en", question=True))
    return made


def asked(many: int, articles: int) -> list[str]:
    """Different questions."""
    draw = np.random.default_rng(11)
    numbers = draw.choice(articles, many, replace=many > articles)
    return [
        KNOWN[at % len(KNOWN)].format(
            make=MAKES[number // 100 % 10], thing=THINGS[number // 10 % 10], matter=MATTERS[number % 10], number=number
        )
        for at, number in enumerate(numbers)
    ]


def timed(answer: Callable[[str], object], questions: Sequence[str]) -> tuple[float, float]:
    """(median, p95) milliseconds of one question after another."""
    answer("is anybody there")
    taken: list[float] = []
    for question in questions:
        started = time.perf_counter()
        answer(question)
        taken.append((time.perf_counter() - started) * 1000)
    middle, late = np.quantile(taken, (0.5, 0.95))
    return float(middle), float(late)


def by_index(articles: int, questions: int) -> tuple[float, float]:
    """The bare index."""
    embedder = ComposedEmbedder(NanoEmbedder())
    answerer = Answerer(AnswerIndex(store(articles), AnswerVectors(embedder)))
    embedder.ready = True
    return timed(answerer.answer, asked(questions, articles))


def by_desk(articles: int, questions: int) -> tuple[float, float]:
    """The whole way: `KnowledgeDesk.answer` on a database with the same articles."""
    embedder = ComposedEmbedder(NanoEmbedder())
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/shop.db")
        metadata.create_all(database.engine)
        MerchantStore(database).create("bench", name="Bench")
        with database.begin("bench", Actor("system", "bench")) as uow:
            kept = KnowledgeStore(uow)
            for one in store(articles):
                kept.save(Article(one.source, "faq", one.title, one.text, "en"))
        desk = KnowledgeDesk(database, embedder, None)
        desk.answer("bench", "is anybody there", counted=False)
        embedder.ready = True
        seen = timed(lambda question: desk.answer("bench", question), asked(questions, articles))
        database.close()
    return seen


def first_words(conversations: int, each: int, weights: Path) -> tuple[float, float]:
    """(median, p95) milliseconds to the first piece of text, with so many conversations at once."""
    provider = build_provider(
        ProviderSettings("bench", "local", weights=weights, slots=min(4, conversations), context_tokens=2048)
    )
    rules = "You answer a shop's customer from the passage only, in one or two sentences."
    passages, taken, lock = store(conversations * each), list[float](), threading.Lock()

    def one(number: int) -> None:
        told = f"Passage: {passages[number].text}\n\nQuestion: {passages[number].title}?"
        request = ChatRequest((Message("system", rules), Message("user", told)), max_tokens=40, timeout_seconds=300)
        began, first = time.perf_counter(), list[float]()
        provider.stream(request, lambda _: first.append(time.perf_counter()))
        with lock:
            taken.extend((at - began) * 1000 for at in first[:1])

    one(0)
    taken.clear()
    with ThreadPoolExecutor(conversations) as pool:
        list(pool.map(one, range(conversations * each)))
    provider.close()
    middle, late = np.quantile(taken, (0.5, 0.95))
    return float(middle), float(late)


def main() -> None:
    """Measure, print, record; `--only` measures one part, smaller stores are not recorded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--only", choices=("index", "desk", "model"))
    parser.add_argument("--weights", type=Path, default=HOME)
    chosen = parser.parse_args()
    full = (chosen.articles, chosen.questions) == (100_000, 200)
    common: dict[str, Any] = {"command": "python -m benchmarks.chat", "files": [], "seed": 11, "unit": "ms"}
    note = f"{chosen.articles} made-up articles, {chosen.questions} different questions, one after another"
    for name, measure in (("index", by_index), ("desk", by_desk)):
        if chosen.only in (None, name):
            middle, late = measure(chosen.articles, chosen.questions)
            print(f"{name}: median {middle:.1f} ms, p95 {late:.1f} ms", flush=True)
            if full:
                record(f"chat-reply-p95-{name}", late, dataset="made up", note=f"{note}; median {middle:.1f}", **common)
    if chosen.only in (None, "model"):
        if not chosen.weights.is_file():
            raise SystemExit("the local model's weights are not here: zhanggui models pull")
        for conversations, each in ((1, 10), (8, 3)):
            middle, late = first_words(conversations, each, chosen.weights)
            print(f"first word, {conversations} at once: median {middle:.0f} ms, p95 {late:.0f} ms", flush=True)
            told = f"{conversations * each} prompts; median {middle:.0f}"
            record(f"chat-first-word-p95-{conversations}", late, dataset="made up", note=told, **common)


if __name__ == "__main__":
    main()
