"""Prompts as Markdown files: front matter, a `# System` part and a `# User` part, both sandboxed Jinja templates.

    ---
    task: catalog.copy
    version: "1"
    output: ListingCopy
    ---
    # System
    You write listing copy ...
    # User
    Product attributes: {{ attributes }}

Every value that a template prints is quoted as JSON data, so that text from a shop's data cannot end its quotation or
forge a turn of the conversation. What varies from item to item belongs in the user part: calls that share the system
part share its work in the model's prompt cache.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import jinja2
import orjson
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from zhanggui.kernel.errors import BadInput, ProgrammerError
from zhanggui.kernel.llm.ports import Message
from zhanggui.kernel.types import JsonObject

# The marks by which chat templates separate turns (ChatML, Llama, Gemma, Mistral, DeepSeek).
_CONTROL = re.compile(r"<(?=\||\uff5c|/?s>|/?(?:start|end)_of_turn>|/?tool_call>|/?think>)|\[(?=/?INST\])")
_PLAIN = re.compile(r"[\w .,:%/+\-]{0,80}")
_PARTS = re.compile(r"^# (System|User)[ \t]*$", re.MULTILINE)
_FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n(.*)\Z", re.DOTALL)


class _Plain(str):
    """Text that was found harmless and is printed as it is."""


def quote(value: object) -> str:
    """A value as JSON data (Chinese stays readable), with the marks that chat templates use written as escapes."""
    text = orjson.dumps(value, default=str).decode()
    return _CONTROL.sub(lambda mark: f"\\u{ord(mark.group()):04x}", text)


def _finalize(value: object) -> str:
    if isinstance(value, _Plain):
        return str(value)
    if isinstance(value, jinja2.Undefined):
        return str(value)  # raises: the variable is missing
    return quote(value)


def _plain(value: object) -> _Plain:
    text = str(value)
    if not _PLAIN.fullmatch(text):
        raise BadInput(field="prompt variable", expected="a short plain word for the plain filter", found=text)
    return _Plain(text)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, finalize=_finalize, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    cast(dict[str, Any], environment.filters)["plain"] = _plain  # pyright: ignore[reportUnknownMemberType]  # jinja2 has no types here
    return environment


@lru_cache(maxsize=256)
def _compiled(source: str) -> jinja2.Template:
    return _environment().from_string(source)


@dataclass(frozen=True, slots=True)
class Prompt:
    """An instruction to a model: two Jinja templates; `output` names the type that it asks for."""

    task: str
    version: str
    system: str
    user_template: str
    output: str = ""

    def render(self, variables: JsonObject) -> tuple[Message, ...]:
        """The messages for these variables.

        Raises:
            ProgrammerError: a template uses a variable that was not given, or is no valid template.
            BadInput: a value does not fit the `plain` filter.
        """
        messages: list[Message] = []
        for role, source in (("system", self.system), ("user", self.user_template)):
            if not source:
                continue
            try:
                text = _compiled(source).render(cast(dict[str, Any], variables)).strip()
            except jinja2.TemplateError as broken:
                raise ProgrammerError(f"prompt {self.task} version {self.version}: {broken}") from broken
            messages.append(Message("system" if role == "system" else "user", text))
        return tuple(messages)


def parse_prompt(text: str, *, name: str) -> Prompt:
    """Read a prompt from the text of its file.

    Raises:
        ProgrammerError: the front matter or a part is missing.
    """
    found = _FRONT.match(text)
    if not found:
        raise ProgrammerError(f"prompt {name}: no front matter between '---' lines")
    loaded: object = yaml.safe_load(found.group(1))
    front = cast(dict[str, object], loaded) if isinstance(loaded, dict) else {}
    pieces = _PARTS.split(found.group(2))
    parts = {title: body.strip() for title, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    if not front.get("task") or not front.get("version") or not parts.get("User"):
        raise ProgrammerError(f"prompt {name}: needs task and version in the front matter, and a '# User' part")
    return Prompt(
        task=str(front["task"]),
        version=str(front["version"]),
        system=parts.get("System", ""),
        user_template=parts["User"],
        output=str(front.get("output", "")),
    )


def load_prompt(path: Path) -> Prompt:
    """Read a prompt file (UTF-8).

    Raises:
        ProgrammerError: it is missing or malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as missing:
        raise ProgrammerError(f"prompt {path.name}: {missing.strerror}") from missing
    return parse_prompt(text, name=path.name)
