"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from salesflow.errors import InvalidPlaybook, PluginError, Problem, UnknownName
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue, check_names
from salesflow.playbook._check import check
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._forms import with_asked_forms
from salesflow.playbook._parts import RawTable, named
from salesflow.playbook._read import FileFormat, read
from salesflow.playbook._shape import ProblemLog, TooManyProblems
from salesflow.playbook._shared import shared, shared_keys
from salesflow.playbook._source import located
from salesflow.text import LANGUAGES

if TYPE_CHECKING:
    from salesflow.playbook._variant import Variant


class Loaded:
    """A document as far as it could be read, and what is wrong with it.

    Attributes:
        document: The canonical tables; None where there was nothing to read them from.
        facts: The facts that its rules may name.
        problems: Errors only.
        variant: Of a playbook that extends another one, how it came to be; else None.
    """

    __slots__ = ("document", "facts", "problems", "variant")

    def __init__(
        self,
        document: RawTable | None,
        facts: Facts,
        problems: Iterable[Problem],
        variant: Variant | None = None,
    ) -> None:
        self.document = document
        self.facts = facts
        self.problems = tuple(problems)
        self.variant = variant

    def warnings(self) -> tuple[Problem, ...]:
        """What the lint has to say of the document beyond errors."""
        if self.document is None:
            return ()
        from salesflow.playbook._warn import warnings  # noqa: PLC0415 - an analysis, on demand

        found = warnings(self.document, self.facts, sound=not self.problems)
        return self.variant.at_home(found) if self.variant else found


def load(table: object, file: Path | None = None) -> Loaded:
    """Read and check the tables of a file; it never raises.

    Args:
        table: The tables.
        file: Which file it is, if it may extend others beside it.
    """
    # A table says whom a whole playbook did extend; whoever writes one names it.
    if not isinstance(table, dict) or isinstance(table.get("extends", {}), dict):
        return _whole(table, ProblemLog(_first_language(table)))
    from salesflow.playbook._variant import variant_of  # noqa: PLC0415 - only where one extends

    log = ProblemLog()
    variant = None
    with suppress(TooManyProblems):
        variant = variant_of(table, file, log)
    if variant is None:
        return Loaded(None, Facts(), log.problems)
    loaded = _whole(variant.table, ProblemLog(_first_language(variant.table)))
    problems = (*log.problems, *variant.at_home(loaded.problems))
    document = loaded.document
    if document is not None and not problems:
        document = variant.extended(document)
    return Loaded(document, loaded.facts, problems, variant)


def _whole(table: object, log: ProblemLog) -> Loaded:
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


def read_and_load(
    text: str,
    format: FileFormat,  # noqa: A002 - as in `read`
    file: Path | None = None,
) -> Loaded:
    """Read and check a text; its problems have their lines.

    Raises:
        InvalidPlaybook: The text cannot be read at all.
    """
    loaded = load(read(text, format), file)
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
    return first if isinstance(first, str) and first in LANGUAGES else LANGUAGES[0]


def _with_shared(document: RawTable, log: ProblemLog) -> RawTable:
    """The document with the shared checklists and scorecards that it uses."""
    lists = list(document.tables("checklists"))
    cards = list(document.tables("scorecards"))
    for path, key, checklist, _ in _used(document, "use_checklists", "checklist", log):
        if key in named(lists):
            log.taken(path, "checklist", key, named(lists)[key].path)
        lists.append(checklist)
    for path, key, checklist, card in _used(document, "use_scorecards", "scorecard", log):
        if key in named(cards):
            log.taken(path, "scorecard", key, named(cards)[key].path)
        if card is None:
            message = f'the shared checklist "{key}" has no scorecard'
            log.add(path, message, f'use_checklists = ["{key}"]', "unknown_name")
            continue
        cards.append(card)
        if key not in named(lists):
            lists.append(checklist)
    more: dict[str, object] = {"checklists": tuple(lists), "scorecards": tuple(cards)}
    return RawTable({**document, **more, "use_checklists": (), "use_scorecards": ()}, "")


def _used(
    document: RawTable, what: str, noun: str, log: ProblemLog
) -> Iterator[tuple[str, str, RawTable, RawTable | None]]:
    """What a list of shared ones names: the place, the key, the checklist and its card."""
    for path, key in document.names_at(what):
        try:
            yield path, key, *shared(key, path)
        except UnknownName:
            log.unknown(path, f"shared {noun}", key, shared_keys())
        except PluginError as error:
            log.add(path, error.message.rstrip("."), error.hint.rstrip("."), error.code)
