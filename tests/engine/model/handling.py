"""What each command asks for, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import partial

import salesflow as sf
from salesflow.playbook import Criterion, Reason
from tests.engine.model.knowledge import Knowledge
from tests.engine.model.people import Code, Person
from tests.engine.model.record import Name, Record, Said, Visit, Word
from tests.engine.model.ways import END, Point, Way, Ways


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


class Handling:
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

    def handled(self) -> Handled:
        """What is missing, and what happens if nothing is."""
        handle: Callable[[sf.Command], Handled] = getattr(self, type(self.command).__name__.lower())
        return handle(self.command)

    # What is asked of every deal.

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

    # Where the deal goes.

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

    # How it ends, and begins again.

    def reasons(self, outcome: str) -> dict[str, Reason]:
        return {key: it for key, it in self.book.reasons.items() if it.outcome == outcome}

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

    # What people say.

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

    def attest(self, command: sf.Attest) -> Handled:
        criterion = self.criterion(command.criterion)
        self.running()
        if criterion.kind != "attested":
            raise Refused((criterion.kind, criterion.key))
        missing = self.person.lacks(criterion.by) + self.person.barred(criterion)
        if command.met:
            missing += self.shows(criterion, criterion.key)
        seen = self.know.seen(criterion)
        more = {"seen": seen, "evidence": command.evidence}
        return missing, self.says("attested", criterion.key, value=command.met, **more)

    def answer(self, command: sf.Answer) -> Handled:
        question = self.book.questions.get(command.question)
        deal = self.know.deal
        if question is None or command.about not in {"us", *(deal.competitors or ())}:
            raise Mistake("UnknownName")
        self.running()
        mark, missing = command.mark, list[Code]()
        fits = {
            "n/a": question.may_not_apply,
            "?": True,
            "+": question.type == "yes_no",
            "-": question.type == "yes_no",
            None: question.type != "yes_no" and question.read(command.value) is not None,
        }
        if not fits[mark]:
            missing.append(("answer", command.question))
        if mark not in ("?", "n/a"):
            missing += self.shows(question, command.question)
        value: object = command.value
        if mark is None and isinstance(day := question.read(value), date):
            value = day.isoformat()  # however it is written
        said = {"value": mark or value, "evidence": command.evidence}
        return missing, self.says("answered", command.question, command.about, **said)

    def completing(self, name: str) -> list[Code]:
        """Why this person has no say in whether something is done."""
        instrument = self.book.instruments.get(name)
        if instrument is None:
            if name not in [cadence.key for cadence in self.book.cadences]:
                raise Mistake("UnknownName")
            if self.record.ended:  # a duty may be done after the end
                return []
        self.running()
        return self.person.lacks(instrument.by) if instrument else []

    def complete(self, command: sf.Complete) -> Handled:
        missing = self.completing(command.instrument)
        instrument = self.book.instruments.get(command.instrument)
        if instrument is not None:
            if instrument.rule is not None:
                raise Refused(("computed", instrument.key))
            checklist = instrument.checklist
            if not missing and checklist is not None and self.know.unasked(checklist):
                missing = [("instrument", instrument.key)]
            missing += self.shows(instrument, instrument.key)
        said = {"value": True, "evidence": command.evidence}
        return missing, self.says("completed", command.instrument, **said)

    def waive(self, command: sf.Waive) -> Handled:
        criterion = self.criterion(command.criterion)
        self.running()
        if criterion.advisory:
            raise Refused(("advisory", criterion.key))
        condition = f"waive.{criterion.key}"
        missing = self.may(criterion.waive, "waive", condition, note=command.reason)
        return missing, self.says("waived", criterion.key, value=command.reason)

    def withdraw(self, command: sf.Withdraw) -> Handled:
        name: Name
        if command.question is not None:
            kind, name = "answered", (command.question, command.about)
            if command.question not in self.book.questions:
                raise Mistake("UnknownName")
            missing = self.unless_running() or self.may(self.policy.answer, "answer")
        elif command.instrument is not None:
            kind, name = "completed", (command.instrument,)
            try:
                missing = self.completing(command.instrument)
            except Refused as refused:
                missing = refused.codes
            missing = missing or self.may(self.policy.complete, "complete")
        else:
            criterion = self.criterion(command.waiver or "")
            kind, name, condition = "waived", (criterion.key,), f"waive.{criterion.key}"
            missing = self.unless_running() or self.may(criterion.waive, "waive", condition)
        if self.record.visits and name not in self.record.standing(kind):
            missing = [*missing, ("not_on_record", name[0])]

        def happens() -> None:
            gone = Said(kind, name, self.at, command.by, withdrawn=True)
            self.record.said.append(gone)
            self.record.version += 1

        return missing, happens

    def unless_running(self) -> list[Code]:
        try:
            self.running()
        except Refused as refused:
            return refused.codes
        return []

    def request(self, command: sf.Request) -> Handled:
        point = self.point(command.point)
        self.running()
        missing = self.not_here(point) or self.not_asked(point, None)
        return missing, self.says("requested", command.point, value=command.note)

    def delegate(self, command: sf.Delegate) -> Handled:
        if self.book.roles and command.role not in self.book.roles:
            raise Mistake("UnknownName")
        missing = self.unless_running()
        if not missing and command.role not in self.person.own(command.by):
            missing = [("not_ones_own", command.role)]
        if command.until < self.know.day:
            missing = [*missing, ("over_already", "until")]
        name = (command.role, command.by, command.to)
        return missing, self.says("delegated", *name, value=command.until)

    # What people judge.

    def point(self, key: str) -> Point:
        if self.criterion(key).key not in self.ways.points:
            raise Mistake("UnknownName")
        return self.ways.points[key]

    def counts_now(self, point: Point) -> bool:
        """Whether it is asked for where the deal stands, or where its track does."""
        if point.track is None:
            return self.record.here.stage in point.stages
        stay = self.record.track(point.track)
        return stay is not None and stay.state in point.states

    def not_here(self, point: Point) -> list[Code]:
        """An approval is given anywhere, the others where they are asked for."""
        approves = point.criterion.kind == "approval"
        return [] if approves or self.counts_now(point) else [("not_here", point.criterion.key)]

    def not_asked(self, point: Point, role: str | None) -> list[Code]:
        """Whether no row of the approval may ask for it, or for the word of this role."""
        if point.criterion.kind != "approval":
            return []
        rows = [row.roles for row in self.know.rows(point.criterion) if row.roles]
        asked = any(role is None or role in roles for roles in rows)
        return [] if asked else [("nothing_to_judge", role or point.criterion.key)]

    def judge(self, command: sf.Judge) -> Handled:
        named, missing = self.named(command)
        self.running()
        here = self.record.here.stage
        about = [
            point
            for key, point in self.ways.points.items()
            if key == named or (named is None and point.of_the_visit and here in point.stages)
        ]
        for point in about:
            missing += self.conflicts(command, point)
        if command.review_on is not None and command.review_on < self.know.day:
            missing.append(("review_in_past", "review_on"))
        track = self.ways.points[named].track if named else None
        stay = self.record.track(track) if track else None
        word = Word(
            at=self.at,
            by=command.by,
            behalf=self.person.behalf(command.role),
            role=command.role,
            verdict=command.verdict,
            point=named,
            visit=len(self.record.visits) - 1,
            stay=self.record.stays.index(stay) if stay else None,
            seen=self.know.seen(*(point.criterion for point in about)),
            follow_up=command.follow_up,
            review_on=command.review_on,
            evidence=command.evidence,
        )

        def happens() -> None:
            self.record.words.append(word)
            self.record.version += 1

        return missing, happens

    def named(self, command: sf.Judge) -> tuple[str | None, list[Code]]:
        """What is judged: what the command names, or else the visit, or the only open point."""
        role = command.role
        if command.point is not None:
            point = self.point(command.point)
            heard = (*point.criterion.roles, *point.criterion.consulted)
            missing = [] if role in heard else [("role", heard[0])]
            # Of a deal that is not under way nothing else is said.
            return command.point, missing + (self.not_here(point) if self.record.visits else [])
        if self.book.roles and role not in self.book.roles:
            raise Mistake("UnknownName")
        if not self.record.visits:
            return None, []
        points = [
            point
            for point in self.ways.points.values()
            if self.counts_now(point)
            and role in (*point.criterion.roles, *point.criterion.consulted)
        ]
        if any(point.of_the_visit for point in points) or self.is_read(f"approval.{role}"):
            return None, []
        facts = self.know.facts
        done = {
            point.criterion.key: facts.get(
                f"approval.{point.criterion.key}.{role}"
                if point.criterion.kind == "approval"
                else f"done.{point.criterion.key}"
            )
            for point in points
        }
        keys = [key for key, word in done.items() if word is None] or [*done]
        if len(keys) == 1:
            return keys[0], []
        return None, [("which_point", keys[0]) if keys else ("nothing_to_judge", role)]

    def is_read(self, fact: str) -> bool:
        """Whether a rule of the file reads a fact."""
        return re.search(rf"\b{re.escape(fact)}\b(?!\.)", self.ways.text) is not None

    def conflicts(self, command: sf.Judge, point: Point) -> list[Code]:
        """Why this person does not speak so for this role on a point."""
        criterion, role = point.criterion, command.role
        missing: list[Code] = []
        heard = role in (*criterion.roles, *criterion.consulted)
        if criterion.follow_up and heard and command.follow_up is None:
            missing.append(("follow_up_missing", criterion.key))
        if role not in criterion.roles:
            return missing
        missing += self.person.barred(criterion)
        if criterion.distinct and self.person.spoke_for_another(role, point):
            missing.append(("same_person", criterion.key))
        asked = self.not_asked(point, role)
        missing += asked
        if command.verdict == "go":
            missing += asked or self.out_of_turn(role, point)
            missing = list(dict.fromkeys(missing))
            if criterion.note_against_score and command.note is None:
                card = self.book.scorecards[criterion.scorecard or ""]
                if self.know.surely_lowest(card):
                    missing.append(("note_against_score", criterion.key))
            missing += self.shows(criterion, criterion.key)
        return missing

    def out_of_turn(self, role: str, point: Point) -> list[Code]:
        """Whether somebody has to approve before."""
        if point.criterion.kind != "approval":
            return []
        approved = [name for name, it in self.know.words(point).items() if it.verdict == "go"]
        for row in self.know.rows(point.criterion):
            if row.in_order and role in row.roles:
                before = row.roles[: row.roles.index(role)]
                if not {*before} <= {*approved}:
                    return [("out_of_turn", point.criterion.key)]
        return []

    # What changes beside.

    def hold(self, command: sf.Hold) -> Handled:
        self.moving()
        past = command.review_on < self.know.day

        def happens() -> None:
            self.record.hold = (command.resume_when, command.review_on, command.by, self.at)
            self.record.version += 1

        return [("review_in_past", "review_on")] if past else [], happens

    def resume(self, _command: sf.Resume) -> Handled:
        self.running()

        def happens() -> None:
            self.record.resume(self.at)
            self.record.version += 1

        return [] if self.record.hold else [("not_on_hold", "on_hold")], happens

    def amend(self, command: sf.Amend) -> Handled:
        what = "amend"
        if self.record.ended and self.policy.amend_closed.allowed:
            what = "amend_closed"
        else:
            self.running()
        deal = self.know.deal
        fields = {name: getattr(deal, name) for name in type(deal).model_fields}
        self.amended = after = sf.Opportunity.model_validate({**fields, **command.changes})
        then = Knowledge(
            self.ways, self.record, after, self.recorded_at, self.know.tz, self.know.rates
        )
        missing = self.may(getattr(self.policy, what), what)
        count: dict[str, int] = {}
        for item in self.policy.fields:
            count[item.name] = number = count.get(item.name, 0) + 1
            was, now = (
                getattr(it, item.name) if item.name in fields else it.facts.get(item.name)
                for it in (deal, after)
            )
            condition = f"fields.{item.name}" + (f"[{number}]" if number > 1 else "")
            if was != now:
                facts = then.with_before(self.know)
                missing += self.may(item, f"fields.{item.name}", condition, facts=facts)
        if self.person.own(command.by, after) - self.person.own(command.by):
            missing.append(("role_for_oneself", "team"))

        def happens() -> None:
            record, last = self.record, self.record.last
            close_on = deal.expected_close_on or last.get("close_on")
            amount = deal.amount or last.get("amount")
            if close_on and after.expected_close_on and after.expected_close_on > close_on:  # type: ignore[operator]
                record.pushes += 1
            if isinstance(amount, sf.Money) and after.amount:
                record.cuts += self.know.worth(after.amount) < self.know.worth(amount)
            last["close_on"] = after.expected_close_on or close_on
            last["amount"] = after.amount or amount
            criteria = self.ways.criteria.values()
            was, now = self.know.seen(*criteria), then.seen(*criteria)
            record.amended |= {name: command.by for name in was if was[name] != now[name]}
            record.version += 1

        return missing, happens

    def migrate(self, _command: sf.Migrate) -> Handled:
        raise NotImplementedError  # the engine does it, which knows both versions


def part_of(place: str, stage: str) -> str | None:
    """The key of the part, where a place is one."""
    return None if place == stage else place


def renamed(record: Record, names: dict[str, dict[str, str]]) -> None:
    """What is on record goes by its new names: criteria and instruments, and questions."""
    criteria, questions = names["criteria"], names["questions"]

    def name_of(item: Said) -> Name:
        map_ = questions if item.kind == "answered" else criteria
        return (
            item.name
            if item.kind == "delegated"
            else (map_.get(item.name[0], item.name[0]), *item.name[1:])
        )

    for item in record.said:
        item.name = name_of(item)
        item.seen = {questions.get(name, name): it for name, it in item.seen.items()}
    for word in record.words:
        word.point = word.point and criteria.get(word.point, word.point)
        word.seen = {questions.get(name, name): it for name, it in word.seen.items()}
