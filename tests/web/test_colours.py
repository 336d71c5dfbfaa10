"""Text can be read in both themes: WCAG 2.2 AA, 4.5 to 1, for every pair of colours that meets."""

import re
from pathlib import Path

import pytest

from zhanggui.web import i18n

_CSS = (Path(i18n.__file__).parent / "static" / "console.css").read_text(encoding="utf-8")
_ON_EVERY_GROUND = [(text, ground) for text in ("text", "muted", "accent") for ground in ("bg", "surface", "sunken")]
_PAIRS = [
    *_ON_EVERY_GROUND, ("on-accent", "accent"), ("accent", "accent-soft"), ("text", "accent-soft"), ("bg", "text"),
    *((tone, f"{tone}-bg") for tone in ("ok", "bad", "warn", "info", "soft")),
    ("bad", "surface"), ("muted", "accent-soft"),
]  # fmt: skip


def _colours(selector: str) -> dict[str, str]:
    block = _CSS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [":root", ':root[data-theme="dark"]'])
@pytest.mark.parametrize("pair", _PAIRS, ids="-on-".join)
def test_text_stands_out_from_its_ground(theme: str, pair: tuple[str, str]) -> None:
    colours = _colours(theme)
    light, dark = sorted((_luminance(colours[pair[0]]), _luminance(colours[pair[1]])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_colours_stand_in_variables_alone() -> None:
    rules = re.sub(r":root[^{]*\{[^}]*\}", "", _CSS)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) <= {"#ffffff"}  # the ground of pictures, in both themes
