"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from functools import cache
from typing import cast

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue, check_names
from salesflow.playbook._check import check, check_keys
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._model_assets import CHECKLIST, SCORECARD
from salesflow.playbook._parts import Part, named
from salesflow.playbook._read import decoded, read_toml
from salesflow.playbook._shape import Log, TooManyProblems
from salesflow.playbooks import CHECKLISTS, checklist_source
from salesflow.text import LANGUAGES


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
            document = _with_shared(document, log)
            facts = catalogue(document)
            check_keys(document, log)
            check_names(document, log)
            document = cast("Part", DOCUMENT.with_rules(document, "", facts, log))
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


def _with_shared(document: Part, log: Log) -> Part:
    """The document with the checklists and scorecards of the package that it uses."""
    lists: list[Part] = []
    cards: list[Part] = []
    for i, key in enumerate(document["use_checklists"]):
        if key in CHECKLISTS:
            lists.append(_shared(key)[0])
        elif key is not None:
            log.unknown(f"use_checklists[{i}]", "shared checklist", key, CHECKLISTS)
    there = {*named(document["checklists"]), *(part["key"] for part in lists)}
    for i, key in enumerate(document["use_scorecards"]):
        if key in CHECKLISTS:
            checklist, card = _shared(key)
            cards.append(card)
            if key not in there:
                there.add(key)
                lists.append(checklist)
        elif key is not None:
            log.unknown(f"use_scorecards[{i}]", "shared scorecard", key, CHECKLISTS)
    return {
        **document,
        "checklists": (*document["checklists"], *lists),
        "scorecards": (*document["scorecards"], *cards),
        "use_checklists": (),
        "use_scorecards": (),
    }


@cache
def _shared(key: str) -> tuple[Part, Part]:
    """A checklist of the package, and its card."""
    log = Log()
    table = read_toml(decoded(checklist_source(key)))
    card = SCORECARD.read(table.pop("scorecard", None), "scorecard", log)
    checklist = CHECKLIST.read(table, "", log)
    if log.problems:
        raise InvalidPlaybook(f'The shared checklist "{key}" has errors:', problems=log.problems)
    return cast("Part", checklist), cast("Part", card)
