"""What stands around the digits of a number in a file, and what it says of it.

Of a column only the shapes are looked at, each once: `$0`, `(0)`, `0%`, `0万元` for any digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal
from unicodedata import normalize

from salesflow._unseen import UNSEEN
from salesflow.money._currencies import currency_of, only_currency_of
from salesflow.money._signs import currencies_of_sign, sign_of
from salesflow.rules._notations import HAN_POWERS, POWERS, times_powers

DecimalMark = Literal[".", ","]

DIGITS: Final = "[0-9](?:[0-9., ']*[0-9])?"
"""A number in a text, however its groups and decimals are marked."""

LIKELY: Final = "^[^0-9]{0,20}0(?:[eE][-+]?0)?[^0-9]{0,20}$"
"""The shapes that are worth a look: so few fit that they can be counted, whatever a file holds."""

_LONGEST: Final = 200
_MOST: Final = "{1,30}"
_GROUPS: Final = "{1,10}"
_SIGNS: Final = str.maketrans("\u2212\u2013\u2014\u2010\u2011萬億", "-----万亿")
_PARTS: Final = re.compile("([^0]*?)([.,]?)0(?:([eE])[-+]?0)?([^0]*)")
_HAN: Final = re.compile(f"([{HAN_POWERS}]*)(.*)")
_WIDE: Final = re.compile("[Ａ-Ｚａ-ｚ]")
_IN_BRACKETS: Final = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]?")
_COUNTED: Final = re.compile(r"^(?:单位|unit|units|in)\b[\s:：]*|^单位[\s:：]*", re.IGNORECASE)
_ZEROS: Final = re.compile(r"['’]?((?:000)+)s?(?= |$)")
_AT_END: Final = re.compile(
    rf"([{HAN_POWERS}]+)元$|[\s_-]in[\s_-]([a-z]+?)s?$|[\s_-](k|mn?)[\s_-]?[a-z]{{3}}$",
    re.IGNORECASE,
)
_ANYWHERE: Final = re.compile(rf"([{HAN_POWERS}]*[万亿])|(thousand|million|billion)", re.IGNORECASE)
_POINTED: Final = re.compile(r"(?<![A-Za-z])[.,]|[A-Za-z],")


@dataclass(frozen=True, slots=True)
class NumberShape:
    """What the signs and words around some digits say.

    Attributes:
        negative: It is below zero.
        power: How many powers of ten the number is multiplied by; -2 for a percentage.
        percent: It is a share in percent.
        scientific: Its power of ten is written with an `e`.
        led: The decimal mark that the digits begin with; "" where a digit comes first.
        currency: The code of its currency, or what it is called where that is one of several.
        pointed: There are points around the digits that belong to words.
    """

    negative: bool = False
    power: int = 0
    percent: bool = False
    scientific: bool = False
    led: str = ""
    currency: str = ""
    pointed: bool = False

    def fits(self, mark: DecimalMark, *, alike: bool) -> bool:
        """Whether digits that fit a decimal mark do so here, too.

        Args:
            mark: The decimal mark.
            alike: The digits say the same with the other mark, as those have none.
        """
        return not self.led or (alike and self.led == mark)


@cache
def digits_pattern(mark: DecimalMark, signs: str = " '") -> str:
    """The digits of numbers with this decimal mark.

    Groups are of three digits, with the other mark or one of the signs between them, and with
    commas also as in India; one number has one such mark.
    """
    other = "," if mark == "." else "[.]"
    groups = [f"(?:{sign}[0-9]{{3}}){_GROUPS}" for sign in (other, *signs)]
    found = [f"[0-9]{_MOST}", f"[1-9][0-9]{{0,2}}(?:{'|'.join(groups)})"]
    if mark == ".":
        found.append(f"[1-9][0-9]?(?:,[0-9]{{2}}){_GROUPS},[0-9]{{3}}")
    return f"(?:{'|'.join(found)})(?:{re.escape(mark)}[0-9]{_MOST})?"


@cache
def text_pattern(mark: DecimalMark) -> str:
    """Texts with such a number, whatever stands around its digits."""
    return f"^[^0-9]*{digits_pattern(mark)}(?:[eE][-+]?[0-9]{{1,2}})?[^0-9]*$"


def around(shape: str) -> tuple[str, str]:
    """What stands before and behind the digits; a shape with an exponent has nothing of the kind.

    Example:
        >>> around("($0k)")
        ('($', 'k)')
    """
    before, _, behind = shape.partition("0")
    return before, behind


def shape_of(text: str) -> str:
    """The shape of one text.

    Example:
        >>> shape_of("-$1,234.50"), shape_of("1 234,5 Mio. €"), shape_of("1.5E+06")
        ('-$0', '0 Mio. €', '0E+0')
    """
    return re.sub(DIGITS, "0", text)


def number_shape(shape: str) -> NumberShape | None:
    """What a shape says; None where it is none of a number.

    Example:
        >>> number_shape("(0)")
        NumberShape(negative=True, power=0, percent=False, scientific=False, led='', currency='', \
pointed=False)
        >>> number_shape("0 k€").power, number_shape("US$ 0").currency, number_shape("$0").currency
        (3, 'USD', '$')
        >>> number_shape("0 apples")
    """
    seen = UNSEEN.sub("", shape)
    text = normalize("NFKC", seen).translate(_SIGNS).strip()
    parts = _PARTS.fullmatch(text)
    if parts is None or re.search("[1-9]", text) or _WIDE.search(shape):
        return None
    if seen != shape and re.search("[.,]", text):
        return None  # which of them belongs to a word is asked of the text as it is
    before, led, power_mark, after = parts[1].strip(), parts[2], parts[3], parts[4].strip()
    if led and re.search("[A-Za-z]$", parts[1]):
        before, led = f"{before}{led}", ""  # it ends a word, as in "Rs.5"
    if _POINTED.search(before) or _POINTED.search(after):
        return None
    found = _signs(before, after)
    if found is None:
        return None
    negative, before, after = found
    scientific = power_mark is not None
    if after == "%" and not before and not scientific:
        return NumberShape(negative, -2, percent=True, led=led)
    power, behind = _unit(after)
    currency = _currency(before, behind)
    if currency is None or (scientific and (power or currency)):
        return None
    pointed = "." in f"{before}{after}"
    return NumberShape(
        negative, power, scientific=scientific, led=led, currency=currency, pointed=pointed
    )


def _signs(before: str, after: str) -> tuple[bool, str, str] | None:
    """Whether it is below zero, and the words before and behind; None for signs that no one has."""
    negative = signed = False
    if "(" in before and ")" in after:
        before = before.removeprefix("(") if before.startswith("(") else before.removesuffix("(")
        after = after.removeprefix(")") if after.startswith(")") else after.removesuffix(")")
        negative = signed = True
    for sign in "-+":
        if before[:1] == sign or before[-1:] == sign:
            if signed:
                return None
            before = before[1:] if before[0] == sign else before[:-1]
            negative, signed = sign == "-", True
    if after.endswith("-") or after.startswith("- "):
        if signed:
            return None
        after = after[:-1] if after.endswith("-") else after[1:]
        negative = signed = True
    before, after = before.strip(), after.strip()
    return None if re.search("[-+()]", f"{before}{after}") else (negative, before, after)


def _unit(after: str) -> tuple[int, str]:
    """The power of ten behind a number, and the rest."""
    if currency_of(after):
        return 0, after
    han = _HAN.fullmatch(after)
    if han is not None and han[1]:
        return times_powers(han[1]).adjusted(), han[2].strip()
    for end in range(len(after), 0, -1):
        word, rest = after[:end].rstrip(" ."), after[end:].strip()
        power = POWERS.get(word) or POWERS.get(word.lower())
        if power is not None and (not rest or currency_of(rest)):
            return power, rest
    return 0, after


def _currency(before: str, behind: str) -> str | None:
    """The currency by what stands on either side; None where these are no currency, or two."""
    names = [name for name in (before, behind) if name]
    codes = {code for name in names if (code := currency_of(name))}
    if not all(map(currency_of, names)):
        return None
    certain = {code for name in names if (code := only_currency_of(name))}
    if len(certain) > 1:
        return None
    if not certain:
        if len(codes) > 1:
            return None
        return (sign_of("".join(codes)) or names[0].rstrip(".")) if names else ""
    (code,) = certain
    # Beside a code, a sign that several currencies have has to be one of that currency.
    fits = all(code == other or code in currencies_of_sign(sign_of(other)) for other in codes)
    return code if fits else None


def unit_in_heading(heading: str) -> tuple[int, bool] | None:
    """The powers of ten that numbers below a heading stand for, and whether it says so clearly.

    It does in brackets and at its end. Elsewhere such a word may belong to a name.

    Example:
        >>> unit_in_heading("金额（万元）"), unit_in_heading("Amount (k USD)")
        ((4, True), (3, True))
        >>> unit_in_heading("Amount ('000)"), unit_in_heading("Value in millions")
        ((3, True), (6, True))
        >>> unit_in_heading("万科金额"), unit_in_heading("Amount (USD)")
        ((4, False), None)
    """
    text = normalize("NFKC", heading).translate(_SIGNS).strip()[:_LONGEST]
    for said in _IN_BRACKETS.findall(text):
        if power := _counted(_COUNTED.sub("", said.strip()).strip()):
            return power, True
    if (found := _AT_END.search(text)) and (power := _power(next(filter(None, found.groups())))):
        return power, True
    found = _ANYWHERE.search(text)
    return None if found is None else (_power(found[0]), False)


def _power(word: str) -> int:
    if set(word) <= set(HAN_POWERS):
        return times_powers(word).adjusted()
    return POWERS.get(word) or POWERS.get(word.lower()) or 0


def _counted(said: str) -> int:
    """The powers of ten of a unit, which a currency may stand beside."""
    if zeros := _ZEROS.search(said):
        rest = _ZEROS.sub("", said).strip()
        return len(zeros[1]) if not rest or currency_of(rest) else 0
    words = [word.removesuffix("s") if len(word) > 1 else word for word in said.split()]
    for at in range(len(words) + 1):
        shape = " ".join([*words[:at], "0", *words[at:]])
        if (one := number_shape(shape)) is not None and one.power > 0:
            return one.power
    return 0
