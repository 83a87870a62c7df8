"""Constructions that the rule language does not have, and how it says the same.

They are looked for in a refused text whose words and numbers are mended already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from salesflow.facts import Facts

Found = tuple[int, int, str]
"""Where a construction is, and what to write instead."""

_STRING: Final = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"|\'(?:[^\'\\\r\n]|\\[^\r\n])*\'')
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.]*"
_NUMBER: Final = r"[0-9][0-9_]*(?:\.[0-9]+)?"
_VALUE: Final = rf'(?:{_NAME}(?:\([^()]*\))?|-?{_NUMBER}|"[^"]*"|\'[^\']*\')'
_SINGLE: Final = re.compile(rf"(?!not\b){_NAME}(?:\([^()]*\))?")
_NOTHING: Final = r"(?:None|null|NULL|Null|nil|empty|blank|unknown|missing)\b"
_ORDERS: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def masked(text: str) -> str:
    """The text with the contents of its strings blotted out, so that nothing is found in them."""
    return _STRING.sub(lambda found: f'"{"x" * (len(found[0]) - 2)}"', text)


class Construction(NamedTuple):
    """Something to look for.

    Attributes:
        message: What is told of it.
        hint: What to do where what to write instead is too long to be shown.
        pattern: How it is written.
        instead: What to write, of the parts of the pattern; None where a word in it is a fact.
    """

    message: str
    hint: str
    pattern: re.Pattern[str]
    instead: Callable[[Mapping[str, str]], str]

    def found(self, text: str, hidden: str, facts: Facts) -> Iterator[Found]:
        """Every place of a text that has it; `hidden` is the text, masked."""
        for match in self.pattern.finditer(hidden):
            word = match["word"]
            if word in facts:
                continue
            parts = {
                name: text[slice(*match.span(name))].strip()
                for name, part in match.groupdict().items()
                if part is not None
            }
            start, end = match.span("all")
            yield start, end, self.instead(parts)


def _of(
    message: str, hint: str, pattern: str, instead: Callable[[Mapping[str, str]], str]
) -> Construction:
    compiled = re.compile(f"(?P<all>{pattern})", re.DOTALL)
    return Construction(message, hint, compiled, instead)


def _between(parts: Mapping[str, str]) -> str:
    chain = f"{parts['low']} <= {parts['value']} <= {parts['high']}"
    return f"not {chain}" if "not" in parts else chain


def _known(parts: Mapping[str, str]) -> str:
    return f"known({parts['name']})"


def _unknown(parts: Mapping[str, str]) -> str:
    negated = parts["op"] not in {"==", "is"}
    return f"{'' if negated else 'not '}known({parts['name']})"


def _condition(parts: Mapping[str, str]) -> str:
    asked, then, other = (parts.get(part, "") for part in ("asked", "then", "other"))
    if other:
        return f"{_inside(asked)} and {_inside(then)} or not {_inside(asked)} and {_inside(other)}"
    return f"not {_inside(asked)} or {then}"


def _inside(rule: str) -> str:
    return rule if _SINGLE.fullmatch(rule) else f"({rule})"


def _day_against_today(parts: Mapping[str, str]) -> str:
    if parts["sign"] == "-":  # x < today - 30: it was more than 30 days ago
        return f"days_since({parts['name']}) {_ORDERS[parts['op']]} {parts['n']}"
    return f"days_until({parts['name']}) {parts['op']} {parts['n']}"


_CONDITION: Final = "a rule has no if: it says what ought to hold"
_IMPLIED: Final = 'write not (…) or …, or give the criterion a "when"'

CONSTRUCTIONS: Final = (
    _of(
        'there is no operator "between"',
        "write low <= fact <= high",
        rf"(?P<value>{_VALUE})\s+(?P<not>not\s+)?(?P<word>between|BETWEEN|Between)\s*\(?\s*"
        rf"(?P<low>{_VALUE})\s*(?:\band\b|,|\bto\b)\s*(?P<high>{_VALUE})(?:\s*\))?",
        _between,
    ),
    _of(
        "a missing value is not compared",
        "write not known(…)",
        rf"(?P<word>)(?P<name>{_NAME})\s*(?P<op>==|!=|\bis\s+not\b|\bis\b)\s*{_NOTHING}",
        _unknown,
    ),
    _of(
        "a missing value is not compared",
        "write known(…)",
        rf"(?P<name>{_NAME})\s+(?:is\s+(?P<not>not\s+)?known|(?P<word>exists))\b(?!\s*\()",
        lambda parts: f"{'not ' if 'not' in parts else ''}{_known(parts)}",
    ),
    _of(
        "the name of a fact stands in brackets behind a function",
        "write known(…)",
        rf"\b(?P<word>known|days_since|days_until)\s+(?P<name>(?!and\b|or\b|not\b|in\b){_NAME})(?!\s*\()",
        lambda parts: f"{parts['word']}({parts['name']})",
    ),
    _of(
        "a rule does not calculate",
        "days_since(…) tells an age",
        rf"(?P<name>(?!today\b){_NAME})\s*(?P<op><=|>=|==|!=|<|>)\s*(?P<word>)today\s*"
        rf"(?P<sign>[+-])\s*(?P<n>[0-9][0-9_]*)\b(?!\.)",
        _day_against_today,
    ),
    _of(
        "a rule does not calculate",
        "days_since(…) tells an age",
        rf"(?P<word>)\btoday\s*-\s*(?P<name>{_NAME})",
        lambda parts: f"days_since({parts['name']})",
    ),
    _of(
        "a rule does not calculate",
        "days_until(…) tells how far ahead a day is",
        rf"(?P<word>)(?P<name>(?!today\b){_NAME})\s*-\s*today\b",
        lambda parts: f"days_until({parts['name']})",
    ),
    _of(
        "some of several things are counted by at_least",
        "write at_least(2, …)",
        r"\b(?P<word>at)\s+least\s+(?P<n>[0-9]+)\s+of\s*\(",
        lambda parts: f"at_least({parts['n']}, ",
    ),
    _of(
        "one of several things is counted by at_least",
        "write at_least(1, …)",
        r"\b(?P<word>any|one_of|any_of)\s*\(",
        lambda _: "at_least(1, ",
    ),
    _of(
        _CONDITION,
        _IMPLIED,
        r"\A\s*(?P<word>if|IF|If)\b(?P<asked>.+?)\b(?:then|THEN|Then)\b(?P<then>.+?)"
        r"(?:\b(?:else|ELSE|Else)\b(?P<other>.+))?\Z",
        _condition,
    ),
    _of(
        _CONDITION,
        _IMPLIED,
        r"\A(?P<then>[^?]+?)\b(?P<word>if)\b(?P<asked>[^?]+?)\belse\b(?P<other>.+)\Z",
        _condition,
    ),
    _of(
        _CONDITION,
        _IMPLIED,
        r"\A(?P<word>)(?P<asked>[^?]+)\?(?P<then>[^?:]+):(?P<other>[^?:]+)\Z",
        _condition,
    ),
    _of(
        'there is no operator "implies"',
        _IMPLIED,
        r"\A(?P<asked>.+?)\b(?P<word>implies|IMPLIES)\b(?P<then>.+)\Z",
        _condition,
    ),
    _of(
        'there is no operator "unless"',
        'write "or"',
        r"\b(?P<word>unless|UNLESS)\b",
        lambda _: "or",
    ),
)
