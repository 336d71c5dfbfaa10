"""Which of two descriptions of a product reads better, asked of a model in both orders.

A small model that must name A or B names the same letter whatever stands there (19 of 20 tried). So it rates both
texts of the pair, in both orders, and the ratings are added up: a liking for the first or the second place cancels out.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import Answer, Models, load_prompt
from zhanggui.kernel.types import JsonObject

_MAX_TOKENS = 24
Copy = dict[str, Any]
Outcome = Literal["win", "loss", "tie", "none"]


class Scores(BaseModel):
    """The model's ratings of the two texts."""

    a: int = Field(ge=1, le=10)
    b: int = Field(ge=1, le=10)


def outcome(first: Scores | None, swapped: Scores | None) -> Outcome:
    """What the ratings say of the text that stood as a in the first and as b in the swapped question."""
    if first is None or swapped is None:
        return "none"
    lead = (first.a + swapped.b) - (first.b + swapped.a)
    return "win" if lead > 0 else "loss" if lead < 0 else "tie"


def judge(
    models: Models, merchant: str, locale: str, pairs: Sequence[tuple[Copy, Copy]], progress: Callable[[int], None]
) -> list[Outcome]:
    """For each (ours, other): does our description read better? Kept answers are not asked again."""
    prompt = load_prompt(Path(__file__).parent / f"readability.{locale[:2]}.md")
    asked: list[JsonObject] = []
    for ours, other in pairs:
        asked.append({"first": ours["description"], "second": other["description"]})
        asked.append({"first": other["description"], "second": ours["description"]})
    done = 0

    def told(_index: int, _answer: Answer[Scores] | ZhangguiError) -> None:
        nonlocal done
        done += 1
        progress(done)

    answers = models.ask_many(merchant, prompt, asked, Scores, max_tokens=_MAX_TOKENS, on_result=told)
    said = [None if isinstance(answer, ZhangguiError) else answer.value for answer in answers]
    return [outcome(said[at], said[at + 1]) for at in range(0, len(said), 2)]
