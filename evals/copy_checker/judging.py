"""Which of two copies of a product reads better, asked of a model in both orders: what flips is a tie."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import Answer, Models, load_prompt
from zhanggui.kernel.types import JsonObject

PROMPT = Path(__file__).parent / "readability.md"
_MAX_TOKENS = 16
Copy = dict[str, Any]
Outcome = Literal["win", "loss", "tie", "none"]


class Verdict(BaseModel):
    """The model's answer."""

    better: Literal["A", "B"]


def shown(copy: Copy) -> str:
    """A copy as a shopper sees it."""
    return "\n".join((copy["title"], *(f"- {bullet}" for bullet in copy["bullets"]), copy["description"]))


def outcome(first: str | None, swapped: str | None) -> Outcome:
    """What two verdicts say of the copy that stood as A first and as B when swapped."""
    if first is None or swapped is None:
        return "none"
    if (first, swapped) == ("A", "B"):
        return "win"
    return "loss" if (first, swapped) == ("B", "A") else "tie"


def judge(
    models: Models, merchant: str, pairs: Sequence[tuple[Copy, Copy]], progress: Callable[[int], None]
) -> list[Outcome]:
    """For each (ours, other): does ours read better? Kept answers are not asked again."""
    prompt = load_prompt(PROMPT)
    asked: list[JsonObject] = []
    for ours, other in pairs:
        asked.append({"first": shown(ours), "second": shown(other)})
        asked.append({"first": shown(other), "second": shown(ours)})
    done = 0

    def told(_index: int, _answer: Answer[Verdict] | ZhangguiError) -> None:
        nonlocal done
        done += 1
        progress(done)

    answers = models.ask_many(merchant, prompt, asked, Verdict, max_tokens=_MAX_TOKENS, on_result=told)
    said = [None if isinstance(answer, ZhangguiError) else answer.value.better for answer in answers]
    return [outcome(said[at], said[at + 1]) for at in range(0, len(said), 2)]
