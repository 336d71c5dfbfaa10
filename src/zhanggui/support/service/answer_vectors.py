"""Vectors for answering: what ships with the package, and those of a shop's own texts, kept on disk by content."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import cast
from zipfile import BadZipFile

import numpy as np

from zhanggui.kernel.retrieval import Embedder, Vectors
from zhanggui.kernel.types import Locale
from zhanggui.support.rules.answer_matching import Background, WordTable, teach

_MOST_WORDS = 60_000


class ShippedVectors:
    """`data/answers.npz`: background questions and common words of shops, both made with the bundled model."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as held:
            self.name = str(held["name"])
            self.questions: dict[Locale, Vectors] = {
                "en": _floats(held["questions_en"]),
                "zh-CN": _floats(held["questions_zh"]),
            }
            self.means: dict[Locale, Vectors] = {"en": _floats(held["mean_en"]), "zh-CN": _floats(held["mean_zh"])}
            words = [str(word) for word in held["words"]]
            rows = _unit(held["word_rows"].astype(np.float32))
            self.phrases = _unit(held["phrase_rows"].astype(np.float32))
            self.matters = held["phrase_matters"].astype(np.int64)
            self.taught = teach(self.phrases, self.matters)[0]
        self.words: dict[str, Vectors] = dict(zip(words, rows, strict=True))


@lru_cache(maxsize=1)
def shipped() -> ShippedVectors:
    """What ships with the package, read once."""
    with as_file(files("zhanggui.support").joinpath("data/answers.npz")) as path:
        return ShippedVectors(path)


class AnswerVectors:
    """One embedder with the background for it, centred word vectors, and a cache on disk. Safe from several threads.

    For another embedder than the bundled one the background is made from the same questions and words on first use.
    """

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        self._embedder, self._folder = embedder, folder
        self._lock = threading.Lock()
        kept = shipped()
        self._words: dict[str, Vectors] = dict(kept.words) if kept.name == embedder.name else {}
        self.background = Background(kept.questions, kept.means, kept.phrases, kept.matters, kept.taught)
        if kept.name != embedder.name:
            self.background = _made_for(embedder)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Unit rows for questions."""
        return self._embedder.queries(texts)

    def passages(self, titles: Sequence[str], wholes: Sequence[str]) -> tuple[Vectors, Vectors]:
        """(titles as queries, wholes as passages), from disk where the same texts were embedded before."""
        path = self._path(titles, wholes)
        if path is not None:
            with suppress(OSError, ValueError, KeyError, BadZipFile), np.load(path, allow_pickle=False) as held:
                rows = _floats(held["titles"]), _floats(held["wholes"])
                if rows[0].shape == rows[1].shape == (len(titles), self._embedder.dimensions):
                    return rows
        made = self._embedder.queries(titles), self._embedder.passages(wholes)
        # The same numbers as they will be read back: a warm start answers as a cold one.
        rows = made[0].astype(np.float16), made[1].astype(np.float16)
        if path is not None:
            _write(path, titles=rows[0], wholes=rows[1])
        return _floats(rows[0]), _floats(rows[1])

    def table(self, words: Sequence[str]) -> WordTable:
        """Centred vectors of words; new ones are embedded now and stay in memory."""
        with self._lock:
            missing = [word for word in dict.fromkeys(words) if word not in self._words]
            if missing:
                if len(self._words) > _MOST_WORDS:
                    self._words = dict(shipped().words) if shipped().name == self._embedder.name else {}
                self._words.update(zip(missing, centred(missing, self._embedder, self.background.words), strict=True))
            return WordTable(self._words)

    def known(self) -> WordTable:
        """Vectors of the words that are there already; nothing is embedded."""
        return WordTable(self._words)

    def _path(self, titles: Sequence[str], wholes: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.blake2b(self._embedder.name.encode(), digest_size=16)
        for text in (*titles, *wholes):
            digest.update(len(text).to_bytes(8, "little") + text.encode("utf-8", "replace"))
        return self._folder / f"{digest.hexdigest()}.npz"


def script_of(word: str) -> Locale:
    """Which mean a word is centred by."""
    return "zh-CN" if any("\u3400" <= letter <= "\u9fff" for letter in word) else "en"


def centred(words: Sequence[str], embedder: Embedder, means: Mapping[Locale, Vectors]) -> Vectors:
    """Unit rows of words with the mean of their script taken away (after Mu and Viswanath 2018, all-but-the-top)."""
    rows = embedder.queries(list(words))
    return _unit(rows - np.stack([means[script_of(word)] for word in words]))


def _made_for(embedder: Embedder) -> Background:
    kept = shipped()
    sample: dict[Locale, list[str]] = {"en": [], "zh-CN": []}
    for word in kept.words:
        sample[script_of(word)].append(word)
    means = {locale: embedder.queries(words[:400]).mean(axis=0) for locale, words in sample.items()}
    questions: dict[Locale, Vectors] = {locale: embedder.queries(background_questions(locale)) for locale in sample}
    made = Background(questions, cast(dict[Locale, Vectors], means), kept.phrases[:0], kept.matters[:0], kept.taught)
    matters, phrases = known_phrasings()
    rows = embedder.queries(phrases)
    centred_rows = [made.centred(row, script_of(phrase)) for row, phrase in zip(rows, phrases, strict=True)]
    known, named = np.stack(centred_rows), np.asarray(matters, dtype=np.int64)
    return made._replace(phrases=known, matters=named, taught=teach(known, named)[0])


def known_phrasings() -> tuple[list[int], list[str]]:
    """(matter, phrasing) of `data/phrasings.tsv`: how customers put what they want, written for the purpose."""
    text = files("zhanggui.support").joinpath("data/phrasings.tsv").read_text(encoding="utf-8")
    pairs = [line.split("\t", 1) for line in text.splitlines() if "\t" in line]
    return [int(matter) for matter, _ in pairs], [phrase for _, phrase in pairs]


def background_questions(locale: Locale) -> list[str]:
    """Questions about anything at all, in one language, written for the purpose."""
    name = "background_zh.txt" if locale == "zh-CN" else "background_en.txt"
    text = files("zhanggui.support").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


def _floats(rows: np.ndarray) -> Vectors:
    return np.asarray(rows, dtype=np.float32)


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _write(path: Path, **arrays: np.ndarray) -> None:
    # A cache: a full disk or a second process costs the next start some seconds, never the answer.
    fresh = path.with_name(f"{path.stem}.{threading.get_ident()}.part.npz")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(fresh, **arrays)  # pyright: ignore[reportArgumentType] - numpy's stub reads **arrays as allow_pickle
        fresh.replace(path)
