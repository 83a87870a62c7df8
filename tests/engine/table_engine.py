"""The plainest engine there could be: a table of places and ways. The oracle of the laws.

It knows where a deal stands and nothing else. Facts and roles are given to it; it looks up a way,
asks what the way asks for, and goes or stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

import salesflow as sf
from salesflow.playbook import Criterion, Permission, Position
from salesflow.rules import Rule
from tests.playbook.test_graph import there

END = "ended"
Ask = tuple[str, Rule]  # the fact that waives it, and the rule


@dataclass(frozen=True)
class Way:
    """What a way asks for: permission, rules, and for a way back that the deal has been there."""

    by: Permission
    asks: tuple[Ask, ...]
    wins: bool
    been: str  # the fact that must not be false
    past_winning: bool


@dataclass(frozen=True)
class Scene:
    """What is known when a command comes: facts, the day, and the person's roles.

    Those in which they act, and those that they have.
    """

    facts: Mapping[str, object]
    day: date
    roles: frozenset[str]
    note: str | None
    held: frozenset[str] = frozenset()

    def met(self, asks: Iterable[Ask]) -> bool:
        return all(
            self.facts.get(waiver) is True
            or rule.evaluate(self.facts, self.day).verdict is sf.Verdict.YES
            for waiver, rule in asks
        )

    def may(self, by: Permission) -> bool:
        listed = not by.roles or not self.roles.isdisjoint(by.roles)
        here = {self.facts.get("stage"), self.facts.get("sub_stage")}
        fits = not by.stages or self.facts.get("stage") is None or not here.isdisjoint(by.stages)
        said = self.note is not None or not by.note
        asked = listed and fits and said and self.met([("", by.rule)] if by.rule else [])
        applies = by.when is None or by.when.verdict(self.facts, self.day) is not sf.Verdict.NO
        return by.allowed and (asked or not applies)


def sheet(book: sf.Playbook, deal: sf.Opportunity, scene: Scene) -> dict[str, str]:
    """What is said of each question: its mark, n/a where it does not apply, nothing if unasked."""
    marks = {it.question: it.mark or "?" for it in deal.progress.answers if it.about == "us"}
    for name, question in book.questions.items():
        if question.when and question.when.verdict(scene.facts, scene.day) is sf.Verdict.NO:
            marks[name] = "n/a"
    return {name: marks.get(name, "") for name in book.questions}


def asks_of(criteria: Iterable[Criterion]) -> tuple[Ask, ...]:
    return tuple((f"waived.{it.key}", it.check_rule) for it in criteria if not it.advisory)


def graph_of(book: sf.Playbook) -> dict[int, list[int]]:
    """Where the moves lead from each position, by number."""
    keys = [place.key for place in book.positions]
    return {
        keys.index(key): [
            keys.index(move.target)
            for move in book.moves
            if move.source == key and move.target != END
        ]
        for key in keys
    }


def ways_back(book: sf.Playbook) -> set[tuple[str, str]]:
    """The named moves that lead back: those said so, and those to what every deal has passed."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for place in book.positions:
        for name in (place.stage.key, place.key):
            first.setdefault(name, place.key)
        last |= {place.stage.key: place.key, place.key: place.key}
    said = {
        (last[move["from"]], first[move["to"]]): move.get("back")
        for move in json.loads(book.to_json()).get("moves", [])
        if move["to"] != END and not move.get("new_deal")
    }
    keys = [place.key for place in book.positions]
    graph = graph_of(book)
    found = {way for way, back in said.items() if back}
    passed = {
        (source, target)
        for (source, target), back in said.items()
        if back is None and keys.index(source) not in there(graph, 0, without=keys.index(target))
    }
    for source, target in passed:
        place = book.position(source)
        others = {(move.source, move.target) for move in book.moves if move.source == source}
        if place.final or others - passed - {way for way, back in said.items() if back}:
            found.add((source, target))
    return found


def ways_on(book: sf.Playbook) -> dict[str, list[str]]:
    """Where advancing may lead from each place, by what it tries first."""
    back = ways_back(book)
    found = {}
    for place in book.positions:
        every = [move.target for move in book.moves if move.source == place.key]
        main, *others = [to for to in every if (place.key, to) not in back] or every or [END]
        found[place.key] = [main, *(to for to in others if to != END)]
    return found


def table(book: sf.Playbook) -> dict[tuple[str, str], Way]:
    """Every pair of places between which a deal may ever go."""
    order = [place.key for place in book.positions]
    named = {(move.source, move.target): move for move in book.moves}
    marked = any(stage.wins for stage in book.stages)
    named_back, on = ways_back(book), ways_on(book)
    ways = {}
    for here, to in product(book.positions, (*book.positions, None)):
        move = named.get((here.key, to.key if to else END))
        back = to is not None and order.index(to.key) < order.index(here.key)
        if move:
            back = (move.source, move.target) in named_back
        if here is to or (move is None and to is None and not here.final):
            continue
        own, into = move.criteria if move else (), to.entry if to else ()
        asks = asks_of(own if back else (*here.exit, *own, *into))
        if to and not back and not move:
            asks += passed_by(book, here, to)
        asks += (("", move.rule),) if move and move.rule else ()
        wins = here.stage.wins if marked else not to and on[here.key][0] == END
        leaves = not back and not (to and to.stage is here.stage)
        jump = to.back if to and back else book.policy.skip
        by = book.policy.advance if move or not to else jump
        been = f"reached.{to.key}" if to and back and not move else ""
        past = to is not None and not move and past_winning(book, here, to)
        ways[here.key, to.key if to else END] = Way(by, asks, wins and leaves, been, past)
    return ways


def passed_by(book: sf.Playbook, here: Position | None, to: Position) -> tuple[Ask, ...]:
    """What the places in between ask for, those that every way leads through."""
    policy = book.policy.skip if here else book.policy.start_later
    if policy.criteria == "waived":
        return ()
    keys = [place.key for place in book.positions]
    graph = graph_of(book)

    def before(key: str) -> set[int]:
        number = keys.index(key)
        return {it for it in range(len(keys)) if it != number if number not in there(graph, 0, it)}

    numbers = before(to.key) - (before(here.key) | {keys.index(here.key)} if here else set())
    between = [book.positions[number] for number in numbers]
    return asks_of(item for place in between for item in (*place.entry, *place.exit))


def past_winning(book: sf.Playbook, here: Position | None, to: Position) -> bool:
    """Does a jump leave out a stage where deals are won?"""
    first = book.positions.index(here) + 1 if here else 0
    left_out = {place.stage.key for place in book.positions[first : book.positions.index(to)]}
    left_out -= {to.stage.key, *([here.stage.key] if here else [])}
    return any(stage.wins for stage in book.stages if stage.key in left_out)


class TableEngine:
    """Where one deal stands."""

    def __init__(self, book: sf.Playbook) -> None:
        self.book, self.ways, self.on = book, table(book), ways_on(book)
        self.place, self.outcome, self.ended, self.held = "", "none", False, False
        self.tracks: dict[str, list[str]] = {}  # every state that each track was in, the last now

    def step(self, command: sf.Command, scene: Scene) -> None:
        """Follow a command, or stay where it is not allowed."""
        here = self.place
        self.follow(command, scene)
        if self.place and not here:
            self.tracks = {key: [it.states[0].key] for key, it in self.book.tracks.items()}

    def follow(self, command: sf.Command, scene: Scene) -> None:
        book, here, going = self.book, self.place, not self.ended and not self.held
        claimed = command.role is not None and command.role not in scene.held
        if claimed and book.policy.roles == "of_team":
            return
        permission = getattr(book.policy, type(command).__name__.lower(), None)
        if permission is not None and not scene.may(permission):
            return
        match command:
            case sf.Start() | sf.Adopt() if not here:
                self.begin(command, scene)
            case sf.Advance() if here and going:
                any(self.go(to, scene) for to in self.on[here])
            case sf.MoveTo() if here and going:
                self.go(self.called(command.stage), scene)
            case sf.Win() if here and going and self.outcome == "none":
                if self.has_reason(command, scene):
                    self.win(scene)
            case sf.MoveTrack() if here and going:
                self.move_track(command.track, command.state, scene)
            case sf.Lose() | sf.Disqualify() if here and not self.ended and self.outcome == "none":
                if self.has_reason(command, scene):
                    self.outcome = "lost" if isinstance(command, sf.Lose) else "disqualified"
                    self.ended, self.held = True, False
            case sf.Hold() if here and going:
                self.held = command.review_on >= scene.day
            case sf.Resume() if not self.ended:
                self.held = False
            case sf.Reopen() | sf.Retract():
                self.step_again(command, scene)
            case _:
                pass

    def begin(self, command: sf.Start | sf.Adopt, scene: Scene) -> None:
        """Start a deal, or take one over."""
        book = self.book
        match command:
            case sf.Start():
                to = book.position(command.stage or book.initial.key)
                allowed = to is book.initial or (
                    scene.may(book.policy.start_later) and not past_winning(book, None, to)
                )
                asks = asks_of(to.entry)
                if to is not book.initial:
                    asks += passed_by(book, None, to)
                self.place = to.key if allowed and scene.met(asks) else ""
            case sf.Adopt():
                if command.outcome == "won" and not self.winning(self.called(command.stage)):
                    return
                self.place, self.outcome = self.called(command.stage), command.outcome or "none"
                self.ended = self.outcome in ("lost", "disqualified")

    def step_again(self, command: sf.Reopen | sf.Retract, scene: Scene) -> None:
        """Take a deal up again that has ended, or take its outcome back."""
        book, here = self.book, self.place
        match command:
            case sf.Reopen() if self.ended and scene.may(book.policy.reopen):
                if scene.facts.get(f"reached.{self.called(command.stage)}") is True:
                    self.place, self.ended = self.called(command.stage), False
                    self.outcome = "won" if self.outcome == "won" else "none"
            case sf.Retract() if self.outcome != "none" and not self.held:
                to = self.called(command.stage) if command.stage else here
                been = scene.facts.get(f"reached.{to}") is True
                if been and not self.past_winning(to):
                    self.place, self.outcome, self.ended = to, "none", False

    def has_reason(self, command: sf.Win | sf.Lose | sf.Disqualify, scene: Scene) -> bool:
        ends = {sf.Win: "won", sf.Lose: "lost"}
        outcome = ends.get(type(command), "disqualified")
        reasons = [it for it in self.book.reasons.values() if it.outcome == outcome]
        given = [reason for reason in reasons if reason.key == command.reason]
        return all(scene.note or not it.notes for it in given) if given else not reasons

    def past_winning(self, place: str) -> bool:
        """Does every way there lead out of a stage where deals are won?"""
        stages = {it.key: it.stage for it in self.book.positions}
        for stage in {it.key: it for it in stages.values() if it.wins}.values():
            inside = {key for key, it in stages.items() if it is stage}
            seen, todo = set[str](), [self.book.initial.key]
            while todo:  # without passing through the stage
                here = todo.pop()
                if here in seen or here in inside:
                    continue
                seen.add(here)
                todo += [move.target for move in self.book.moves if move.source == here]
            if place not in seen and place not in inside:
                return True
        return False

    def move_track(self, key: str, to: str, scene: Scene) -> None:
        track, been = self.book.tracks[key], self.tracks[key]
        states = {state.key: state for state in track.states}
        order = [*states]
        here = states[been[-1]]
        later = order.index(to) > order.index(here.key) and not here.final
        applies = track.when is None or scene.met([("", track.when)])
        if to in here.to or (later and not here.to):
            allowed = scene.met(asks_of(states[to].entry))
        else:
            back = order.index(to) < order.index(here.key) and to in been
            allowed = back and scene.may(track.back)
        if applies and allowed and to != here.key and scene.may(track.by):
            been.append(to)

    def win(self, scene: Scene) -> None:
        book, here = self.book, self.place
        asks: tuple[Ask, ...] = ()
        seen = set[str]()
        while not (winning := [to for to in self.on[here] if self.ways[here, to].wins]):
            seen.add(here)
            on = self.on[here][0]
            if on in {*seen, END} or book.position(on).stage is not book.position(here).stage:
                return
            asks += self.ways[here, on].asks
            here = on
        for to in winning:
            # Nobody enters what comes after winning.
            beyond = asks_of(book.position(to).entry) if to != END else ()
            every = (*asks, *self.ways[here, to].asks)
            if scene.met(ask for ask in every if ask not in beyond):
                self.outcome, self.ended = "won", to == END
                return

    def go(self, to: str, scene: Scene) -> bool:
        """Whether the deal went there."""
        way = self.ways.get((self.place, to))
        if way is None or scene.facts.get(way.been) is False:
            return False
        if way.past_winning and self.outcome == "none":
            return False
        if way.wins and self.outcome == "none":
            listed = any(reason.outcome == "won" for reason in self.book.reasons.values())
            if listed or not scene.may(self.book.policy.win):
                return False
        allowed = scene.may(way.by) and scene.met(way.asks)
        if allowed:
            self.outcome = "won" if way.wins and self.outcome == "none" else self.outcome
            self.place, self.ended = (self.place, True) if to == END else (to, False)
        return allowed

    def winning(self, place: str) -> bool:
        """Are deals won there, or before?"""
        keys = [each.key for each in self.book.positions]
        until = self.book.positions[: keys.index(place) + 1]
        if any(stage.wins for stage in self.book.stages):
            return any(each.stage.wins for each in until)
        return self.on[place][0] == END

    def called(self, name: str) -> str:
        """A stage stands for its first sub-stage."""
        names = ((place.key, place.stage.key) for place in self.book.positions)
        return next((keys[0] for keys in names if name in keys), END)
