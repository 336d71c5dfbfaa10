"""`Models`: chains, cache, budgets, ledger, repair, privacy gate, streaming, many at once; on both databases."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, Field

from tests.kernel.llm.model_server import KEY, ModelServer, model_server
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BudgetSpent, NotConfigured, OperatorError, RetryLater, ZhangguiError
from zhanggui.kernel.llm import (
    Answer,
    Budget,
    ChatRequest,
    FakeProvider,
    Models,
    ModelSettings,
    Pacing,
    Prompt,
    ProviderSettings,
    UnusableAnswer,
    parse_prompt,
)
from zhanggui.kernel.llm.store import llm_calls, llm_spending
from zhanggui.kernel.storage import Database

START = datetime(2020, 1, 1, tzinfo=UTC)
PROMPT = parse_prompt(
    '---\ntask: catalog.copy\nversion: "1"\noutput: Copy\n---\n# System\nWrite copy.\n# User\nFacts: {{ facts }}\n',
    name="copy",
)
CHAT = Prompt(task="support.chat", version="1", system="Be kind.", user_template="{{ said }}")


class Copy(BaseModel):
    title: str = Field(max_length=30)
    bullets: list[str] = Field(default=[], max_length=3)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def still(naps: list[float] | None = None, now: Callable[[], float] = lambda: 0.0) -> Pacing:
    kept = naps if naps is not None else []
    return Pacing(now=now, sleep=kept.append, chance=lambda: 0.5)


def fake_models(database: Database, script: Callable[[ChatRequest], str] | None = None, **more: object) -> Models:
    settings = ModelSettings(providers=(ProviderSettings("fake", "fake"),), default=("fake",), **more)
    return Models(database, settings, providers={"fake": FakeProvider(script)}, pacing=still())


def remote_settings(server: ModelServer, *fallbacks: ProviderSettings, **more: object) -> ModelSettings:
    first = ProviderSettings("gpt", "openai", model="gpt-x", base_url=server.url, api_key=KEY, timeout_seconds=5)
    chain = ("gpt", *(fallback.name for fallback in fallbacks))
    return ModelSettings(providers=(first, *fallbacks), default=chain, **more)


def ledger(database: Database, merchant_id: str = "m1") -> list[sa.RowMapping]:
    with database.installation(read_only=True) as connection:
        statement = sa.select(llm_calls).where(llm_calls.c.merchant_id == merchant_id).order_by(llm_calls.c.id)
        return list(connection.execute(statement).mappings())


def test_a_typed_answer_is_recorded(database: Database) -> None:
    models = fake_models(database, lambda _request: '{"title": "蓝色牛仔衬衫", "bullets": ["透气"]}')
    answer = models.ask("m1", PROMPT, {"facts": {"颜色": "蓝"}}, Copy, max_tokens=50)
    assert answer.value == Copy(title="蓝色牛仔衬衫", bullets=["透气"])
    assert not answer.usage.cached
    (row,) = ledger(database)
    assert (row["task"], row["prompt_version"], row["outcome"], row["cached"]) == ("catalog.copy", "1", "ok", False)
    assert row["output_tokens"] == answer.usage.output_tokens > 0
    assert row["at"] == database.clock.now()


def test_a_rerun_costs_nothing(database: Database) -> None:
    fake = FakeProvider()
    settings = ModelSettings(providers=(ProviderSettings("fake", "fake"),), default=("fake",))
    models = Models(database, settings, providers={"fake": fake})
    first = models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    again = models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert again.value == first.value
    assert again.usage.cached
    assert (again.usage.input_tokens, again.usage.output_tokens, again.usage.micros) == (0, 0, 0)
    assert len(fake.requests) == 1
    (line,) = models.spending("m1", START)
    assert (line.calls, line.cached, line.output_tokens) == (2, 1, first.usage.output_tokens)
    # Another merchant, another seed, another length, other facts: other questions.
    models.ask("m2", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50, seed=1)
    models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=51)
    models.ask("m1", PROMPT, {"facts": 2}, Copy, max_tokens=50)
    assert len(fake.requests) == 5
    assert [line.calls for line in models.spending("m2", START)] == [1]
    assert models.spending("m1", database.clock.now() + timedelta(days=1)) == ()


def test_kept_answers_can_be_forgotten(database: Database) -> None:
    fake = FakeProvider(lambda request: json.dumps({"title": request.messages[-1].text[:25]}))
    settings = ModelSettings(providers=(ProviderSettings("fake", "fake"),), default=("fake",))
    models = Models(database, settings, providers={"fake": fake})
    for name in ("100%", "1000"):
        models.ask("m1", PROMPT, {"facts": name}, Copy, max_tokens=50)
    assert models.forget("m2") == 0
    assert models.forget("m1", containing="100%") == 1
    assert models.forget("m1") == 1
    models.ask("m1", PROMPT, {"facts": "1000"}, Copy, max_tokens=50)
    assert len(fake.requests) == 3


def test_an_answer_that_does_not_fit_is_repaired_once(database: Database) -> None:
    answers = ["I think it is nice!", '```json\n{"title": "Good"}\n```']
    models = fake_models(database, lambda _request: answers.pop(0))
    answer = models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert answer.value.title == "Good"
    assert len(ledger(database)) == 2
    assert answer.usage.output_tokens == sum(row["output_tokens"] for row in ledger(database))
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).usage.cached


@pytest.mark.parametrize("nonsense", ["", "no", '{"title": 5}', '{"title": "' + "x" * 40 + '"}', '{"title": "cut'])
def test_nonsense_is_an_error_that_says_why(database: Database, nonsense: str) -> None:
    requests: list[ChatRequest] = []

    def script(request: ChatRequest) -> str:
        requests.append(request)
        return nonsense

    models = fake_models(database, script)
    with pytest.raises(UnusableAnswer, match=r"catalog\.copy"):
        models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert len(requests) == 2
    assert "cannot be used" in requests[1].messages[-1].text


def test_no_model_is_a_supported_state(database: Database) -> None:
    models = Models(database, ModelSettings())
    assert not models.available("catalog.copy")
    with pytest.raises(NotConfigured):
        models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    unready = ProviderSettings("o", "openai", model="gpt-x")
    models = Models(database, ModelSettings(providers=(unready,), tasks={"catalog": ("o",)}))
    assert not models.available("catalog.copy")
    assert models.describe("support.chat") == ()
    with pytest.raises(NotConfigured, match="no API key"):
        models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert ledger(database) == []
    models.close()


def test_chains_are_found_by_task_then_area_then_default() -> None:
    fakes = tuple(ProviderSettings(name, "fake") for name in "abc")
    settings = ModelSettings(providers=fakes, default=("a",), tasks={"catalog": ("b",), "catalog.copy": ("c", "a")})
    assert settings.chain("catalog.copy") == ("c", "a")
    assert settings.chain("catalog.title") == ("b",)
    assert settings.chain("support.chat") == ("a",)
    with pytest.raises(NotConfigured, match="'d'"):
        ModelSettings(providers=fakes, default=("d",))


@pytest.mark.parametrize("fault", ["500", "garbage", "reset", "400", "401"])
def test_the_next_model_of_the_chain_takes_over(database: Database, server: ModelServer, fault: str) -> None:
    server.faults = [fault] * 3
    naps: list[float] = []
    models = Models(database, remote_settings(server, ProviderSettings("b", "fake")), pacing=still(naps))
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).usage.provider == "fake"
    assert [row["outcome"] for row in ledger(database)][-1] == "ok"
    retried = fault not in ("400", "401")
    assert len(server.bodies) == (3 if retried else 1)
    assert naps == ([0.25, 0.5] if retried else [])
    models.close()


def test_a_short_outage_is_waited_out_as_long_as_asked(database: Database, server: ModelServer) -> None:
    server.faults, server.answers = ["429:3", "503"], ['{"title": "ok", "bullets": []}']
    naps: list[float] = []
    models = Models(database, remote_settings(server), pacing=still(naps))
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).value.title == "ok"
    assert naps == [3.25, 0.5]
    models.close()


def test_the_breaker_rests_a_dead_provider_and_probes_it(database: Database, server: ModelServer) -> None:
    server.faults = ["500"] * 4
    now = [0.0]
    settings = remote_settings(server, breaker_failures=2, breaker_seconds=30.0, attempts=1)
    models = Models(database, settings, pacing=still(now=lambda: now[0]))
    for _ in range(3):
        with pytest.raises(RetryLater):
            models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert len(server.bodies) == 2
    now[0] = 31.0
    with pytest.raises(RetryLater, match="HTTP 500"):
        models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    with pytest.raises(RetryLater, match="resting"):
        models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    now[0], server.faults = 62.0, []
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).value
    models.close()


def test_budgets_stop_and_start_again_with_the_period(database: Database, clock: FixedClock) -> None:
    models = fake_models(database, budgets=(Budget("day", calls=2), Budget("month", task="catalog", calls=3)))
    for fact in range(2):
        models.ask("m1", PROMPT, {"facts": fact}, Copy, max_tokens=50)
    with pytest.raises(BudgetSpent, match="day"):
        models.ask("m1", PROMPT, {"facts": 2}, Copy, max_tokens=50)
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).usage.cached
    models.ask("m2", PROMPT, {"facts": 2}, Copy, max_tokens=50)
    clock.advance(timedelta(days=1))
    models.ask("m1", PROMPT, {"facts": 3}, Copy, max_tokens=50)
    with pytest.raises(BudgetSpent, match="month"):
        models.ask("m1", PROMPT, {"facts": 4}, Copy, max_tokens=50)
    models.stream("m1", CHAT, {"said": "hi"}, lambda _piece: None, max_tokens=50)
    models.set_budgets("m1", [])
    models.ask("m1", PROMPT, {"facts": 4}, Copy, max_tokens=50)


def test_money_is_reserved_and_settled_to_the_true_cost(database: Database, server: ModelServer) -> None:
    paid = ProviderSettings(
        "p", "openai", model="m", base_url=server.url, api_key=KEY, price_input=2.0, price_output=10.0
    )
    settings = ModelSettings(
        providers=(paid, ProviderSettings("free", "fake")), default=("p",), budgets=(Budget("day", micros=1000),)
    )
    models = Models(database, settings, pacing=still())
    server.faults = ["400"]
    with pytest.raises(OperatorError):
        models.ask("m1", PROMPT, {"facts": 0}, Copy, max_tokens=50)
    answer = models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50)
    assert answer.usage.micros == 7 * 2 + 5 * 10
    with database.installation(read_only=True) as connection:
        spent = connection.execute(sa.select(llm_spending)).mappings().one()
    assert (spent["micros"], spent["tokens"], spent["calls"]) == (64, 12, 1)
    with pytest.raises(BudgetSpent):
        models.ask("m1", PROMPT, {"facts": 2}, Copy, max_tokens=99)
    models.close()
    # A free model behind the dear one still answers.
    both = ModelSettings(providers=settings.providers, default=("p", "free"), budgets=settings.budgets)
    models = Models(database, both, pacing=still())
    assert models.ask("m1", PROMPT, {"facts": 2}, Copy, max_tokens=99).usage.provider == "fake"
    models.close()


def test_a_budget_holds_with_many_at_once(database: Database) -> None:
    models = fake_models(database, budgets=(Budget("day", calls=5),))
    results = models.ask_many("m1", PROMPT, [{"facts": n} for n in range(12)], Copy, max_tokens=50)
    assert sum(isinstance(result, Answer) for result in results) == 5
    assert all(isinstance(result, Answer | BudgetSpent) for result in results)


def test_many_answers_keep_their_order_and_their_errors(database: Database) -> None:
    def script(request: ChatRequest) -> str:
        facts = request.messages[1].text.rpartition(" ")[2]
        return "nonsense" if facts == "3" else json.dumps({"title": f"t{facts}"})

    told: dict[int, Answer[Copy] | ZhangguiError] = {}
    models = fake_models(database, script)
    results = models.ask_many(
        "m1", PROMPT, [{"facts": n} for n in range(6)], Copy, max_tokens=50, on_result=told.__setitem__
    )
    assert [result.value.title if isinstance(result, Answer) else result.code for result in results] == [
        "t0",
        "t1",
        "t2",
        "unusable-answer",
        "t4",
        "t5",
    ]
    assert [told[n] for n in range(6)] == results


class Hider:
    """A gate that hides one telephone number under a placeholder and restores it."""

    def __call__(self, text: str) -> tuple[str, Callable[[str], str]]:
        return text.replace("13800138000", "⟦PHONE_1⟧"), lambda answer: answer.replace("⟦PHONE_1⟧", "13800138000")


def test_personal_data_stays_on_this_machine(database: Database, server: ModelServer) -> None:
    settings = remote_settings(server, ProviderSettings("near", "fake"))
    models = Models(database, settings, Hider(), pacing=still())
    server.answers = ['{"title": "打⟦PHONE_1⟧", "bullets": []}']
    answer = models.ask("m1", PROMPT, {"facts": "电话 13800138000"}, Copy, max_tokens=50)
    assert answer.value.title == "打13800138000"
    server.answers = ["请拨打⟦PHONE_1⟧。谢谢"]
    pieces: list[str] = []
    streamed = models.stream("m1", CHAT, {"said": "13800138000?"}, pieces.append, max_tokens=50)
    assert streamed.value == "".join(pieces) == "请拨打13800138000。谢谢"
    assert len(server.bodies) == 2
    assert not any(b"13800138000" in body for body in server.bodies)
    models.close()


def test_a_model_on_this_machine_needs_no_gate(database: Database) -> None:
    fake = FakeProvider()
    settings = ModelSettings(providers=(ProviderSettings("near", "fake"),), default=("near",))
    models = Models(database, settings, Hider(), providers={"near": fake})
    models.ask("m1", PROMPT, {"facts": "13800138000"}, Copy, max_tokens=50)
    assert "13800138000" in fake.requests[0].messages[1].text


def test_streams_are_told_cached_and_stopped(database: Database) -> None:
    models = fake_models(database, lambda _request: "one two three four five six")
    pieces: list[str] = []
    first = models.stream("m1", CHAT, {"said": "hi"}, pieces.append, max_tokens=50)
    assert "".join(pieces) == first.value == "one two three four five six"
    again = models.stream("m1", CHAT, {"said": "hi"}, pieces.append, max_tokens=50)
    assert again.usage.cached
    assert pieces[-1] == first.value
    stopped = models.stream("m1", CHAT, {"said": "stop"}, lambda _piece: True, max_tokens=50)
    assert stopped.value == "one two"
    whole = models.stream("m1", CHAT, {"said": "stop"}, lambda _piece: None, max_tokens=50)
    assert whole.value == first.value, "a stopped answer is not kept"


def test_a_broken_stream_falls_back_only_while_nothing_was_told(database: Database, server: ModelServer) -> None:
    models = Models(database, remote_settings(server, ProviderSettings("b", "fake")), pacing=still())
    server.faults = ["503", "cut"]
    pieces: list[str] = []
    assert models.stream("m1", CHAT, {"said": "hi"}, pieces.append, max_tokens=50).usage.provider == "fake"
    with pytest.raises(RetryLater, match="broke off"):
        models.stream("m1", CHAT, {"said": "again"}, pieces.append, max_tokens=50)
    models.close()


def test_a_server_without_schemas_is_told_the_schema(database: Database, server: ModelServer) -> None:
    weak = ProviderSettings(
        "d", "openai", model="deepseek-x", base_url=server.url, api_key=KEY, schema_mode="json_object"
    )
    models = Models(database, ModelSettings(providers=(weak,), default=("d",)), pacing=still())
    server.answers = ['<think>hm</think>{"title": "ok"}']
    assert models.ask("m1", PROMPT, {"facts": 1}, Copy, max_tokens=50).value.title == "ok"
    body = json.loads(server.bodies[0])
    assert body["response_format"] == {"type": "json_object"}
    assert '"maxLength":30' in body["messages"][0]["content"]
    models.close()


def test_no_write_transaction_is_open_while_a_model_writes(database: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def script(_request: ChatRequest) -> str:
        entered.set()
        assert leave.wait(20)
        return '{"title": "slow"}'

    models = fake_models(database, script)
    with_slow = threading.Thread(target=models.ask, args=("m1", PROMPT, {"facts": 1}, Copy), kwargs={"max_tokens": 9})
    with_slow.start()
    assert entered.wait(20)
    models.set_budgets("m1", [])  # a write, while the model is busy
    leave.set()
    with_slow.join()
    assert [row["outcome"] for row in ledger(database)] == ["ok"]
