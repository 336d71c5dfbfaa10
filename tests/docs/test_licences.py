"""What is installed to run the house may be passed on with it: licences and pins, read from installed metadata."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# Each may be used and passed on with Apache-2.0 code that is not changed by it: permissive, or weak copyleft that ends
# at its own files. GPL, AGPL, LGPL and home-made terms are not here.
ALLOWED = {
    "0bsd", "apache software license", "apache-2.0", "bsd license", "3-clause bsd license", "bsd-2-clause",
    "bsd-3-clause", "cc0-1.0", "cnri-python", "isc", "isc license (iscl)", "mit", "mit license", "mit-0", "mpl-2.0",
    "mozilla public license 2.0 (mpl 2.0)", "psf-2.0", "public domain", "python software foundation license", "zlib",
}  # fmt: skip
# docutils: in the public domain and BSD; one file of its Emacs tools, which no wheel holds, is GPL.
LOOKED_AT = {"docutils": "Public Domain AND BSD-2-Clause"}


@cache
def _direct() -> tuple[Requirement, ...]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(Requirement(line) for line in project["dependencies"])


@cache
def _closure() -> dict[str, Distribution]:
    """Every distribution that the run-time dependencies lead to on this machine, by canonical name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = list(_direct())
    while todo:
        wanted = todo.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError as missing:
            raise AssertionError(f"{name} is needed and not installed") from missing
        todo += [one for one in map(Requirement, found[name].requires or []) if _applies(one, extras)]
    return found


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _licence(name: str, found: Distribution) -> str:
    """The SPDX expression; where there is none the classifiers, all of which must do; else the first line of words."""
    expression = LOOKED_AT.get(name) or found.metadata.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [line for line in found.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line.split("::")[-1].strip() for line in classifiers if line != "License :: OSI Approved"]
    words = str(found.metadata.get("License") or "").strip().splitlines()
    return " AND ".join(named) if named else words[0] if words else "nothing"


def allowed(expression: str) -> bool:
    """Whether one may choose terms that are all on the list: AND needs each, OR needs one."""
    tokens = re.split(r"\s+(OR|AND)\s+", re.sub(r"\((?=[^()]*\s(?:OR|AND)\s)([^()]*)\)", _inner, expression))
    alternatives: list[bool] = [True]
    for token in tokens:
        if token == "OR":
            alternatives.append(True)
        elif token != "AND":
            alternatives[-1] &= token.strip().lower() in ALLOWED
    return any(alternatives)


def _inner(match: re.Match[str]) -> str:
    return "MIT" if allowed(match.group(1)) else "not allowed"


def _pins() -> Iterator[tuple[str, str]]:
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line):
            yield canonicalize_name(match.group(1)), match.group(2)


def test_the_reading_of_expressions() -> None:
    assert allowed("MPL-2.0 AND (Apache-2.0 OR MIT)") and allowed("GPL-3.0-only OR MIT")
    assert allowed("ISC License (ISCL)") and allowed("MIT")
    assert not allowed("LGPL-3.0-only") and not allowed("MIT AND (GPL-2.0-only OR AGPL-3.0-only)")
    assert not allowed("nothing")


def test_every_licence_at_run_time_is_on_the_list() -> None:
    read = {name: _licence(name, found) for name, found in _closure().items()}
    assert len(read) > 100
    # LGPL, an unchanged library of its own that dbos asks for: see docs/decisions/0012-dependencies.md.
    refused = {name: text for name, text in read.items() if not allowed(text)}
    assert set(refused) <= {"psycopg", "psycopg-binary"}, refused


def test_everything_at_run_time_is_pinned_to_what_is_installed() -> None:
    pins = dict(_pins())
    assert {canonicalize_name(one.name) for one in _direct()} <= set(pins)
    assert {name for name in _closure() if name not in pins} == set()
    assert all(pins[canonicalize_name(one.name)] in one.specifier for one in _direct()), "a pin outside of its range"
