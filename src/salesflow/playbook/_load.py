"""From a text to a checked document, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from salesflow.errors import InvalidPlaybook, PluginError, Problem, UnknownName
from salesflow.facts import Facts
from salesflow.playbook._catalogue import catalogue, check_names
from salesflow.playbook._check import check
from salesflow.playbook._document import DOCUMENT, SCHEMA_KEY
from salesflow.playbook._forms import with_asked_forms
from salesflow.playbook._parts import RawTable, named, questions_of
from salesflow.playbook._problem_log import USED, ProblemLog, TooManyProblems
from salesflow.playbook._read import FileFormat, check_format, read_json, read_on
from salesflow.playbook._shared import Common, common, common_keys, shared, shared_keys
from salesflow.playbook._source import Source
from salesflow.text import LANGUAGES, is_language

if TYPE_CHECKING:
    from salesflow.playbook._variant import Variant

_MAX_SLIPS: Final = 100


class Loaded:
    """A document as far as it could be read, and what is wrong with it.

    Attributes:
        document: The canonical tables; None where there was nothing to read them from.
        facts: The facts that its rules may name.
        log: Where they were noted.
        source: The text that was read.
        variant: Of a playbook that extends another one, how it came to be; else None.
        problems: Errors only.
    """

    __slots__ = ("document", "facts", "log", "problems", "source", "variant")

    def __init__(
        self,
        document: RawTable | None,
        facts: Facts,
        log: ProblemLog,
        source: Source,
        variant: Variant | None = None,
    ) -> None:
        self.document = document
        self.facts = facts
        self.log = log
        self.source = source
        self.variant = variant
        self.problems = tuple(log.problems) if variant is None else variant.told(log)

    def warnings(self) -> tuple[Problem, ...]:
        """What the lint has to say of the document beyond errors, without lines."""
        if self.document is None:
            return ()
        from salesflow.playbook._warn import warnings  # noqa: PLC0415 - an analysis, on demand

        found = warnings(self.document, self.facts, self.log)
        return found if self.variant is None else self.variant.at_home(found)


def load(
    table: object,
    source: Source | None = None,
    slips: Sequence[Problem] = (),
    file: Path | None = None,
) -> Loaded:
    """Read and check the tables of a text; it never raises.

    Args:
        table: The tables.
        source: The text.
        slips: What was wrong with it already.
        file: Which file it is in, so that it may extend others beside it.
    """
    source = source or Source("", "toml")
    log = ProblemLog(_first_language(table))
    log.problems += slips
    # A table says whom a whole playbook did extend; whoever writes one names it.
    if not isinstance(table, dict) or isinstance(table.get("extends", {}), dict):
        return Loaded(*_whole(table, log), log, source)
    from salesflow.playbook._variant import variant_of  # noqa: PLC0415 - only where one extends

    try:
        variant = variant_of(table, file, log)
    except TooManyProblems:
        variant = None
    if variant is None:
        return Loaded(None, Facts(), log, source)
    log.lang = _first_language(variant.table)
    document, facts = _whole(variant.table, log)
    if document is not None and not log.problems:
        document = variant.extended(document)
    return Loaded(document, facts, log, source, variant)


def _whole(table: object, log: ProblemLog) -> tuple[RawTable | None, Facts]:
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
    return document, facts


def read_and_load(
    text: str,
    format: FileFormat,  # noqa: A002 - the public name
    file: Path | None = None,
) -> Loaded:
    """Read and check a text; its problems have their lines.

    Args:
        text: The text.
        format: `"toml"` or `"json"`.
        file: Which file it is in, so that it may extend others beside it.

    Raises:
        InvalidPlaybook: The text cannot be read at all.
    """
    check_format(format)
    loaded = _of_json(text, file) if format == "json" else _of_toml(text, file)
    if loaded.problems:  # a good text needs no index of its places
        if loaded.document is not None:
            from salesflow.playbook._misspelt import told_once  # noqa: PLC0415 - where something is wrong

            loaded.problems = told_once(loaded.problems, loaded.document, loaded.source.text)
        loaded.problems = _once(loaded.source.located(loaded.problems))
    return loaded


def _of_json(text: str, file: Path | None) -> Loaded:
    return load(read_json(text), Source(text, "json"), file=file)


def _of_toml(text: str, file: Path | None, slips: tuple[Problem, ...] = ()) -> Loaded:
    table, text, further = read_on(text)
    slips = (*slips, *further)
    if table is None:
        raise InvalidPlaybook("The playbook cannot be read.", problems=slips)
    loaded = load(table, Source(text, "toml"), slips, file)
    if not loaded.problems:
        return loaded
    from salesflow.playbook._mend import mend_headers  # noqa: PLC0415 - where something is wrong

    mended, wrong = mend_headers(loaded.source)
    is_enough = len(slips) >= _MAX_SLIPS  # each time the whole text is read again
    return _of_toml(mended, file, (*slips, *wrong)) if wrong and not is_enough else loaded


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
    """The document with what it uses of what the package has for several."""
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
    more: dict[str, object] = {
        "roles": _with_common(document, "roles", log),
        "reasons": _with_common(document, "reasons", log),
        "checklists": tuple(lists),
        "scorecards": tuple(cards),
    }
    return RawTable({**document, **more, **dict.fromkeys(USED, ())}, "")


def _with_common(document: RawTable, what: Common, log: ProblemLog) -> tuple[RawTable, ...]:
    """The roles or reasons of a document, and after them those of the package that it uses."""
    found = list(document.tables(what))
    noun = what.removesuffix("s")
    for path, key in document.names_at(f"use_{what}"):
        if key in named(found):
            log.taken(path, noun, key, named(found)[key].path)
        elif table := common(what, key, path):
            found.append(table)
        else:
            log.unknown(path, f"shared {noun}", key, common_keys(what))
    return tuple(found)


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
