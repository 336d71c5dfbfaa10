"""Labelled texts made fit for training: blanks and repeats out, contradictions named, rows kept aside by their text."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from zhanggui.kernel.errors import BadInput

FEWEST_TEXTS = 10
POSITIVE, NEUTRAL, NEGATIVE = "positive", "neutral", "negative"
_MEANINGS = {
    POSITIVE: "positive pos good 1 +1 1.0 true 正面 积极 正向 正 好评 满意 好",
    NEUTRAL: "neutral neu mixed 中性 中立 中评 一般",
    NEGATIVE: "negative neg bad -1 -1.0 false 负面 消极 负向 负 差评 不满意 坏",
}
_SENTIMENTS = {word: label for label, words in _MEANINGS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with one label each, every text once; `warnings` say in plain words what was left out and why."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def clean(texts: Sequence[str], labels: Sequence[str]) -> Labelled:
    """Every different text once with its most frequent label (the first of equals), in order of appearance.

    Raises:
        BadInput: fewer than ten different texts, or fewer than two labels.
    """
    if len(texts) != len(labels):
        raise BadInput(field="label", expected=f"{len(texts)} labels, one a text", found=str(len(labels)))
    votes: dict[str, Counter[str]] = {}
    first: dict[str, str] = {}
    blank = unlabelled = 0
    for text, label in zip(texts, labels, strict=True):
        if not text.strip():
            blank += 1
        elif not label.strip():
            unlabelled += 1
        else:
            key = same_text(text)
            first.setdefault(key, text)
            votes.setdefault(key, Counter())[label.strip()] += 1
    chosen = [vote.most_common(1)[0][0] for vote in votes.values()]
    _refuse_too_little(chosen, len(texts))
    repeats = sum(vote.total() - 1 for vote in votes.values())
    contradicted = sum(len(vote) > 1 for vote in votes.values())
    counted = Counter(chosen)
    rare = sorted(label for label, count in counted.items() if count < 5)
    told = [
        (blank, f"{blank} rows have no text and were left out"),
        (unlabelled, f"{unlabelled} rows have no label and were left out"),
        (repeats, f"{repeats} rows repeat a text and were counted once"),
        (contradicted, f"{contradicted} texts carry different labels; the most frequent one was taken"),
        (len(rare), f"labels with fewer than 5 texts will be guessed badly: {', '.join(rare[:10])}"),
        (len(chosen) < 100, f"only {len(chosen)} different texts: expect a weak model"),
    ]
    return Labelled(tuple(first.values()), tuple(chosen), tuple(words for count, words in told if count))


def same_text(text: str) -> str:
    """The key under which two texts count as the same: case, width, blanks and punctuation do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum()) or folded.strip()


def kept_aside(texts: Sequence[str], share: float, seed: int = 0) -> list[bool]:
    """Which texts to keep aside for measuring: by a hash of the text, so that a repeat can never be on both sides."""
    limit = int(share * 2**32)

    def drawn(text: str) -> bool:
        digest = hashlib.blake2b(
            same_text(text).encode("utf-8", "surrogatepass"), digest_size=4, salt=str(seed).encode()[:16]
        )
        return int.from_bytes(digest.digest()) < limit

    return [drawn(text) for text in texts]


def sentiments(labels: Sequence[str]) -> list[str]:
    """Labels in many spellings (positive/1/好评 ...; 0/1, -1/0/1, or stars 1-5) as positive, neutral and negative.

    Raises:
        BadInput: a label means no sentiment; names its row.
    """
    plain = [label.strip().casefold() for label in labels]
    kinds = set(plain) - {""}
    if kinds <= set("12345") and kinds & set("2345"):
        meaning = {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "4": POSITIVE, "5": POSITIVE}
    else:
        zero = NEUTRAL if "-1" in kinds else NEGATIVE
        meaning = {**_SENTIMENTS, "0": zero, "0.0": zero}
    for row, label in enumerate(plain, 1):
        if label and label not in meaning:
            expected = "positive, neutral or negative (or 1/0, or stars 1-5)"
            raise BadInput(field="label", expected=expected, found=labels[row - 1], row=row)
    return [meaning[label] if label else "" for label in plain]


def _refuse_too_little(labels: Sequence[str], rows: int) -> None:
    kinds = sorted(set(labels))
    if len(labels) < FEWEST_TEXTS:
        found = f"{len(labels)} in {rows} rows"
        raise BadInput(field="text", expected=f"at least {FEWEST_TEXTS} different texts", found=found)
    if labels and len(kinds) < 2:
        raise BadInput(field="label", expected="at least two different labels", found=f"only {kinds[0]!r}")
