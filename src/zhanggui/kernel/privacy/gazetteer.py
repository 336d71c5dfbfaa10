"""Word lists that help to recognise people, written for this project. Read once from `data/`."""

from functools import cache
from importlib.resources import files


def _words(name: str) -> frozenset[str]:
    text = files("zhanggui.kernel.privacy").joinpath("data", name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split("|") if word)


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of one list (`given_names`, `countries`, `nationalities`, ...), as written."""
    return _words(f"{name}.txt")


GIVEN_NAMES = word_list("given_names")
