"""Laws on every walk through any playbook: all commands, by anybody, in any order, at any time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, product
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import events, facts_of
from salesflow.errors import ClockError, CommandConflict, SalesflowError, VersionConflict
from salesflow.playbook import Criterion, Instrument
from salesflow.qualify import history
from salesflow.rules import Blocker
from salesflow.testing.strategies import commands
from tests.engine.table_engine import END, Scene, TableEngine, sheet
from tests.playbook.test_document_laws import documents

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TEAM: Final = {"li": "rep", "wang": "boss", "zhao": ("rep", "boss")}
PEOPLE: Final = st.sampled_from([*TEAM, "zhao", "nobody"])
ROLES: Final = st.sampled_from([None, None, None, None, "rep", "boss", "clerk"])
NOTES: Final = st.sampled_from(["The customer insists", None])
SHOWN: Final = st.sampled_from(["Minutes of 5 January", None])
IDS: Final = st.sampled_from([None, None, None, "c-1", "c-2", "c-3"])
PERMITS: Final = st.sampled_from(["on", ["rep"], ["boss", "rep"], "off"])
SKIPPING: Final = st.sampled_from(
    [{"criteria": "asked"}, {"criteria": "asked", "roles": ["rep"]}, {"criteria": "waived"}]
)
OPEN: Final = ["start", "adopt", "advance", "win", "lose", "disqualify", "hold", "resume", "answer"]
OPEN_TOO: Final = ["complete", "amend", "migrate", "request", "delegate"]
RESTRICTED: Final[list[Any]] = [
    ["boss"],
    "off",
    {"rule": "amount > 20"},
    {"stages": ["s0"], "roles": ["rep", "boss"]},
    {"when": "amount > 20", "roles": ["boss"]},
    {"when": "margin > 1", "rule": "amount > 20"},
]
POLICIES: Final = st.fixed_dictionaries(
    {
        **dict.fromkeys(["back", "reopen", "retract", "waive"], PERMITS),
        **dict.fromkeys(["skip", "start_later"], PERMITS | SKIPPING),
        # What is open to everybody mostly stays so, or hardly a walk would get anywhere.
        **dict.fromkeys([*OPEN, *OPEN_TOO], st.sampled_from(["on"] * 16 + RESTRICTED)),
        "roles": st.sampled_from(["claimed", "claimed", "of_team"]),
    }
)
PLENTY: Final = {
    "probability": 1,
    "facts": {"margin": 10**7},
    "amount": {"amount": "1000000000", "currency": "USD"},
}
INSTRUMENTS: Final = ["plan", "talk"]
REASONS: Final = [
    {"key": "price", "outcome": "lost", "title": "Price"},
    {"key": "other", "outcome": "lost", "title": "Other", "notes": True},
    {"key": "no_need", "outcome": "disqualified", "title": "No need"},
]
WINNING: Final = [
    {"key": "service", "outcome": "won", "title": "Service"},
    {"key": "luck", "outcome": "won", "title": "Luck", "notes": True},
]


@st.composite
def versions(draw: st.DrawFn) -> tuple[sf.Playbook, sf.Playbook]:
    """A playbook, and its next version, in which a stage and a criterion have other names."""
    document: dict[str, Any] = draw(documents())
    document |= {"version": "1.0", "owner_role": "rep", "reasons": REASONS, "migrations": []}
    document["policy"] = draw(POLICIES)
    document["reasons"] = REASONS + draw(st.sampled_from([[], [], WINNING]))
    if draw(st.integers(0, 3)):
        document["stages"][0]["entry"] = []  # nobody can attest before the start
    keys = [stage["key"] for stage in document["stages"]]
    for move in document["moves"]:
        if not move.get("new_deal") and draw(st.booleans()):
            before = keys[: keys.index(move["from"]) + 1]
            move["rule"] = f'reached("{draw(st.sampled_from(before))}")'
    ask_on_the_way_to_winning(draw, document)
    applies = draw(st.sampled_from(["list.q0", "not list.q0", "amount > 20", "margin > 1"]))
    sometimes = {"key": "sometimes", "title": "Sometimes?", "when": applies}
    document["checklists"][0]["questions"].append(sometimes)
    for stage in document["stages"]:
        for criterion in (*stage["entry"], *stage["exit"]):
            if draw(st.integers(0, 4)) == 0:
                criterion["when"] = draw(st.sampled_from(["amount > 20", "margin > 1"]))
    if not document["tracks"]:  # documents have some now and then, walks always
        open_, asked = {"key": "open", "title": "Open"}, {"key": "agreed", "title": "Agreed"}
        judged = {"key": "beside_agreed", "title": "All agree", "judgement": {"roles": ["boss"]}}
        document["tracks"] = [
            {"key": "legal", "title": "Legal", "states": [open_, {**asked, "entry": [judged]}]}
        ]
    for track in document["tracks"]:
        if draw(st.integers(0, 3)):
            track |= {"back": "on", "by": "on"}
        state = draw(st.sampled_from(track["states"]))["key"]
        waits = {"key": f"{track['key']}_waits", "title": "It waits for the track"}
        waits["rule"] = f'track.{track["key"]} == "{state}"'
        draw(st.sampled_from(document["stages"]))["exit"].append(waits)
    first = sf.Playbook.from_json(json.dumps(document))
    names = st.sampled_from([*keys, *first.criteria, *first.tracks])
    old = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    text = json.dumps(document)
    for name in old:
        for quoted in (f'"{name}"', f'\\"{name}\\"', f"track.{name} "):
            text = text.replace(quoted, quoted.replace(name, f"new_{name}"))
    # A criterion may also be called what an instrument was called, and the other way round.
    kept = [name for name in first.criteria if name not in old]
    if draw(st.booleans()) and kept:
        swapped = draw(st.sampled_from(kept)), draw(st.sampled_from(INSTRUMENTS))
        for name, new in (swapped, swapped[::-1]):
            text = text.replace(f'"{name}"', f'"now:{new}"')
    text = text.replace('"now:', '"')
    mapped = {name: f"new_{name}" for name in old if draw(st.integers(0, 3))}
    migration = {
        "from": "1.0",
        "stages": {name: new for name, new in mapped.items() if name in keys},
        "tracks": {name: new for name, new in mapped.items() if name in first.tracks},
        "criteria": {name: new for name, new in mapped.items() if name in first.criteria},
    }
    document = json.loads(text) | {"version": "2.0", "migrations": [migration]}
    return first, sf.Playbook.from_json(json.dumps(document))


def ask_on_the_way_to_winning(draw: st.DrawFn, document: dict[str, Any]) -> None:
    """The end of the last stage is a move with a criterion, a later part asks for one on entry."""
    last = document["stages"][-1]
    parts = last.get("sub_stages", [])
    if draw(st.booleans()):
        asked = {"key": "countersigned", "title": "Countersigned", "by": "boss"}
        ends = [it for it in document["moves"] if (it["from"], it["to"]) == (last["key"], END)]
        if not ends:
            ends = [{"from": last["key"], "to": END}]
            document["moves"] += ends
        ends[0] |= {"rule": "amount > 20", "criteria": [asked]}
    if len(parts) > 1 and draw(st.booleans()):
        parts[-1]["entry"] = [{"key": "legal_ok", "title": "The lawyers agree", "by": "boss"}]


def quorum(criterion: Criterion, said: Mapping[str, str]) -> bool | None:
    """Whether enough roles say go, if every way that the open ones may still decide agrees."""
    open_roles = [role for role in criterion.roles if said.get(role, "hold") == "hold"]
    gone = sum(said.get(role) == "go" for role in criterion.roles)
    ways = {
        gone + sum(rest) >= criterion.needed
        for rest in product((False, True), repeat=len(open_roles))
    }
    return ways.pop() if len(ways) == 1 else None


def everything(blockers: tuple[Blocker, ...]) -> Iterator[Blocker]:
    for blocker in blockers:
        yield blocker
        yield from everything(blocker.any_of + blocker.because)


class Word(NamedTuple):
    """What somebody said, when, and where the deal stood."""

    at: datetime
    by: frozenset[str | None]
    place: str
    said: events.Judged


class Walk(RuleBasedStateMachine):
    """One deal, every command, and after each of them every law."""

    @initialize(books=versions(), owner=PEOPLE, adopted=st.booleans())
    def begin(self, books: tuple[sf.Playbook, sf.Playbook], owner: str, adopted: bool) -> None:
        self.book, newer = books
        self.engine, self.newer = sf.StageEngine(self.book), sf.StageEngine(newer)
        self.deal = self.folded = sf.Opportunity(
            id="D-1",
            name="Works",
            owner=owner,
            amount=sf.Money(1_000, "USD"),
            team=TEAM,
        )
        self.table = TableEngine(self.book)
        self.commands = commands(self.book, people=[*TEAM, "zhao", "nobody"], strangers=True)
        self.events: list[sf.Event] = []
        self.applied: dict[str, sf.Command] = {}
        self.words: list[Word] = []
        self.approvals: list[Word] = []  # these hold for the deal
        self.beside: list[tuple[str, Word]] = []  # each with the track that asks for it
        self.attested: dict[str, tuple[datetime, events.CriterionAttested]] = {}
        self.stand: dict[tuple[str, str, str], date] = {}  # role, by whom, and to whom
        self.asked: dict[str, str] = {}  # who asked last
        self.valued: dict[str, str] = {}  # who gave a fact its value
        self.at = START
        if adopted:
            stage = self.book.positions[len(self.book.positions) // 2].key
            self.do(sf.Adopt(by="li", stage=stage, entered_on=self.at.date()))

    @rule(data=st.data(), by=PEOPLE, role=ROLES, why=NOTES, key=IDS, hours=st.integers(0, 30))
    def somebody_wants_something(
        self, data: st.DataObject, by: str, role: str | None, why: str | None, key: str, hours: int
    ) -> None:
        command = data.draw(self.commands)
        version = self.deal.progress.version + data.draw(st.sampled_from([0, 0, 0, 1, -1]))
        # A deal reopened at the very moment when it ended has not been away.
        self.at += timedelta(hours=hours, seconds=1)
        fields = {
            "by": by,
            "role": getattr(command, "role", None) or role,
            "note": why or command.note,  # which a retraction has to have
            "command_id": key,
            "expected_version": data.draw(st.sampled_from([None, None, max(version, 0)])),
            "occurred_at": {
                0: self.at + timedelta(1),
                1: self.at - timedelta(hours=5),
                2: self.at - timedelta(hours=1),
            }.get(data.draw(st.integers(0, 9))),
        }
        self.do(command.model_copy(update=fields))

    @rule(data=st.data(), times=st.integers(1, 4))
    def the_team_works_on_what_blocks(self, data: st.DataObject, times: int) -> None:
        """Without this, hardly a walk would get past the second stage."""
        for _ in range(0 if self.table.ended else times):
            self.at += timedelta(hours=1)
            blockers = self.engine.review(self.deal, at=self.at).blockers
            words = [("go", "go")] * 3 + [("go", "kill"), ("kill", "go")]
            verdicts = data.draw(st.sampled_from(words))
            for command in data.draw(st.sampled_from([self.help(blockers, verdicts), []])):
                self.do(command)
            self.do(sf.Advance(by="li"))

    @rule(data=st.data(), by=st.sampled_from(["zhao", "zhao", "li"]), why=NOTES)
    def somebody_goes_where_a_way_leads(self, data: st.DataObject, by: str, why: str) -> None:
        self.at += timedelta(hours=1)
        place = self.table.place
        targets = [to for source, to in self.table.ways if source == place]
        visits = [visit.sub_stage or visit.stage for visit in self.deal.progress.visits]
        later = self.book.positions[-1].key
        goals: list[sf.Command] = [
            *(sf.MoveTo(by=by, note=why, stage=target) for target in targets),
            *(sf.Reopen(by=by, note=why, stage=stage) for stage in dict.fromkeys(visits)),
            sf.Retract(by=by, note="A mistake", stage=data.draw(st.sampled_from([None, *visits]))),
            sf.Win(by=by, reason="service" if "service" in self.book.reasons else None),
            sf.Resume(by=by),
            sf.Hold(by=by, resume_when="Budget", review_on=self.at.date()),
            sf.Lose(by=by, note=why, reason="other"),
        ]
        running = not self.table.ended and not self.table.held
        fitting = [
            goal
            for goal in goals
            if isinstance(goal, sf.Resume) == self.table.held
            and (
                self.table.outcome != "none"
                if isinstance(goal, sf.Retract)
                else isinstance(goal, sf.Reopen) == self.table.ended
            )
        ]
        if not place:
            fitting = [sf.Start(by=by, note=why, stage=later)]
        assert fitting or not running
        self.do(data.draw(st.sampled_from(fitting or goals)))

    @rule(
        data=st.data(),
        by=st.sampled_from(["zhao", "zhao", "wang", "li"]),
        mark=st.sampled_from("+-?"),
    )
    def somebody_says_something_or_withdraws_it(
        self, data: st.DataObject, by: str, mark: str
    ) -> None:
        """Each as of some hour of the last days, so that much of it is recorded late."""
        questions = [f"list.{item.key}" for item in self.book.checklists["list"].questions]
        question, progress = data.draw(st.sampled_from(questions)), self.deal.progress
        fields: list[dict[str, Any]] = [
            {"question": question},
            *({"instrument": done.instrument} for done in progress.completions),
            *({"waiver": waiver.criterion} for waiver in progress.waivers),
        ]
        for _ in range(0 if self.table.ended else 3):
            self.at += timedelta(hours=1)
            late = {"occurred_at": self.at - timedelta(hours=data.draw(st.integers(0, 6)))}
            wanted: list[sf.Command] = [
                sf.Answer.model_validate(
                    {"by": by, "question": question, "mark": mark, "evidence": "A letter"} | late
                ),
                *(
                    sf.Withdraw.model_validate({"by": by, "note": "No"} | it | late)
                    for it in fields
                ),
            ]
            self.do(data.draw(st.sampled_from(wanted)))

    @rule(data=st.data(), helps=st.integers(0, 4))
    def somebody_moves_a_track(self, data: st.DataObject, helps: int) -> None:
        """To a state that it leads to, mostly once somebody has seen to what that asks for."""
        self.at += timedelta(hours=1)
        tracks = self.engine.review(self.deal, at=self.at, by="zhao").tracks
        moves = [(status.track.key, move) for status in tracks for move in status.moves]
        if not moves:
            return
        key, move = data.draw(st.sampled_from(moves))
        wanted = sf.MoveTrack(by="zhao", track=key, state=move.state.key, note="It is time")
        for command in self.help(move.blockers, ("go", "go")) if helps else []:
            self.do(command)
        self.do(wanted)
        if helps == 1:
            been = self.table.tracks[key]
            self.do(wanted.model_copy(update={"state": data.draw(st.sampled_from(been))}))

    def help(self, blockers: tuple[Blocker, ...], verdicts: Iterable[str]) -> list[sf.Command]:
        """What would deal with every blocker; or not, where the judges disagree."""
        found: list[sf.Command] = []
        for blocker in everything(blockers):
            criterion = self.book.criteria.get(blocker.key)
            if blocker.code == "not_started":
                found.append(sf.Start(by="li"))
            elif blocker.code == "on_hold":
                found.append(sf.Resume(by="li"))
            elif blocker.code == "instrument":
                found += self.see_to(self.book.instruments[blocker.key])
            elif blocker.code == "reason_first":
                found.append(sf.Win(by="li", reason="service"))
            elif criterion is None:
                found.append(sf.Amend.model_validate({"by": "li", "changes": PLENTY}))
            elif criterion.kind == "attested":
                said: dict[str, Any] = {"role": criterion.by, "evidence": "Minutes"}
                found.append(sf.Attest(by="zhao", criterion=criterion.key, **said))
            elif criterion.roles:
                found += [
                    sf.Judge.model_validate(
                        {
                            "by": "wang" if role == "boss" else "zhao",
                            "role": role,
                            "verdict": word,
                            "point": criterion.key,
                            "note": "We want it",
                            "evidence": "Minutes",
                        }
                    )
                    for role, word in zip(criterion.roles, verdicts, strict=False)
                ]
            else:
                found.append(sf.Waive(by="zhao", criterion=criterion.key, reason="Hurry"))
        return found

    def see_to(self, instrument: Instrument) -> list[sf.Command]:
        """What completes an instrument, or makes its rule hold."""
        questions = [f"list.{item.key}" for item in self.book.checklists["list"].questions]
        answers: list[sf.Command] = [
            sf.Answer(by="li", question=name, mark="+", evidence="Minutes") for name in questions
        ]
        if instrument.rule is not None:
            return [*answers, sf.Amend.model_validate({"by": "li", "changes": PLENTY})]
        done = sf.Complete(by="zhao", instrument=instrument.key, evidence="The plan itself")
        return [*answers, done] if instrument.checklist else [done]

    def do(self, command: sf.Command) -> None:
        """Decide a command by both engines, and keep what happened."""
        note(f"{command!r} at {self.at}")
        before, engine = self.deal, self.engine
        if isinstance(command, sf.Migrate):
            engine = self.newer
        advance = sf.Advance(by=command.by)
        try:
            decision = engine.decide(before, command, at=self.at)
        except (SalesflowError, ValidationError) as error:
            self.check_error(command, error)
            return
        assert command.expected_version in (None, before.progress.version) or decision.duplicate
        if decision.duplicate:
            # A retry may expect another version of the deal.
            assert self.applied[command.command_id or ""].digest == command.digest
            assert decision.opportunity is before
            assert decision.events == ()
            return
        if decision.accepted:
            self.check_accepted(command, decision)
        else:
            self.check_refused(command, decision)
        if isinstance(command, sf.Complete):
            self.check_complete(command, decision)
        if isinstance(command, sf.Migrate):
            self.migrated(command, decision)
        else:
            self.table.step(command, self.scene(command, before))
        self.take(command, decision)
        seen = self.engine.review(self.deal, by=command.by, at=self.at)
        assert seen.blockers == (self.engine.decide(self.deal, advance, at=self.at).blockers)
        if decision.accepted and command.command_id:
            again = self.engine.decide(self.deal, command, at=self.at)
            assert again.accepted
            assert again.duplicate
            assert again.events == ()
            assert again.opportunity is self.deal
        self.check_deal()
        self.check_clock()

    def check_complete(self, command: sf.Complete, decision: sf.Decision[sf.Opportunity]) -> None:
        """What has a checklist is complete once whatever applies of it was asked."""
        instrument = self.book.instruments[command.instrument]
        said = sheet(self.book, self.deal, self.scene(command, self.deal))
        if instrument.checklist is not None:
            if decision.accepted:
                assert "" not in said.values()
            elif [blocker.code for blocker in decision.blockers] == ["instrument"]:
                assert "" in said.values()

    def check_sheet(self) -> None:
        """Questions count as they are answered, and those that do not apply as answered n/a."""
        scene = self.scene(sf.Advance(by="li"), self.deal)
        said, facts = sheet(self.book, self.deal, scene), scene.facts
        marks = [*said.values()]
        assert facts["list.asked"] == sum(mark != "" for mark in marks)
        assert facts["list.unknown"] == sum(mark in ("", "?") for mark in marks)
        assert (facts["list.yes"], facts["list.no"]) == (marks.count("+"), marks.count("-"))
        counted = len(marks) - marks.count("n/a")
        assert facts["list.share"] == (marks.count("+") / counted if counted else None)
        for name, mark in said.items():
            assert facts.get(name) == (mark if mark in ("+", "-", "?") else None)
            assert (facts.get(f"not_applicable.{name}") is True) == (mark == "n/a")
        card = self.engine.score(self.deal, "card", at=self.at)
        assert card.contributions[0].verdict is {"+": sf.Verdict.YES, "-": sf.Verdict.NO}.get(
            said["list.q0"], sf.Verdict.UNKNOWN
        )
        assert card == self.engine.review(self.deal, at=self.at).scores["card"]

    def scene(
        self, command: sf.Command, deal: sf.Opportunity, book: sf.Playbook | None = None
    ) -> Scene:
        held = self.own(command.by) | {role for role, _ in self.stands_in(command.by)}
        roles = {command.role} if command.role else held
        facts = facts_of(deal, book or self.book, at=self.at)
        day = self.at.date()
        return Scene(facts, day, frozenset(roles), command.note, frozenset(held))

    def own(self, person: str) -> set[str]:
        """The roles that somebody has in the deal's team."""
        roles = TEAM.get(person, ())
        owned = {"rep"} if person == self.deal.owner else set()
        return owned | ({roles} if isinstance(roles, str) else {*roles})

    def stands_in(self, person: str) -> set[tuple[str, str]]:
        """The roles that somebody has as a substitute, and of whom."""
        return {
            (role, by)
            for (role, by, to), until in self.stand.items()
            if to == person and until >= self.at.date() and role in self.own(by)
        }

    def as_it_was(self, criterion: Criterion, seen: Mapping[str, object]) -> bool:
        """Is everything on which something was said what it was then?"""
        deal = self.deal
        marks = {"+": True, "-": False, "?": None, "n/a": None}
        answers = {
            it.question: marks[it.mark or "?"] for it in deal.progress.answers if it.about == "us"
        }
        amount = deal.amount and (deal.amount.amount, deal.amount.currency)
        for name in criterion.lapses_on:
            then = seen[name]
            if name == "amount":
                words = str(then).split()
                if amount != (then and (Decimal(words[0]), words[1])):
                    return False
            elif then != (answers.get(name) if "." in name else deal.facts.get(name)):
                return False
        return True

    def check_person(self, event: sf.Event, criterion: Criterion) -> None:
        """Nobody vouches for what is their own, nor as the substitute of who may not."""
        theirs = {event.by, *(by for _, by in self.stands_in(event.by))}
        if "owner" in criterion.not_by:
            assert self.deal.owner not in theirs
        if "requester" in criterion.not_by:
            answers = self.deal.progress.answers
            assert self.asked.get(criterion.key) not in theirs
            assert theirs.isdisjoint(self.valued.get(name) for name in criterion.lapses_on)
            assert theirs.isdisjoint(
                it.by for it in answers if it.about == "us" and it.question in criterion.lapses_on
            )

    def take(self, command: sf.Command, decision: sf.Decision[sf.Opportunity]) -> None:
        stood = self.deal.progress.stage
        self.deal = decision.opportunity
        # What a store gives back is what counts.
        stored = sf.read_events(sf.write_events(decision.events))
        assert stored == decision.events
        for event in stored:
            self.events.append(event)
            self.folded = self.engine.evolve(self.folded, event)
            self.keep(event)
        if decision.accepted and command.command_id:
            self.applied[command.command_id] = command
        moved = self.deal.progress.stage != stood and not isinstance(command, sf.Migrate)
        if decision.accepted and (moved or isinstance(command, sf.Reopen | sf.Retract)):
            self.words.clear()

    def keep(self, event: sf.Event) -> None:
        """What the model remembers of an event."""
        payload = event.payload
        if isinstance(payload, events.Judged):
            by = frozenset({event.by, event.on_behalf_of} - {None})
            place = self.deal.progress.position or ""
            word = Word(event.occurred_at, by, place, payload)
            self.words.append(word)
            self.approvals.append(word)
            self.beside += [
                (key, word)
                for key, track in self.book.tracks.items()
                if payload.point in [item.key for state in track.states for item in state.entry]
            ]
        elif isinstance(payload, events.TrackMoved):
            # What was judged for a track falls away when it comes again to where that is judged.
            self.beside = [
                (key, word)
                for key, word in self.beside
                if key != payload.track or payload.state not in self.judged_in(key, word.said.point)
            ]
        elif isinstance(payload, events.CriterionAttested):
            said = event.occurred_at, payload
            before = self.attested.get(payload.criterion, said)
            self.attested[payload.criterion] = said if before[0] <= said[0] else before
        elif isinstance(payload, events.Delegated):
            last = [
                it.until
                for it in self.deal.progress.delegations
                if (it.role, it.by, it.to) == (payload.role, event.by, payload.to)
            ]
            self.stand[payload.role, event.by, payload.to] = last[0]
        elif isinstance(payload, events.Requested):
            last_asked = [it.by for it in self.deal.progress.requests if it.point == payload.point]
            self.asked[payload.point] = last_asked[0]
        elif isinstance(payload, events.Amended):
            self.valued.update(dict.fromkeys(payload.revised, event.by))

    def judged_in(self, key: str, point: str | None) -> list[str]:
        """The states of a track from which one is entered that asks for a point."""
        track = self.book.tracks[key]
        asking = [it.key for it in track.states if point in [item.key for item in it.entry]]
        return [it.key for it in track.states if not {*track.ways(it.key)}.isdisjoint(asking)]

    def migrated(self, command: sf.Command, decision: sf.Decision[sf.Opportunity]) -> None:
        stamp, book = self.deal.progress.playbook, self.newer.playbook
        stages = book.migrations[0].stages
        place = stages.get(self.table.place, self.table.place)
        known = place in [position.key for position in book.positions]
        fits = known and stamp is not None and stamp.digest != book.digest
        scene = self.scene(command, self.deal, book)
        claimed = command.role is not None and command.role not in scene.held
        allowed = scene.may(book.policy.migrate)
        allowed = allowed and not (claimed and book.policy.roles == "of_team")
        assert decision.accepted == (fits and allowed)
        if not decision.accepted:
            return
        payload = decision.events[0].payload
        assert isinstance(payload, events.Migrated)

        def anew(word: Word) -> Word:
            place_now = place if word.place == old.place else word.place
            point = word.said.point
            said = replaced(word.said, point=payload.renamed.get(point or "", point))
            return word._replace(place=place_now, said=said)

        old, self.table = self.table, TableEngine(book)
        self.table.place = place
        self.table.outcome, self.table.ended, self.table.held = old.outcome, old.ended, old.held
        names = book.migrations[0].tracks
        self.table.tracks = {key: [track.states[0].key] for key, track in book.tracks.items()}
        for key, been in old.tracks.items():
            if (name := names.get(key, key)) in book.tracks:
                # Its visits that are over keep the name of the track, so it was nowhere before.
                self.table.tracks[name] = been if name == key else been[-1:]
        self.attested = {payload.renamed.get(key, key): it for key, it in self.attested.items()}
        self.asked = {payload.renamed.get(key, key): it for key, it in self.asked.items()}
        self.words = [anew(word) for word in self.words]
        self.approvals = [anew(word) for word in self.approvals]
        self.book, self.engine = self.newer.playbook, self.newer
        words = [(key, names.get(key, key), anew(word)) for key, word in self.beside]
        # A stay that is over keeps the name of its track, and so nobody finds it by the new one.
        self.beside = [
            (name, word)
            for key, name, word in words
            if name in book.tracks
            and (
                name == key or self.table.tracks[name][-1] in self.judged_in(name, word.said.point)
            )
        ]
        self.commands = commands(self.book, people=[*TEAM, "zhao", "nobody"], strangers=True)

    def check_error(self, command: sf.Command, error: Exception) -> None:
        """Nothing but mistakes of the caller is raised, and those that are mistakes are."""
        applied = self.applied.get(command.command_id or "")
        if isinstance(error, CommandConflict):
            assert applied is not None
            assert applied != command
        if isinstance(error, VersionConflict):
            assert command.expected_version != self.deal.progress.version
        if isinstance(error, ClockError):
            entered = command.entered_on if isinstance(command, sf.Adopt) else self.at.date()
            late = command.occurred_at is not None and command.occurred_at > self.at
            since = [visit.left_at or visit.entered_at for visit in self.deal.progress.visits[-1:]]
            if isinstance(command, sf.MoveTrack):
                stay = self.deal.progress.track(command.track)
                since = [] if stay is None else [stay.entered_at]
            if isinstance(command, sf.Retract) and self.deal.progress.closed_at is not None:
                since = [max(*since, self.deal.progress.closed_at)]
            early = bool(since and command.occurred_at and command.occurred_at < since[0])
            assert late or early or entered > self.at.date()

    def check_refused(self, command: sf.Command, decision: sf.Decision[sf.Opportunity]) -> None:
        assert decision.events == ()
        assert decision.opportunity is self.deal
        assert decision.blockers
        for blocker in everything(decision.blockers):
            for text in (blocker.title, blocker.fix):
                assert text.get("en")
                assert text.get("zh")

    def check_accepted(self, command: sf.Command, decision: sf.Decision[sf.Opportunity]) -> None:
        before, after = self.deal.progress, decision.opportunity.progress
        assert decision.blockers == ()
        assert decision.events
        self.check_available(command)
        if before.ended:
            assert isinstance(command, sf.Reopen | sf.Retract | sf.Migrate)
        if before.hold and not isinstance(command, sf.Migrate):
            assert after.position == before.position
            assert after.ended == isinstance(command, sf.Lose | sf.Disqualify)
            assert after.tracks == before.tracks
        for event in decision.events:
            payload = event.payload
            forward = getattr(payload, "how", "move") != "back"
            if payload.kind in ("stage_entered", "ended") and forward:
                self.check_gate(before.position or "", after.position, ended=after.ended)
            if isinstance(payload, events.CriterionAttested):
                criterion = self.book.criteria[payload.criterion]
                assert criterion.by is None or criterion.by in self.scene(command, self.deal).roles
                self.check_person(event, criterion)
            if isinstance(payload, events.Judged) and payload.point is not None:
                criterion = self.book.criteria[payload.point]
                if payload.role in criterion.roles:
                    self.check_person(event, criterion)
            if isinstance(payload, events.InstrumentCompleted):
                self.check_completed(command, self.book.instruments[payload.instrument])
            asked, says_yes = self.asked_to_show(payload)
            assert not (asked and says_yes) or getattr(payload, "evidence", None)
            assert getattr(payload, "evidence", None) == getattr(command, "evidence", None)
            if isinstance(payload, events.Delegated):
                assert payload.role in self.own(event.by)
            if isinstance(payload, events.CriterionWaived):
                criterion = self.book.criteria[payload.criterion]
                assert criterion.waive.allowed
                assert not criterion.advisory
                roles = self.scene(command, self.deal).roles
                assert not criterion.waive.roles or not roles.isdisjoint(criterion.waive.roles)

    def check_completed(self, command: sf.Command, instrument: Instrument) -> None:
        """An instrument is completed in its role, and not where it follows from a rule."""
        assert instrument.rule is None
        assert instrument.by is None or instrument.by in self.scene(command, self.deal).roles

    def asked_to_show(self, payload: object) -> tuple[bool, bool]:
        """Whether the playbook asks what shows it, and whether somebody says yes to it."""
        match payload:
            case events.CriterionAttested():
                return self.must_show(payload.criterion), payload.met
            case events.InstrumentCompleted():
                return self.book.instruments[payload.instrument].evidence is not None, True
            case events.QuestionAnswered():
                asked = self.book.questions[payload.question].evidence is not None
                return asked, payload.mark not in ("?", "n/a")
            case events.Judged(point=str(point)) if payload.role in self.book.criteria[point].roles:
                return self.must_show(point), payload.verdict == "go"
        return False, False

    def must_show(self, key: str) -> bool:
        return self.book.criteria[key].evidence is not None

    def check_available(self, command: sf.Command) -> None:
        """What somebody did was among what they could do, and nothing more was needed for it."""
        engine = self.newer if isinstance(command, sf.Migrate) else self.engine
        role = None if isinstance(command, sf.Judge | sf.Delegate) else command.role
        listed = engine.available(self.deal, by=command.by, role=role, at=self.at)
        fitting = [
            item
            for item in listed
            if isinstance(command, item.kind)
            and all(
                self.named(engine, field, getattr(command, field)) == name
                for field, name in item.fields.items()
            )
        ]
        closest = max(fitting, key=lambda item: len(item.fields))
        assert closest.allowed
        says_yes = (
            getattr(command, "met", True) is True
            and getattr(command, "mark", None) != "?"
            and getattr(command, "verdict", "go") == "go"
        )
        needs = [need for need in closest.needs if says_yes or need != "evidence"]
        assert [need for need in needs if getattr(command, need) is None] == []

    def named(self, engine: sf.StageEngine, field: str, name: str) -> str:
        """A stage stands for its first part."""
        places = {place.stage.key: place.key for place in reversed(engine.playbook.positions)}
        return places.get(name, name) if field == "stage" else name

    def check_gate(self, left: str, entered: str | None, *, ended: bool) -> None:
        """No stage is left with an unmet, unwaived required criterion."""
        facts = facts_of(self.deal, self.book, at=self.at)
        criteria = self.book.position(left).exit
        if not ended:
            criteria += self.book.position(entered or "").entry
        for criterion in criteria:
            verdict = criterion.check_rule.evaluate(facts, self.at.date()).verdict
            waived = any(item.criterion == criterion.key for item in self.deal.progress.waivers)
            if criterion.advisory or waived:
                continue
            assert verdict is sf.Verdict.YES, criterion.key
            when = criterion.when
            applies = when is None or when.evaluate(facts).verdict is not sf.Verdict.NO
            if criterion.kind == "attested" and applies:
                word = self.attested[criterion.key][1]
                assert word.met, criterion.key
                assert self.as_it_was(criterion, word.seen), criterion.key

    def check_deal(self) -> None:
        progress = self.deal.progress
        assert progress.version == len(self.events)
        assert self.engine.replay(self.events) == progress
        assert self.folded == self.deal
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal
        assert (self.table.place, self.table.outcome) == (progress.position or "", progress.outcome)
        assert (self.table.ended, self.table.held) == (progress.ended, progress.hold is not None)
        assert (progress.closed_at is None) == (progress.outcome == "none")
        assert progress.outcome != "none" or progress.reason is None
        self.check_words()
        self.check_sheet()
        self.check_instruments()
        standing = {it.track: it.state for it in progress.tracks if it.left_at is None}
        assert standing == {key: been[-1] for key, been in self.table.tracks.items()}
        left = [visit.left_at is not None for visit in progress.visits]
        if left:
            assert left == [True] * (len(left) - 1) + [progress.ended]
            self.check_quorums()

    def check_instruments(self) -> None:
        """What follows from a rule is what the rule says, everywhere; the rest is somebody's word.

        The engine, the review and a bare reading of the rule give one answer.
        """
        facts, day = facts_of(self.deal, self.book, at=self.at), self.at.date()
        review = self.engine.review(self.deal, at=self.at)
        shown = {status.instrument.key: status for status in review.instruments}
        completed = {item.instrument: item for item in self.deal.progress.completions}
        said_of = sheet(self.book, self.deal, self.scene(sf.Advance(by="li"), self.deal))
        asked = all(said_of[f"list.{it.key}"] for it in self.book.checklists["list"].questions)
        for key, instrument in self.book.instruments.items():
            done = facts.get(f"done.{key}")
            if instrument.rule is None:
                assert done is (True if key in completed else None)
                said = completed[key].evidence if key in completed else None
            else:
                verdict = instrument.rule.evaluate(facts, day).verdict
                if instrument.checklist is not None:
                    verdict &= sf.Verdict.YES if asked else sf.Verdict.NO
                assert done is {"yes": True, "no": False, "unknown": None}[verdict.value]
                said = None
            if (status := shown.get(key)) is not None:
                applies = status.applies is not sf.Verdict.NO
                assert (status.done, status.evidence) == (done is True, said)
                assert (status.blocker is None) == (status.done or not applies)

    def check_words(self) -> None:
        """What stands is the latest that was said and not withdrawn since, by when it happened."""
        latest = {
            (item.question, item.about): item
            for item in sorted(history(self.events), key=lambda item: item.at)
        }
        assert set(latest.values()) == set(self.deal.progress.answers)

    def teardown(self) -> None:
        """Nothing that one playbook knows of a deal counts in another, though all keys agree."""
        if self.deal.progress.playbook is None:
            return
        at = self.at + timedelta(days=1)
        first = self.book.initial.key
        stages = {place.key: first for place in self.book.positions}
        document = json.loads(self.book.to_json()) | {"id": "other", "policy": {}}
        source = {"playbook": self.book.id, "from": self.book.version}
        document["migrations"] = [source | {"stages": stages}]
        engine = sf.StageEngine(sf.Playbook.from_json(json.dumps(document)))
        adopt = sf.Adopt(by="li", stage=first, entered_on=at.date())
        fresh = engine.decide(replaced(self.deal, progress=sf.Progress()), adopt, at=at).require()
        known = facts_of(fresh, engine.playbook, at=at)
        for command in (adopt, sf.Migrate(by="li")):
            decision = engine.decide(self.deal, command, at=at)
            over = decision.require()
            assert engine.replay([*self.events, *decision.events]) == over.progress
            found = facts_of(over, engine.playbook, at=at)
            where_it_was = "reached." if command is not adopt else "-"
            assert known.keys() == found.keys()
            found |= {name: it for name, it in known.items() if name.startswith(where_it_was)}
            assert found | {"on_hold": False} == known
            assert over.progress.course == over.progress.visits[-1:]
            progress = over.progress
            left = (progress.withdrawals, progress.requests, progress.revisions)
            assert (*left, progress.delegations, progress.answers) == ((),) * 5
            assert history([*self.events, *decision.events]) == ()

    def check_clock(self) -> None:
        last = self.deal.progress.last_event_at or self.at
        early = last - timedelta(seconds=1)
        for at in (self.at.replace(tzinfo=None), *([early] if self.events else [])):
            with pytest.raises(ClockError):
                self.engine.decide(self.deal, sf.Advance(by="li"), at=at)

    def check_words_beside(self, facts: Mapping[str, object]) -> None:
        """What a track asks for is judged during one stay of the track, wherever the deal is."""
        for key, track in self.book.tracks.items():
            for criterion in (item for state in track.states for item in state.entry):
                if criterion.roles and criterion.kind != "approval":
                    asked = key, criterion.key
                    said = self.standing(
                        criterion, [it for at, it in self.beside if (at, it.said.point) == asked]
                    )
                    assert facts.get(f"done.{criterion.key}") is quorum(criterion, said)

    def check_quorums(self) -> None:
        """A judgement belongs to one stay in the stage."""
        facts = facts_of(self.deal, self.book, at=self.at)
        place = self.book.position(self.deal.progress.position or "")
        self.check_words_beside(facts)
        for criterion in place.exit:
            if criterion.roles and criterion.kind != "approval":
                everywhere = criterion in place.stage.exit
                words = [
                    word
                    for word in self.words
                    if word.said.point == criterion.key
                    or (
                        word.said.point is None
                        and criterion.kind == "judgement"
                        and (everywhere or word.place == place.key)
                    )
                ]
                said = self.standing(criterion, words)
                assert facts.get(f"done.{criterion.key}") is quorum(criterion, said)
        for criterion in self.book.criteria.values():
            if criterion.kind == "approval":
                words = [word for word in self.approvals if word.said.point == criterion.key]
                said = self.standing(criterion, words)
                for role in criterion.roles:
                    found = facts.get(f"approval.{criterion.key}.{role}")
                    assert found is {"go": True, "kill": False}.get(said.get(role, ""))

    def standing(self, criterion: Criterion, words: Iterable[Word]) -> dict[str, str]:
        """The latest word of each role, where it has not lapsed; of distinct people."""
        latest = {word.said.role: word for word in sorted(words, key=lambda word: word.at)}
        standing = {
            role: word
            for role, word in latest.items()
            if role in criterion.roles and self.as_it_was(criterion, word.said.seen)
        }
        if criterion.distinct:
            people = [word.by for word in standing.values()]
            assert all(a.isdisjoint(b) for a, b in combinations(people, 2))
        return {role: word.said.verdict for role, word in standing.items()}


TestWalk = Walk.TestCase
TestWalk.settings = settings(stateful_step_count=35)
