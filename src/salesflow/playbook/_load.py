"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from functools import cache
from typing import cast

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue
from salesflow.playbook._check import check
from salesflow.playbook._document import CHECKLIST, DOCUMENT
from salesflow.playbook._parts import Part
from salesflow.playbook._read import decoded, read_toml
from salesflow.playbook._shape import Log, TooManyProblems
from salesflow.playbooks import CHECKLISTS, checklist_source
from salesflow.text import LANGUAGES

__all__ = ["Loaded", "load", "require"]


class Loaded:
    """A document as far as it could be read, and what is wrong with it.

    Attributes:
        document: The canonical tables; None where there was nothing to read them from.
        facts: The facts that its rules may name.
        problems: Errors only.
    """

    __slots__ = ("document", "facts", "problems")

    def __init__(self, document: Part | None, facts: Facts, problems: list[Problem]) -> None:
        self.document = document
        self.facts = facts
        self.problems = tuple(problems)


def load(table: object) -> Loaded:
    """Read and check the tables of a file; it never raises."""
    log = Log(_first_language(table))
    document: Part | None = None
    facts = Facts()
    try:
        document = cast("Part | None", DOCUMENT.read(table, "", log))
        if document is not None:
            _include(document, log)
            facts = catalogue(document)
            check(document, facts, log)
    except TooManyProblems:
        pass
    return Loaded(document, facts, log.problems)


def require(loaded: Loaded) -> Part:
    """The document; raises InvalidPlaybook with every error where there is one."""
    if loaded.document is None or loaded.problems:
        name = (loaded.document or {}).get("id")
        called = f' "{name}"' if isinstance(name, str) and len(name) <= 60 else ""  # noqa: PLR2004
        count = len(loaded.problems)
        raise InvalidPlaybook(
            f"The playbook{called} has {count} error{'' if count == 1 else 's'}:",
            problems=loaded.problems,
        )
    return loaded.document


def _first_language(table: object) -> str:
    listed = table.get("languages") if isinstance(table, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, str) and first in LANGUAGES else LANGUAGES[0]


def _include(document: Part, log: Log) -> None:
    found: list[Part] = []
    for i, key in enumerate(document["use_checklists"]):
        if key in CHECKLISTS:
            found.append(_shared_checklist(key))
        elif key is not None:
            log.unknown(f"use_checklists[{i}]", "shared checklist", key, CHECKLISTS)
    document["checklists"] = (*document["checklists"], *found)
    document["use_checklists"] = ()


@cache
def _shared_checklist(key: str) -> Part:
    log = Log()
    part = CHECKLIST.read(read_toml(decoded(checklist_source(key))), "", log)
    if log.problems:
        raise InvalidPlaybook(f'The shared checklist "{key}" has errors:', problems=log.problems)
    return cast("Part", part)
