"""Replace personal data by stable placeholders, and put them back into what a model answers."""

import re
from collections.abc import Callable, Iterable

from zhanggui.kernel.privacy.finding import find
from zhanggui.kernel.privacy.known import KnownValues
from zhanggui.kernel.privacy.models import LABELS, Known, Span, without_overlaps
from zhanggui.kernel.types import Locale

Restore = Callable[[str], str]

_WORDS = "|".join(sorted(set(LABELS.values()), key=len, reverse=True))
# A placeholder as we write it, or as a model may hand it back: other brackets, blanks, small letters, none at all.
# Each word ends in a digit that no digit follows, so PHONE_1 never eats the beginning of PHONE_12.
_PLACEHOLDER = re.compile(
    rf"(?:⟦|【|〔|\[\[|\[|\{{\{{|<|＜|（|\()\s*(?P<inside>{_WORDS})\s*[_\- ]?\s*(?P<number>[0-9]+)\s*"
    rf"(?:⟧|】|〕|\]\]|\]|\}}\}}|>|＞|）|\))|(?<![A-Za-z0-9_])(?P<bare>{_WORDS})_(?P<digits>[0-9]+)(?![0-9A-Za-z_])",
    re.IGNORECASE,
)


class Pseudonymiser:
    """The placeholders of one conversation: the same value always gets the same one.

    Holds the values in memory only. `restore(clean(text)) == text` for every text.
    """

    def __init__(self, known: Iterable[Known] | KnownValues = (), *, wide: bool = False) -> None:
        self._known = known if isinstance(known, KnownValues) else KnownValues(known)
        self._wide = wide
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[tuple[str, int], str] = {}
        self._counts: dict[str, int] = {}

    def clean(self, text: str, locale: Locale) -> str:
        """The text with personal data replaced by placeholders such as ⟦PHONE_1⟧."""
        pieces: list[str] = []
        end = 0
        for span in self._spans(text, locale):
            pieces += [text[end : span.start], self._placeholder(span)]
            end = span.end
        return "".join([*pieces, text[end:]])

    def restore(self, text: str) -> str:
        """Put the values back, also where brackets, blanks or case of a placeholder were changed; unknown ones stay."""
        return _PLACEHOLDER.sub(self._value, text)

    def _spans(self, text: str, locale: Locale) -> tuple[Span, ...]:
        spans = find(text, locale, self._known, wide=self._wide)
        alike = [(30, m.start(), m.end(), "LITERAL") for m in _PLACEHOLDER.finditer(text)]
        if not alike:
            return spans
        return without_overlaps([*alike, *((10, span.start, span.end, span.type) for span in spans)], text)

    def _placeholder(self, span: Span) -> str:
        label = LABELS[span.type]
        made = self._placeholders.get((label, span.text))
        if made is None:
            number = self._counts[label] = self._counts.get(label, 0) + 1
            made = self._placeholders[label, span.text] = f"⟦{label}_{number}⟧"
            self._values[label, number] = span.text
        return made

    def _value(self, match: re.Match[str]) -> str:
        label = (match["inside"] or match["bare"]).upper()
        digits = match["number"] or match["digits"]
        return self._values.get((label, int(digits)), match.group()) if len(digits) < 9 else match.group()


class Gate:
    """What stands in front of a model that is not on this machine.

    `clean, restore = gate(text)`: send `clean`, show `restore(answer)`. Each call has placeholders of its own, numbered
    in the order of the text, so one gate may serve everybody: nobody's answer can be filled with another's data, and a
    conversation that is sent again from its beginning gets the same placeholders again.
    """

    def __init__(self, known: Iterable[Known] = (), *, locale: Locale = "zh-CN", wide: bool = False) -> None:
        self._known = KnownValues(known)
        self._locale: Locale = locale
        self._wide = wide

    def __call__(self, text: str) -> tuple[str, Restore]:
        """The text without personal data, and the function that puts them back into an answer."""
        names = Pseudonymiser(self._known, wide=self._wide)
        return names.clean(text, self._locale), names.restore


def gate(known: Iterable[Known] = (), *, locale: Locale = "zh-CN", wide: bool = False) -> Gate:
    """A gate that also hides the known values."""
    return Gate(known, locale=locale, wide=wide)
