"""Which models there are, which task uses which, and what may be spent. Filled by the settings reader; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zhanggui.kernel.errors import NotConfigured
from zhanggui.kernel.types import JsonObject

ProviderKind = Literal["local", "openai", "google", "transformers", "fake"]
SchemaMode = Literal["json_schema", "json_object", "none"]
Period = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One model that can be asked, under the name that chains use.

    Args:
        name: what chains call it, for example "local" or "deepseek".
        kind: which provider file speaks to it.
        model: the model's name at the provider; for `transformers` a name or a folder. Unused by `local`.
        weights: the GGUF file of a `local` model.
        base_url: for `openai`, where the API begins (".../v1"); for `google`, an endpoint other than the public one.
        on_machine: True only for a server that the operator runs on this machine and trusts with personal data.
        schema_mode: what the server can constrain: vLLM, Ollama and OpenAI take a JSON schema; DeepSeek and DashScope
            only promise some JSON object.
        slots: how many calls may run at once.
        context_tokens: prompt and answer of one slot together (`local`).
        project, location: Google Cloud project and region: set, they choose Vertex AI instead of the Gemini API.
        price_input, price_output: USD per million tokens.
        options: further fields of the request body; null removes a field that would be sent. For `local`, only
            {"speculation": "ngram_simple" | "ngram_mod" | "ngram_cache"}: guess ahead from the text so far.
    """

    name: str
    kind: ProviderKind
    model: str = ""
    weights: Path | None = None
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    on_machine: bool = False
    schema_mode: SchemaMode = "json_schema"
    slots: int = 4
    context_tokens: int = 4096
    threads: int = 0
    timeout_seconds: float = 120.0
    project: str = ""
    location: str = ""
    price_input: float = 0.0
    price_output: float = 0.0
    options: JsonObject = field(default_factory=lambda: JsonObject())


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit for one merchant in each calendar day or month (UTC). None is no limit; `task` "*" covers all tasks."""

    period: Period
    task: str = "*"
    micros: int | None = None
    tokens: int | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The models of the installation.

    A task's chain is tried in order: the next name is used when the one before is not ready, down, out of budget or
    answers nonsense. A task is looked up whole ("catalog.copy"), then by its area ("catalog"), then `default`.
    An empty chain means: no model for this task.
    """

    providers: tuple[ProviderSettings, ...] = ()
    default: tuple[str, ...] = ()
    tasks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())
    budgets: tuple[Budget, ...] = ()
    attempts: int = 3
    breaker_failures: int = 5
    breaker_seconds: float = 30.0

    def __post_init__(self) -> None:
        known = {provider.name for provider in self.providers}
        for chain in (self.default, *self.tasks.values()):
            for name in chain:
                if name not in known:
                    raise NotConfigured(f"model {name!r} is used but not defined; defined: {sorted(known)}")

    def chain(self, task: str) -> tuple[str, ...]:
        """The names to try for a task, first choice first."""
        for key in (task, task.partition(".")[0]):
            if key in self.tasks:
                return self.tasks[key]
        return self.default
