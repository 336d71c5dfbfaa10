"""What a comparison of two questions gives. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """Whether two questions ask the same, and how sure that is from 0 to 1."""

    same: bool
    score: float
