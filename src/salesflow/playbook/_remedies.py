"""What to do where a rule of a playbook names a fact that the playbook does not have."""

from __future__ import annotations

import re
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.playbooks import CHECKLISTS

DERIVED: Final = (
    "done",
    "waived",
    "approval",
    "score",
    "reached",
    "not_applicable",
    "track",
    "before",
    "form",
    "hold",
)
"""First parts of facts that follow from what a playbook has: nobody declares one."""

_NO_FACT: Final = re.compile(r'there is no fact "([a-z0-9_.]+)"\Z')
RECORDS_SAY: Final = "records answer it"
_RECORDS: Final = f'{RECORDS_SAY}: use_records = ["{{key}}"]'
_CHECKLIST: Final = 'a checklist of the package asks it: use_checklists = ["{key}"]'
_SCORECARD: Final = 'it is of a scorecard of the package: use_scorecards = ["{key}"]'
_DECLARE: Final = 'declare it in [[facts]], with name = "{name}"'


def remedy(problem: Problem, facts: Facts) -> str:
    """What to do about a problem of a rule, in a playbook that has these facts."""
    named = _NO_FACT.match(problem.message)
    return of_unknown_fact(named[1], facts, problem.hint) if named else problem.hint


def said_by_records(name: str) -> str:
    """What to do where records answer a fact that the playbook does not use; else nothing."""
    from salesflow.records import RECORD_FACTS  # noqa: PLC0415 - where something is wrong

    return _RECORDS.format(key=name.partition(".")[0]) if name in RECORD_FACTS else ""


def of_unknown_fact(name: str, facts: Facts, near: str) -> str:
    """What brings a fact into a playbook, or else what the hint `near` says."""
    if hint := said_by_records(name):
        return hint
    first, _, rest = name.partition(".")
    if first == "score" and (key := rest.partition(".")[0]) in CHECKLISTS and not _has(facts, name):
        return _SCORECARD.format(key=key)
    if rest and first in CHECKLISTS and not _has(facts, name):
        return _CHECKLIST.format(key=first)
    return near or ("" if first in DERIVED else _DECLARE.format(name=name))


def _has(facts: Facts, name: str) -> bool:
    """Whether there are facts beside this one."""
    return any(fact.startswith(f"{name.rpartition('.')[0]}.") for fact in facts)
