"""Where open deals stand and since when: read from deals, or from rows of an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, TypeGuard

from salesflow._arguments import describe
from salesflow._arguments import refuse as refuse_argument
from salesflow._show import plain
from salesflow.domain import HostDeal, Opportunity
from salesflow.errors import Problem, closest
from salesflow.playbook import Playbook
from salesflow.plots._canvas import LABEL, refuse

_ENDS: Final = frozenset({"won", "lost", "disqualified"})
_FACTS: Final = ("id", "stage", "entered_stage_on", "created_on")
_MOST_PROBLEMS: Final = 100


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal.

    Attributes:
        name: What it is called.
        place: The key of its stage or sub-stage.
        entered: The day when it entered it; None where that is not known.
        created: The day when it began; None where that is not known.
    """

    name: str
    place: str
    entered: date | None
    created: date | None


def read_deals(deals: object) -> tuple[object, ...]:
    """The deals or rows of a list; raises ArgumentError if it is not a list."""
    if isinstance(deals, str | bytes | Mapping) or not isinstance(deals, Iterable):
        refuse_argument("deals", "a list of deals or rows", deals, "write deals=[…]")
    return tuple(deals)


def open_deals(
    deals: Iterable[object],
    playbook: Playbook,
    *,
    columns: Mapping[str, str],
    stages: Mapping[str, str],
    tz: tzinfo,
) -> list[OpenDeal]:
    """The deals that are open and in a stage.

    Raises:
        PlotError: Some deals, labels or columns cannot be read; `problems` lists them.
    """
    reader = _Reader(playbook, columns, stages, tz)
    found: list[OpenDeal] = []
    for at, deal in enumerate(deals):
        path = f"deals[{at}]"
        if isinstance(deal, Opportunity | HostDeal):
            found += reader.deal(deal, path)
        elif isinstance(deal, Mapping):
            found += reader.row(deal, path, f"{at + 1}")
        else:
            hint = "pass deals; or rows, as frame.to_dicts() of polars gives them"
            reader.add(path, f"must be a deal or a row, not {describe(deal)}", hint)
        if len(reader.problems) >= _MOST_PROBLEMS:
            break
    refuse(reader.problems)
    return found


class _Reader:
    def __init__(
        self, playbook: Playbook, columns: Mapping[str, str], stages: Mapping[str, str], tz: tzinfo
    ) -> None:
        self.problems: list[Problem] = []
        self._tz = tz
        self._columns = {fact: columns.get(fact, fact) for fact in _FACTS}
        self._places = {position.key for position in playbook.positions}
        self._places |= {stage.key for stage in playbook.stages}
        known = self._places | _ENDS
        self._labels = {key: key for key in known} | dict(stages)
        for fact in columns:
            if fact not in _FACTS:
                self.add(f"columns[{fact!r}]", "is not read here", f"name {', '.join(_FACTS)}")
        for label, key in stages.items():
            if key not in known:
                otherwise = "name a stage, won, lost or disqualified"
                self._unknown_stage(f"stages[{label!r}]", key, known, otherwise)

    def add(self, path: str, message: str, hint: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(plain(path), plain(message), hint))

    def deal(self, deal: Opportunity | HostDeal, path: str) -> Iterator[OpenDeal]:
        """The deal, if it is open and was started."""
        progress = deal.progress
        if progress.position is None or progress.ended or progress.outcome != "none":
            return
        if progress.position not in self._places:
            hint = "pass the playbook that the deal follows"
            self.add(path, f"there is no stage {progress.position!r}", hint)
            return
        visit = progress.visits[-1] if progress.visits else None
        name = deal.name if isinstance(deal, Opportunity) else ""
        created = deal.created_on if isinstance(deal, Opportunity) else deal.facts.get("created_on")
        if isinstance(created, str):
            created = date.fromisoformat(created[:10])
        yield OpenDeal(
            name=plain(f"{deal.id} {name}", LABEL),
            place=progress.position,
            entered=visit.entered_at.astimezone(self._tz).date() if visit else None,
            created=created if isinstance(created, date) else None,
        )

    def row(self, row: Mapping[str, object], path: str, number: str) -> Iterator[OpenDeal]:
        """The deal of a row, if it is open and has a stage."""
        label = self._value(row, "stage", path)
        if _is_missing(label):
            return
        place = self._labels.get(label) if isinstance(label, str) else None
        if place is None:
            where = f"{path}[{self._columns['stage']!r}]"
            otherwise = "say what it stands for in stages="
            self._unknown_stage(where, label, self._labels, otherwise)
        elif place not in _ENDS:
            name = row.get(self._columns["id"])
            yield OpenDeal(
                name=plain(number if _is_missing(name) else str(name), LABEL),
                place=place,
                entered=self._day(row, "entered_stage_on", path),
                created=self._day(row, "created_on", path),
            )

    def _unknown_stage(
        self, path: str, stage: object, known: Iterable[str], otherwise: str
    ) -> None:
        near = closest(stage, known)
        hint = f'did you mean "{near}"?' if near else otherwise
        self.add(path, f"there is no stage {plain(repr(stage), LABEL)}", hint)

    def _value(self, row: Mapping[str, object], fact: str, path: str) -> object:
        column = self._columns[fact]
        if column not in row and fact in {"stage", "entered_stage_on"}:
            hint = f'name its column in columns={{"{fact}": …}}'
            self.add(path, f"there is no column {column!r}", hint)
        return row.get(column)

    def _day(self, row: Mapping[str, object], fact: str, path: str) -> date | None:
        value = self._value(row, fact, path)
        if _is_missing(value):
            return None
        if isinstance(value, datetime):
            return value.date() if value.tzinfo is None else value.astimezone(self._tz).date()
        if isinstance(value, date):
            return value
        where = f"{path}[{self._columns[fact]!r}]"
        hint = "turn the column into dates first"
        self.add(where, f"must be a day, not {describe(value)}", hint)
        return None


def _is_missing(value: object) -> TypeGuard[None]:
    # None, NaN, and pandas' NaT, which is not equal to itself either.
    return value is None or value == "" or bool(value != value)  # noqa: PLR0124
