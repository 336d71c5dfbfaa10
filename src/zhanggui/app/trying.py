"""Try a chat model: one tiny typed question with a known answer, so that a person sees whether it works at all."""

import random
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from zhanggui.kernel.llm import Models, load_prompt

_PROMPT = Path(__file__).parent / "prompts" / "try.md"
_TOKENS = 64


class Sum(BaseModel):
    """What the model is to say."""

    sum: int


@dataclass(frozen=True, slots=True)
class TriedModel:
    """What a model made of the question; a wrong sum is an answer too, and tells something.

    Attributes:
        question: as people write it.
        seconds: that the call took.
        micros: its cost, 1e-6 USD.
    """

    question: str
    answer: int
    right: bool
    input_tokens: int
    output_tokens: int
    seconds: float
    micros: int


def try_model(models: Models, name: str, merchant_id: str) -> TriedModel:
    """Ask the model with this name in the settings. The numbers differ each time, so that no kept answer is shown.

    Raises:
        NotFound: no model has this name.
        NotConfigured, BudgetSpent, RetryLater, OperatorError, UnusableAnswer: it cannot be asked, or did not answer.
    """
    draw = random.SystemRandom()
    first, second = draw.randrange(10, 1_000), draw.randrange(10, 1_000)
    asked = models.ask_only(
        name, merchant_id, load_prompt(_PROMPT), {"first": str(first), "second": str(second)}, Sum, max_tokens=_TOKENS
    )
    usage = asked.usage
    right = asked.value.sum == first + second
    question = f"{first} + {second}"
    return TriedModel(
        question, asked.value.sum, right, usage.input_tokens, usage.output_tokens, usage.seconds, usage.micros
    )
