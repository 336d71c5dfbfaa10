"""Whether a tax number can be one: shape and check digit, told without asking an authority. Pure.

Chinese unified social credit codes and a citizen's number: GB 32100-2015, GB 11643-1999.
EU VAT numbers: the shapes of the Commission's VIES FAQ; check digits of DE (ISO 7064 mod 11,10), FR, IT (Luhn), BE, PL.
That a number fits does not say that it was given out.
"""

import re
from collections.abc import Callable, Mapping

_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_PERSON_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_PERSON_MARKS = "10X98765432"
_OLD = re.compile(r"\d{15}|\d{6}[0-9A-Z]{9}")
_SEPARATORS = re.compile(r"[\s.\-/·]+")
_VAT = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"[1-9]\d{8}",
    "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}", "LT": r"\d{9}|\d{12}", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}",
    "SK": r"\d{10}", "XI": r"\d{9}|\d{12}|(GD|HA)\d{3}", "GB": r"\d{9}|\d{12}|(GD|HA)\d{3}",
}  # fmt: skip


def tax_number_problem(text: str) -> str:
    """Why this cannot be a tax number; empty when it can: `shape` (neither a Chinese code nor a VAT number) or `check`
    (the check digit is another: mistyped)."""
    number = _SEPARATORS.sub("", text).upper()
    if not number.isascii() or not number:
        return "shape"
    country, rest = number[:2], number[2:]
    if country in _VAT and re.fullmatch(_VAT[country], rest):
        return "" if _CHECKS.get(country, _always)(rest) else "check"
    if len(number) == 18 and number[:17].isdigit() and number[17] in _PERSON_MARKS and _is_person(number):
        return ""
    if len(number) == 18 and all(mark in _CODE for mark in number):
        return "" if social_credit_mark(number[:17]) == number[17] else "check"
    return "" if _OLD.fullmatch(number) else "shape"


def social_credit_mark(first: str) -> str:
    """The last character of a unified social credit code that begins with these 17 (GB 32100-2015, modulus 31)."""
    total = sum(_CODE.index(mark) * weight for mark, weight in zip(first, _CODE_WEIGHTS, strict=True))
    return _CODE[-total % 31]


def _is_person(number: str) -> bool:
    total = sum(int(mark) * weight for mark, weight in zip(number[:17], _PERSON_WEIGHTS, strict=True))
    return _PERSON_MARKS[total % 11] == number[17]


def _german(rest: str) -> bool:
    product = 10
    for digit in map(int, rest[:8]):
        product = 2 * (((digit + product) % 10) or 10) % 11
    return (11 - product) % 10 == int(rest[8])


def _french(rest: str) -> bool:
    # Keys with a letter follow another scheme, which is not public in full; those pass by shape.
    return not rest[:2].isdigit() or (12 + 3 * (int(rest[2:]) % 97)) % 97 == int(rest[:2])


def _luhn(rest: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(rest))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _belgian(rest: str) -> bool:
    return 97 - int(rest[:8]) % 97 == int(rest[8:])


def _polish(rest: str) -> bool:
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    return sum(int(digit) * weight for digit, weight in zip(rest, weights, strict=False)) % 11 == int(rest[9])


def _always(rest: str) -> bool:
    return True


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "DE": _german, "FR": _french, "IT": _luhn, "BE": _belgian, "PL": _polish,
}  # fmt: skip
