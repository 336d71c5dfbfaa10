"""Chat models: `Models` is the one door; prompts are files, answers are typed, every call is budgeted and recorded.

Providers: `local` (llama.cpp in this process), `openai` (and every compatible server), `google` (Gemini API and
Vertex AI), `transformers` (a local Hugging Face pipeline), `fake` (no model at all, deterministic).
"""

from zhanggui.kernel.llm.config import Budget, ModelSettings, ProviderSettings
from zhanggui.kernel.llm.gateway import Models
from zhanggui.kernel.llm.ports import (
    Answer,
    ChatProvider,
    ChatRequest,
    Completion,
    Description,
    Message,
    PrivacyGate,
    UnusableAnswer,
    Usage,
)
from zhanggui.kernel.llm.prompts import Prompt, load_prompt, parse_prompt, quote
from zhanggui.kernel.llm.providers import FakeProvider
from zhanggui.kernel.llm.resilience import Pacing
from zhanggui.kernel.llm.store import LlmStore, Spending
from zhanggui.kernel.llm.weights import DEFAULT_WEIGHTS, Weights, pull

__all__ = [
    "DEFAULT_WEIGHTS",
    "Answer",
    "Budget",
    "ChatProvider",
    "ChatRequest",
    "Completion",
    "Description",
    "FakeProvider",
    "LlmStore",
    "Message",
    "ModelSettings",
    "Models",
    "Pacing",
    "PrivacyGate",
    "Prompt",
    "ProviderSettings",
    "Spending",
    "UnusableAnswer",
    "Usage",
    "Weights",
    "load_prompt",
    "parse_prompt",
    "pull",
    "quote",
]
