"""Numbers as people write them: with signs between groups, with units, with a currency."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Final, Literal, NamedTuple
from unicodedata import normalize

from salesflow.facts import Facts
from salesflow.money._currencies import currency_of
from salesflow.rules import _notations as said

DIGIT: Final = "[0-9０-９]"
SIGN: Final = r"(?:[A-Z]{2})?[$＄]|[¥￥€£₩₹]"
_SOME: Final = f"{DIGIT}{{1,3}}"
_THREE: Final = f"{DIGIT}{{3}}"
_PART: Final = rf"(?:[.．]{DIGIT}+)?"
_WRITTEN: Final = re.compile(
    rf"""
      (?P<sign>{SIGN})?[ ]?
      (?: (?P<comma>{_SOME}(?:[,，]{_THREE})+(?!{DIGIT}){_PART}
                  | {DIGIT}+[,，]{DIGIT}{{1,2}}(?!{DIGIT}))
        | (?P<apart>{_SOME}(?:[ \u00a0\u202f'’]{_THREE})+(?!{DIGIT}){_PART})
        | (?P<dotted>{_SOME}(?:\.{_THREE}){{2,}}(?![.0-9]))
        | (?P<plain>{DIGIT}(?:{DIGIT}|_)*{_PART} | [.．]{DIGIT}+)
      )
    """,
    re.VERBOSE,
)
_GROUPED: Final = re.compile(rf"{_SOME}(?:[,，]{_THREE})+{_PART}")
_ENDS: Final = r"(?![A-Za-z0-9_.])"


def _one_of(words: Iterable[str]) -> str:
    """A pattern of them, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def _of_time(units: Collection[str], name: str, counted: str = "") -> str:
    """A pattern of lengths of time: in English as words, in Chinese after a sign that counts."""
    english = _one_of(unit for unit in units if unit.isascii())
    chinese = _one_of(unit for unit in units if not unit.isascii())
    return rf"[ ]?(?P<{name}>{english}){_ENDS} | {counted}(?P<han_{name}>{chinese})"


_UNIT: Final = re.compile(
    rf"""
      [ ]?(?P<percent>[%％])
    | [ ]?(?P<han>[{said.HAN_POWERS}]+)
    | (?:[ ](?=[a-z]{{4}}))?(?P<power>{_one_of(said.POWERS)}){_ENDS}  # "3 million", but "3m"
    | {_of_time(said.DAYS, "days")}
    | {_of_time(said.ROUGH_DAYS, "rough", "个?")}
    """,
    re.VERBOSE,
)
_CURRENCY: Final = re.compile(rf"[ ]?(?:(?P<code>[A-Z]{{3}}){_ENDS}|(?P<han>[^\W\x00-\x7f]+))")
_DIGITS: Final = re.compile(f"{DIGIT}+")
LETTERS: Final = re.compile(r"[A-Za-z0-9_.]*")
"""What stands behind a number, and belongs to it or makes it none."""

_LONGEST: Final = 40
_LARGEST: Final = 10**15


class Amount(NamedTuple):
    """A number in a text.

    Attributes:
        end: Where it ends, with all that belongs to it.
        value: What it comes to.
        slip: What a rule does not write like this; "" where nothing is wrong.
    """

    end: int
    value: Decimal
    slip: Literal["", "number", "days", "rough days", "currency"]


def amount_at(text: str, at: int, facts: Facts, *, in_list: bool) -> Amount | None:
    """The number that stands there, unless nobody can say which it is.

    Args:
        text: The rule.
        at: Where a digit stands, or the sign of a currency.
        facts: Their names are no units.
        in_list: Commas may be those of a list.
    """
    match = _WRITTEN.match(text, at)
    if match is None or match.end() - at > _LONGEST:
        return None
    start, end, kind = match.start(match.lastgroup or 0), match.end(), match.lastgroup
    if kind == "comma" and in_list and not _has_zeros(match["comma"]):
        digits = _DIGITS.match(text, start)
        kind, end = "plain", digits.end() if digits else end
    written = normalize("NFKC", text[start:end])
    number = _narrow(written, str(kind))
    plain = kind == "plain" and text[start:end] == written and written[0] != "."
    slip: Literal["", "number", "currency"] = (
        "currency" if match["sign"] else "" if plain else "number"
    )
    return with_unit(text, Amount(end, Decimal(number), slip), facts)


def _narrow(written: str, kind: str) -> str:
    """The digits of a number, with a point where it has one."""
    if kind == "comma" and not _GROUPED.fullmatch(written):
        return written.replace(",", ".")
    if kind == "dotted":
        return written.replace(".", "")
    return f"0{re.sub('[^0-9.]', '', written)}"


def _has_zeros(written: str) -> bool:
    """Whether a group of digits behind a comma begins with a zero, as no number of a list does."""
    return any(normalize("NFKC", part).startswith("0") for part in re.split("[,，]", written)[1:])


def with_unit(text: str, amount: Amount, facts: Facts) -> Amount | None:
    """The number with the unit and the currency that follow it."""
    end, value, slip = amount
    unit = _UNIT.match(text, end)
    if unit is not None and unit[0].strip() not in facts:
        end = unit.end()
        slip = slip or "number"
        if unit["percent"]:
            value /= 100
        elif unit["han"]:
            value *= said.times_powers(unit["han"])
        elif unit["power"]:
            value *= Decimal(10) ** said.POWERS[unit["power"]]
        elif days := unit["days"] or unit["han_days"]:
            value, slip = value * said.DAYS[days], "days"
        else:
            value, slip = value * said.ROUGH_DAYS[unit["rough"] or unit["han_rough"]], "rough days"
    currency = _CURRENCY.match(text, end)
    if currency is not None:
        group = "code" if currency["code"] else "han"
        named = currency["code"] or _currency_in(currency["han"])
        if named and named not in facts and currency_of(named):
            end, slip = currency.start(group) + len(named), "currency"
    more = LETTERS.match(text, end)
    if value >= _LARGEST or (more and more.end() > end):
        return None
    return Amount(end, value, slip)


def _currency_in(words: str) -> str:
    """The name of a currency with which the words begin."""
    return next((words[:n] for n in range(min(len(words), 8), 0, -1) if currency_of(words[:n])), "")
