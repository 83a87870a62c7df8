"""The functions of the rule language: their names, and how each is written.

Whoever adds one begins here; the type checker names the places where it has to get a meaning, and
`tests/rules/test_functions.py` those where it has to get words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from salesflow.rules import ast

Function: TypeAlias = Literal["known", "at_least", "reached", "days_since", "days_until", "date"]
FUNCTIONS: Final[tuple[Function, ...]] = get_args(Function)

USAGE: Final[Mapping[Function, str]] = {
    "known": "known(amount)",
    "at_least": "at_least(2, on_hold, ended, known(amount))",
    "reached": 'reached("close")',
    "days_since": "days_since(last_activity_on) > 30",
    "days_until": "days_until(expected_close_on) < 14",
    "date": 'date("2026-01-31")',
}
BY_NAME: Final[Mapping[str, Function]] = {name: name for name in FUNCTIONS}
FUNCTION_OF: Final[Mapping[type, Function]] = {
    ast.Known: "known",
    ast.Reached: "reached",
    ast.AtLeast: "at_least",
}
"""The functions that say yes or no by themselves, by their nodes."""
