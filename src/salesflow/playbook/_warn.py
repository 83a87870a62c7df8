"""What a playbook works in spite of, and what takes an analysis to see.

A missing translation is a warning and no error: a text falls back to another language, and a
host must not lose a process that runs because somebody forgot a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.playbook._cards import range_of
from salesflow.playbook._document import implicit
from salesflow.playbook._parts import RawTable, positions, questions_of
from salesflow.playbook._problem_log import ProblemLog, warning
from salesflow.playbook._remedies import brought_by
from salesflow.playbook._tracks import track_warnings
from salesflow.playbook._waiting import waiting_warnings
from salesflow.playbook._warn_process import doubts_of_the_process
from salesflow.playbook._warn_rules import doubts_of_rules
from salesflow.playbook._warn_texts import doubts_of_texts
from salesflow.playbook._warn_unused import doubts_of_approvals, unused

_MAX_SUMS: Final = 20_000
_MAX_TRIED: Final = 100_000


def warnings(
    document: RawTable, facts: Facts, log: ProblemLog | None = None
) -> tuple[Problem, ...]:
    """Every warning about a document.

    Args:
        document: The document.
        facts: Those that its rules may name.
        log: Its errors, where it has some. Of such a document nobody knows what it would use and
            how it would go, and what an error tells of is not doubted as well.
    """
    log = log or ProblemLog()
    sound = not log.problems
    found = (
        *_undeclared(document, log),
        *doubts_of_texts(document),
        *doubts_of_rules(document, facts),
        *(doubts_of_approvals(document) if sound else ()),
        *_empty_bands(document),
        *_closed_door(document),
        *(doubts_of_the_process(document) if sound else ()),
        *(unused(document) if sound else ()),
        *(track_warnings(document) if sound else ()),
        *(waiting_warnings(document, facts) if sound else ()),
    )
    return found if sound else tuple(item for item in found if not log.told(item.path))


def _closed_door(document: RawTable) -> Iterator[Problem]:
    """Nobody can attest or judge anything of a deal before it starts."""
    for stage, place in islice(positions(document), 1):
        inner = () if place is stage else place.tables("entry")
        for criterion in (*stage.tables("entry"), *inner):
            personal = criterion["rule"] is None and not criterion["instruments"]
            if personal and not criterion["advisory"]:
                yield warning(
                    criterion.path,
                    "this needs a person's confirmation, which is impossible before the deal "
                    "starts",
                    "make it a rule, advisory, or a criterion for leaving the stage",
                    "never",
                )


def _undeclared(document: RawTable, log: ProblemLog) -> Iterator[Problem]:
    used = {
        "roles": ("role", implicit(document, "roles")),
        "instruments": ("instrument", implicit(document, "instruments")),
    }
    for what, (noun, paths) in used.items():
        if log.may_hide(noun):
            continue
        for key, path in paths.items():
            message = f'the {noun} "{key}" is not declared and has no title'
            hint = brought_by(noun, key, ()) or f"add [[{what}]] with this key"
            yield warning(path, message, hint, "undeclared")


def _empty_bands(document: RawTable) -> Iterator[Problem]:
    questions = questions_of(document)
    for card in document.tables("scorecards"):
        bands = sorted(
            (least, band.at("min"))
            for band in card.tables("bands")
            if (least := band.number("min")) is not None
        )
        sums = _sums([_counted(item, questions) for item in card.tables("items")])
        if sums is None:
            continue
        top = max(sums)
        if bands:  # the lowest takes whatever is below the next
            bands[0] = (float("-inf"), bands[0][1])
        for (least, path), (limit, _) in pairwise([*bands, (float("inf"), "")]):
            # Beyond all points is an error, and reported as such.
            if least <= top and not any(least <= points < limit for points in sums):
                yield warning(
                    path,
                    "no score falls into this band: the items' points jump over it",
                    "move its limit, or weigh the items otherwise",
                    "never",
                )


def _counted(item: RawTable, questions: dict[str, RawTable]) -> list[float]:
    """The points that an item can earn; empty where they are not numbered."""
    found = range_of(item, questions)
    if found is None or not found.whole:
        return []
    steps = int(found.most - found.least) + 1
    weight = item.number("weight") or 0.0
    return [(found.least + step) * weight for step in range(steps)]


def _sums(counted: list[list[float]]) -> set[float] | None:
    sums = {0.0}
    for points in counted:
        if not points or len(sums) * len(points) > _MAX_TRIED:
            return None
        sums = {before + more for before in sums for more in points}
        if len(sums) > _MAX_SUMS:
            return None
    return sums
