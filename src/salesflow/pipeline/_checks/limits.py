"""How many findings a check may have: a count, a share of its rows, or so many more than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Final, NamedTuple, TypeAlias, cast

from salesflow._arguments import describe
from salesflow._frozen import FrozenDict
from salesflow.errors import Problem, Severity
from salesflow.pipeline._checks.catalogue import FAMILIES
from salesflow.pipeline._wording import near
from salesflow.playbook._parts import step
from salesflow.terms import SEVERITIES

Limit: TypeAlias = int | float | Mapping[str, int | float]
"""A number of findings, 0 for none at all, or a share of the rows that the check applies to, a
float from 0 to 1; or both this (`max`) and how many more there may be than in an earlier report
(`max_increase`), or one of the two, as in `{"max_increase": 0}`: no more than before."""
FailIf: TypeAlias = Mapping[str, Limit]

DEFAULT: Final[FailIf] = FrozenDict({"error": 0})
"""What fails by default: any finding of a check whose severity is `error`."""

NOT_WORSE: Final[FailIf] = FrozenDict({"error": FrozenDict({"max_increase": 0})})
"""The same where there is an earlier report: any more findings of such a check."""

_LONG: Final = 10**18  # Python refuses to write down much longer numbers
_HINT: Final = "write a count such as 10, or a share of the rows such as 0.05"
_KEYS_HINT: Final = "write max, max_increase, or both"


class Parts(NamedTuple):
    """A limit in its parts; None where it says nothing.

    Attributes:
        max: The number of findings, or their share.
        max_increase: How many more, or how much of a share more, than before.
    """

    max: int | float | None = None
    max_increase: int | float | None = None


def parts_of(limit: Limit) -> Parts:
    """The parts of a limit that was read."""
    return Parts(**limit) if isinstance(limit, Mapping) else Parts(max=limit)


def read_limit(given: object, path: str) -> tuple[Limit | None, list[Problem]]:
    """A limit in plain numbers, in its shortest form; and everything that is wrong with it."""
    if not isinstance(given, Mapping):
        objection = _objection(given)
        problems = [Problem(path, objection, _HINT)] if objection else []
        return (None if problems else _plain(given)), problems
    problems = [Problem(path, "it says no limit", _KEYS_HINT)] if not given else []
    found: dict[str, int | float] = {}
    for key, number in given.items():
        at = f"{path}.{step(key)}" if isinstance(key, str) else path
        if key not in Parts._fields:
            problems.append(Problem(at, "a limit has no such part", _KEYS_HINT, "unknown_key"))
        elif objection := _objection(number):
            problems.append(Problem(at, objection, _HINT))
        else:
            found[key] = _plain(number)
    if problems:
        return None, problems
    return (found["max"] if found.keys() == {"max"} else FrozenDict(found)), []


def _plain(number: object) -> int | float:
    # Without the sign of -0.0, which would be shown.
    return int(number) if isinstance(number, Integral) else abs(float(cast("float", number)))


def problems_of_limits(
    given: object,
    groups: Mapping[str, str],
    severities: Mapping[str, Severity],
    name: str = "fail_if",
) -> tuple[dict[str, Limit], list[Problem]]:
    """The limits in plain numbers, and everything that is wrong with them.

    Args:
        given: By check, group or severity.
        groups: By check, its group.
        severities: By check, its severity.
        name: What the argument is called.
    """
    if not isinstance(given, Mapping):
        message = f"must be a mapping, not {describe(given)}"
        return {}, [Problem(name, message, 'write {"error": 0}', "kind")]
    if not given:
        hint = 'write {"error": 0}, or leave it out'
        what = "fail" if name == "fail_if" else "warn"
        return {}, [Problem(name, f"it has no limit, so that nothing would ever {what}", hint)]
    known = dict.fromkeys((*groups, *FAMILIES, *SEVERITIES))
    limits: dict[str, Limit] = {}
    problems: list[Problem] = []
    for check, said in given.items():
        path = f"{name}[{check!r}]"
        problems += _problems_of_name(path, check, groups, severities, known)
        limit, wrong = read_limit(said, path)
        problems += wrong
        if limit is not None:
            limits[check] = limit
    return limits, problems


def _problems_of_name(
    path: str,
    name: object,
    groups: Mapping[str, str],
    severities: Mapping[str, Severity],
    known: Mapping[str, None],
) -> Iterator[Problem]:
    if not isinstance(name, str) or name not in known:
        listed = ", ".join((*FAMILIES, *SEVERITIES))
        hint = near(name, known, f"there are {listed}, and every check")
        yield Problem(path, "there is no such check, group or severity", hint, "unknown_name")
    elif (name in FAMILIES or name in SEVERITIES) and name in groups:
        message = "this is a check of yours and a group or severity, too"
        yield Problem(path, message, "give the check another name")
    elif name not in groups and name not in groups.values() and name not in severities.values():
        yield Problem(path, "there is no check of this group", "leave it out", "no_check")


def _objection(limit: object) -> str:
    """What is wrong with a number as a limit; nothing where it is one."""
    if isinstance(limit, bool) or not isinstance(limit, Real):
        return f"{describe(limit)} is not a limit"
    # Compared as it is: as a float a large number is an overflow.
    number = cast("float", limit)
    if number != number:  # noqa: PLR0124 - NaN
        return "NaN is not a limit"
    shown = "this" if _LONG <= abs(number) < float("inf") else repr(number)
    if number < 0:
        return f"{shown} is below 0"
    if not isinstance(limit, Integral) and number > 1:
        return f"{shown} is not a share, which is from 0 to 1"
    return ""
