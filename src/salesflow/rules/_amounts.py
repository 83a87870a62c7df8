"""Numbers as people write them: with signs between groups, with units, with a currency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias
from unicodedata import normalize

from salesflow.facts import Facts
from salesflow.money._currencies import currency_of
from salesflow.rules import _notations as said
from salesflow.rules._unparse import write_number

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


def _one_of(units: Iterable[str]) -> str:
    """A pattern of them; those in letters end where a word ends."""
    return "|".join(f"{unit}{_ENDS}" if unit.isascii() else unit for unit in units)


_UNIT: Final = re.compile(
    rf"""
      [ ]?(?P<percent>[%％])
    | [ ]?(?P<han>[{said.HAN_POWERS}]+)
    | (?:[ ](?=[a-z]{{4}}))?(?P<power>{_one_of(said.POWERS)})  # "3 million", but "3m"
    | [ ]?(?P<days>{_one_of(said.DAYS)})
    | [ ]?个?(?P<rough>{_one_of(said.ROUGH_DAYS)})
    """,
    re.VERBOSE,
)
_CURRENCY: Final = re.compile(rf"[ ]?(?:(?P<code>[A-Z]{{3}}){_ENDS}|(?P<han>[^\W\x00-\x7f]+))")
_COMMA: Final = re.compile("[,，]")
# "100万and ended": a word that follows a Chinese sign has nothing to do with the number.
_LETTERS: Final = re.compile(rf"(?<=[\x00-\x7f０-９])(?:[A-Za-z_.．]|{DIGIT})+")


Slip: TypeAlias = Literal["", "number", "days", "rough days", "currency"]


class Amount(NamedTuple):
    """A number in a text.

    Attributes:
        end: Where it ends, with all that belongs to it.
        value: What it comes to; None where nobody can tell, or no rule can say it.
        slip: What a rule does not write like this; "" where nothing is wrong.
    """

    end: int
    value: Decimal | None
    slip: Slip


def amount_at(text: str, at: int, facts: Facts, *, in_list: bool) -> Amount | None:
    """The number that stands there; None behind the sign of a currency where there is none.

    Args:
        text: The rule.
        at: Where a digit stands, or the sign of a currency.
        facts: Their names are no units.
        in_list: Commas may be those of a list.
    """
    match = _WRITTEN.match(text, at)
    if match is None:
        return None
    kind = str(match.lastgroup)
    start, end = match.span(kind)
    if kind == "comma" and in_list and not _has_zeros(match["comma"]):
        kind, end = "plain", start + len(_COMMA.split(match["comma"])[0])
    written = normalize("NFKC", text[start:end])
    number = _narrow(written, kind)
    plain = kind == "plain" and text[start:end] == written and written[0] != "."
    slip: Slip = "currency" if match["sign"] else "" if plain else "number"
    return with_unit(text, end, Decimal(number), slip, facts)


def _narrow(written: str, kind: str) -> str:
    """The digits of a number, with a point where it has one."""
    if kind == "comma" and not _GROUPED.fullmatch(written):
        return written.replace(",", ".")
    if kind == "dotted":
        return written.replace(".", "")
    return f"0{re.sub('[^0-9.]', '', written)}"


def _has_zeros(written: str) -> bool:
    """Whether a group of digits behind a comma begins with a zero, as no number of a list does."""
    return any(normalize("NFKC", part).startswith("0") for part in _COMMA.split(written)[1:])


def with_unit(text: str, end: int, value: Decimal, slip: Slip, facts: Facts) -> Amount:
    """The number that ends there, with the unit and the currency that follow it."""
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
        elif unit["days"]:
            value, slip = value * said.DAYS[unit["days"]], "days"
        else:
            value, slip = value * said.ROUGH_DAYS[unit["rough"]], "rough days"
    currency = _CURRENCY.match(text, end)
    if currency is not None:
        group = "code" if currency["code"] else "han"
        named = currency["code"] or _currency_in(currency["han"])
        if named not in facts and currency_of(named):
            end, slip = currency.start(group) + len(named), "currency"
    letters = _LETTERS.match(text, end)
    if letters is not None:
        return Amount(letters.end(), None, slip)
    if Decimal(write_number(float(value))) != value:
        return Amount(end, None, slip)
    return Amount(end, value, slip)


def _currency_in(words: str) -> str:
    """The name of a currency with which the words begin."""
    return next((words[:n] for n in range(8, 0, -1) if currency_of(words[:n])), "")
