"""What a question is about: content words with weights, and the concepts of a shop that have many names. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import yaml

from zhanggui.kernel.retrieval.tokens import fold, stem, tokens

LONGEST_QUESTION = 2000
_EN_STOP = """a an and any are as at be been being but by can could did do does doing for from had has have he her here
him his how i if in into is it its just let like me my no not of on or our out please she should so some than that the
their them then there they this those to too up us very was we were what when where which who whom why will with would
you your am im id ive ill youre dont doesnt didnt cant isnt wont arent whats wheres theres thats hi hello hey thanks
thank get got gets go going want need know tell about way ways possible able may might shall must ok okay really still
also again after before while because cause something someone anything somebody thing things stuff one two make made
happen happens say says said it's i'd i'm i've need wondering wonder question help"""
_ZH_STOP = """的 了 吗 呢 吧 啊 呀 么 不 我 你 您 他 她 它 们 我们 你们 他们 是 在 有 和 与 也 就 都 还 又 再 很 会
能 能不能 可以 可不可以 要 想 想要 怎么 怎样 如何 什么 啥 哪 哪里 哪个 哪些 几 多少 多久 为什么 咋 咋办 怎么办
请问 一下 一个 这 那 这个 那个 这样 那样 这种 那种 如果 的话 因为 所以 但 但是 给 把 被 让 跟 对 到 从 上
下 里 去 来 过 着 得 地 之 以 及 或 或者 而 没 没有 是不是 有没有 行 行不行 好 好的 亲 谢谢 麻烦 帮 帮我
一 两 些 点 用 家 东西 自己 需要 时候 什么时候 刚 才 已经 现在 直接 可 不能 不了 不会 不要 怎 办 个 问 说
我的 你的"""
STOP = frozenset(stem(word.replace("'", "")) for word in f"{_EN_STOP} {_ZH_STOP}".split())
_SHORT_ANSWER_WORDS = 400
_DENIES = re.compile(r"\b(?:not?|never|without|cannot)\b|n't\b|不|没|无|别")
_WANTS_NUMBER = re.compile(
    r"\bhow (?:much|many|long|soon|often|late|early|big|tall|heavy|wide|old|fast)\b"
    r"|\bwhat (?:time|price|amount|percentage)"
    r"|\bwhen\b|\bminimum\b|\bmaximum\b|\b(?:price|cost|fee) of\b"
    r"|多少|几(?:天|点|个|号|期|折|次|件|年|月|小时|公斤|升|寸)|多久|多长|多大|多重|多高|什么时候|啥时候|何时"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|free)\b|[一二两三四五六七八九十半]+[天日个月年周小时分元%]"
)


@lru_cache(maxsize=1)
def _concepts() -> dict[str, tuple[tuple[str, str], ...]]:
    """First two letters -> (name, concept) of the things that begin so, longest name first."""
    text = files("zhanggui.support").joinpath("rules/answer_concepts.yaml").read_text(encoding="utf-8")
    names = {fold(name): concept for concept, all_names in yaml.safe_load(text).items() for name in all_names}
    found: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(names, key=len, reverse=True):
        found.setdefault(name[:2], []).append((name, names[name]))
    return {start: tuple(rows) for start, rows in found.items()}


@lru_cache(maxsize=65_536)
def concepts(text: str) -> frozenset[str]:
    """Concepts named in a text, whatever their name: `send back`, `退货` and `return` are one.

    Left to right, the longest name first, none inside another; names in Latin letters match whole words only.
    """
    names, folded = _concepts(), fold(text[:LONGEST_QUESTION])
    named: set[str] = set()
    place = 0
    while place < len(folded):
        found = _named(folded, place, names.get(folded[place : place + 2], ()) or names.get(folded[place], ()))
        if found:
            named.add(found[1])
        place += len(found[0]) if found else 1
    return frozenset(named)


def _named(text: str, place: int, names: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    for name, concept in names:
        end = place + len(name)
        if not text.startswith(name, place):
            continue
        if name.isascii() and (_in_word(text, place - 1, place) or _in_word(text, end - 1, end)):
            continue
        return name, concept
    return None


def _in_word(text: str, first: int, second: int) -> bool:
    """Whether a Latin word runs through two neighbouring places."""
    if first < 0 or second >= len(text):
        return False
    return all(text[at].isascii() and text[at].isalnum() for at in (first, second))


@lru_cache(maxsize=65_536)
def content_words(text: str) -> tuple[str, ...]:
    """Different words of a text that carry meaning, in order; all words where none does."""
    words = tuple(dict.fromkeys(tokens(text[:LONGEST_QUESTION])))[:_SHORT_ANSWER_WORDS]
    kept = tuple(word for word in words if word not in STOP and not (len(word) == 1 and word.isascii()))
    return kept or words


@lru_cache(maxsize=65_536)
def pairs_of_letters(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters, without blanks and marks: likeness that no dictionary is needed for."""
    bare = re.sub(r"[\W_]+", "", fold(text[:LONGEST_QUESTION]))
    return frozenset(bare[place : place + 2] for place in range(len(bare) - 1))


@lru_cache(maxsize=65_536)
def wants_number(text: str) -> bool:
    """Whether a question asks for an amount, a time or a size."""
    return bool(_WANTS_NUMBER.search(fold(text[:LONGEST_QUESTION])))


def same_question(first: str, second: str) -> bool:
    """Whether two questions differ in nothing but small words: the same content words (two or more), the same denial.

    >>> same_question("How long will shipping take?", "How long does shipping take?")
    True
    """
    words = frozenset(content_words(first))
    return (
        len(words) > 1
        and words == frozenset(content_words(second))
        and bool(_DENIES.search(fold(first))) == bool(_DENIES.search(fold(second)))
    )


def has_number(text: str) -> bool:
    """Whether a passage tells any amount or time."""
    return bool(_NUMBER.search(fold(text)))
