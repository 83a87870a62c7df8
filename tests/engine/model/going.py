"""Commands that move a deal or a track, end a deal, and take it up again."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

import salesflow as sf
from salesflow.playbook import Reason
from tests.engine.model.asked import Asked, Handled, Mistake, Refused, any_of, part_of
from tests.engine.model.people import Code
from tests.engine.model.record import Visit
from tests.engine.model.ways import END


class Going(Asked):
    """Where a deal goes, and how it ends."""

    def start(self, command: sf.Start) -> Handled:
        if self.record.visits:
            raise Refused(("already_started", "stage"))
        first = self.ways.order[0]
        place = self.called(command.stage) if command.stage else first
        missing: list[Code] = []
        if place != first:
            missing += self.may(self.policy.start_later, "start_later", into=place)
            if skipped := self.ways.skips_winning(None, place):
                missing.append(("winning_skipped", skipped))
        way = self.ways.way(None, place)
        assert way is not None

        def happens() -> None:
            self.enter(place)
            self.begin_tracks(self.at)
            self.record.version += 1

        return missing + self.lacking(way.asks), happens

    def adopt(self, command: sf.Adopt) -> Handled:
        if self.record.visits:
            raise Refused(("already_started", "stage"))
        place = self.called(command.stage)
        entered = datetime.combine(command.entered_on, time(), self.know.zone)
        if entered > self.recorded_at:
            raise Mistake("ClockError")
        if command.outcome == "won" and not self.ways.may_be_won(place):
            raise Refused(("won_too_early", place))
        for key, state in command.tracks.items():
            if key not in self.book.tracks or self.book.tracks[key].state(state) is None:
                raise Mistake("UnknownName")

        def happens() -> None:
            record, stage = self.record, self.ways.places[place].stage.key
            record.adopted, record.outcome = True, command.outcome or "none"
            record.ended = record.outcome in ("lost", "disqualified")
            record.closed_at = None if record.outcome == "none" else entered
            left_at = entered if record.ended else None
            record.visits.append(Visit(stage, part_of(place, stage), entered, left_at))
            self.begin_tracks(entered, **command.tracks)
            record.version += 1

        return [], happens

    def advance(self, _command: sf.Advance) -> Handled:
        self.moving()
        here = self.record.place
        ways = [way for to in self.ways.on[here] if (way := self.ways.way(here, to))]
        shut = [self.shut(way) for way in ways]
        if [] in shut:
            return [], lambda: self.go(ways[shut.index([])])
        return any_of(shut), self.end

    def moveto(self, command: sf.MoveTo) -> Handled:
        to = END if command.stage == END else self.called(command.stage)
        self.moving()
        here = self.record.place
        if to == here:
            raise Refused(("already_there", here))
        way = self.ways.way(here, to)
        if way is None:
            raise Refused(("no_end_here", here))
        if way.move is not None or to == END:
            return self.may(self.policy.advance, "advance") + self.shut(way), lambda: self.go(way)
        if way.back:
            missing = self.may(self.ways.places[to].back, "back", f"back.{to}")
            if self.know.reached(to) is False:
                missing.append(("not_reached", to))
            return missing, lambda: self.go(way)
        missing = self.may(self.policy.skip, "skip") + self.shut(way)
        if (skipped := self.ways.skips_winning(here, to)) and self.record.outcome == "none":
            missing.append(("winning_skipped", skipped))
        return missing, lambda: self.go(way)

    def movetrack(self, command: sf.MoveTrack) -> Handled:
        track, to = self.book.tracks.get(command.track), command.state
        if track is None or track.state(to) is None:
            raise Mistake("UnknownName")
        self.moving()
        name, states = f"tracks.{track.key}", [state.key for state in track.states]
        applies = track.when and self.know.verdict(track.when)
        if applies is sf.Verdict.NO:
            raise Refused(("not_applicable", track.key))
        if applies is sf.Verdict.UNKNOWN:
            raise Refused(("computed", f"{name}.when>"))
        stay = self.record.track(track.key)
        assert stay is not None
        if to == stay.state:
            raise Refused(("in_state", to))
        missing = self.may(track.by, name)
        been = any((it.track, it.state) == (track.key, to) for it in self.record.stays)
        if to in self.ways.track_ways(track.key, stay.state):
            missing += self.lacking(track.states[states.index(to)].entry)
        elif been and states.index(to) < states.index(stay.state):
            missing += self.may(track.back, f"{name}.back")
        else:
            missing.append(("no_way", to))

        def happens() -> None:
            self.record.move_track(track.key, to, self.at)
            self.record.version += 1

        return missing, happens

    def reason(self, outcome: str, name: str | None) -> Reason | None:
        reasons = self.reasons(outcome)
        if name is not None and reasons and name not in reasons:
            raise Mistake("UnknownName")
        return reasons.get(name or "")

    def unreasoned(self, outcome: str, reason: Reason | None) -> list[Code]:
        """Why this reason may not be given, or has to be."""
        if reason is None:
            return [("reason_missing", outcome)] if self.reasons(outcome) else []
        missing = self.may(reason, f"reasons.{reason.key}")
        return missing + (
            [("note_missing", reason.key)] if reason.notes and not self.command.note else []
        )

    def win(self, command: sf.Win) -> Handled:
        reason = self.reason("won", command.reason)
        self.moving()
        if self.record.outcome != "none":
            raise Refused(("already_closed", "outcome"))
        here = self.record.place
        chains = self.ways.to_winning(here)
        if not chains:
            raise Refused(("not_winning_stage", self.ways.places[here].stage.key))
        unreasoned = self.unreasoned("won", reason)
        shut = []
        for chain in chains:
            target = chain[-1].target
            # Nobody enters what comes after winning.
            beyond = {item.key for item in target.entry} if target else set()
            unmet = [
                code for way in chain for code in self.lacking(way.asks) if code[1] not in beyond
            ]
            if not unmet:
                return unreasoned, partial(self.win_and, command, ends=target is None)
            shut.append(unmet)
        return any_of(shut) + unreasoned, self.end

    def win_and(self, command: sf.Win, *, ends: bool) -> None:
        self.won(command.reason)
        if ends:
            self.end()

    def lose(self, command: sf.Lose) -> Handled:
        return self.closed("lost", command.reason)

    def disqualify(self, command: sf.Disqualify) -> Handled:
        return self.closed("disqualified", command.reason)

    def closed(self, outcome: str, name: str) -> Handled:
        reason = self.reason(outcome, name)
        self.running()
        if self.record.outcome != "none":
            raise Refused(("already_closed", "outcome"))

        def happens() -> None:
            record = self.record
            record.outcome, record.reason, record.closed_at = outcome, name, self.at
            record.resume(self.at)
            self.end()

        return self.unreasoned(outcome, reason), happens

    def reopen(self, command: sf.Reopen) -> Handled:
        place = self.called(command.stage)
        if not self.record.visits:
            raise Refused(("not_started", "stage"))
        if not self.record.ended:
            raise Refused(("not_ended", "ended"))
        missing = self.may(self.policy.reopen, "reopen")
        if self.know.reached(place) is not True:
            missing.append(("not_reached", place))

        def happens() -> None:
            record = self.record
            if record.outcome != "won":
                record.outcome, record.reason, record.closed_at = "none", None, None
            record.ended = False
            self.enter(place, reopened=True)
            record.version += 1

        return missing, happens

    def retract(self, command: sf.Retract) -> Handled:
        named = None if command.stage is None else self.called(command.stage)
        if not self.record.visits:
            raise Refused(("not_started", "stage"))
        if self.record.outcome == "none":
            raise Refused(("not_closed", "outcome"))
        if self.record.hold:
            raise Refused(("on_hold", "on_hold"))
        place = named or self.record.place
        missing: list[Code] = []
        if self.know.reached(place) is not True:
            missing.append(("not_reached", place))
        if self.ways.past_winning(place):
            missing.append(("past_winning", place))

        def happens() -> None:
            record = self.record
            record.outcome, record.reason, record.closed_at = "none", None, None
            record.ended = False
            self.enter(place, reopened=True)
            record.version += 1

        return missing, happens
