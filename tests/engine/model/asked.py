"""What every command asks for: how the deal stands, and what its ways ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import salesflow as sf
from salesflow.playbook import Criterion, Reason
from tests.engine.model.knowledge import Knowledge
from tests.engine.model.people import Code, Person
from tests.engine.model.record import Record, Said
from tests.engine.model.ways import Way, Ways


class Mistake(Exception):
    """Something that is no refusal: the caller gets an error, of this class."""


class Refused(Exception):
    """Nothing else is looked at."""

    def __init__(self, *codes: Code) -> None:
        self.codes = [*codes]


Effect = Callable[[], None]
Handled = tuple[list[Code], Effect]


def any_of(shut: Iterable[list[Code]]) -> list[Code]:
    """What all of several ways ask for, then what each of them asks beside."""
    ways = [*shut]
    common = [code for code in ways[0] if all(code in way for way in ways)]
    rest = [[code for code in way if code not in common] for way in ways]
    if [] in rest:
        return ways[rest.index([])]
    return [*common, ("any_of", " | ".join(str(sorted(set(way))) for way in rest))]


class Asked:
    """One command, by one person, at one moment."""

    def __init__(
        self, ways: Ways, record: Record, know: Knowledge, command: sf.Command, at: datetime
    ) -> None:
        self.ways, self.book, self.record, self.know = ways, ways.book, record, know
        self.command, self.at = command, command.occurred_at or at
        self.recorded_at = at
        self.person = Person(know, command.by, command.role, command.note)
        self.may, self.policy = self.person.may, self.book.policy
        self.amended: sf.Opportunity | None = None

    def running(self) -> None:
        """Nothing happens before the start, nor after the end."""
        if not self.record.visits:
            raise Refused(("not_started", "stage"))
        if self.record.ended:
            raise Refused(("ended", "ended"))

    def moving(self) -> None:
        """A deal on hold does not move."""
        self.running()
        if self.record.hold:
            raise Refused(("on_hold", "on_hold"))

    def called(self, name: str) -> str:
        found = self.ways.called(name)
        if found is None:
            raise Mistake("UnknownName")
        return found

    def criterion(self, key: str) -> Criterion:
        if key not in self.ways.criteria:
            raise Mistake("UnknownName")
        return self.ways.criteria[key]

    def lacking(self, criteria: Iterable[Criterion]) -> list[Code]:
        """Which of these stand in the way: neither met nor waived, and not only advice."""
        facts = self.know.facts
        return [
            (item.kind, item.key)
            for item in criteria
            if not item.advisory
            if facts.get(f"waived.{item.key}") is not True and not self.know.met(item)
        ]

    def shut(self, way: Way) -> list[Code]:
        """What keeps this person from taking the deal that way, and so perhaps winning it."""
        missing = self.lacking(way.asks)
        if way.wins and self.record.outcome == "none":
            missing += self.may(self.policy.win, "win")
            if self.reasons("won"):
                missing.append(("reason_first", "win"))
        return missing

    def go(self, way: Way) -> None:
        """Along a way, which may win the deal."""
        record = self.record
        if way.wins and record.outcome == "none":
            self.won(None)
        if way.target is None:
            self.end()
            return
        record.enter(way.target.stage.key, part_of(way.target.key, way.target.stage.key), self.at)
        record.version += 1

    def won(self, reason: str | None) -> None:
        self.record.outcome, self.record.reason, self.record.closed_at = "won", reason, self.at
        self.record.version += 1

    def end(self) -> None:
        self.record.leave(self.at)
        self.record.ended = True
        self.record.version += 1

    def enter(self, place: str, *, reopened: bool = False) -> None:
        stage = self.ways.places[place].stage.key
        self.record.enter(stage, part_of(place, stage), self.at, reopened=reopened)

    def begin_tracks(self, at: datetime, **elsewhere: str) -> None:
        for key, track in self.book.tracks.items():
            self.record.move_track(key, elsewhere.get(key, track.states[0].key), at)

    def reasons(self, outcome: str) -> dict[str, Reason]:
        return {key: it for key, it in self.book.reasons.items() if it.outcome == outcome}

    def says(self, kind: str, *name: str, value: object, **more: object) -> Effect:
        """Somebody puts something on record."""

        def happens() -> None:
            self.record.said.append(Said(kind, name, self.at, self.command.by, value, **more))  # type: ignore[arg-type]
            self.record.version += 1

        return happens

    def shows(self, asked: object, key: str) -> list[Code]:
        """Whoever says yes names what shows it, where that is asked."""
        shown = getattr(self.command, "evidence", None) is not None
        required = getattr(asked, "evidence", None) is not None
        return [("evidence_missing", key)] if required and not shown else []

    def unless_running(self) -> list[Code]:
        try:
            self.running()
        except Refused as refused:
            return refused.codes
        return []


def part_of(place: str, stage: str) -> str | None:
    """The key of the part, where a place is one."""
    return None if place == stage else place
