"""Check digits against published examples and against their definitions, worked slowly."""

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.privacy.checksums import card, chinese_id, iban, luhn


def _slow_luhn(digits: str) -> bool:
    total = 0
    for place, letter in enumerate(digits[::-1]):
        value = int(letter) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


@given(st.text(alphabet="0123456789", min_size=1, max_size=24))
def test_luhn_agrees_with_its_definition(digits: str) -> None:
    assert luhn(digits) == _slow_luhn(digits)


def test_published_numbers_pass() -> None:
    assert luhn("79927398713")  # the example of the Luhn patent's literature
    assert chinese_id("11010519491231002X")  # GB 11643-1999, annex
    assert chinese_id("440524188001010014")  # GB 11643-1999, annex
    assert iban("GB82WEST12345698765432")  # the registry's example
    assert iban("DE89370400440532013000")
    assert card("4111111111111111")
    assert card("378282246310005")


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_caught(place: int, step: int) -> None:
    right = "11010519491231002X"
    wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
    assert not chinese_id(wrong)
