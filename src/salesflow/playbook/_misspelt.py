"""Names that are misspelt where they are declared, so that nothing else names them as they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._parts import NAMING, RawTable, criteria, forms_of, places
from salesflow.playbook._remedies import RECORDS_SAY

_UNKNOWN: Final = re.compile(r'there is no [a-z -]+ "([a-z0-9_.]+)"')
_NEAR: Final = re.compile(r'did you mean "?([a-z0-9_.]+)"?\?')
_LISTS: Final = (
    "roles",
    "facts",
    "instruments",
    "approvals",
    "checklists",
    "scorecards",
    "tracks",
    "cadences",
)


def told_once(problems: tuple[Problem, ...], document: RawTable, text: str) -> tuple[Problem, ...]:
    """The problems, those of one unknown name as one where its declaration is what is wrong.

    So it is where nothing is declared that the name could mean; and where several places name it,
    and none names what is declared.
    """
    groups: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        if unknown := _UNKNOWN.match(problem.message):
            name = "" if problem.hint.startswith(RECORDS_SAY) else unknown[1]
            groups[name, problem.hint].append(problem)
    instead: dict[int, Problem | None] = {}
    for (name, hint), group in groups.items():
        if len(group) > 1 and (told := _told(name, hint, group, document, text)) is not None:
            instead |= {id(problem): None for problem in group}
            instead[id(group[0])] = told
    found = (instead.get(id(problem), problem) for problem in problems)
    return tuple(problem for problem in found if problem is not None)


def _told(
    name: str, hint: str, group: list[Problem], document: RawTable, text: str
) -> Problem | None:
    """What several places that name one thing are told as; None where each of them is wrong."""
    near = _NEAR.fullmatch(hint)
    if near is None:
        message = f"{group[0].message}, and the like in {len(group) - 1} more places"
        return replace(group[0], message=message)
    meant, written = _different(name, near[1])
    word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(written)}(?![A-Za-z0-9_])")
    path = next((at for key, at in _declared(document) if key in (written, near[1])), None)
    if path is None or len(word.findall(text)) > 1:
        return None
    message = f'nothing names "{written}", and "{meant}" is named {len(group)} times'
    return Problem(path, message, f'did you mean "{meant}"?', "unknown_name")


def _different(name: str, near: str) -> tuple[str, str]:
    """The part in which two names differ, where they do so in one only: that is the key."""
    parts = list(zip(name.split("."), near.split("."), strict=False))
    different = [pair for pair in parts if pair[0] != pair[1]]
    is_one = name.count(".") == near.count(".") and len(different) == 1
    return different[0] if is_one else (name, near)


def _declared(document: RawTable) -> Iterator[tuple[str | None, str]]:
    """What is declared, with the path of its name."""
    questions = (part.tables("questions") for part in document.tables("checklists"))
    states = (part.tables("states") for part in document.tables("tracks"))
    listed = (document.tables(key) for key in _LISTS)
    tables = chain(places(document), criteria(document), forms_of(document), *listed)
    for table in chain(tables, *questions, *states):
        name = next(key for key in NAMING if key in table)
        yield table.name(name), table.at(name)
