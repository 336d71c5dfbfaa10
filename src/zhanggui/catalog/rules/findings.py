"""What a piece of copy asserts, before anybody asks whether it is true: typed spans with what is needed to judge them."""

from dataclasses import dataclass

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.lexicon import Concept
from zhanggui.catalog.rules.units import Number


@dataclass(frozen=True, slots=True)
class Finding:
    """One assertion at `start`..`end`. Exactly one of these tells how to judge it: `concepts` (a word of the lexicon), `number`,
    `name` (letters that must stand in the facts) or `phrase` (words of an open class, some of which must stand in the facts).
    `banned` is a reason why nothing can prove it. `noun` and `topic` are what a number counts and which dimension it gives."""

    start: int
    end: int
    kind: ClaimKind
    concepts: tuple[Concept, ...] = ()
    number: Number | None = None
    name: str = ""
    phrase: str = ""
    negated: bool = False
    banned: str = ""
    noun: str = ""
    topic: str = ""
    label: str = ""


def overlaps(finding: Finding, others: list[Finding]) -> bool:
    """Whether a finding shares a character with one of the others."""
    return any(finding.start < other.end and other.start < finding.end for other in others)
