"""What every function here does first: look at what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from salesflow.domain._base.record import Record
from salesflow.errors import FactError, Problem

A_PLAYBOOK: Final = 'Load one: load_playbook("optimized_sales_process").'
A_CARD: Final = 'Take one: playbook.scorecards["bant"].'
A_CHECKLIST: Final = 'Take one: playbook.checklists["bant"].'
A_SHEET: Final = "Make one of a deal: sheet_of(deal)."

T = TypeVar("T")


def all_of(given: Iterable[T], wanted: type, name: str, hint: str) -> tuple[T, ...]:
    """Several of the wanted kind, and nothing else.

    Raises:
        FactError: It is a single thing, or some are of another kind; `problems` lists them.
    """
    # A record can be iterated, but gives its fields; a text gives its letters.
    if isinstance(given, str | bytes | Mapping | Record) or not isinstance(given, Iterable):
        raise FactError(f"{name} takes several, not one {type(given).__name__}.", hint=hint)
    found = tuple(given)
    problems = [
        Problem(f"{name}[{number}]", f"this is no {wanted.__name__}", _called(item), "kind")
        for number, item in enumerate(found)
        if not isinstance(item, wanted)
    ]
    if problems:
        raise FactError(f"{name} takes only {wanted.__name__}.", hint=hint, problems=problems)
    return found


def names_of(given: Iterable[str], name: str) -> tuple[str, ...]:
    """Several names, and not one that is taken for its letters.

    Raises:
        FactError: It is one text, or some are no texts; `problems` lists them.
    """
    return all_of(given, str, name, f'Write {name}=["Rival"].')


def _called(item: object) -> str:
    return f"it is a value of type {type(item).__name__}"


def refuse_other(given: object, wanted: type, name: str, hint: str = "") -> None:
    """Refuse what is not of the wanted kind.

    Raises:
        FactError: It is something else.
    """
    if not isinstance(given, wanted):
        message = f"{name} is given as {wanted.__name__}, not as {type(given).__name__}."
        raise FactError(message, hint=hint)
