"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue, check_names
from salesflow.playbook._check import check
from salesflow.playbook._document import DOCUMENT, SCHEMA_KEY
from salesflow.playbook._forms import with_asked_forms
from salesflow.playbook._model_assets import CHECKLIST, SCORECARD
from salesflow.playbook._parts import RawTable, named, questions_of
from salesflow.playbook._read import (
    FileFormat,
    check_format,
    decoded,
    read_json,
    read_on,
    read_toml,
)
from salesflow.playbook._shape import ProblemLog, TooManyProblems
from salesflow.playbook._source import Source
from salesflow.playbooks import CHECKLISTS, checklist_source
from salesflow.text import LANGUAGES, is_language


class Loaded:
    """A document as far as it could be read, and what is wrong with it.

    Attributes:
        document: The canonical tables; None where there was nothing to read them from.
        facts: The facts that its rules may name.
        log: Where they were noted.
        source: The text that was read.
        problems: Errors only.
    """

    __slots__ = ("document", "facts", "log", "problems", "source")

    def __init__(
        self, document: RawTable | None, facts: Facts, log: ProblemLog, source: Source
    ) -> None:
        self.document = document
        self.facts = facts
        self.log = log
        self.source = source
        self.problems = tuple(log.problems)


def load(table: object, source: Source | None = None, slips: Sequence[Problem] = ()) -> Loaded:
    """Read and check the tables of a text, in which there were slips already; it never raises."""
    log = ProblemLog(_first_language(table))
    log.problems += slips
    document: RawTable | None = None
    facts = Facts()
    try:
        document = DOCUMENT.read(_for_readers(table, log), "", log)
        log.unread = frozenset(log.told_paths)
        if document is not None:
            document = with_asked_forms(_with_shared(document, log))
            facts = catalogue(document)
            check_names(document, log)
            log.doubtful |= _doubtful(document, log)
            document = with_asked_forms(DOCUMENT.with_rules(document, "", facts, log), facts)
            check(document, facts, log)
    except TooManyProblems:
        pass
    return Loaded(document, facts, log, source or Source("", "toml"))


def read_and_load(text: str, format: FileFormat) -> Loaded:  # noqa: A002 - the public name
    """Read and check a text; its problems have their lines.

    Raises:
        InvalidPlaybook: The text cannot be read at all.
    """
    check_format(format)
    loaded = _of_json(text) if format == "json" else _of_toml(text)
    if loaded.problems:  # a good text needs no index of its places
        if loaded.document is not None:
            from salesflow.playbook._misspelt import told_once  # noqa: PLC0415 - where something is wrong

            loaded.problems = told_once(loaded.problems, loaded.document, loaded.source.text)
        loaded.problems = _once(loaded.source.located(loaded.problems))
    return loaded


def _of_json(text: str) -> Loaded:
    return load(read_json(text), Source(text, "json"))


def _of_toml(text: str, slips: tuple[Problem, ...] = ()) -> Loaded:
    table, text, further = read_on(text)
    slips = (*slips, *further)
    if table is None:
        raise InvalidPlaybook("The playbook cannot be read.", problems=slips)
    loaded = load(table, Source(text, "toml"), slips)
    if not loaded.problems:
        return loaded
    from salesflow.playbook._mend import mend_headers  # noqa: PLC0415 - where something is wrong

    mended, wrong = mend_headers(loaded.source)
    return _of_toml(mended, (*slips, *wrong)) if wrong else loaded


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without those of a value that had to be read otherwise than it stands there."""
    slips: set[tuple[int | None, int | None]] = set()
    found: list[Problem] = []
    for problem in problems:
        place = problem.line, problem.column
        if problem.code == "syntax" and not problem.path:
            slips.add(place)
        elif place in slips and place != (None, None):
            continue
        found.append(problem)
    return tuple(found)


def _with_headers(text: str, slips: tuple[Problem, ...], loaded: Loaded) -> tuple[str, Loaded]:
    """The text, and what it says, with the headers that were meant, where those are not there."""
    from salesflow.playbook._mend import mend_headers  # noqa: PLC0415 - where something is wrong

    mended, wrong = mend_headers(text)
    if not wrong:
        return text, loaded
    table, read, further = read_on(mended)
    slips = (*slips, *wrong, *further)
    if table is None:
        raise InvalidPlaybook("The playbook cannot be read.", problems=slips)
    return read, load(table, slips)


def _doubtful(document: RawTable, log: ProblemLog) -> set[str]:
    """The facts whose declarations have problems; what rules do with them cannot be judged."""
    if not log.problems:
        return set()
    facts = {str(fact["name"]): fact for fact in document.tables("facts")}
    tracks = {f"track.{track['key']}": track for track in document.tables("tracks")}
    declared = {**facts, **questions_of(document), **tracks}
    return {name for name, table in declared.items() if log.told(table.path)}


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


def _for_readers(table: object, log: ProblemLog) -> object:
    """The tables without what is there for an editor."""
    if not isinstance(table, dict) or SCHEMA_KEY not in table:
        return table
    if not isinstance(table[SCHEMA_KEY], str):
        log.wrong_type(SCHEMA_KEY, "the address of a schema, a text", table[SCHEMA_KEY])
    return {key: value for key, value in table.items() if key != SCHEMA_KEY}


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
