"""What happened to a deal, told once and never tidied up, and what of it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

Name = tuple[str, ...]


@dataclass
class Said:
    """Something that somebody put on record, or took away again."""

    kind: str
    name: Name
    at: datetime
    by: str
    value: object = None
    seen: dict[str, object] = field(default_factory=dict)
    evidence: str | None = None
    withdrawn: bool = False


@dataclass
class Call:
    """What somebody called the forecast of the deal, and where the deal stood."""

    caller: str
    category: str
    reason: str
    stage: str
    by: str
    role: str | None
    at: datetime


@dataclass
class Word:
    """What a role judged, and where the deal stood."""

    at: datetime
    by: str
    behalf: str | None
    role: str
    verdict: str
    point: str | None
    visit: int
    stay: int | None
    seen: dict[str, object]
    follow_up: str | None
    review_on: date | None
    evidence: str | None


@dataclass
class Visit:
    """One stay in a stage or in a part of it."""

    stage: str
    part: str | None
    entered_at: datetime
    left_at: datetime | None = None
    reopened: bool = False


@dataclass
class TrackStay:
    """One stay of a track in a state."""

    track: str
    state: str
    entered_at: datetime
    left_at: datetime | None = None


@dataclass
class Record:
    """Everything that is on record of one deal."""

    visits: list[Visit] = field(default_factory=list)
    stays: list[TrackStay] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)  # since the deal was last closed
    outcome: str = "none"
    reason: str | None = None
    closed_at: datetime | None = None
    ended: bool = False
    adopted: bool = False
    hold: tuple[str, date, str, datetime] | None = None  # for what, until, by whom, since when
    rested: list[tuple[datetime, datetime]] = field(default_factory=list)
    pushes: int = 0
    cuts: int = 0
    amended: dict[str, str] = field(default_factory=dict)  # who gave a fact its value
    last: dict[str, object] = field(default_factory=dict)  # the last known amount and close date
    version: int = 0

    @property
    def here(self) -> Visit:
        """Where the deal stands."""
        return self.visits[-1]

    @property
    def place(self) -> str:
        """The key of the part where there is one, else of the stage; empty before the start."""
        return (self.here.part or self.here.stage) if self.visits else ""

    @property
    def names_here(self) -> set[str | None]:
        """What the place where the deal stands is called, and its stage; empty before the start."""
        return {self.here.stage, self.here.part} - {None} if self.visits else set()

    def standing(self, kind: str) -> dict[Name, Said]:
        """What stands: the last of each name by when it happened, unless it was withdrawn."""
        latest: dict[Name, Said] = {}
        for item in self.said:
            if item.kind == kind:
                before = latest.setdefault(item.name, item)
                if item.at >= before.at:
                    latest[item.name] = item
        return {name: item for name, item in latest.items() if not item.withdrawn}

    @property
    def called(self) -> dict[str, Call]:
        """The calls that stand: of each caller the last by when it happened."""
        return {call.caller: call for call in sorted(self.calls, key=lambda call: call.at)}

    def say_where(self, old: str, stage: str) -> None:
        """The stage where people called the forecast has another name."""
        for call in self.calls:
            call.stage = stage if call.stage == old else call.stage

    def enter(self, stage: str, part: str | None, at: datetime, *, reopened: bool = False) -> None:
        """The deal leaves where it is, unless it has ended there, and comes somewhere."""
        self.leave(at)
        self.visits.append(Visit(stage, part, at, reopened=reopened))

    def leave(self, at: datetime) -> None:
        """The deal leaves where it is."""
        if self.visits and self.here.left_at is None:
            self.here.left_at = at

    def track(self, key: str) -> TrackStay | None:
        """Where a track stands."""
        return next((it for it in self.stays if it.track == key and it.left_at is None), None)

    def move_track(self, key: str, state: str, at: datetime) -> None:
        """A track comes to a state."""
        if (before := self.track(key)) is not None:
            before.left_at = at
        self.stays.append(TrackStay(key, state, at))

    def resume(self, at: datetime) -> None:
        """The deal does not rest any more, if it did."""
        if self.hold is not None:
            since = self.hold[-1]
            self.rested.append((since, max(since, at)))
            self.hold = None

    def stay(self, stages: Collection[str]) -> list[int]:
        """The numbers of the visits of the latest stay in one of these stages."""
        numbers: list[int] = []
        for number in reversed(range(len(self.visits))):
            visit = self.visits[number]
            if not numbers and visit.stage not in stages:
                continue
            if numbers and visit.stage != self.visits[numbers[0]].stage:
                break
            numbers.append(number)
            if visit.reopened:
                break
        return numbers

    def stays_of(self, track: str, states: Collection[str]) -> Iterator[int]:
        """The numbers of the stays of a track in one of some states, the latest first."""
        for number in reversed(range(len(self.stays))):
            if self.stays[number].track == track and self.stays[number].state in states:
                yield number
