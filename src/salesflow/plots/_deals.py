"""Where open deals stand and since when: of deals, or of rows of a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, TypeGuard
from zoneinfo import ZoneInfo

from salesflow._show import plain
from salesflow.domain import HostDeal, Opportunity
from salesflow.errors import Problem, closest
from salesflow.playbook import Playbook

_ENDS: Final = frozenset({"won", "lost", "disqualified"})
_FACTS: Final = ("id", "stage", "entered_stage_on", "created_on")
_MOST: Final = 100
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal.

    Attributes:
        name: What it is called.
        place: The key of its stage or sub-stage.
        entered: The day when it entered it; None where nobody knows.
        created: The day when it began; None where nobody knows.
    """

    name: str
    place: str
    entered: date | None
    created: date | None


def open_deals(
    deals: object,
    playbook: Playbook,
    *,
    columns: Mapping[str, str],
    stages: Mapping[str, str],
    zone: ZoneInfo,
) -> tuple[list[OpenDeal], list[Problem]]:
    """The deals that are open and in a stage, and everything that is wrong."""
    reader = _Reader(playbook, columns, stages, zone)
    found: list[OpenDeal] = []
    if isinstance(deals, str | bytes | Mapping) or not isinstance(deals, Iterable):
        hint = "pass a list of deals, or of rows"
        return [], [Problem("deals", f"{type(deals).__name__} is no list of deals", hint, "type")]
    for at, deal in enumerate(deals):
        if isinstance(deal, Opportunity | HostDeal):
            found += reader.deal(deal, f"deals[{at}]")
        elif isinstance(deal, Mapping):
            found += reader.row(deal, at)
        else:
            hint = "pass deals; or rows, as frame.to_dicts() of polars gives them"
            kind = type(deal).__name__
            reader.add(f"deals[{at}]", f"{kind} is neither a deal nor a row", hint)
        if len(reader.problems) >= _MOST:
            break
    return found, reader.problems


class _Reader:
    def __init__(
        self,
        playbook: Playbook,
        columns: Mapping[str, str],
        stages: Mapping[str, str],
        zone: ZoneInfo,
    ) -> None:
        self.problems: list[Problem] = []
        self._zone: tzinfo = zone
        self._columns = {fact: columns.get(fact, fact) for fact in _FACTS}
        self._places = {place.key for place in playbook.positions}
        self._places |= {stage.key for stage in playbook.stages}
        known = self._places | _ENDS
        self._labels = {key: key for key in known} | dict(stages)
        for fact in columns:
            if fact not in _FACTS:
                self.add(f"columns[{fact!r}]", "it is not read here", f"name {', '.join(_FACTS)}")
        for label, key in stages.items():
            if key not in known:
                near = closest(key, known)
                hint = (
                    f'did you mean "{near}"?' if near else "name a stage, won, lost, disqualified"
                )
                self.add(f"stages[{label!r}]", f"there is no stage {key!r}", hint)

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
            name=plain(f"{deal.id} {name}", _SHOWN),
            place=progress.position,
            entered=visit.entered_at.astimezone(self._zone).date() if visit else None,
            created=created if isinstance(created, date) else None,
        )

    def row(self, row: Mapping[str, object], at: int) -> Iterator[OpenDeal]:
        """The deal of a row, if it is open and has a stage."""
        label = row.get(self._columns["stage"])
        if _is_missing(label):
            if self._columns["stage"] not in row:
                self._no_column("stage", at)
            return
        place = self._labels.get(label) if isinstance(label, str) else None
        path = f"deals[{at}][{self._columns['stage']!r}]"
        if place is None:
            near = closest(label, self._labels)
            hint = f'did you mean "{near}"?' if near else "say what it stands for in stages="
            self.add(path, f"there is no stage {plain(repr(label), _SHOWN)}", hint)
        elif place not in _ENDS:
            if self._columns["entered_stage_on"] not in row:
                self._no_column("entered_stage_on", at)
                return
            name = row.get(self._columns["id"])
            yield OpenDeal(
                name=plain(f"{at + 1}" if _is_missing(name) else str(name), _SHOWN),
                place=place,
                entered=self._day(row, "entered_stage_on", at),
                created=self._day(row, "created_on", at),
            )

    def _no_column(self, fact: str, at: int) -> None:
        hint = f'name its column in columns={{"{fact}": …}}'
        self.add(f"deals[{at}]", f"there is no column {self._columns[fact]!r}", hint)

    def _day(self, row: Mapping[str, object], fact: str, at: int) -> date | None:
        value = row.get(self._columns[fact])
        if _is_missing(value):
            return None
        if isinstance(value, datetime):
            return value.date() if value.tzinfo is None else value.astimezone(self._zone).date()
        if isinstance(value, date):
            return value
        path = f"deals[{at}][{self._columns[fact]!r}]"
        self.add(path, f"{type(value).__name__} is no day", "turn the column into dates first")
        return None


def _is_missing(value: object) -> TypeGuard[None]:
    # None, NaN, and pandas' NaT, which is not equal to itself either.
    return value is None or value == "" or bool(value != value)  # noqa: PLR0124
