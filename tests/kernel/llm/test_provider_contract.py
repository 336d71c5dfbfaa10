"""One suite over every provider: what `ChatProvider` promises, and how each usual failure is named."""

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.kernel.llm.model_server import KEY, ModelServer, model_server
from zhanggui.kernel.errors import NotConfigured, OperatorError, RetryLater, ZhangguiError
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, ChatProvider, ChatRequest, Message, ProviderSettings
from zhanggui.kernel.llm.providers import build_provider
from zhanggui.kernel.llm.providers.local import LocalProvider

WEIGHTS = Path.home() / ".local/share/zhanggui/models" / DEFAULT_WEIGHTS.file
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 12},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "minItems": 1, "maxItems": 2},
    },
    "required": ["title", "parts"],
    "additionalProperties": False,
    "$defs": {
        "Part": {
            "type": "object",
            "properties": {"kind": {"enum": ["soft", "hard"]}},
            "required": ["kind"],
            "additionalProperties": False,
        }
    },
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def settings_for(kind: str, server: ModelServer) -> ProviderSettings:
    match kind:
        case "openai":
            return ProviderSettings("o", "openai", model="gpt-x", base_url=server.url + "/v1", api_key=KEY)
        case "gemini":
            return ProviderSettings("g", "google", model="gemini-x", base_url=server.url, api_key=KEY)
        case "vertex":
            return ProviderSettings(
                "v", "google", model="gemini-x", base_url=server.url, api_key=KEY, project="p", location="europe-west1"
            )
        case "fake":
            return ProviderSettings("f", "fake")
        case "local":
            if not WEIGHTS.is_file():
                pytest.skip("the embedded model's weights are not here: run `zhanggui models pull`")
            return ProviderSettings("l", "local", weights=WEIGHTS, slots=2, context_tokens=1024)
        case _:
            pytest.importorskip("transformers", reason="the extra `train` is not installed")
            if not WEIGHTS.is_file():
                pytest.skip("no weights for a transformers model are here")
            return ProviderSettings("t", "transformers", weights=WEIGHTS)


REMOTE = ("openai", "gemini", "vertex")
ALL = (
    *REMOTE,
    "fake",
    pytest.param("local", marks=pytest.mark.live),
    pytest.param("transformers", marks=[pytest.mark.live, pytest.mark.slow]),
)


@pytest.fixture(params=ALL)
def provider(request: pytest.FixtureRequest, server: ModelServer) -> Iterator[ChatProvider]:
    made = build_provider(settings_for(request.param, server))
    yield made
    if request.param != "local":  # its weights stay loaded for the next test
        made.close()


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, server: ModelServer) -> Iterator[ChatProvider]:
    made = build_provider(settings_for(request.param, server))
    yield made
    made.close()


def request_of(text: str = "Say hello.", **more: Any) -> ChatRequest:
    messages = (Message("system", "You answer in few words."), Message("user", text))
    return ChatRequest(messages, **{"max_tokens": 24, "timeout_seconds": 240.0, **more})


def test_answers_with_text_and_counts(provider: ChatProvider) -> None:
    completion = provider.complete(request_of())
    assert completion.text.strip()
    assert completion.input_tokens > 0
    assert completion.output_tokens > 0
    assert completion.finish in ("stop", "length")


def test_stream_tells_the_same_text_in_pieces(provider: ChatProvider) -> None:
    pieces: list[str] = []
    streamed = provider.stream(request_of(), pieces.append)
    assert "".join(pieces) == streamed.text == provider.complete(request_of()).text
    assert len(pieces) > 1
    assert streamed.output_tokens > 0


def test_stream_stops_when_nobody_listens(provider: ChatProvider) -> None:
    pieces: list[str] = []

    def one_piece(piece: str) -> bool:
        pieces.append(piece)
        return True

    assert provider.stream(request_of(), one_piece).finish == "stopped"
    assert len(pieces) == 1


def test_a_listener_that_fails_is_heard(provider: ChatProvider) -> None:
    def broken(_piece: str) -> None:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        provider.stream(request_of(), broken)


def test_an_answer_too_long_is_marked(provider: ChatProvider) -> None:
    completion = provider.complete(request_of("Count from one to one hundred in words.", max_tokens=3))
    assert completion.finish == "length"


def test_a_schema_is_kept(provider: ChatProvider) -> None:
    if not provider.describe().supports_schema:
        pytest.skip("this provider cannot be held to a schema; the gateway validates and repairs")
    completion = provider.complete(request_of("Describe a sofa of two parts as JSON.", schema=SCHEMA, max_tokens=80))
    jsonschema.validate(json.loads(completion.text), SCHEMA)


def test_threads_may_share_it(provider: ChatProvider) -> None:
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda n: provider.complete(request_of(f"Say {n}.")).text, range(3)))
    assert all(answers)
    assert provider.describe().ready


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429:7", RetryLater),
        ("500", RetryLater),
        ("503", RetryLater),
        ("stall", RetryLater),
        ("drip", RetryLater),
        ("reset", RetryLater),
        ("garbage", RetryLater),
        ("list", RetryLater),
        ("empty", RetryLater),
        ("error-200", RetryLater),
        ("401", NotConfigured),
        ("403", NotConfigured),
        ("400", OperatorError),
        ("404", OperatorError),
    ],
)
def test_failures_say_who_must_act(
    remote: ChatProvider, server: ModelServer, fault: str, error: type[ZhangguiError]
) -> None:
    server.faults = [fault]
    with pytest.raises(ZhangguiError) as raised:
        remote.complete(request_of(timeout_seconds=0.3))
    assert type(raised.value) is error
    assert KEY not in str(raised.value)
    if fault == "429:7":
        assert raised.value.details["retry_after"] == 7.0
    assert remote.complete(request_of()).text  # the connection pool is not spoiled


@pytest.mark.parametrize("fault", ["429", "500", "stall", "reset", "cut", "garbage"])
def test_a_stream_that_breaks_is_to_be_tried_later(remote: ChatProvider, server: ModelServer, fault: str) -> None:
    server.faults = [fault]
    with pytest.raises(RetryLater):
        remote.stream(request_of(timeout_seconds=0.3), lambda _piece: None)


def test_a_wrong_key_is_the_operators_business(server: ModelServer) -> None:
    made = build_provider(ProviderSettings("o", "openai", model="m", base_url=server.url, api_key="other"))
    with pytest.raises(NotConfigured, match="wrong key"):
        made.complete(request_of())
    made.close()


def test_absent_weights_are_said() -> None:
    settings = ProviderSettings("l", "local", weights=Path("nowhere.gguf"))
    made = build_provider(settings)
    assert not made.describe().ready
    assert "models pull" in made.describe().reason
    with pytest.raises(NotConfigured):
        made.complete(request_of())


@pytest.mark.live
def test_the_local_model_refuses_a_prompt_longer_than_its_context(server: ModelServer) -> None:
    made = build_provider(settings_for("local", server))
    with pytest.raises(OperatorError, match="context size"):
        made.complete(request_of("字" * 3000))


@pytest.mark.live
def test_the_local_model_stops_when_time_is_up(server: ModelServer) -> None:
    made = build_provider(settings_for("local", server))
    with pytest.raises(RetryLater, match="in time"):
        made.complete(request_of("Write a long poem.", max_tokens=900, timeout_seconds=0.5))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (ProviderSettings("o", "openai", model="m"), "no API key"),
        (ProviderSettings("o", "openai", base_url="http://127.0.0.1:1/v1"), "no model name"),
        (ProviderSettings("g", "google", model="m"), "no API key"),
        (ProviderSettings("g", "google", model="m", project="p"), "location"),
        (ProviderSettings("t", "transformers"), "no model name"),
    ],
)
def test_what_is_missing_is_said(settings: ProviderSettings, reason: str) -> None:
    made = build_provider(settings)
    assert not made.describe().ready
    assert reason in made.describe().reason
    made.close()


def test_settings_never_print_the_key() -> None:
    assert KEY not in repr(ProviderSettings("o", "openai", api_key=KEY))


def test_options_add_and_remove_body_fields(server: ModelServer) -> None:
    options: dict[str, Any] = {"seed": None, "enable_thinking": False}
    settings = ProviderSettings("q", "openai", model="m", base_url=server.url, api_key=KEY, options=options)
    made = build_provider(settings)
    made.complete(request_of())
    made.close()
    body = json.loads(server.bodies[-1])
    assert "seed" not in body
    assert body["enable_thinking"] is False


@pytest.mark.live
def test_the_local_model_says_how_much_likelier_one_answer_is(server: ModelServer) -> None:
    made = LocalProvider(settings_for("local", server))
    asked = [
        ChatRequest(
            (Message("system", "判断这条购物评价是好评还是差评。只回答一个字：好 或 差。"), Message("user", text)), 1
        )
        for text in ("质量很好，非常满意，还会再来", "质量太差，用一次就坏，要求退货")
    ]
    praise, blame = (made.preference(one, ("差", "好")) for one in asked)
    assert praise > blame
    assert made.preference(asked[0], ("好", "差")) == pytest.approx(-praise, abs=0.2)
    assert math.isnan(made.preference(asked[0], ("ᚠ", "ᛟ"))), "words that no answer begins with"
    with pytest.raises(OperatorError, match="context size"):
        made.preference(request_of("字" * 3000), ("好", "差"))
