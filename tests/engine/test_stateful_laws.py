"""Laws on every walk through any playbook: all commands, by anybody, in any order, at any time.

At every step the engine and the model of `tests/engine/model` have to say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import salesflow as sf
from salesflow.engine import facts_of
from salesflow.errors import ClockError, PlaybookMismatch, SalesflowError
from salesflow.playbook import Criterion, Instrument
from salesflow.rules import Blocker
from tests.engine.comparing import codes_of, differing, facts_told, told, told_by
from tests.engine.model.engine import Model
from tests.engine.model.listing import possible, wanted
from tests.engine.model.ways import Ways
from tests.engine.walks import NOTES, PEOPLE, ZONES, commands, fact_values, team_of, versions

IDS: Final = st.sampled_from([None, None, None, "c-1", "c-2", "c-3"])
HOURS: Final = st.sampled_from([0, 0, 0, 1, 1, 5, 30])
EUROS: Final = {"EUR": Decimal("1.25")}
STRANGER: Final = sf.StageEngine(
    sf.Playbook.from_json('{"id": "stranger", "version": "1.0", "title": "S", "stages": [{"key": "s0", "title": "S"}]}')
)


def everything(blockers: tuple[Blocker, ...]) -> Iterator[Blocker]:
    for blocker in blockers:
        yield blocker
        yield from everything(blocker.any_of + blocker.because)


class Walk(RuleBasedStateMachine):
    """One deal, every command, and after each of them the same by both engines."""

    @initialize(data=st.data(), books=versions(), tz=ZONES, owner=PEOPLE)
    def begin(
        self, data: st.DataObject, books: tuple[sf.Playbook, sf.Playbook], tz: str, owner: str
    ) -> None:
        self.book, self.newer = books
        rates = {it.currency: sf.Rates(base=it.currency, rates=dict(EUROS)) for it in books}
        self.engines = {
            it.version: sf.StageEngine(it, rates=rates[it.currency], tz=tz) for it in books
        }
        self.tz = tz
        amount = sf.Money(1_000, self.book.currency)
        facts = data.draw(fact_values(self.book))
        self.deal = self.folded = sf.Opportunity.model_validate(
            {
                "id": "D-1",
                "name": "Works",
                "owner": owner,
                "amount": amount,
                "team": team_of(self.book),
                "facts": facts,
                "competitors": ("rival",),
            }
        )
        self.model = Model(self.book, self.deal, tz, EUROS)
        # Just before midnight there, so that the day is soon another one, and not everywhere.
        today = datetime(2026, 1, 5, 22, 30, tzinfo=ZoneInfo(tz))
        self.at = today.astimezone(ZoneInfo("UTC"))
        self.events: list[sf.Event] = []
        self.commands = commands(self.book, today.date())
        self.today = today.date()
        if data.draw(st.integers(0, 3)):
            self.do(sf.Start(by="li", note="We begin"))
        else:
            places = [place.key for place in self.book.positions]
            adopt = {"stage": data.draw(st.sampled_from(places)), "entered_on": self.today}
            self.do(sf.Adopt.model_validate({"by": "zhao", "note": "It was there", **adopt}))

    @property
    def engine(self) -> sf.StageEngine:
        """The engine of the version that the deal follows."""
        return self.engines[self.model.book.version]

    @rule(data=st.data(), by=PEOPLE, why=NOTES, hours=HOURS, claims=st.integers(0, 5))
    def somebody_wants_something(
        self, data: st.DataObject, by: str, why: str | None, hours: int, claims: int
    ) -> None:
        command = data.draw(self.commands)
        # A deal reopened at the very moment when it ended has not been away.
        self.at += timedelta(hours=hours, seconds=data.draw(st.sampled_from([0, 1])))
        if isinstance(command, sf.Delegate) and command.to == by:
            by = "wang" if by == "nobody" else "nobody"  # a substitute is somebody else
        role = data.draw(st.sampled_from([*self.book.roles, "clerk"])) if claims == 0 else None
        fields: dict[str, Any] = {
            "by": by,
            "role": getattr(command, "role", None) or role,
            "note": why or command.note,  # which a retraction has to have
        }
        if data.draw(st.integers(0, 2)) == 0:
            version = self.model.record.version + data.draw(st.sampled_from([0, 0, 0, 1, -1]))
            fields["command_id"] = data.draw(IDS)
            fields["expected_version"] = data.draw(st.sampled_from([None, max(version, 0)]))
            early = data.draw(st.sampled_from([None, 24, 0, -1, -5, -30]))
            occurred = None if early is None else self.at + timedelta(hours=early)
            fields["occurred_at"] = occurred
        self.do(command.model_copy(update=fields))

    @rule(data=st.data(), times=st.integers(1, 3))
    def the_team_works_on_what_blocks(self, data: st.DataObject, times: int) -> None:
        """Without this, hardly a walk would get past the second stage."""
        for _ in range(0 if self.model.record.ended else times):
            self.at += timedelta(hours=data.draw(HOURS))
            words = [("go", "go")] * 3 + [("go", "kill"), ("kill", "go"), ("hold", "go")]
            for command in self.help(self.lacking(), data.draw(st.sampled_from(words))):
                self.do(command)
            self.do(sf.Advance(by=data.draw(st.sampled_from(["li", "zhao"]))))

    @rule(data=st.data(), by=st.sampled_from(["zhao", "zhao", "li"]), why=NOTES)
    def somebody_goes_where_a_way_leads(self, data: st.DataObject, by: str, why: str) -> None:
        self.at += timedelta(hours=data.draw(HOURS))
        record, ways = self.model.record, self.model.ways
        visits = [visit.part or visit.stage for visit in record.visits]
        reasons = [None, *self.book.reasons]
        if not visits:
            goals: list[sf.Command] = [sf.Start(by=by, note=why, stage=ways.order[-1])]
        elif record.ended:
            goals = [sf.Reopen(by=by, note=why, stage=stage) for stage in visits]
        elif record.hold:
            goals = [sf.Resume(by=by)]
        else:
            goals = [sf.MoveTo(by=by, note=why, stage=to) for to in ways.order]
            goals += [sf.Win(by=by, note=why, reason=key) for key in reasons]
            goals += [sf.Lose(by=by, note=why, reason=key) for key in reasons if key]
            goals.append(sf.Hold(by=by, resume_when="Budget", review_on=self.today))
        if record.outcome != "none":
            goals += [sf.Retract(by=by, note="A mistake", stage=it) for it in (None, *visits)]
        late = data.draw(st.sampled_from([None, None, 0, -1, -8]))
        occurred = None if late is None else self.at + timedelta(hours=late)
        self.do(data.draw(st.sampled_from(goals)).model_copy(update={"occurred_at": occurred}))

    @rule(data=st.data(), by=st.sampled_from(["zhao", "zhao", "wang", "li"]))
    def somebody_says_something_or_withdraws_it(self, data: st.DataObject, by: str) -> None:
        """Each as of some hour of the last days, so that much of it is recorded late."""
        book, record = self.model.book, self.model.record
        criteria = [key for key, item in self.model.ways.criteria.items() if item.kind == "attested"]
        fields: list[dict[str, Any]] = [
            *({"question": name, "about": about} for name, about in record.standing("answered")),
            *({"instrument": name} for (name,) in record.standing("completed")),
            *({"waiver": name} for (name,) in record.standing("waived")),
        ]
        fields = [it for it in fields if it.get("question", "") in {"", *book.questions}]
        wanted: list[tuple[type[sf.Command], dict[str, Any]]] = [
            *((sf.Withdraw, it) for it in fields),
            *((sf.Attest, {"criterion": key, "met": met}) for key in criteria for met in (True, False)),
            *((sf.Answer, {"question": it, "mark": mark}) for it in book.questions for mark in "+-?"),
            *((sf.Complete, {"instrument": key}) for key in book.instruments),
        ]
        for _ in range(0 if record.ended or not wanted else 3):
            self.at += timedelta(hours=1)
            kind, said = data.draw(st.sampled_from(wanted))
            late = self.at - timedelta(hours=data.draw(st.integers(0, 6)))
            shown = {} if kind is sf.Withdraw else {"evidence": "A letter"}
            self.do(kind.model_validate({"by": by, "note": "So", "occurred_at": late, **said, **shown}))

    @rule(data=st.data(), by=st.sampled_from(["zhao", "zhao", "wang"]), helps=st.booleans())
    def somebody_moves_a_track(self, data: st.DataObject, by: str, helps: bool) -> None:
        """To some state, mostly once somebody has seen to what that asks for."""
        self.at += timedelta(hours=data.draw(HOURS))
        states = [(key, it) for key, track in self.model.book.tracks.items() for it in track.states]
        if not states or not self.model.record.visits:
            return
        key, state = data.draw(st.sampled_from(states))
        for command in self.help(state.entry, ("go", "go")) if helps else []:
            self.do(command)
        self.do(sf.MoveTrack(by=by, track=key, state=state.key, note="It is time"))

    @rule(by=PEOPLE, role=st.sampled_from([None, None, 0, -1]))
    def somebody_asks_what_they_can_do(self, by: str, role: int | None) -> None:
        """Everything that they may want is listed, and allowed where the model lets them."""
        acting = None if role is None else [*self.book.roles][role]
        listed = self.engine.available(self.deal, by=by, role=acting, at=self.at)
        know = self.model.know(self.at)
        expected = [(it.kind.__name__, it.fields) for it in wanted(self.model, know)]
        found = [(it.kind.__name__, dict(it.fields)) for it in listed]
        odd = {*map(str, found)} ^ {*map(str, expected)}
        assert (odd, len(found)) == (set(), len(expected)), odd
        looks = sf.Advance(by=by, role=acting)
        for item, want in zip(
            sorted(listed, key=lambda it: str((it.kind.__name__, dict(it.fields)))),
            sorted(wanted(self.model, know), key=lambda it: str((it.kind.__name__, it.fields))),
            strict=True,
        ):
            ways = [*possible(self.model, want, know, looks)]
            answers = [self.model.answer(command, self.at) for command in ways]
            assert item.allowed == any(answer.accepted for answer in answers), want
            if item.allowed:
                needed = {name: getattr(ways[0], name) for name in item.needs}
                if isinstance(ways[0], sf.Judge):
                    needed["verdict"] = next(
                        command.verdict  # type: ignore[attr-defined]
                        for command, answer in zip(ways, answers, strict=True)
                        if answer.accepted
                    )
                if {"mark", "value"} & needed.keys():
                    needed = needed | {"mark": "?"}
                    needed.pop("value", None)
                assert self.model.answer(item.command(**needed), self.at).accepted, (want, needed)

    @rule(by=PEOPLE)
    def somebody_reviews_it(self, by: str) -> None:
        """What stands in the way is what advancing is refused for."""
        review = self.engine.review(self.deal, by=by, at=self.at)
        advance = self.engine.decide(self.deal, sf.Advance(by=by), at=self.at)
        assert review.blockers == advance.blockers
        with pytest.raises(ClockError):
            self.engine.decide(self.deal, sf.Advance(by="li"), at=self.at.replace(tzinfo=None))

    def lacking(self) -> list[Criterion]:
        """What the ways on from here ask for and nobody has seen to."""
        record, ways = self.model.record, self.model.ways
        if not record.visits:
            way = ways.way(None, ways.order[0])
            return [*way.required] if way else []
        know = self.model.know(self.at)
        ways_on = [way for to in ways.on[record.place] if (way := ways.way(record.place, to))]
        return [item for way in ways_on for item in way.required if not know.met(item)]

    def help(self, lacking: Iterable[Criterion], verdicts: Iterable[str]) -> Iterator[sf.Command]:
        """What would deal with all of this; or not, where the judges disagree."""
        record = self.model.record
        if not record.visits:
            yield sf.Start(by="li", note="We begin")
        if record.hold:
            yield sf.Resume(by="li")
        if record.outcome == "none" and any(it.outcome == "won" for it in self.book.reasons.values()):
            if record.visits and self.model.ways.places[record.place].stage.wins:
                yield sf.Win(by="zhao", reason="service", note="The best offer")
        for criterion in lacking:
            if criterion.kind == "attested":
                yield sf.Attest(
                    by="wang" if "owner" in criterion.not_by else "zhao",
                    role=criterion.by,
                    criterion=criterion.key,
                    evidence="Minutes",
                )
            elif criterion.roles:
                for number, (role, word) in enumerate(zip(criterion.roles, [*verdicts] * 2)):
                    said = {"role": role, "verdict": word, "point": criterion.key}
                    more = {"note": "We want it", "evidence": "Minutes", "follow_up": "A letter"}
                    held = {"resume_when": "Budget", "review_on": self.at.date() + timedelta(2)}
                    by = "wang" if number else "zhao"
                    yield sf.Judge.model_validate({"by": by, **said, **more, **held})
            elif criterion.kind == "instruments":
                for instrument in self.model.book.instruments.values():
                    yield from self.see_to(instrument)
            elif criterion.waive.allowed:
                role = next(iter(criterion.waive.roles), None)
                yield sf.Waive(by="zhao", role=role, criterion=criterion.key, reason="Hurry")
            else:
                yield from self.make_it_large()

    def make_it_large(self) -> Iterator[sf.Command]:
        """Amounts and numbers that most rules like."""
        facts = {"margin": 10**7} if "margin" in self.book.facts else {}
        amount = {"amount": "1000000000", "currency": self.book.currency}
        changes = {"probability": 1, "facts": {**self.deal.facts, **facts}, "amount": amount}
        yield sf.Amend.model_validate({"by": "zhao", "note": "It grew", "changes": changes})

    def see_to(self, instrument: Instrument) -> Iterator[sf.Command]:
        """What completes an instrument, or makes its rule hold."""
        if instrument.checklist is not None:
            for question in self.model.book.checklists[instrument.checklist].questions:
                name = f"{instrument.checklist}.{question.key}"
                yield sf.Answer(by="li", question=name, mark="?")
        if instrument.rule is not None:
            yield from self.make_it_large()
        yield sf.Complete(by="zhao", instrument=instrument.key, evidence="The plan itself")

    def do(self, command: sf.Command) -> None:
        """Decide a command by both engines, compare, and keep what happened."""
        note(f"{command!r} at {self.at}")
        before, engine, newer = self.deal, self.engine, None
        if isinstance(command, sf.Migrate):
            engine, newer = self.engines[self.newer.version], self.newer
        answer = self.model.step(command, self.at, newer)
        try:
            decision = engine.decide(before, command, at=self.at)
        except SalesflowError as error:
            assert type(error).__name__ == answer.error, answer
            return
        assert codes_of(decision.blockers) == sorted(set(answer.blockers))
        assert answer.error == ""
        assert (decision.accepted, decision.duplicate) == (answer.accepted, answer.again)
        if not decision.accepted or decision.duplicate:
            assert decision.opportunity is before
            assert decision.events == ()
        for blocker in everything(decision.blockers):
            assert all(it.get(lang) for it in (blocker.title, blocker.fix) for lang in ("en", "zh"))
        if decision.events:
            self.take(command, decision, engine)

    def take(
        self,
        command: sf.Command,
        decision: sf.Decision[sf.Opportunity],
        engine: sf.StageEngine,
    ) -> None:
        self.deal = decision.opportunity
        # What a store gives back is what counts.
        stored = sf.read_events(sf.write_events(decision.events))
        assert stored == decision.events
        for event in stored:
            self.events.append(event)
            self.folded = engine.evolve(self.folded, event)
        assert self.folded == self.deal
        assert differing(told(self.deal, self.model), told_by(self.model)) == {}
        if command.command_id is not None:
            again = engine.decide(self.deal, command, at=self.at)
            assert (again.accepted, again.duplicate, again.events) == (True, True, ())
            assert again.opportunity is self.deal
        facts = facts_of(
            self.deal,
            self.model.book,
            at=self.at,
            tz=self.tz,
            rates=sf.Rates(base=self.book.currency, rates=dict(EUROS)),
        )
        assert facts_told(facts, self.model.know(self.at).facts) == {}

    def teardown(self) -> None:
        """All events make the same deal; another playbook takes it over by its map only."""
        if not self.events:
            return
        assert self.engine.replay(self.events) == self.deal.progress
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal
        with pytest.raises(ClockError):
            early = self.deal.progress.last_event_at - timedelta(seconds=1)  # type: ignore[operator]
            self.engine.decide(self.deal, sf.Advance(by="li"), at=early)
        with pytest.raises(PlaybookMismatch):
            STRANGER.decide(self.deal, sf.Advance(by="li"), at=self.at)
        refused = STRANGER.decide(self.deal, sf.Migrate(by="li"), at=self.at)
        assert codes_of(refused.blockers) == [("unmapped", self.book.id)]


TestWalk = Walk.TestCase
TestWalk.settings = settings(stateful_step_count=20)
