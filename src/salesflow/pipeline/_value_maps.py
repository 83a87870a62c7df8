"""What a caller says that values of a column stand for, held against the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from salesflow.errors import Problem, closest
from salesflow.facts import Fact, Facts, Kind
from salesflow.rules import Verdict

__all__ = ["MAPPABLE", "read_values", "unknown_fact"]

MAPPABLE: Final = (Kind.TEXT, Kind.CHOICE, Kind.FLAG)

_FLAG_VALUES: Final[tuple[object, ...]] = (True, False, None, "+", "-", "?", *Verdict)


def read_values(
    values: Mapping[str, Mapping[object, object]], facts: Facts
) -> tuple[dict[str, Mapping[object, object]], list[Problem]]:
    """By fact, what its labels stand for; and everything that is wrong with `values`."""
    found: dict[str, Mapping[object, object]] = {}
    problems: list[Problem] = []
    for name, mapped in values.items():
        path = f"values[{name!r}]"
        fact = facts.get(name)
        if name == "stage":
            message = "labels of stages are mapped by stages="
            problems.append(Problem(path, message, "move them there"))
        elif fact is None:
            problems.append(unknown_fact(path, name, facts))
        elif fact.kind not in MAPPABLE:
            message = f"a {fact.kind} is not mapped"
            problems.append(Problem(path, message, "convert the column instead"))
        else:
            found[name], wrong = _targets(path, fact, mapped)
            problems += wrong
    return found, problems


def unknown_fact(path: str, fact: object, facts: Facts) -> Problem:
    """There is no such fact."""
    near = closest(str(fact), facts)
    hint = f'did you mean "{near}"?' if near else "playbook.facts lists them"
    return Problem(path, f"there is no fact {fact!r}", hint, "unknown_fact")


def _targets(
    path: str, fact: Fact, mapped: Mapping[object, object]
) -> tuple[Mapping[object, object], list[Problem]]:
    found, problems = {}, []
    allowed: tuple[object, ...] = (None, *fact.choices)
    if fact.kind is Kind.FLAG:
        allowed = _FLAG_VALUES
    for label, value in mapped.items():
        if fact.kind is Kind.TEXT or (fact.kind is Kind.CHOICE and not fact.choices):
            fits = value is None or isinstance(value, str)
            hint = "write a text, or None"
        else:
            fits = any(type(value) is type(each) and value == each for each in allowed)
            near = closest(str(value), fact.choices)
            listed = f"write one of {', '.join(map(repr, allowed[:8]))}"
            hint = f'did you mean "{near}"?' if near else listed
        if fits:
            found[label] = value
        else:
            message = f"{fact.name} has no value {value!r}"
            problems.append(Problem(f"{path}[{label!r}]", message, hint))
    return found, problems
