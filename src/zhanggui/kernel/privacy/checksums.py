"""Check digits of numbers that identify people. Pure."""

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# First two digits of a mainland identity number: the province (GB/T 2260).
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
# Length of an IBAN by country (ISO 13616 registry), the countries where most shoppers bank.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "TR": 26,
}  # fmt: skip


def luhn(digits: str) -> bool:
    """Whether an all-digit string passes the Luhn check (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += _LUHN_DOUBLED[int(digit)] if place % 2 else int(digit)
    return total % 10 == 0


def _is_day(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2100
    except ValueError:
        return False


def chinese_id(number: str) -> bool:
    """Whether 18 characters are a resident identity number (GB 11643-1999), or 15 digits its old form."""
    if len(number) == 15 and number.isdigit():
        return number[:2] in _PROVINCES and _is_day("19" + number[6:12])
    if len(number) != 18 or not number[:17].isdigit() or number[:2] not in _PROVINCES:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[17].upper() and _is_day(number[6:14])


def iban_shape(text: str) -> bool:
    """Whether a compact string has the country and length of an IBAN."""
    return _IBAN_LENGTHS.get(text[:2].upper()) == len(text) and text[2:4].isdigit()


def iban(text: str) -> bool:
    """Whether a compact string is a valid IBAN (ISO 13616, modulo 97)."""
    if not iban_shape(text):
        return False
    moved = (text[4:] + text[:4]).upper()
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def card_prefix(digits: str) -> bool:
    """Whether the length fits a card scheme's issuer range (UnionPay, Visa, Mastercard and others)."""
    length, two, four = len(digits), digits[:2], digits[:4]
    if two == "62" or digits[0] == "4":
        return length in (13, 16, 17, 18, 19)
    if "51" <= two <= "55" or "2221" <= four <= "2720":
        return length == 16
    if two in ("34", "37"):
        return length == 15
    if two in ("30", "36", "38", "39"):
        return length in (14, 16)
    if "3528" <= four <= "3589" or two in ("60", "64", "65", "81"):
        return length in (16, 17, 18, 19)
    if four in ("1800", "2131"):
        return length == 15
    return two in ("50", "56", "57", "58", "67", "63") and 12 <= length <= 19


def card(digits: str) -> bool:
    """Whether the digits are a plausible payment card: an issuer's range and the Luhn digit."""
    return card_prefix(digits) and luhn(digits) and len(set(digits)) > 1
