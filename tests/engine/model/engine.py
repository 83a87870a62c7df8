"""One deal under one playbook: whom it believes, and in which order things are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import salesflow as sf
from tests.engine.model.asked import Effect, Handled, Mistake, Refused
from tests.engine.model.handling import Handling, renamed
from tests.engine.model.knowledge import Knowledge
from tests.engine.model.people import Code
from tests.engine.model.record import Record
from tests.engine.model.ways import Ways

PERMITTED = "start adopt advance win lose disqualify retract answer complete hold resume migrate"
PERMITTED += " request delegate"
LEAVING = (
    sf.Start,
    sf.Adopt,
    sf.Advance,
    sf.MoveTo,
    sf.Win,
    sf.Lose,
    sf.Disqualify,
    sf.Reopen,
    sf.Retract,
    sf.Migrate,
)


class Answer(NamedTuple):
    """What became of a command: an error, the blockers, or neither."""

    error: str = ""
    blockers: tuple[Code, ...] = ()
    again: bool = False

    @property
    def accepted(self) -> bool:
        """Whether it takes effect, now or before."""
        return not self.error and not self.blockers


class Model:
    """The slow engine, with one deal."""

    def __init__(
        self, book: sf.Playbook, deal: sf.Opportunity, tz: str, rates: Mapping[str, Decimal]
    ) -> None:
        self.ways, self.book = Ways(book), book
        self.deal, self.tz, self.rates = deal, tz, rates
        self.record = Record()
        self.applied: dict[str, sf.Command] = {}
        self.recorded_at: datetime | None = None
        self._known: tuple[object, Knowledge] | None = None

    def know(self, at: datetime) -> Knowledge:
        """What is known of the deal, worked out once for each moment and event."""
        when = (at, self.record.version, self.book)
        if self._known is None or self._known[0] != when:
            know = Knowledge(self.ways, self.record, self.deal, at, self.tz, self.rates)
            self._known = when, know
        return self._known[1]

    def step(self, command: sf.Command, at: datetime, newer: sf.Playbook | None = None) -> Answer:
        """Follow a command, or say why not; `newer` is the version of an engine that migrates."""
        try:
            answer, effect, handling = self._asked(command, at, newer)
        except Mistake as mistake:
            return Answer(error=str(mistake))
        if not answer.accepted or answer.again:
            return answer
        effect()
        if self.record.ended or self.record.outcome != "none":
            self.record.calls.clear()
        self.recorded_at = at
        if command.command_id is not None:
            self.applied[command.command_id] = command
        if handling.amended is not None:
            self.deal = handling.amended
        return answer

    def answer(self, command: sf.Command, at: datetime, newer: sf.Playbook | None = None) -> Answer:
        """What would become of a command."""
        try:
            return self._asked(command, at, newer)[0]
        except Mistake as mistake:
            return Answer(error=str(mistake))

    def _asked(
        self, command: sf.Command, at: datetime, newer: sf.Playbook | None
    ) -> tuple[Answer, Effect, Handling]:
        ways, know = self.ways, self.know(at)
        if newer is not None:
            ways = Ways(newer)
            know = Knowledge(ways, self.record, self.deal, at, self.tz, self.rates)
        handling = Handling(ways, self.record, know, command, at)
        if (before := self.applied.get(command.command_id or "")) is not None:
            if plain(before) != plain(command):
                raise Mistake("CommandConflict")
            return Answer(again=True), handling.end, handling
        if self.recorded_at is not None and at < self.recorded_at:
            raise Mistake("ClockError")
        if command.occurred_at is not None and command.occurred_at > at:
            raise Mistake("ClockError")
        strange = newer is not None and self.record.visits and newer.digest != self.book.digest
        if strange and not isinstance(command, sf.Migrate):
            raise Mistake("PlaybookMismatch")
        if command.expected_version not in (None, self.record.version):
            raise Mistake("VersionConflict")
        blockers, effect = self._handled(handling)
        name = type(command).__name__.lower()
        if name in PERMITTED.split():
            blockers = blockers + handling.may(getattr(ways.book.policy, name), name)
        if not isinstance(command, sf.Delegate):
            blockers = blockers + handling.person.claims()
        if not blockers:
            self._in_order(command)
        return Answer(blockers=tuple(blockers)), effect, handling

    def _handled(self, handling: Handling) -> Handled:
        try:
            if isinstance(handling.command, sf.Migrate):
                return self._migrate(handling)
            return handling.handled()
        except Refused as refused:
            return refused.codes, handling.end

    def _in_order(self, command: sf.Command) -> None:
        """A deal does not leave before it came, nor a track; nor is taken back what is not yet."""
        record, at = self.record, command.occurred_at
        since: list[datetime | None] = []
        if isinstance(command, LEAVING) and record.visits:
            since.append(record.here.left_at or record.here.entered_at)
        if isinstance(command, sf.Retract):
            since.append(record.closed_at)
        if isinstance(command, sf.MoveTrack) and (stay := record.track(command.track)):
            since.append(stay.entered_at)
        if at is not None and any(it is not None and at < it for it in since):
            raise Mistake("ClockError")

    def _migrate(self, handling: Handling) -> Handled:
        """On under another version, by its own map; what has the same name needs no entry."""
        record, ways, old = self.record, handling.ways, self.book
        if not record.visits:
            raise Refused(("not_started", "stage"))
        if old.digest == ways.book.digest:
            raise Refused(("already_migrated", "playbook"))
        fitting = [
            it
            for it in ways.book.migrations
            if (it.playbook or ways.book.id, it.from_version) == (old.id, old.version)
        ]
        if not fitting:
            raise Refused(("unmapped", old.id))
        (migration,) = fitting
        place = migration.stages.get(record.place, record.place)
        if place not in ways.places:
            raise Refused(("unmapped", record.place))
        missing: list[Code] = []
        going: dict[str, tuple[str, str]] = {}  # by the old name the new one, and the state
        for stay in [it for it in record.stays if it.left_at is None]:
            track = migration.tracks.get(stay.track, stay.track)
            name = migration.tracks.get(f"{stay.track}.{stay.state}", f"{track}.{stay.state}")
            track, _, state = name.partition(".")
            if track in ways.book.tracks and track not in [it for it, _ in going.values()]:
                if ways.book.tracks[track].state(state) is None:
                    missing.append(("unmapped", f"track.{stay.track}.{stay.state}"))
                going[stay.track] = track, state

        def happens() -> None:
            stage = ways.places[place].stage.key
            record.say_where(record.here.stage, stage)
            for number in record.stay([record.here.stage]):
                record.visits[number].stage = stage
            record.here.part = None if place == stage else place
            for stay in record.stays:
                if stay.left_at is None and stay.track in going:
                    stay.track, stay.state = going[stay.track]
                elif stay.left_at is None:
                    stay.left_at = handling.at
            for key, track in ways.book.tracks.items():
                if record.track(key) is None:
                    record.move_track(key, track.states[0].key, handling.at)
            names = {"criteria": dict(migration.criteria), "questions": dict(migration.questions)}
            renamed(record, names)
            record.amended = {
                migration.questions.get(name, name): by for name, by in record.amended.items()
            }
            record.version += 1
            self.ways, self.book = ways, ways.book

        return missing, happens


def plain(command: sf.Command) -> sf.Command:
    """A command as it is compared: a retry may expect another version of the deal."""
    return command.model_copy(update={"expected_version": None})
