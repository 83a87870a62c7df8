"""What stands where in a rule's text, and how its problems are noted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from salesflow.errors import closest
from salesflow.facts import Fact
from salesflow.rules._tokenizer import FUNCTIONS, MAX_PROBLEMS, Scanned
from salesflow.rules.ast import Name

T = TypeVar("T")

USAGE: Final = {
    "known": "known(amount)",
    "at_least": "at_least(2, on_hold, ended, known(amount))",
    "reached": 'reached("close")',
    "days_since": "days_since(last_activity_on) > 30",
    "days_until": "days_until(expected_close_on) < 14",
    "date": 'date("2026-01-31")',
}
_INSTEAD: Final = {
    "true": "True",
    "TRUE": "True",
    "false": "False",
    "FALSE": "False",
    "null": "not known(…)",
    "NULL": "not known(…)",
    "none": "not known(…)",
    "nil": "not known(…)",
}
_MOST_SUGGESTIONS: Final = 5


class Rejected(Exception):
    """A part of the rule was given up, after its problem was noted."""


class Source:
    """A scanned text with the catalogue its names are looked up in.

    A method that cannot go on notes the problem and raises Rejected; `attempt` goes on beside it.
    """

    def __init__(self, scanned: Scanned, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self._scanned = scanned
        self._suggested: dict[str, str] = {}

    def attempt(self, read: Callable[[ast.expr], T], tree: ast.expr) -> T | None:
        """What was read, or None where it was rejected."""
        if len(self._scanned.problems) >= MAX_PROBLEMS:
            return None  # enough to mend; looking for hints would take longer than it helps
        try:
            return read(tree)
        except Rejected:
            return None

    def each(self, read: Callable[[ast.expr], T], trees: list[ast.expr]) -> tuple[T, ...]:
        """All of them read; rejected as a whole after the problems of all are noted."""
        found = [item for tree in trees if (item := self.attempt(read, tree)) is not None]
        if len(found) < len(trees):
            raise Rejected
        return tuple(found)

    def function(self, tree: ast.Call) -> str:
        """The name of a function of the rule language."""
        name = self.written(tree.func) if isinstance(tree.func, ast.Name) else ""
        if name in FUNCTIONS:
            return name
        if name in self.facts:
            raise self.wrong(
                tree, f"{name} is a fact, not a function", "leave the brackets out", "name"
            )
        near = closest(name, FUNCTIONS)
        hint = f"did you mean {near}(…)?" if near else f"there are {', '.join(FUNCTIONS)}"
        raise self.wrong(tree, f'there is no function "{name[:60]}"', hint, "name")

    def fact_argument(self, tree: ast.Call) -> Name:
        """The one argument, a fact."""
        match tree.args:
            case [ast.Name() as argument] if self.written(argument) != "today":
                return self.fact(argument)
            case _:
                raise self.usage(tree, "one fact")

    def text_argument(self, tree: ast.Call) -> str:
        """The one argument, a text."""
        match tree.args:
            case [ast.Constant(str()) as argument]:
                return self.words(argument)
            case _:
                raise self.usage(tree, "a text")

    def usage(self, tree: ast.Call, takes: str) -> Rejected:
        """Note what is wrong with a call's arguments; raise what is returned."""
        function = self.written(tree.func)
        return self.wrong(tree, f"{function} takes {takes}", f"as in {USAGE[function]}", "arity")

    def fact(self, tree: ast.expr) -> Name:
        """A fact of the catalogue."""
        name = self.written(tree)
        fact = self.facts.get(name)
        if fact is not None:
            return Name(name, fact.kind)
        if name in FUNCTIONS:
            raise self.wrong(tree, f"{name} is a function", f"as in {USAGE[name]}", "name")
        raise self.wrong(tree, f'there is no fact "{name[:60]}"', self._near(name), "name")

    def _near(self, name: str) -> str:
        if name in _INSTEAD:
            return f"write {_INSTEAD[name]}"
        if name not in self._suggested:
            # Looking for the nearest name is the only slow step here: bounded, never quadratic.
            if len(self._suggested) >= _MOST_SUGGESTIONS:
                return ""
            known = [*self.facts, "today"]
            near = closest(name, known) or closest(name.lower(), known)
            self._suggested[name] = f"did you mean {near}?" if near else ""
        return self._suggested[name]

    def written(self, tree: ast.expr) -> str:
        """A name as it was written, with its dots."""
        return self._scanned.names[self._column(tree)]

    def number(self, tree: ast.expr) -> float:
        """The value of a number."""
        return self._scanned.numbers[self._column(tree)]

    def words(self, tree: ast.expr) -> str:
        """The contents of a quoted text."""
        return self._scanned.strings[self._column(tree)]

    def _column(self, tree: ast.expr) -> int:
        return self._scanned.offset + tree.col_offset

    def shown(self, tree: ast.expr) -> str:
        """A part as a message quotes it."""
        match tree:
            case ast.Constant(str()):
                return f'"{self.words(tree)[:40]}"'
            case ast.Name():
                return self.written(tree)[:60]
            case ast.Constant(bool() as value):
                return str(value)
            case ast.Constant():
                return f"{self.number(tree):.15g}"
            case ast.Tuple():
                return "a list"
            case _:
                return "this"

    def note(self, tree: ast.expr, message: str, hint: str = "", code: str = "syntax") -> None:
        """Note a problem and go on."""
        self._scanned.problem(self._column(tree), message, hint, code)

    def wrong(self, tree: ast.expr, message: str, hint: str = "", code: str = "syntax") -> Rejected:
        """Note a problem; raise what is returned, to give this part up."""
        self.note(tree, message, hint, code)
        return Rejected()
