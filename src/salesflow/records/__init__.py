"""What the records of a deal say: facts of plans and forms, for the rules of a playbook.

A playbook names the groups of facts that it uses (`use_records`), a deal brings its records, and
the rules read them like any other facts. Whether a record says something never depends on today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesflow.records._group import RecordFact, RecordGroup, RecordValue
from salesflow.records._read import RECORD_FACTS, RECORD_GROUPS, record_columns, record_facts

if TYPE_CHECKING:
    from salesflow.records._any_record import AnyRecord

__all__ = [
    "RECORD_FACTS",
    "RECORD_GROUPS",
    "AnyRecord",
    "RecordFact",
    "RecordGroup",
    "RecordValue",
    "record_columns",
    "record_facts",
]


def __getattr__(name: str) -> object:
    if name != "AnyRecord":  # it takes every form and plan, which few programs need at once
        raise AttributeError(f"module 'salesflow.records' has no attribute {name!r}")
    from salesflow.records._any_record import AnyRecord as found  # noqa: PLC0415, N813 - as above

    return found
