"""A model of the Hugging Face library `transformers` in this process (extra `train`)."""

import importlib
import importlib.util
import threading
import time
from typing import Any

from zhanggui.kernel.errors import NotConfigured, OperatorError, RetryLater
from zhanggui.kernel.llm.config import ProviderSettings
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description, OnText

_NEEDED = ("torch", "transformers")


class TransformersProvider:
    """`AutoModelForCausalLM.generate` with the tokenizer's chat template; greedy, one call at a time.

    `model` is a folder or a hub name; with `weights`, a GGUF file is read instead.
    """

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        return self.stream(request, lambda _piece: None)

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """The same, piece by piece, in the caller's thread."""
        ready = self.describe()
        if not ready.ready:
            raise NotConfigured(ready.reason)
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._settings)
            tokenizer, model = self._loaded
            return _generate(tokenizer, model, request, on_text)

    def describe(self) -> Description:
        """Ready when the extra is installed and a model is named; nothing is loaded for it."""
        absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        reason = f"install the extra `train`: {', '.join(absent)} missing" if absent else ""
        if not self._settings.model and self._settings.weights is None:
            reason = "no model name is set"
        return Description(
            provider="transformers",
            model=self._settings.model or str(self._settings.weights),
            on_machine=True,
            supports_schema=False,
            slots=1,
            ready=not reason,
            reason=reason,
        )

    def close(self) -> None:
        """Let go of the weights."""
        with self._lock:
            self._loaded = None


def _load(settings: ProviderSettings) -> tuple[Any, Any]:
    # Optional and heavy: only with the extra, only when asked.
    library = importlib.import_module("transformers")
    source, extra = settings.model, {}
    if settings.weights is not None:
        source, extra = str(settings.weights.parent), {"gguf_file": settings.weights.name}
    try:
        tokenizer = library.AutoTokenizer.from_pretrained(source, **extra)
        return tokenizer, library.AutoModelForCausalLM.from_pretrained(source, **extra).eval()
    except (OSError, ValueError) as missing:
        raise OperatorError(f"cannot load {source}: {missing}") from missing


def _generate(tokenizer: Any, model: Any, request: ChatRequest, on_text: OnText) -> Completion:
    torch = importlib.import_module("torch")
    listener = _Listener(tokenizer, on_text, time.monotonic() + request.timeout_seconds)
    chat = [{"role": message.role, "content": message.text} for message in request.messages]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    asked = int(prompt["input_ids"].shape[1])
    torch.manual_seed(request.seed)
    with torch.inference_mode():
        model.generate(
            **prompt.to(model.device),
            max_new_tokens=request.max_tokens,
            do_sample=False,
            streamer=listener,
            stopping_criteria=[listener.over],
        )
    if listener.late:
        raise RetryLater("the model did not finish in time")
    written = len(listener.tokens)
    cut = written >= request.max_tokens and listener.tokens[-1] != tokenizer.eos_token_id
    return Completion(
        text=listener.told,
        input_tokens=asked,
        output_tokens=written,
        finish="stopped" if listener.unheard else "length" if cut else "stop",
    )


class _Listener:
    """What `generate` calls a streamer: decodes the tokens as they come, and knows when to stop."""

    def __init__(self, tokenizer: Any, on_text: OnText, deadline: float) -> None:
        self._tokenizer, self._on_text, self._deadline = tokenizer, on_text, deadline
        self._prompt_seen = False
        self.tokens: list[int] = []
        self.told = ""
        self.unheard = self.late = False

    def put(self, value: Any) -> None:
        """The prompt's tokens first, then one new token after another."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        self.tokens.extend(int(token) for token in value.flatten().tolist())
        self._tell(final=False)

    def end(self) -> None:
        """No more tokens."""
        self._tell(final=True)

    def over(self, _tokens: Any, _scores: Any, **_rest: Any) -> bool:
        """Whether to stop: time is up, or nobody listens."""
        self.late = self.late or time.monotonic() > self._deadline
        return self.late or self.unheard

    def _tell(self, *, final: bool) -> None:
        text = str(self._tokenizer.decode(self.tokens, skip_special_tokens=True))
        # A Chinese character may be spread over several tokens: wait for the rest of it.
        if self.unheard or (text.endswith("\ufffd") and not final) or not text[len(self.told) :]:
            return
        piece, self.told = text[len(self.told) :], text
        self.unheard = bool(self._on_text(piece))
