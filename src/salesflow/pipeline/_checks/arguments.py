"""What is wrong with the arguments of a check, before the frame is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from salesflow.errors import Problem
from salesflow.money import Rates
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._frames.opening import a_thing
from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules._values import BLANK

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

_OPTIONAL: Final = ("columns", "stages", "values", "checks")


def mapping(given: Mapping[KeyT, ValueT] | None) -> Mapping[KeyT, ValueT]:
    return given if isinstance(given, Mapping) else {}


def is_mapping(given: object) -> bool:
    return isinstance(given, Mapping)


def rules_of(checks: object) -> dict[str, Rule]:
    given = checks.items() if isinstance(checks, Mapping) else ()
    return {name: rule for name, rule in given if isinstance(rule, Rule) and _is_name(name)}


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip(BLANK)) and name.isprintable()


def problems_of_arguments(
    playbook: object, as_of: object, rates: object, missing: object
) -> list[Problem]:
    problems = []
    if not isinstance(playbook, Playbook):
        problems.append(
            Problem(
                "playbook",
                f"this is {a_thing(playbook)}, not a playbook",
                'pass load_playbook("…") or Playbook.from_file("…")',
            )
        )
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        problems.append(
            Problem(
                "as_of", f"{as_of!r} is no date", "pass a datetime.date such as date(2026, 1, 31)"
            )
        )
    if rates is not None and not isinstance(rates, Rates):
        problems.append(Problem("rates", f"this is {a_thing(rates)}", "pass Rates(…)"))
    if not isinstance(missing, str) or missing not in {"unknown", "error"}:
        problems.append(Problem("missing", f"{missing!r} is no choice", '"unknown" or "error"'))
    return problems


def problems_of_mappings(
    columns: object, stages: object, values: object, checks: object
) -> list[Problem]:
    given = {"columns": columns, "stages": stages, "values": values, "checks": checks}
    if isinstance(values, Mapping):
        given |= {f"values[{name!r}]": mapped for name, mapped in values.items()}
    problems = [
        Problem(path, f"this is {a_thing(value)}, not a mapping", "write {…: …}")
        for path, value in given.items()
        if not (isinstance(value, Mapping) or (value is None and path in _OPTIONAL))
    ]
    problems += [
        Problem(
            f"checks[{name!r}]",
            f"this is {a_thing(rule)}, not a rule",
            'pass Rule.parse("…", facts=playbook.facts)',
        )
        for name, rule in (checks.items() if isinstance(checks, Mapping) else ())
        if not isinstance(rule, Rule)
    ]
    problems += [
        Problem(
            f"checks[{name!r}]", "this is no name of a check", 'write a text, as in "big_deals"'
        )
        for name in (checks if isinstance(checks, Mapping) else ())
        if not _is_name(name)
    ]
    return problems


def problems_of_names(own: Mapping[str, Rule], made: list[Check], key: object) -> list[Problem]:
    """Names that a check of the playbook, or another column of `PipelineReport.wide`, has."""
    columns = ["stage", *([key] if isinstance(key, str) else [])]
    taken = dict.fromkeys(columns, "a column of the deals is called so")
    taken |= {check.key: "a check of the playbook is called so" for check in made}
    return [
        Problem(f"checks[{name!r}]", taken[name], "choose another name")
        for name in own
        if name in taken
    ]
