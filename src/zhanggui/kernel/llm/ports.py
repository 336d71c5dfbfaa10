"""What a chat model is asked, what it answers, and the ports that providers and the privacy gate fill."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from zhanggui.kernel.errors import OperatorError
from zhanggui.kernel.types import JsonObject

T = TypeVar("T")
Role = Literal["system", "user", "assistant"]

# Told each piece of text as it is written; True means nobody listens any more, stop writing.
OnText = Callable[[str], bool | None]


class UnusableAnswer(OperatorError):
    """The model wrote something that does not fit the asked type, and the repair did not either."""

    status: ClassVar[int] = 502
    code: ClassVar[str] = "unusable-answer"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation that a model reads."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call. Temperature is always 0: the same request gives the same answer where the provider keeps to `seed`.

    `schema` is a JSON schema that the answer must fit; a provider that cannot constrain decoding ignores it.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    seed: int = 0
    schema: JsonObject | None = None
    timeout_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. `input_tokens` includes `reused_tokens` (a prompt prefix that the provider had in its cache)."""

    text: str
    input_tokens: int
    output_tokens: int
    reused_tokens: int = 0
    finish: Literal["stop", "length", "stopped", "filtered"] = "stop"


@dataclass(frozen=True, slots=True)
class Description:
    """What a provider is. `ready` is known without a call; `reason` says what is missing, for the operator."""

    provider: str
    model: str
    on_machine: bool
    supports_schema: bool
    slots: int
    ready: bool
    reason: str = ""
    fingerprint: str = ""
    detail: JsonObject = field(default_factory=lambda: JsonObject())


class ChatProvider(Protocol):
    """One chat model. Methods may be called from several threads at once.

    Errors: `RetryLater` (slow, overloaded, down; `details["retry_after"]` in seconds where the provider says),
    `NotConfigured` (key, weights or extra missing), `OperatorError` (the provider refuses the request for good).
    """

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        ...

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """The same, telling each piece as it comes; the pieces joined are the completion's text."""
        ...

    def describe(self) -> Description:
        """What this is and whether it can be called. No network."""
        ...

    def close(self) -> None:
        """Let go of connections and memory."""
        ...


class PrivacyGate(Protocol):
    """Takes personal data out of a text; gives back the text and what puts the data into an answer again."""

    def __call__(self, text: str) -> tuple[str, Callable[[str], str]]:
        """The text with placeholders, and the restorer for texts that hold those placeholders."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took. `cached` means that no model ran and nothing was spent; `micros` are 1e-6 USD."""

    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cached: bool = False
    micros: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """Both together (a first try and its repair)."""
        return Usage(
            self.provider,
            self.model,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.seconds + other.seconds,
            self.cached and other.cached,
            self.micros + other.micros,
        )


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A typed answer: the value, the text that it was read from, and what it took."""

    value: T
    text: str
    usage: Usage
