"""What cases name: records of their file, and parts of the playbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from salesflow.playbook import Playbook
from salesflow.playbook._parts import ENDED, RawTable
from salesflow.playbook._problem_log import ProblemLog

_Names = Callable[[Playbook], Iterable[str]]


def _places(playbook: Playbook) -> Iterator[str]:
    for position in playbook.positions:
        yield from (position.stage.key, position.key)


_QUESTION: Final[tuple[str, _Names]] = ("question", lambda book: book.questions)
_CRITERION: Final[tuple[str, _Names]] = ("criterion", lambda book: book.criteria)
_STAGE: Final[tuple[str, _Names]] = ("stage", lambda book: (*_places(book), ENDED))
_CARD: Final[tuple[str, _Names]] = ("scorecard", lambda book: book.scorecards)
_KINDS: Final[Mapping[str, tuple[str, _Names]]] = {
    "question": _QUESTION,
    "ask_next": _QUESTION,
    "criterion": _CRITERION,
    "point": _CRITERION,
    "waiver": _CRITERION,
    "stage": _STAGE,
    "to": _STAGE,
    "sub_stage": _STAGE,
    "track": ("track", lambda book: book.tracks),
    "checklist": ("checklist", lambda book: book.checklists),
    "card": _CARD,
    "role": ("role", lambda book: book.roles),
    "instruments": ("instrument", lambda book: book.instruments),
    "instrument": (
        "instrument or cadence",
        lambda book: (*book.instruments, *(it.key for it in book.cadences)),
    ),
    "due": ("cadence or track", lambda book: (*(it.key for it in book.cadences), *book.tracks)),
}
"""By the key of a case: what it names, and what there is of it in a playbook."""

_OUTCOMES: Final = {"win": "won", "lose": "lost", "disqualify": "disqualified"}


def check_records(file: RawTable, log: ProblemLog) -> None:
    """Note records that are named and that the file does not have."""
    known = file["records"]
    records: Mapping[str, object] = known if isinstance(known, Mapping) else {}
    named = list(file.names_at("satisfy_with"))
    for case in file.tables("cases"):
        deal = case.table("deal")
        named += deal.names_at("records") if deal is not None else ()
        for step in filter(None, case.tables("steps")):  # what is no step is told already
            for key in ("records", "instead_of"):
                named += step.names_at(key) if key in step else ()
    for path, name in named:
        if name not in records:
            log.unknown(path, "record", name, records)


def check_names(cases: Iterable[RawTable], playbook: Playbook, log: ProblemLog) -> None:
    """Note what cases name and the playbook does not have."""
    known = {key: (what, tuple(dict.fromkeys(of(playbook)))) for key, (what, of) in _KINDS.items()}
    known = {key: (what, names) for key, (what, names) in known.items() if names or key != "role"}
    for case in cases:
        for table in _tables(case):
            for key in filter(known.__contains__, table):
                if key == "role" and table["refused"] is not None:
                    continue  # that somebody with no part in it may not is well worth a case
                what, names = known[key]
                for path, name in _given(table, key):
                    if name not in names:
                        log.unknown(path, what, name, names)
            _check_reason(table, playbook, log)


def _tables(case: RawTable) -> Iterator[RawTable]:
    yield from case.tables("steps")
    expected = case.table("expect")
    if expected is not None:
        yield expected
        yield from expected.tables("score") if expected["score"] else ()


def _given(table: RawTable, key: str) -> Iterator[tuple[str, str]]:
    value = table[key]
    if isinstance(value, str):
        yield table.at(key), value
    elif isinstance(value, tuple):
        yield from table.names_at(key)


def _check_reason(table: RawTable, playbook: Playbook, log: ProblemLog) -> None:
    outcome = _OUTCOMES.get(str(table.get("do")))
    reason = None if outcome is None else table.name("reason")
    known = [key for key, item in playbook.reasons.items() if item.outcome == outcome]
    if known and reason is not None and reason not in known:
        log.unknown(table.at("reason"), f"reason for a {outcome} deal", reason, known)
