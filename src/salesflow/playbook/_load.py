"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue, check_names
from salesflow.playbook._check import check
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._forms import with_asked_forms
from salesflow.playbook._model_assets import CHECKLIST, SCORECARD
from salesflow.playbook._parts import RawTable, named
from salesflow.playbook._read import FileFormat, decoded, read, read_toml
from salesflow.playbook._shape import ProblemLog, TooManyProblems
from salesflow.playbook._source import located
from salesflow.playbooks import CHECKLISTS, checklist_source
from salesflow.text import LANGUAGES, is_language


class Loaded:
    """A document as far as it could be read, and what is wrong with it.

    Attributes:
        document: The canonical tables; None where there was nothing to read them from.
        facts: The facts that its rules may name.
        problems: Errors only.
    """

    __slots__ = ("document", "facts", "problems")

    def __init__(self, document: RawTable | None, facts: Facts, problems: list[Problem]) -> None:
        self.document = document
        self.facts = facts
        self.problems = tuple(problems)


def load(table: object) -> Loaded:
    """Read and check the tables of a file; it never raises."""
    log = ProblemLog(_first_language(table))
    document: RawTable | None = None
    facts = Facts()
    try:
        document = DOCUMENT.read(table, "", log)
        if document is not None:
            document = with_asked_forms(_with_shared(document, log))
            facts = catalogue(document)
            check_names(document, log)
            document = with_asked_forms(DOCUMENT.with_rules(document, "", facts, log), facts)
            check(document, facts, log)
    except TooManyProblems:
        pass
    return Loaded(document, facts, log.problems)


def read_and_load(text: str, format: FileFormat) -> Loaded:  # noqa: A002 - as in `read`
    """Read and check a text; its problems have their lines.

    Raises:
        InvalidPlaybook: The text cannot be read at all.
    """
    loaded = load(read(text, format))
    if loaded.problems:  # a good text needs no index of its places
        loaded.problems = located(loaded.problems, text, format)
    return loaded


def require(loaded: Loaded) -> RawTable:
    """The document; raises InvalidPlaybook with every error where there is one."""
    if loaded.document is None or loaded.problems:
        name = loaded.document and loaded.document["id"]
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
    return first if isinstance(first, str) and is_language(first) else LANGUAGES[0]


def _with_shared(document: RawTable, log: ProblemLog) -> RawTable:
    """The document with the checklists and scorecards of the package that it uses."""
    lists = list(document.tables("checklists"))
    cards = list(document.tables("scorecards"))
    for path, key in _used(document, "use_checklists", "checklist", log):
        if key in named(lists):
            log.taken(path, "checklist", key, named(lists)[key].path)
        lists.append(_shared(key, path)[0])
    for path, key in _used(document, "use_scorecards", "scorecard", log):
        if key in named(cards):
            log.taken(path, "scorecard", key, named(cards)[key].path)
        checklist, card = _shared(key, path)
        cards.append(card)
        if key not in named(lists):
            lists.append(checklist)
    more: dict[str, object] = {"checklists": tuple(lists), "scorecards": tuple(cards)}
    return RawTable({**document, **more, "use_checklists": (), "use_scorecards": ()}, "")


def _used(document: RawTable, what: str, noun: str, log: ProblemLog) -> Iterator[tuple[str, str]]:
    for path, key in document.names_at(what):
        if key in CHECKLISTS:
            yield path, key
        else:
            log.unknown(path, f"shared {noun}", key, CHECKLISTS)


@cache
def _shared(key: str, path: str) -> tuple[RawTable, RawTable]:
    """A checklist of the package, and its card, for the place of a document that uses it."""
    log = ProblemLog()
    table = read_toml(decoded(checklist_source(key)))
    card = SCORECARD.read(table.pop("scorecard", None), path, log)
    checklist = CHECKLIST.read(table, path, log)
    if card is None or checklist is None or log.problems:
        raise InvalidPlaybook(f'The shared checklist "{key}" has errors:', problems=log.problems)
    return checklist, card
