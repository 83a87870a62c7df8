"""Where deals can go under a playbook, and what is asked on the way there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import salesflow as sf
from salesflow.playbook import Criterion, Move, Position
from salesflow.text import Text

END = "ended"


@dataclass(frozen=True)
class Way:
    """From one position to another or to the end, and what it asks for."""

    source: Position | None
    target: Position | None
    move: Move | None
    back: bool
    wins: bool
    asks: tuple[Criterion, ...]

    @property
    def required(self) -> tuple[Criterion, ...]:
        """What stands in the way while it is not met."""
        return tuple(item for item in self.asks if not item.advisory)


@dataclass(frozen=True)
class Point:
    """A criterion that people judge, and where: during a stay in one of these stages."""

    criterion: Criterion
    places: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    track: str | None = None
    states: frozenset[str] = field(default=frozenset())

    @property
    def of_the_visit(self) -> bool:
        """A judgement that names no point is about this."""
        return self.criterion.kind == "judgement" and self.track is None


def own_of(move: Move) -> tuple[Criterion, ...]:
    """What a move asks for itself; its rule is asked for like a criterion that nobody waives."""
    if move.rule is None:
        return move.criteria
    name, title = f"{move.source}>{move.target}", Text(en="The way is open")
    rule = Criterion(key=name, title=title, kind="computed", rule=move.rule, check_rule=move.rule)
    return (rule, *move.criteria)


def there(graph: dict[str, list[str]], start: str, without: str | None = None) -> set[str]:
    """What can be reached, by growing until nothing grows."""
    found = set[str]() if start == without else {start}
    while more := {to for node in found for to in graph[node] if to != without} - found:
        found |= more
    return found


class Ways:
    """The map of one playbook."""

    def __init__(self, book: sf.Playbook) -> None:
        self.book = book
        self.text = book.to_json()
        self.order = [place.key for place in book.positions]
        self.places = {place.key: place for place in book.positions}
        self.named = {(move.source, move.target): move for move in book.moves}
        self.graph = {
            key: [to for source, to in self.named if source == key and to != END]
            for key in self.order
        }
        self.marked = any(stage.wins for stage in book.stages)

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """Every criterion that a way, or a state of a track, asks for."""
        found = [item for place in self.book.positions for item in (*place.entry, *place.exit)]
        found += [item for move in self.book.moves for item in own_of(move)]
        tracks = self.book.tracks.values()
        found += [item for track in tracks for state in track.states for item in state.entry]
        return {item.key: item for item in found}

    @cached_property
    def back(self) -> set[tuple[str, str]]:
        """The named moves that lead back: those said so, or to what every deal has passed."""
        first: dict[str, str] = {}
        last: dict[str, str] = {}
        for place in self.book.positions:
            for name in (place.stage.key, place.key):
                first.setdefault(name, place.key)
            last |= {place.stage.key: place.key, place.key: place.key}
        said = {
            (last[move["from"]], first[move["to"]]): move.get("back")
            for move in json.loads(self.text).get("moves", [])
            if move["to"] != END and not move.get("new_deal")
        }
        found = {way for way, back in said.items() if back}
        passed = {
            (source, target)
            for (source, target), back in said.items()
            if back is None and target in self.before(source)
        }
        for source, target in passed:
            others = {way for way in self.named if way[0] == source} - passed
            if self.places[source].final or others - {way for way, back in said.items() if back}:
                found.add((source, target))
        return found

    @cached_property
    def on(self) -> dict[str, list[str]]:
        """Where advancing may lead from each place, by what it tries first."""
        found = {}
        for key in self.order:
            every = [to for source, to in self.named if source == key]
            main, *others = [to for to in every if (key, to) not in self.back] or every or [END]
            found[key] = [main, *(to for to in others if to != END)]
        return found

    def before(self, key: str) -> set[str]:
        """The places that every way to this one leads through, without itself."""
        start = self.order[0]
        return {it for it in self.order if it != key and key not in there(self.graph, start, it)}

    def between(self, here: str | None, to: str) -> list[Position]:
        """The places that every way from one to another leads through."""
        behind = self.before(here) | {here} if here else set()
        return [self.places[key] for key in self.order if key in self.before(to) - behind]

    def surely_passed(self, key: str) -> set[str]:
        """The places where a deal was that stands here, whatever the policy lets people do."""
        policy = self.book.policy
        if policy.start_later.allowed:
            return set()
        return self.before(key) & ({self.order[0]} if policy.skip.allowed else {*self.order})

    def way(self, here: str | None, to: str) -> Way | None:
        """From a place, or nowhere, to another or to the end; None where none may ever lead."""
        source, target = self.places.get(here or ""), self.places.get(to)
        move = self.named.get((here or "", to))
        if move is None and target is None and not (source and source.final):
            return None
        back = bool(source and target) and self.order.index(to) < self.order.index(here or "")
        if move is not None:
            back = (move.source, move.target) in self.back
        asks = () if move is None else own_of(move)
        if not back:
            asks = (*(source.exit if source else ()), *asks, *(target.entry if target else ()))
            if move is None and target is not None:
                asks += self._passed_by(here, to)
        last = here is not None and self.on[here][0] == END
        wins = source is not None and (source.stage.wins if self.marked else not target and last)
        leaves = source is not None and not (target and target.stage is source.stage)
        return Way(source, target, move, back, wins and leaves and not back, asks)

    def _passed_by(self, here: str | None, to: str) -> tuple[Criterion, ...]:
        """What the places in between ask for, where the policy says that this is asked."""
        policy = self.book.policy.skip if here else self.book.policy.start_later
        if policy.criteria == "waived":
            return ()
        between = self.between(here, to)
        return tuple(item for place in between for item in (*place.entry, *place.exit))

    def to_winning(self, here: str) -> list[list[Way]]:
        """From a place out of its stage, where that wins; once for each way out that does."""
        ways: list[Way] = []
        for _ in self.order:
            onward = [way for to in self.on[here] if (way := self.way(here, to))]
            if winning := [way for way in onward if way.wins]:
                return [[*ways, way] for way in winning]
            ways.append(onward[0])
            target, stage = onward[0].target, self.places[here].stage
            if target is None or target.stage is not stage:
                break
            here = target.key
        return []

    def skips_winning(self, here: str | None, to: str) -> str | None:
        """The stage where deals are won that a jump leaves out."""
        first = self.order.index(here) + 1 if here else 0
        beside = {self.places[to].stage.key, *([self.places[here].stage.key] if here else [])}
        for key in self.order[first : self.order.index(to)]:
            stage = self.places[key].stage
            if stage.wins and stage.key not in beside:
                return stage.key
        return None

    def past_winning(self, place: str) -> bool:
        """Does every way there lead out of a stage where deals are won?"""
        for stage in self.book.stages:
            inside = {key for key, it in self.places.items() if it.stage is stage}
            if stage.wins and place not in inside:
                graph = {
                    key: [to for to in self.graph[key] if to not in inside] for key in self.order
                }
                if self.order[0] in inside or place not in there(graph, self.order[0]):
                    return True
        return False

    def may_be_won(self, place: str) -> bool:
        """Can a deal that stands here have been won?"""
        if not self.marked:
            return self.on[place][0] == END
        until = self.order[: self.order.index(place) + 1]
        return any(self.places[key].stage.wins for key in until)

    def called(self, name: str) -> str | None:
        """A stage stands for its first part; None for what no stage is called."""
        names = ((key, place.stage.key) for key, place in self.places.items())
        return next((keys[0] for keys in names if name in keys), None)

    @cached_property
    def points(self) -> dict[str, Point]:
        """What people judge: on leaving a place, before entering it, on a move, for a track."""
        found: list[Point] = []
        for place in self.book.positions:
            everywhere = [it.key for it in self.book.positions if it.stage is place.stage]
            of_stage = [item.key for item in place.stage.exit]
            found += [
                self._point(item, everywhere if item.key in of_stage else [place.key])
                for item in place.exit
            ]
            sources = {it.source for it in self.book.moves if it.target == place.key}
            sources -= {source for source, target in self.back if target == place.key}
            if self.book.policy.skip.allowed:
                sources.update(self.order[: self.order.index(place.key)])
            found += [self._point(item, sources) for item in place.entry]
        found += [
            self._point(it, [move.source]) for move in self.book.moves for it in move.criteria
        ]
        stages = frozenset(stage.key for stage in self.book.stages)
        for key, track in self.book.tracks.items():
            for state in track.states:
                leading = frozenset(
                    it.key for it in track.states if state.key in self.track_ways(key, it.key)
                )
                found += [Point(it, frozenset(), stages, key, leading) for it in state.entry]
        return {point.criterion.key: point for point in found if point.criterion.roles}

    def _point(self, criterion: Criterion, places: Iterable[str]) -> Point:
        keys = frozenset(places)
        return Point(criterion, keys, frozenset(self.places[key].stage.key for key in keys))

    def track_ways(self, track: str, state: str) -> list[str]:
        """The states that one leads to: those it names, or all later ones where it is not final."""
        states = self.book.tracks[track].states
        number = next(number for number, it in enumerate(states) if it.key == state)
        later = [] if states[number].final else [it.key for it in states[number + 1 :]]
        return [*states[number].to] or later
