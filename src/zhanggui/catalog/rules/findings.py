"""What a piece of copy asserts, before anybody asks whether it is true: typed spans and what judging them needs."""

from collections.abc import Iterable
from dataclasses import dataclass

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.lexicon import Concept
from zhanggui.catalog.rules.units import Number


@dataclass(frozen=True, slots=True)
class Finding:
    """One assertion at `start`..`end`.

    Exactly one of these tells how to judge it: `concepts` (a word of the lexicon), `number`, `name` (letters that must
    stand in the facts) or `phrase` (words of an open class, some of which the facts must hold). `banned` is a reason
    why nothing can prove it. `noun` and `topic` are what a number counts and which dimension it gives; `label` is an
    attribute that the copy names before it.
    """

    start: int
    end: int
    kind: ClaimKind
    concepts: tuple[Concept, ...] = ()
    number: Number | None = None
    name: str = ""
    phrase: str = ""
    negated: bool = False
    banned: str = ""
    banned_zh: str = ""
    noun: str = ""
    topic: str = ""
    label: str = ""


class Cover:
    """Which characters of a text already belong to an assertion: hard ones and soft ones apart. Linear in the text."""

    def __init__(self, size: int) -> None:
        self._hard = bytearray(size)
        self._any = bytearray(size)

    def take(self, finding: Finding) -> None:
        """Mark a finding's characters."""
        marks = b"\x01" * (finding.end - finding.start)
        self._any[finding.start : finding.end] = marks
        if finding.kind is not ClaimKind.SOFT:
            self._hard[finding.start : finding.end] = marks

    def free(self, finding: Finding, *, over_soft: bool = False) -> bool:
        """Whether none of a finding's characters is taken; `over_soft` does not mind soft ones."""
        return not any((self._hard if over_soft else self._any)[finding.start : finding.end])


def cover_of(size: int, findings: Iterable[Finding]) -> Cover:
    """A cover with every finding's characters marked."""
    cover = Cover(size)
    for finding in findings:
        cover.take(finding)
    return cover
