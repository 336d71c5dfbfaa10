"""OpenTelemetry spans by the GenAI semantic conventions; texts are never put into them."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description

# The well-known values of gen_ai.provider.name; ours for what runs in this process.
_PROVIDER_NAMES = {"google": "gcp.gemini", "vertex": "gcp.vertex_ai"}


@contextmanager
def model_span(description: Description, request: ChatRequest, *, task: str) -> Generator[Span]:
    """A client span around one call. Errors mark it and pass on."""
    tracer = trace.get_tracer("zhanggui.kernel.llm")
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDER_NAMES.get(description.provider, description.provider),
        "gen_ai.request.model": description.model,
        "gen_ai.request.max_tokens": request.max_tokens,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.seed": request.seed,
        "gen_ai.output.type": "json" if request.schema else "text",
        "zhanggui.task": task,
    }
    with tracer.start_as_current_span(
        f"chat {description.model}",
        kind=SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except ZhangguiError as error:
            span.set_attribute("error.type", error.code)
            span.set_status(Status(StatusCode.ERROR, error.code))
            raise


def note_completion(span: Span, completion: Completion) -> None:
    """Put what came back on the span: token counts and why it ended."""
    span.set_attribute("gen_ai.usage.input_tokens", completion.input_tokens)
    span.set_attribute("gen_ai.usage.output_tokens", completion.output_tokens)
    span.set_attribute("gen_ai.usage.cache_read.input_tokens", completion.reused_tokens)
    span.set_attribute("gen_ai.response.finish_reasons", [completion.finish])
