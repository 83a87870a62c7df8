"""What every function of the domain does first: look at what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from salesflow.errors import FactError, Problem

_T = TypeVar("_T")


def refuse_other(given: object, wanted: type, name: str, hint: str = "") -> None:
    """Refuse what is not of the wanted kind.

    Args:
        given: The thing.
        wanted: What it should be.
        name: The name of the argument.
        hint: How to come by one.

    Raises:
        FactError: It is something else.

    Example:
        >>> refuse_other({}, dict, "known")
        >>> refuse_other(None, dict, "known")
        Traceback (most recent call last):
        salesflow.errors.FactError: known is given as dict, not as NoneType.
    """
    if not isinstance(given, wanted):
        message = f"{name} is given as {wanted.__name__}, not as {type(given).__name__}."
        raise FactError(message, hint=hint)


def several(given: Iterable[_T], kind: type[_T], name: str, *, hint: str = "") -> tuple[_T, ...]:
    """All things of one kind, where one of them alone is easily taken for a list.

    Args:
        given: The things.
        kind: What each of them is.
        name: The name of the argument.
        hint: How it is written.

    Raises:
        FactError: It is one text, one record or no list at all, or some things are of another
            kind; all of those are told.

    Example:
        >>> several(["Zhang", "Liu"], str, "decision_makers")
        ('Zhang', 'Liu')
    """
    called = "names" if kind is str else f"{kind.__name__} records"
    # A record can be iterated over, and a mapping too: neither is a list of what it holds.
    if isinstance(given, str | bytes | Mapping | kind) or not isinstance(given, Iterable):
        if kind is str:
            one = "one text" if isinstance(given, str) else type(given).__name__
            raise FactError(f"{name} takes several names, not {one}.", hint=hint)
        raise FactError(
            f"{name} is given as several {called}, not as {type(given).__name__}.",
            hint=hint or "Give a list, also of a single one.",
        )
    listed = tuple(given)
    problems = [
        Problem(f"{name}[{at}]", f"{type(each).__name__} is no {kind.__name__}", code="kind")
        for at, each in enumerate(listed)
        if not isinstance(each, kind)
    ]
    if problems:
        raise FactError(f"{name} takes {called}.", hint=hint, problems=problems)
    return listed


def decision_makers_named(decision_makers: Iterable[str]) -> tuple[str, ...]:
    """The names of the people who influence the decision.

    Raises:
        FactError: It is one name instead of several, or holds what is no name.
    """
    return several(decision_makers, str, "decision_makers", hint='Write decision_makers=["Zhang"].')
