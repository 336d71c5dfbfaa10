"""Tax numbers: published examples fit, a mistyped character does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.orders.rules.tax_numbers import social_credit_mark, tax_number_problem

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Examples that standards and the firms themselves publish (GB 32100-2015's own, imprints of companies).
_REAL = ("91350100M000100Y43", "DE136695976", "FR40303265045", "IT00743110157", "BE0428759497", "PL8567346215",
         "NL004495445B01", "ATU13585627")  # fmt: skip


@pytest.mark.parametrize("number", _REAL)
def test_real_numbers_fit_however_they_are_written(number: str) -> None:
    assert tax_number_problem(number) == ""
    assert tax_number_problem(f" {number[:4].lower()} {number[4:8]}-{number[8:]} ") == ""


@pytest.mark.parametrize("number", ["DE136695978", "FR41303265045", "IT00743110158", "BE0428759498", "PL8567346216",
                                    "91350100M000100Y44"])  # fmt: skip
def test_another_check_digit_is_found(number: str) -> None:
    assert tax_number_problem(number) == "check"


@pytest.mark.parametrize(
    "text", ["", "abc", "税号", "１２３４５６７８９０１２３４５", "US123456789", "DE12", "9" * 400, "<script>"]
)
def test_what_is_no_number_at_all(text: str) -> None:
    assert tax_number_problem(text) == "shape"


@given(st.text(_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(_ALPHABET))
def test_any_one_mistyped_character_of_a_code_is_found(first: str, place: int, other: str) -> None:
    mark = social_credit_mark(first)
    changed = first[:place] + other + first[place + 1 :]
    assert (social_credit_mark(changed) == mark) == (changed == first)
