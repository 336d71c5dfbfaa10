"""Products in the form that every file format can carry, for round-trip properties."""

from hypothesis import strategies as st

from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.types import Money

# Formulas, quotes, separators, markup, line ends and Chinese: everything a cell has to survive.
_NASTY = st.sampled_from(
    ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "'=x", "''-1", 'a "quoted" word', "a,b;c", "<b>&amp;</b>", "纯棉"]
)
_ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=30)
text = st.one_of(_NASTY, _ANY)
line = text.map(lambda found: " ".join(found.split()))
word = line.filter(bool)
# Names and paths may not hold the characters that divide them.
name = word.map(lambda found: "".join(mark for mark in found if mark not in "<>[]()\\'=+-@＝＋－＠,;").strip()).filter(
    bool
)
key = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
price = st.integers(0, 10**9).map(lambda minor: Money(minor, "CNY"))
stock = st.none() | st.integers(-5, 10**6)
weight = st.none() | st.integers(0, 10**7).map(lambda milligrams: milligrams / 1000)
barcode = st.from_regex(r"[0-9]{8,13}", fullmatch=True) | st.just("")
values = st.lists(word, min_size=1, max_size=3).map(tuple)


@st.composite
def products(draw: st.DrawFn, *, safe_values: bool = False) -> Product:
    """A product; `safe_values` keeps backslashes out of list values (WooCommerce's own escape cannot carry them)."""
    listed = values
    if safe_values:
        plain = word.map(lambda found: found.replace("\\", "/").strip(" '=+-@,") or "x")
        listed = st.lists(plain, min_size=1, max_size=3).map(tuple)
    kind = draw(st.sampled_from(["none", "one", "many"]))
    variants: tuple[Variant, ...] = ()
    if kind == "one":
        unit = Variant(f"S-{draw(key)}", "", {}, draw(price), draw(stock), draw(barcode), draw(weight))
        variants = (unit,)
    elif kind == "many":
        option = draw(name)
        chosen = draw(st.lists(name, min_size=2, max_size=3, unique=True))
        variants = tuple(
            Variant(f"S{n}-{draw(key)}", value, {option: value}, draw(price), draw(stock), draw(barcode), draw(weight))
            for n, value in enumerate(chosen)
        )
    used = {name for variant in variants for name in variant.options}
    attributes = draw(st.dictionaries(name.filter(lambda found: found not in used), listed, max_size=3))
    return Product(
        id=draw(key),
        title=draw(word),
        description=draw(text),
        category=tuple(draw(st.lists(name, max_size=3))),
        brand=draw(line),
        attributes=attributes,
        price=variants[0].price if variants else draw(st.none() | price),
        images=tuple(f"https://img.example/{n}.jpg" for n in range(draw(st.integers(0, 3)))),
        tags=draw(listed | st.just(())),
        variants=variants,
        status=draw(st.sampled_from(["active", "draft", "archived"])),
    )
