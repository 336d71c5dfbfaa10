"""Spans follow the OpenTelemetry GenAI conventions and hold no text of anybody's."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.llm import ChatRequest, Completion, Description, Message
from zhanggui.kernel.llm.telemetry import model_span, note_completion

REQUEST = ChatRequest((Message("user", "secret words"),), max_tokens=20, seed=3)
DESCRIPTION = Description("google", "gemini-x", False, True, 1, ready=True)


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    trace.set_tracer_provider(provider)  # once a process
    return memory


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    exporter.clear()
    yield exporter
    exporter.clear()


def test_a_call_is_a_span(spans: InMemorySpanExporter) -> None:
    with model_span(DESCRIPTION, REQUEST, task="catalog.copy") as span:
        note_completion(span, Completion("more secret words", 7, 5, 2))
    (done,) = spans.get_finished_spans()
    assert done.name == "chat gemini-x"
    attributes = dict(done.attributes or {})
    assert attributes["gen_ai.provider.name"] == "gcp.gemini"
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.request.model"] == "gemini-x"
    assert attributes["gen_ai.usage.input_tokens"] == 7
    assert attributes["gen_ai.usage.output_tokens"] == 5
    assert attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert "secret" not in done.to_json()


def test_an_error_marks_the_span(spans: InMemorySpanExporter) -> None:
    with pytest.raises(RetryLater), model_span(DESCRIPTION, REQUEST, task="t"):
        raise RetryLater("secret reason")
    (done,) = spans.get_finished_spans()
    assert done.status.status_code is StatusCode.ERROR
    assert dict(done.attributes or {})["error.type"] == "retry-later"
    assert "secret" not in done.to_json()
