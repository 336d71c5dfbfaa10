"""Draws every product in its real colours: one hand-made SVG shape for each kind, filled from the colour table."""

from html import escape

from zhanggui.demo.products import picture_name, sheets
from zhanggui.demo.records import Picture
from zhanggui.demo.source import bilingual, colours, read

_INK, _PAPER = "#3a3d42", "#fbf7ee"
_GROUNDS = {
    "outdoor": ("#e6efe0", "#cfdfc5"),
    "kitchen": ("#f7ead9", "#ecd8bd"),
    "skincare": ("#f6e8ea", "#ead3d8"),
    "apparel": ("#e8e9f3", "#d3d6e8"),
    "electronics": ("#e3eef2", "#cbdfe7"),
}


def make_pictures() -> tuple[Picture, ...]:
    """One SVG (240 x 240, no script, no outside reference) for each product and colour."""
    shapes = read("shapes", dict[str, str])
    return tuple(
        Picture(
            picture_name(sheet.id, colour),
            sheet.id,
            colour,
            _draw(shapes[sheet.kind], category, colours()[colour][1], bilingual(sheet.name).en),
        )
        for category, sheet in sheets()
        for colour in sheet.colours.split()
    )


def _draw(shape: str, category: str, colour: str, name: str) -> str:
    ground, floor = _GROUNDS[category]
    ink = _INK if _lightness(colour) > 0.24 else "#14161a"
    paints = {
        "{c}": colour,
        "{d}": mix(colour, "#10131a", 0.24),
        "{l}": mix(colour, "#ffffff", 0.42),
        "{k}": ink,
        "{w}": _PAPER,
        "{a}": "#f5b13d" if _lightness(colour) < 0.6 else "#e4774b",
    }
    body = shape.strip()
    for mark, paint in paints.items():
        body = body.replace(mark, paint)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" role="img"><title>{escape(name)}</title>'
        f'<rect width="240" height="240" rx="18" fill="{ground}"/>'
        f'<ellipse cx="120" cy="210" rx="96" ry="13" fill="{floor}"/>{body}</svg>'
    )


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the other colour blended into the first; both and the answer are #rrggbb."""
    pairs = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
