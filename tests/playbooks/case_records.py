"""The records in the cases file of a playbook, by the names that its cases say."""

from __future__ import annotations

from datetime import date
from functools import cache

from salesflow.domain import Record
from salesflow.testing import CaseFile

FIRST_DAY = date(2026, 1, 5)


@cache
def cases_of(playbook: str) -> CaseFile:
    """The cases of a built-in playbook."""
    file = CaseFile.beside(playbook)
    assert file is not None
    return file


@cache
def records_of(playbook: str, on: date = FIRST_DAY) -> dict[str, Record]:
    """Each record of a cases file, as it is on a day."""
    file = cases_of(playbook)
    return {name: file.record(name, on) for name in file.records}
