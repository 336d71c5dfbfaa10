"""Answer a customer's question from the shop's knowledge, or ask back, or call a person."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, Field

from zhanggui.kernel.llm import Models, load_prompt
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.support.models.answers import Answer, Candidate, Citation
from zhanggui.support.rules.answer_deciding import (
    DecisionModel,
    clarification,
    decision_model,
    empty_line,
    handoff_line,
    has_placeholder,
    is_injection,
    is_noise,
)
from zhanggui.support.rules.answer_grounding import unsupported
from zhanggui.support.rules.answer_matching import Question
from zhanggui.support.rules.answer_words import same_question
from zhanggui.support.rules.knowledge_reading import language_of
from zhanggui.support.service.answer_index import AnswerIndex, same_words

TASK = "support.answer"
LONGEST = 2000  # characters of a question that are read: what stands behind is not what it asks
_MAX_TOKENS = 300
_SHOWN = 3  # sources named to the customer who is asked back, or to the person who takes over
_NEAR = 0.05
_PROMPT = Path(str(files("zhanggui.support") / "prompts" / "grounded-answer.md"))


class WordedAnswer(BaseModel):
    """What a model is asked to write; empty where the passages do not answer."""

    answer: str = Field(max_length=2000)


class Answerer:
    """One shop's knowledge and, if wished, a chat model that words what was found.

    Without a model the answer is the passage itself, verbatim.
    """

    def __init__(
        self,
        index: AnswerIndex,
        *,
        models: Models | None = None,
        merchant_id: str = "",
        decision: DecisionModel | None = None,
    ) -> None:
        self._index, self._models, self._merchant_id = index, models, merchant_id
        self._decision = decision or decision_model()
        self._prompt = load_prompt(_PROMPT)

    def answer(self, question: str, locale: Locale | None = None) -> Answer:
        """One question; see `answer_many`."""
        return self.answer_many([(question, locale)])[0]

    def answer_many(self, asked: Sequence[tuple[str, Locale | None]]) -> list[Answer]:
        """Answers in the order of the questions; never raises for what a question says.

        Args:
            asked: question and the language to reply in; None reads it off the question.
        """
        read: list[tuple[str, Locale]] = [(_readable(text), locale or language_of(text)) for text, locale in asked]
        wanted = [place for place, (text, locale) in enumerate(read) if _refusal(text, locale) is None]
        rows = self._index.vectors.queries([read[place][0] for place in wanted])
        vectors = dict(zip(wanted, rows, strict=True))
        answers: list[Answer] = []
        for place, (text, locale) in enumerate(read):
            refused = _refusal(text, locale)
            if refused is not None:
                answers.append(refused)
                continue
            # Features are read against questions of the language that it is asked in, whatever the reply's is.
            question = Question.read(text, language_of(text, locale), vectors[place], self._index.vectors.background)
            answers.append(self._decide(question, locale))
        return answers

    def _decide(self, question: Question, locale: Locale) -> Answer:
        ranked, sure = self._index.rank(question, self._decision)
        if not ranked:
            return Answer("handoff", handoff_line(locale), (), 0.0, locale, "unknown")
        best = ranked[0].passage
        if same_question(question.text, best.title):
            sure = max(sure, self._decision.answer_from)
        near = _citations([one for one in ranked if one.sure >= _NEAR][:_SHOWN] or ranked[:1])
        if sure < self._decision.clarify_from:
            return Answer("handoff", handoff_line(locale), near, round(sure, 4), locale, "unknown")
        if has_placeholder(best.text):
            return Answer("handoff", handoff_line(locale), near, round(sure, 4), locale, "placeholder")
        if sure < self._decision.answer_from:
            named = [one.passage.title or one.passage.text[:80] for one in _different(ranked)]
            return Answer("clarify", clarification(named, locale), near, round(sure, 4), locale, "unsure")
        said = Answer("answer", best.text, (Citation(best.source, best.text),), round(sure, 4), locale)
        return self._worded(question, said, best.title)

    def _worded(self, question: Question, said: Answer, title: str) -> Answer:
        """The same answer in a model's words, where there is a model and every word of it is covered by the passage."""
        models = self._models
        if models is None or not models.available(TASK):
            return said
        variables: JsonObject = {
            "language": said.locale,
            "question": question.text,
            "passages": [{"title": title, "text": said.text}],
        }
        # One at a time: a model that is down, or that says more than its source, leaves the passage itself.
        (made,) = models.ask_many(self._merchant_id, self._prompt, [variables], WordedAnswer, max_tokens=_MAX_TOKENS)
        if isinstance(made, Exception):
            return said
        text = made.value.answer.strip()
        if not text or unsupported(text, [title, said.text]):
            return said
        return Answer("answer", text, said.citations, said.confidence, said.locale, generated=True)


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ").strip()[:LONGEST]


def _refusal(text: str, locale: Locale) -> Answer | None:
    """The answer to what is no question: nothing, noise, or orders to the machine."""
    if not text:
        return Answer("clarify", empty_line(locale), (), 0.0, locale, "empty")
    if is_noise(text):
        return Answer("clarify", empty_line(locale), (), 0.0, locale, "noise")
    if is_injection(text):
        return Answer("handoff", handoff_line(locale), (), 0.0, locale, "injection")
    return None


def _citations(ranked: Sequence[Candidate]) -> tuple[Citation, ...]:
    return tuple(Citation(one.passage.source, one.passage.text) for one in ranked)


def _different(ranked: Sequence[Candidate]) -> list[Candidate]:
    """The first few candidates that say different things."""
    kept: list[Candidate] = []
    for one in ranked:
        if len(kept) < _SHOWN and not any(same_words(one.passage.text, other.passage.text) for other in kept):
            kept.append(one)
    return kept
