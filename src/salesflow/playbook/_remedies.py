"""What to do where a rule of a playbook names a fact that the playbook does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from salesflow.errors import Problem
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

RECORDS_SAY: Final = "records answer it"
NO_FACT: Final = re.compile(r'there is no fact "([^"]*)"')
"""What a rule's problem says of a fact that is not there; it may go on behind that."""
_CALLED: Final = re.compile(r"[a-z0-9_.]+")
_RECORDS: Final = f'{RECORDS_SAY}: use_records = ["{{key}}"]'
_ROLE: Final = 'it is a role of the package: use_roles = ["{key}"]'
_CHECKLIST: Final = 'a checklist of the package asks it: use_checklists = ["{key}"]'
_SCORECARD: Final = 'it is of a scorecard of the package: use_scorecards = ["{key}"]'
_DECLARE: Final = 'declare it in [[facts]], with name = "{name}"'


def remedy(problem: Problem, facts: Iterable[str]) -> str:
    """What to do about a problem of a rule, in a playbook that has these facts."""
    named = NO_FACT.fullmatch(problem.message)
    if named is None or not _CALLED.fullmatch(named[1]):
        return problem.hint
    name = named[1]
    declared = "" if name.partition(".")[0] in DERIVED else _DECLARE.format(name=name)
    return brought_by("fact", name, facts) or problem.hint or declared


def brought_by(what: str, name: str, others: Iterable[str]) -> str:
    """What would bring a fact or a role into a playbook that has others; "" where nothing would."""
    if what == "role":
        from salesflow.playbook._shared import common_keys  # noqa: PLC0415 - where something is wrong

        return _ROLE.format(key=name) if name in common_keys("roles") else ""
    if what != "fact":
        return ""
    from salesflow.records import RECORD_FACTS  # noqa: PLC0415 - where something is wrong

    first, _, rest = name.partition(".")
    if not rest:
        return ""
    if name in RECORD_FACTS:
        return _RECORDS.format(key=first)
    if any(other.startswith(f"{name.rpartition('.')[0]}.") for other in others):
        return ""  # it is there, and knows no such name
    if first == "score" and (key := rest.partition(".")[0]) in CHECKLISTS:
        return _SCORECARD.format(key=key)
    return _CHECKLIST.format(key=first) if first in CHECKLISTS else ""
