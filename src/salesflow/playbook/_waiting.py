"""Stages and states of tracks that wait for each other, so that no deal ever gets there.

What a deal may get to is worked out from where it begins: a stage, a state or a criterion is taken
for possible as soon as one way to it may be open, given what is possible already. That errs on the
side of what may be, so what is left over is certain never to be: on each of its ways something else
that is left over has to come first. What only follows from that is no fault of its own; the circles
are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.playbook._document import rules
from salesflow.playbook._graph import components, shortest
from salesflow.playbook._invariants import Invariants
from salesflow.playbook._model_policy import PERMIT
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.playbook._moves import asked_at, asks, gates, is_judged, permits
from salesflow.playbook._parts import ENDED, RawTable, criteria, positions
from salesflow.playbook._problem_log import ProblemLog, warning
from salesflow.playbook._tracks import ways_of
from salesflow.playbook._warn_rules import Analysis
from salesflow.rules import Rule
from salesflow.rules.ast import (
    And,
    AtLeast,
    Compare,
    Flag,
    Name,
    Node,
    Not,
    OneOf,
    Or,
    Reached,
    Words,
)

_SHOWN: Final = 8
_MAX_TOLD: Final = 20
_MAX_PAIRS: Final = 300_000
_HINT: Final = "take one of these conditions away, or ask for it later"


class Thing(NamedTuple):
    """What a deal may get to.

    Attributes:
        kind: `stage` for a position, `track` for a state, `done` for a criterion, or `left` for
            having left any position before the one of that number.
        name: Its key; of a state `<track>.<state>`.
    """

    kind: str
    name: str


_Things: TypeAlias = frozenset[Thing]


class _Way(NamedTuple):
    """A way to a thing: after one of some others, where all that is asked holds, by its path."""

    after: _Things = frozenset()
    asked: tuple[tuple[str, Node], ...] = ()


class Circle(NamedTuple):
    """Things each of which waits for the next, and the last for the first.

    Attributes:
        steps: Each thing with the path of what makes it wait; empty where it comes after the next
            one on every way.
    """

    steps: tuple[tuple[Thing, str], ...]

    @property
    def paths(self) -> set[str]:
        """Where the file says what makes it."""
        return {path for _, path in self.steps if path}

    @property
    def is_of_one_stage(self) -> bool:
        """Whether one rule asks for later stages only: what comes back may have been there."""
        return len(self.paths) == 1 and all(it.kind in {"stage", "left"} for it, _ in self.steps)


def check_waiting(document: RawTable, facts: Facts, log: ProblemLog) -> None:
    """Note the circles that nobody gets out of, in a document without other errors."""
    waits = Waits(document, facts)
    for circle in waits.circles():
        path, words = waits.told(circle)
        log.add(path, f"{words}: no deal gets there", _HINT, "circle")


def waiting_warnings(document: RawTable, facts: Facts) -> Iterator[Problem]:
    """The circles that only a waiver leads out of, in a document without errors."""
    waits = Waits(document, facts, waived=False)
    for circle in waits.circles():
        path, words = waits.told(circle)
        yield warning(path, f"{words}: only a waiver leads there", _HINT, "circle")


class Waits:
    """What has to come first on each way of a deal and of its tracks."""

    def __init__(self, document: RawTable, facts: Facts, *, waived: bool = True) -> None:
        """Nothing waits for criteria that may be waived, unless `waived` is false."""
        self._document = document
        self._facts = facts
        self._waived = waived
        self._met: set[str] = set()
        self._rules: dict[str, tuple[str, Rule]] = {}
        self._ways: dict[Thing, list[_Way]] = {}
        self._places: dict[Thing, RawTable] = {}
        self._in: dict[str, _Things] = {}
        self._values: dict[str, dict[str, _Things]] = {"stage": {}, "sub_stage": {}}
        for stage, place in positions(document):
            here = Thing("stage", place.key)
            self._places[here] = place
            for name in dict.fromkeys((stage.key, place.key)):
                self._in[name] = self._in.get(name, frozenset()) | {here}
            self._values["stage"][stage.key] = self._in[stage.key]
            if place is not stage:
                self._values["sub_stage"][place.key] = self._in[place.key]
        self._add_stages()
        self._add_tracks()
        read = {name for _, rule in rules(document) for name in rule.facts}
        for criterion in criteria(document):
            node = asks(criterion)
            if node is not None and not is_judged(criterion) and f"done.{criterion.key}" in read:
                self._add(Thing("done", criterion.key), asked=((criterion.path, node),))

    def told(self, circle: Circle) -> tuple[str, str]:
        """The path of the first state of a circle, or of its first stage, and it in words."""
        listed = list(self._places)
        first = min(
            (it for it, _ in circle.steps if it in self._places),
            key=lambda it: (it.kind != "track", listed.index(it)),
        )
        begin = [thing for thing, _ in circle.steps].index(first)
        steps: list[tuple[Thing, str]] = []
        for thing, path in (*circle.steps[begin:], *circle.steps[:begin]):
            if steps and (thing.kind == "left" or not (path or steps[-1][1])):
                steps[-1] = (steps[-1][0], steps[-1][1] or path)
            else:
                steps.append((thing, path))
        nouns = [self._noun(thing) for thing, _ in (*steps, steps[0])]
        verbs = ["waits for" if path else "comes after" for _, path in steps]
        words = [f"{verb} {noun}" for verb, noun in zip(verbs, nouns[1:], strict=True)]
        if len(words) > _SHOWN:
            words[_SHOWN - 1 : -1] = ["waits for …"]
        return self._places[first].path, f"{nouns[0]} {', which '.join(words)}"

    def _noun(self, thing: Thing) -> str:
        key = thing.name.rpartition(".")[2]
        if thing.kind == "track":
            return f'"{key}" of the track "{thing.name.partition(".")[0]}"'
        if thing.kind == "done":
            return f'the criterion "{key}"'
        is_stage = key in self._values["stage"]
        return f'the {"stage" if is_stage else "sub-stage"} "{key}"'

    def circles(self) -> Iterator[Circle]:
        """Each circle once: what only follows from one is none any more where that is cut."""
        self._met = set()
        for _ in range(_MAX_TOLD):
            knot = next(self.knots(), None)
            if knot is None:
                return
            hopeless = self._hopeless(self._graph(knot))
            circle = None if hopeless else self._circle(knot)
            if circle is not None and not circle.is_of_one_stage:
                yield circle
            elif circle is None and not hopeless:
                return
            self._met |= hopeless if circle is None else circle.paths

    def _hopeless(self, graph: Mapping[Thing, Mapping[Thing, str]]) -> set[str]:
        """Rules that contradict the place where they stand, which is told of the rules."""
        analysis, known = self._analysis
        found: set[str] = set()
        for path in {path: None for before in graph.values() for path in before.values()}:
            at, rule = self._rules.get(path, ("", None))
            if rule and analysis.never_holds(rule, given=[it.rule for it in known.of(rule, at)]):
                found.add(path)
        return found

    @cached_property
    def _analysis(self) -> tuple[Analysis, Invariants]:
        return Analysis(self._facts), Invariants(self._document, self._facts)

    def _circle(self, knot: AbstractSet[Thing]) -> Circle | None:
        """The shortest way round from the first thing; where it may, by what is needed for sure."""
        for most in (1, len(knot)):
            graph = self._graph(knot, most)
            for thing, before in graph.items():
                for start in (it for it, path in before.items() if path):
                    trail = shortest(graph, [start], thing)
                    if trail:
                        steps = pairwise((thing, *trail))
                        return Circle(tuple((one, graph[one][to]) for one, to in steps))
        return None

    def knots(self) -> Iterator[set[Thing]]:
        """What no deal gets to even if it got to everything else, by what hangs together."""
        everything = frozenset(self._ways)
        asked = sum(len(way.asked) for ways in self._ways.values() for way in ways)
        if asked * len(everything) > _MAX_PAIRS:
            return  # a stranger's file must not take minutes
        todo = [everything - self._possible(frozenset())]
        while todo:
            graph = {it: list(first) for it, first in self._graph(todo.pop()).items()}
            for part in components(graph):
                if len(part) == 1 and not part.intersection(*(graph[it] for it in part)):
                    continue
                left = part - self._possible(everything - part)
                if left == part:
                    yield part
                elif left:
                    todo.append(frozenset(left))

    def _possible(self, given: _Things) -> set[Thing]:
        """What a deal may get to, if it got to what is given."""
        found = set(given)
        waiting: dict[Thing, list[tuple[Thing, _Way]]] = {}
        todo = [(it, way) for it, ways in self._ways.items() if it not in found for way in ways]
        while todo:
            thing, way = todo.pop()
            if thing in found:
                continue
            lacking = next(self._lacking(way, found), None)
            if lacking is None:
                found.add(thing)
                todo += waiting.pop(thing, ())
            for first in () if lacking is None else lacking[1]:
                waiting.setdefault(first, []).append((thing, way))
        return found

    def _graph(
        self, blocked: AbstractSet[Thing], most: int | None = None
    ) -> dict[Thing, dict[Thing, str]]:
        """What may have to come first, of things that are not possible, and by which path.

        With `most`, only where there are no more of which one would do.
        """
        found = self._ways.keys() - blocked
        graph: dict[Thing, dict[Thing, str]] = {it: {} for it in self._ways if it in blocked}
        for thing, before in graph.items():
            for way in self._ways[thing]:
                for path, first in self._lacking(way, found):
                    # That it waits for itself as well says nothing, where others would do.
                    needed = sorted((first & blocked) - {thing} or first & blocked)
                    if most is None or len(needed) <= most:
                        before |= {it: path for it in needed if not before.get(it)}
        return graph

    def _lacking(self, way: _Way, found: AbstractSet[Thing]) -> Iterator[tuple[str, _Things]]:
        """What keeps a way shut: things of which one has to come first, and where that is asked."""
        if way.after and way.after.isdisjoint(found):
            yield "", way.after
        for path, node in way.asked:
            for first in () if path in self._met else self._first(node, found, want=True):
                yield path, first

    def _first(self, node: Node, found: AbstractSet[Thing], *, want: bool) -> list[_Things]:
        """Sets of things of each of which one has to come before a rule is YES, or else NO."""
        match node:
            case Not(item):
                return self._first(item, found, want=not want)
            case And(items):
                return self._first(AtLeast(len(items), items), found, want=want)
            case Or(items):
                return self._first(AtLeast(1, items), found, want=want)
            case AtLeast(n, items):
                parts = [self._first(item, found, want=want) for item in items]
                shut = [part for part in parts if part]
                enough = n if want else len(items) - n + 1
                lacking = enough - (len(parts) - len(shut))
                if lacking == len(shut):
                    return [first for part in shut for first in part]
                return [frozenset().union(*(part[0] for part in shut))] if lacking > 0 else []
            case _:
                first = self._said_by(node, want=want)
                return [first] if first and first.isdisjoint(found) else []

    def _said_by(self, node: Node, *, want: bool) -> _Things:
        """The things of which one is there where a statement is YES, or NO; empty: any may be."""
        match node:
            case Reached(key) if want:
                return self._in.get(key, frozenset())
            case Flag(fact) if want and fact.startswith("done."):
                done = Thing("done", fact.removeprefix("done."))
                return frozenset({done} if done in self._ways else ())
            case Compare((Name(fact), Words(value)), (op,)) if fact in self._values:
                return self._one_of(fact, {value}, within=(op == "==") is want)
            case OneOf(Name(fact), values) if fact in self._values:
                return self._one_of(fact, {item.value for item in values}, within=want)
            case _:
                return frozenset()

    def _one_of(self, fact: str, values: AbstractSet[object], *, within: bool) -> _Things:
        listed = self._values[fact].items()
        return frozenset().union(*(it for value, it in listed if (value in values) is within))

    def _add(
        self, thing: Thing, after: _Things = frozenset(), asked: tuple[tuple[str, Node], ...] = ()
    ) -> None:
        self._ways.setdefault(thing, []).append(_Way(after, asked))

    def _add_stages(self) -> None:
        document = self._document
        skips, jumps = permits(document, "skip"), permits(document, "start_later")
        for source, target, tables in gates(document):
            after = frozenset({Thing("stage", source)} if source else ())
            if target != ENDED:
                # A deal that was not started here, but adopted, is asked nothing at the door.
                self._add(Thing("stage", target), after, self._asked(tables if source else ()))
            if source and not skips:
                # What is judged in a stage is judged anywhere in it.
                self._add_judged(tables, self._beside(after))
        entry, leaving = asked_at(document)
        before: Thing | None = None
        for number, here in enumerate(self._places):
            if jumps:
                self._add(here, asked=self._asked(entry[here.name]))
            if skips and before is not None:
                self._add(here, frozenset({before}), self._asked(entry[here.name]))
            left = Thing("left", str(number + 1))
            if skips:
                self._add(left, frozenset({here}), self._asked(leaving[here.name]))
                if before is not None:
                    self._add(left, frozenset({before}))
                before = left

    def _beside(self, places: _Things) -> _Things:
        """The positions of the same stages."""
        stages = self._values["stage"].values()
        return frozenset().union(*(part for part in stages if not part.isdisjoint(places)))

    def _add_tracks(self) -> None:
        starting = frozenset(self._places)
        for track in self._document.tables("tracks"):
            when, states = track.rule("when"), track.tables("states")
            applies = () if when is None else ((track.at("when"), when.node),)
            if when is not None:
                self._rules[track.at("when")] = track.at("when"), when
            things = {state.key: Thing("track", f"{track.key}.{state.key}") for state in states}
            self._places |= {things[state.key]: state for state in states}
            led: dict[str, set[Thing]] = {}
            for key, targets in ways_of(track).items():
                for target in targets:
                    led.setdefault(target, set()).add(things[key])
            self._add(things[states[0].key], starting, applies)
            for state in states:
                before = frozenset(led.get(state.key, ()))
                if before:
                    asked = (*applies, *self._asked(state.tables("entry")))
                    self._add(things[state.key], before, asked)
                self._add_judged(state.tables("entry"), before)
            if when is not None:
                things[NOT_APPLICABLE] = Thing("track", f"{track.key}.{NOT_APPLICABLE}")
                self._add(things[NOT_APPLICABLE], asked=((track.at("when"), Not(when.node)),))
            self._values[f"track.{track.key}"] = {
                key: frozenset({thing}) for key, thing in things.items()
            }

    def _add_judged(self, tables: Iterable[RawTable], where: _Things) -> None:
        """Criteria that hold by what is said while a deal is there, or one of its tracks."""
        for table in tables:
            if "key" in table and is_judged(table) and where:
                self._add(Thing("done", table.key), where)

    def _asked(self, tables: Iterable[RawTable]) -> tuple[tuple[str, Node], ...]:
        """What criteria and moves ask for, of those that block."""
        tables = list(tables)
        for table in tables:
            if (rule := table.rule("rule")) is not None:
                self._rules[table.path] = table.at("rule"), rule
        return tuple(
            (table.path, node)
            for table in tables
            if (node := asks(table)) is not None
            and not table.get("advisory")
            and not (self._waived and self._is_waived(table))
        )

    def _is_waived(self, table: RawTable) -> bool:
        """Whether anybody may waive a criterion; nobody waives the rule of a move."""
        waive = table.get("waive")
        by_policy = "key" in table and permits(self._document, "waive")
        return by_policy if waive is None else PERMIT.value(waive).allowed
