"""What the values of a case can be: days from today, amounts with a currency, lists of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from pydantic import ValidationError

from salesflow.domain._base.invalid_input import InvalidInput
from salesflow.money import CURRENCIES, Money, Rates
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._shape import Json, Shape
from salesflow.playbook._tables import List

_RELATIVE: Final = re.compile(r"today(?:\s*([+-])\s*(\d{1,4}))?")


def on_day(value: object, today: date) -> Any:  # noqa: ANN401 - JSON, with days in it
    """The value, in which `today`, `today + 30` and `today - 7` have become days."""
    if isinstance(value, str):
        found = _RELATIVE.fullmatch(value)
        if found is None:
            return value
        sign, days = found.groups()
        return (today + timedelta(days=int(f"{sign or ''}{days or 0}"))).isoformat()
    if isinstance(value, Mapping):
        return {name: on_day(item, today) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [on_day(item, today) for item in value]
    return value


def number_and_currency(text: str) -> tuple[str, str]:
    """The two parts of an amount; the second is empty where it has no currency."""
    number, _, currency = text.strip().partition(" ")
    return number, currency.strip()


def note_faults(log: ProblemLog, path: str, make: Callable[[], object], inside: str = "") -> None:
    """Note what a record or a command has to say against its fields.

    Args:
        log: Where problems are noted.
        path: Where the fields are in the file.
        make: Makes the record.
        inside: Where they are in what is made.
    """
    try:
        make()
    except ValidationError as error:
        for problem in InvalidInput.of(error).problems:
            at = problem.path.removeprefix(inside).lstrip(".")
            log.add(f"{path}.{at}" if at else path, problem.message, problem.hint, problem.code)


class AnyValue(Shape):
    """Any value that a file can have; who gets it checks it."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:  # noqa: ARG002 - as its base
        return value

    def schema(self) -> dict[str, Json]:
        return {}


class Amount(Shape):
    """An amount with its currency, as one text."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        hint = 'for instance "120000 USD"'
        if not isinstance(value, str):
            return log.wrong_type(path, f"an amount with its currency, {hint}", value)
        number, currency = number_and_currency(value)
        if not currency:
            return log.add(path, f'"{value[:40]}" has no currency', hint, "money")
        try:
            return Money(number, currency)
        except ValidationError as error:
            return log.add(path, InvalidInput.of(error).problems[0].message, hint, "money")

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": r"^\S+ +[A-Z]{3}$"}


class RateTable(Shape):
    """What one unit of a currency is worth in that of the playbook."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, 'a table such as { EUR = "1.10" }', value)
        base = next((code for code in CURRENCIES if code not in value), "USD")
        note_faults(log, path, lambda: Rates(base=base, rates=value), "rates")
        return value

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


class OneOrMore(Shape):
    """A list, or its one entry without brackets; canonical form is a tuple, if it is given."""

    __slots__ = ("_item", "_list")

    def __init__(self, item: Shape, most: int) -> None:
        self._item = item
        self._list = List(item, most)

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, list):
            return self._list.read(value, path, log)
        item = self._item.read(value, path, log)
        return None if item is None else (item,)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [self._item.schema(), self._list.schema()]}


class ByName(Shape):
    """Values by name; canonical form is the mapping itself."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        return value if isinstance(value, dict) else log.wrong_type(path, self._what, value)

    def schema(self) -> dict[str, Json]:
        return {"type": "object"}
