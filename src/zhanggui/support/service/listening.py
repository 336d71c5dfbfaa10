"""A model as listener: it sorts a message that the rules could not read into one of the tasks, and nothing else."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from zhanggui.kernel.llm import Models, load_prompt
from zhanggui.support.rules.agent_intents import TASKS

_PROMPT = load_prompt(Path(__file__).parents[1] / "prompts" / "hear.md")
_LONGEST = 400
_MOST_TOKENS = 24


class HeardTask(BaseModel):
    """The only thing that a model may say about a message."""

    model_config = ConfigDict(extra="forbid")

    task: Literal[
        "order-status", "parcel", "change-address", "cancel-order", "return", "exchange", "invoice",
        "price-protection", "find-product", "none",
    ]  # fmt: skip


class ModelListener:
    """Hears with the installation's chat models, under a schema that allows task names only."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def hear(self, merchant_id: str, text: str) -> str:
        """The task that the message asks for; empty where it asks for none, or no model is ready.

        Raises:
            ZhangguiError: a model is there but cannot be asked now.
        """
        if not self._models.available(_PROMPT.task):
            return ""
        asked = self._models.ask(
            merchant_id, _PROMPT, {"message": text[:_LONGEST]}, HeardTask, max_tokens=_MOST_TOKENS
        )  # fmt: skip
        return asked.value.task if asked.value.task in TASKS else ""
