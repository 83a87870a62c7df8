"""Laws on every walk through any playbook: all commands, by anybody, in any order, at any time.

At every step the engine and the model of `tests/engine/model` have to say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
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
from tests.engine.comparing import codes_of, differing, everything, facts_told, told, told_by
from tests.engine.model.engine import Model
from tests.engine.model.listing import possible, wanted
from tests.engine.walks import (
    OFTEN,
    PEOPLE,
    RARELY,
    ZONES,
    Office,
    Wishes,
    fact_values,
    team_of,
    versions,
)

SEEDS: Final = st.integers(0, 2**32 - 1)
HALF: Final = 0.5
AGAIN: Final[dict[type[sf.Command], int]] = {sf.Reopen: 3, sf.Retract: 2}
MOVING: Final[dict[type[sf.Command], int]] = {
    **dict.fromkeys([sf.Advance, sf.Resume, sf.Win], 2),
    **dict.fromkeys([sf.MoveTo, sf.MoveTrack, sf.Reopen], 4),
    sf.Retract: 1,
}
SAYING: Final[dict[type[sf.Command], int]] = {
    **dict.fromkeys([sf.Attest, sf.Answer, sf.Withdraw], 4),
    **dict.fromkeys([sf.Complete, sf.Request, sf.Delegate, sf.Waive, sf.CallForecast], 2),
    **dict.fromkeys([sf.Judge, sf.Amend], 6),
}
KINDS: Final = {**MOVING, **SAYING} | dict.fromkeys(
    [sf.Start, sf.Adopt, sf.Migrate, sf.Hold, sf.Lose, sf.Disqualify], 1
)
EUROS: Final = {"EUR": Decimal("1.25")}
STRANGER: Final = sf.StageEngine(
    sf.Playbook.from_toml("""
    id = "stranger"
    version = "1.0"
    title = "Stranger"
    stages = [{ key = "s0", title = "S" }]
    """)
)


def decided(
    engine: sf.StageEngine, deal: sf.Opportunity, command: sf.Command, at: datetime
) -> tuple[sf.Decision[sf.Opportunity] | None, str]:
    """What the engine decides, or the class of the error that it raises."""
    try:
        return engine.decide(deal, command, at=at), ""
    except SalesflowError as error:
        return None, type(error).__name__


class Walk(RuleBasedStateMachine):
    """One deal, every command, and after each of them the same by both engines."""

    @initialize(seed=SEEDS, books=versions(), tz=ZONES)
    def begin(self, seed: int, books: tuple[sf.Playbook, sf.Playbook], tz: str) -> None:
        self.book, self.newer = books
        random = self.chance(seed)
        self.tz, self.rates = tz, sf.Rates(base=self.book.currency, rates=dict(EUROS))
        self.engines = {
            it.version: sf.StageEngine(it, rates=self.rates, tz=tz, calendar=Office())
            for it in books
        }
        values = fact_values(self.book)
        self.deal = self.folded = sf.Opportunity.model_validate(
            {
                "id": "D-1",
                "name": "Works",
                "owner": random.choice(PEOPLE),
                "amount": sf.Money(1_000, self.book.currency),
                "team": team_of(self.book),
                "facts": {
                    name: random.choice(it) for name, it in values.items() if random.random() < HALF
                },
                "competitors": ("rival",),
            }
        )
        self.model = Model(self.book, self.deal, tz, EUROS)
        # Just before midnight there, so that the day is soon another one, and not everywhere.
        today = datetime(2026, 1, 5, 22, 30, tzinfo=ZoneInfo(tz))
        self.at = today.astimezone(ZoneInfo("UTC"))
        self.events: list[sf.Event] = []
        # What was refused or an error so far, and why; nobody is curious about what is accepted.
        self.refused: set[tuple[type[sf.Command], str]] = {(kind, "") for kind in KINDS}
        for _ in range(5):
            if not self.model.record.visits:
                self.do(self.wish(random, {sf.Start: 3, sf.Adopt: 1}, tries=20))

    def chance(self, seed: int) -> Random:
        """What decides a step: not the seed alone, for Hypothesis likes to draw one again."""
        return Random(f"{seed} {len(getattr(self, 'events', ()))} {self.book.digest}")

    @property
    def engine(self) -> sf.StageEngine:
        """The engine of the version that the deal follows."""
        return self.engines[self.model.book.version]

    def wish(self, random: Random, kinds: Mapping[type[sf.Command], int], tries: int) -> sf.Command:
        """What somebody wants: of so many wishes one that is refused as none was yet, or is not."""
        wishes = Wishes(self.model.book, self.model.know(self.at).day, random)
        wish: sf.Command = sf.Advance(by="li")
        curious = random.random() < HALF
        for _ in range(tries):
            (kind,) = random.choices([*kinds], weights=[*kinds.values()])
            found = wishes.wish(kind, random.choice(PEOPLE))
            if found is None:
                continue
            wish = self.marked(found, random)
            newer = self.newer if isinstance(wish, sf.Migrate) else None
            answer = self.model.answer(wish, self.at, newer)
            reasons = {(kind, code) for code in (answer.error, *(it for it, _ in answer.blockers))}
            if (not reasons <= self.refused) if curious else answer.accepted:
                self.refused |= reasons
                break
        return wish

    def marked(self, command: sf.Command, random: Random) -> sf.Command:
        """When it happened, which command it is, and what its sender knew of the deal."""
        marks: dict[str, Any] = {}
        if random.random() < HALF / 2:
            late = random.choice([0, 1, 1, 5, 30, -24])
            marks["occurred_at"] = self.at - timedelta(hours=late)
        if random.random() < HALF / 2:
            marks["command_id"] = random.choice(["c-1", "c-2", "c-3", "c-4", "c-5"])
            version = max(self.model.record.version + random.choice([0, 0, 0, 1, -1]), 0)
            marks["expected_version"] = random.choice([None, version])
        return command.model_copy(update=marks)

    def later(self, random: Random) -> None:
        """Time goes by; a deal reopened at the very moment when it ended has not been away."""
        self.at += timedelta(
            hours=random.choice([0, 0, 0, 1, 1, 5, 30]), seconds=random.randint(0, 1)
        )

    @rule(seed=SEEDS)
    def people_want_something(self, seed: int) -> None:
        random = self.chance(seed)
        for _ in range(4):
            self.later(random)
            over = self.model.record.ended and random.random() < HALF
            self.do(self.wish(random, AGAIN if over else KINDS, tries=random.choice([1, 12, 12])))

    @rule(seed=SEEDS)
    def the_team_works_on_what_blocks(self, seed: int) -> None:
        """Without this, hardly a walk would get past the second stage."""
        random = self.chance(seed)
        self.later(random)
        if self.model.record.ended:
            self.do(self.wish(random, AGAIN, tries=12))
        words = random.choice([("go", "go")] * 3 + [("go", "kill"), ("kill", "go"), ("hold", "go")])
        for command in self.help(self.lacking(random), words):
            if random.random() < OFTEN:
                self.do(command)
        self.later(random)
        self.do(self.wish(random, {sf.Advance: 1} if random.random() < HALF else MOVING, tries=10))

    @rule(seed=SEEDS)
    def somebody_looks_at_it(self, seed: int) -> None:
        """What stands in the way is what advancing is refused for, and what can be done is done."""
        random = self.chance(seed)
        by = random.choice(PEOPLE)
        role = random.choice([None, None, *self.book.roles])
        review = self.engine.review(self.deal, by=by, role=role, at=self.at)
        advance = self.engine.decide(self.deal, sf.Advance(by=by, role=role), at=self.at)
        assert review.blockers == advance.blockers
        if random.random() < RARELY * 2:
            self.check_available(by, role)

    def check_available(self, by: str, role: str | None) -> None:
        """Everything that they may want is listed, and allowed where the model lets them."""
        know = self.model.know(self.at)
        looks = sf.Advance(by=by, role=role)
        expected = {str((it.kind.__name__, it.fields)): it for it in wanted(self.model, know)}
        listed = self.engine.available(self.deal, by=by, role=role, at=self.at)
        found = {str((it.kind.__name__, dict(it.fields))): it for it in listed}
        assert found.keys() ^ expected.keys() == set()
        assert len(found) == len(listed)
        for name, want in expected.items():
            ways = possible(want, know, looks)
            open_ = [it for it in ways if self.model.answer(it, self.at).accepted]
            assert found[name].allowed == bool(open_), name
            if open_:
                self.check_needs(found[name], open_[0])

    def check_needs(self, item: sf.engine.AvailableCommand, filled: sf.Command) -> None:
        """With what it needs it is accepted, and without a reason or evidence that it needs not."""
        given = {name: getattr(filled, name) for name in item.needs}
        if {"mark", "value"} & given.keys():
            given = {**given, "mark": "?", "value": None}
        needed = item.command(**given)
        assert self.model.answer(needed, self.at).accepted, needed
        for name in {"note", "follow_up"} & given.keys():
            if not isinstance(filled, sf.Retract):
                without = needed.model_copy(update={name: None})
                assert not self.model.answer(without, self.at).accepted, without

    def lacking(self, random: Random) -> list[Criterion]:
        """What the ways on from here, or a track beside, ask for and nobody has seen to."""
        record, ways = self.model.record, self.model.ways
        if not record.visits:
            way = ways.way(None, ways.order[0])
            return [*way.required] if way else []
        know = self.model.know(self.at)
        ways_on = [way for to in ways.on[record.place] if (way := ways.way(record.place, to))]
        asked = [item for way in ways_on for item in way.required]
        states = [state for track in self.model.book.tracks.values() for state in track.states]
        asked += random.choice(states).entry if states and random.random() < HALF else ()
        return [item for item in asked if not know.met(item)]

    def help(self, lacking: Iterable[Criterion], verdicts: Iterable[str]) -> Iterator[sf.Command]:
        """What would deal with all of this; or not, where the judges disagree."""
        record = self.model.record
        if not record.visits:
            yield sf.Start(by="li", note="We begin")
        if record.hold:
            yield sf.Resume(by="li")
        listed = any(it.outcome == "won" for it in self.book.reasons.values())
        if listed and record.visits and self.model.ways.places[record.place].stage.wins:
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
                yield from self.judged(criterion, verdicts)
            elif criterion.kind == "instruments":
                for instrument in self.model.book.instruments.values():
                    yield from self.see_to(instrument)
            elif criterion.waive.allowed:
                acting = next(iter(criterion.waive.roles), None)
                yield sf.Waive(by="zhao", role=acting, criterion=criterion.key, reason="Hurry")
            else:
                yield from self.make_it_large()

    def judged(self, criterion: Criterion, verdicts: Iterable[str]) -> Iterator[sf.Command]:
        """The words of every role, of two people; those after the first two say what these say."""
        for number, (role, word) in enumerate(zip(criterion.roles, cycle(verdicts), strict=False)):
            said = {"role": role, "verdict": word, "point": criterion.key}
            more = {"note": "We want it", "evidence": "Minutes", "follow_up": "A letter"}
            held = {"resume_when": "Budget", "review_on": self.at.date() + timedelta(2)}
            by = "wang" if number else "zhao"
            yield sf.Judge.model_validate({"by": by, **said, **more, **held})

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
        decision, raised = decided(engine, before, command, self.at)
        assert raised == answer.error, answer
        if decision is None:
            return
        assert codes_of(decision.blockers) == sorted(set(answer.blockers)), (
            decision.blockers,
            answer,
        )
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
        odd = differing(told(self.deal, self.model), told_by(self.model))
        assert odd == {}, odd
        if command.command_id is not None:
            again = engine.decide(self.deal, command, at=self.at)
            assert (again.accepted, again.duplicate, again.events) == (True, True, ())
            assert again.opportunity is self.deal
        book, at = self.model.book, self.at
        facts = facts_of(self.deal, book, at=at, tz=self.tz, rates=self.rates)
        odd = facts_told(facts, self.model.know(self.at).facts)
        assert odd == {}, odd

    def teardown(self) -> None:
        """All events make the same deal; another playbook takes it over by its map only."""
        if not self.events:
            return
        assert self.engine.replay(self.events) == self.deal.progress
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal
        with pytest.raises(ClockError):
            self.engine.decide(self.deal, sf.Advance(by="li"), at=self.at.replace(tzinfo=None))
        early = (self.deal.progress.last_event_at or self.at) - timedelta(seconds=1)
        with pytest.raises(ClockError):
            self.engine.decide(self.deal, sf.Advance(by="li"), at=early)
        with pytest.raises(PlaybookMismatch):
            STRANGER.decide(self.deal, sf.Advance(by="li"), at=self.at)
        refused = STRANGER.decide(self.deal, sf.Migrate(by="li"), at=self.at)
        assert codes_of(refused.blockers) == [("unmapped", self.book.id)]


TestWalk = Walk.TestCase
TestWalk.settings = settings(stateful_step_count=40)
