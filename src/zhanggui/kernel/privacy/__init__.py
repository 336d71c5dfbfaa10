"""Personal data: find, redact, replace by placeholders in front of outside models, restore, export, erase.

Rules with checksums and cues for Chinese and English, and values that the shop already knows. What rules cannot know
(a rare name in free text, without any cue) is not found: see `evals/privacy.py` for how often.
"""

from zhanggui.kernel.privacy.erasing import Erasure, Person, PersonalData, PersonalDataHolder, person_of
from zhanggui.kernel.privacy.finding import find, redact
from zhanggui.kernel.privacy.known import KnownValues
from zhanggui.kernel.privacy.models import INDIRECT, LABELS, Known, Span, known_of
from zhanggui.kernel.privacy.pseudonyms import Gate, Pseudonymiser, Restore, gate

__all__ = [
    "INDIRECT",
    "LABELS",
    "Erasure",
    "Gate",
    "Known",
    "KnownValues",
    "Person",
    "PersonalData",
    "PersonalDataHolder",
    "Pseudonymiser",
    "Restore",
    "Span",
    "find",
    "gate",
    "known_of",
    "person_of",
    "redact",
]
