"""What a playbook says of one step of a deal's course: may it go from here to there?

Pure: no frames. A log may name stages where the playbook has sub-stages; then the deal may be in
any of them, and a step is allowed when it is from one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from salesflow._labels import LabelReader
from salesflow.errors import Problem
from salesflow.pipeline._frames.stages import Place, Places, read_labels, stage_reader
from salesflow.playbook import Playbook, Position

DeviationKind: TypeAlias = Literal[
    "without_predecessor",
    "skipped",
    "moved_back",
    "loop",
    "after_end",
    "tied",
    "out_of_order",
    "gap",
    "too_long",
    "unknown_label",
]
KINDS: Final[tuple[DeviationKind, ...]] = get_args(DeviationKind)

ENDED: Final = "ended"
RETRACTED: Final = "retracted"
"""The label of an event that takes an outcome back; the next one says where the deal goes on."""
HELD: Final = "held"
"""The label of an event from which on a deal is on hold."""
RESUMED: Final = "resumed"
"""The label of one that ends this; so does whatever says where the deal is, or how it ended."""
_MARKS: Final = (ENDED, RETRACTED, HELD, RESUMED)
START: Final = -1
"""The code of what is before the first stage of a deal."""

_GIVEN_UP: Final = ("lost", "disqualified")
_OUTCOMES: Final = ("won", *_GIVEN_UP)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """Something that a label of the log can stand for.

    Attributes:
        key: A stage, a sub-stage, or how a deal ended.
        code: Its number, in the order of the process.
        stage: The number of its stage; of an end its own.
        outcome: `none`, or how a deal here has ended; beyond the stage that wins it is `won`.
        whole: It is a stage, not a sub-stage of one.
        positions: Where in the playbook the deal may be; none for an end.
        max_days: Days after which a deal has been here too long; of a stage with sub-stages, in all
            of them together.
    """

    key: str
    code: int
    stage: int
    outcome: str
    whole: bool = True
    positions: tuple[str, ...] = ()
    max_days: int | None = None

    @property
    def is_end(self) -> bool:
        """The deal has ended."""
        return not self.positions


@dataclass(frozen=True, slots=True)
class GraphStep:
    """What is to be said of a step.

    Attributes:
        kind: How it deviates, or None.
        allowed: The playbook lets deals go this way.
    """

    kind: DeviationKind | None = None
    allowed: bool = True


_FINE: Final = GraphStep()
_AFTER_END: Final = GraphStep("after_end", allowed=False)


class Course:
    """The ways of a playbook between the nodes of its logs."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._places = Places(playbook)
        nodes = [_node(playbook, place, self._places) for place in self._places]
        last = len(nodes)
        nodes.append(GraphNode(ENDED, last, last, outcome="won"))
        nodes += [
            GraphNode(key, code, code, outcome="none")
            for code, key in enumerate((RETRACTED, HELD, RESUMED), start=last + 1)
        ]
        self.nodes: tuple[GraphNode, ...] = tuple(nodes)
        self.by_key: Mapping[str, GraphNode] = {node.key: node for node in nodes}
        of_parts = {node.stage for node in nodes if not node.whole}
        limits = {node.code: node.max_days for node in nodes if node.max_days is not None}
        self.limits = {code: days for code, days in limits.items() if code not in of_parts}
        """Days after which a deal has been in one place too long, by its code."""
        self.whole_limits = {code: days for code, days in limits.items() if code in of_parts}
        """The same of stages with sub-stages: of a stay in all of them."""
        self._ways: dict[str, set[str]] = {place.key: set() for place in playbook.positions}
        for move in playbook.moves:
            self._ways[move.source].add(move.target)
        self._order = {place.key: number for number, place in enumerate(playbook.positions)}
        onward: dict[str, set[str]] = {key: set() for key in self._ways}
        for move in playbook.moves:
            if not move.back:
                onward[move.source].add(move.target)
        self._winning = frozenset(_winning(playbook, onward))
        self._final = frozenset(place.key for place in playbook.positions if place.final)
        won = [place.key for place in playbook.positions if self._may_win(place)]
        self._winnable = frozenset(won)
        self._keys = tuple(self._order)
        self._entered_again = {place.key for place in playbook.positions if place.back.allowed}
        self._onward: dict[str, frozenset[str]] = {}
        self._again: dict[str, bool] = {}

    @property
    def reader(self) -> LabelReader:
        """Reads labels as the keys of nodes."""
        return stage_reader(self.playbook, *_MARKS)

    def labels(self, stages: Mapping[str, str]) -> tuple[dict[str, int], list[Problem]]:
        """The node's code for every label, and what is wrong with the mapping."""
        own = {key: self.by_key[key].code for key in _MARKS}
        marks = {str(label): own[key] for label, key in stages.items() if key in own}
        others = {label: key for label, key in stages.items() if key not in own}
        labels, problems = read_labels(self._places, others, self.reader)
        return {**own, **labels, **marks}, problems

    def step(self, source: int, target: int, *, seen: bool) -> GraphStep:
        """What is to be said of a step from a node, or START, to another that was `seen` before."""
        to = self.nodes[target]
        if source == START:
            return self._begun(to)
        here = self.nodes[source]
        if to.key == RETRACTED:
            return _FINE if self.playbook.policy.retract.allowed else _AFTER_END
        if here.key == RETRACTED:
            # Whether the outcome might be taken back was said of the step before.
            again = to.key in _OUTCOMES if to.is_end else seen and to.outcome != "won"
            return _FINE if again else _AFTER_END
        if here.is_end:
            return self._after(here, to, seen=seen)
        return self._ended(here, to) if to.is_end else self._moved(here, to, seen=seen)

    def _begun(self, to: GraphNode) -> GraphStep:
        if self.playbook.initial.key in to.positions:
            return _FINE
        later = self.playbook.policy.start_later.allowed and not to.is_end
        return _FINE if later else GraphStep("without_predecessor", allowed=False)

    def _after(self, here: GraphNode, to: GraphNode, *, seen: bool) -> GraphStep:
        """A step of a deal that has ended."""
        if to.is_end:
            return _FINE if to.key == ENDED else _AFTER_END
        # A log of stages alone does not say whether the deal was reopened or its outcome retracted.
        policy = self.playbook.policy
        if policy.retract.allowed and seen and to.outcome != "won":
            return _FINE
        over = here.key != "won" or bool(self._winning & self._final)
        if over and policy.reopen.allowed and seen:
            return _FINE
        if here.key != "won":
            return _AFTER_END
        # Won and not over: what follows the stage that wins, or what the policy opens from there.
        follows = self._leads(self._winnable, to.positions)
        follows = follows or (policy.back.allowed and seen)
        last = max((self._order[key] for key in self._winnable), default=-1)
        follows = follows or (policy.skip.allowed and self._rank(to) > last)
        if follows:
            return _FINE
        return GraphStep("skipped", allowed=False) if to.outcome == "won" else _AFTER_END

    def _ended(self, here: GraphNode, to: GraphNode) -> GraphStep:
        if to.key in _GIVEN_UP:
            return _FINE if here.outcome == "none" else _AFTER_END
        if to.key == ENDED:
            ends = self._final & {*here.positions} or self._leads(here.positions, (ENDED,))
            goals = self._final
        else:
            ends = self._winnable & {*here.positions} or here.outcome == "won"
            goals = self._winning
        return _FINE if ends else self._forward(here, goals)

    def _moved(self, here: GraphNode, to: GraphNode, *, seen: bool) -> GraphStep:
        policy = self.playbook.policy
        if {*here.positions} & {*to.positions}:
            return _FINE  # a stage, and the sub-stage of it
        if self._leads(here.positions, to.positions):
            return GraphStep("loop") if seen and not self._returns(to) else _FINE
        if self._rank(here) < self._rank(to):
            return _FINE if policy.skip.allowed else self._forward(here, to.positions)
        return _FINE if seen and self._back(to) else GraphStep("moved_back", allowed=False)

    def _back(self, node: GraphNode) -> bool:
        """Somebody may come back here, where no move leads."""
        return any(self.playbook.position(key).back.allowed for key in node.positions)

    def _may_win(self, place: Position) -> bool:
        """Is the stage that wins completed by going on from this position?"""
        here: Position | None = place
        while here is not None and here.stage.key == place.stage.key:
            if here.key in self._winning:
                return True
            following = self.playbook.next_of(here.key)
            here = None if following is None else self.playbook.position(following)
        return False

    def _forward(self, here: GraphNode, goals: Iterable[str]) -> GraphStep:
        reached = self._reachable(here.positions) & {*goals}
        return GraphStep("skipped" if reached else "without_predecessor", allowed=False)

    def _rank(self, node: GraphNode) -> int:
        return self._order[node.positions[0]]

    def _leads(self, sources: Iterable[str], targets: Iterable[str]) -> bool:
        goals = {*targets}
        return any(self._ways[source] & goals for source in sources)

    def _returns(self, node: GraphNode) -> bool:
        """Something in the playbook lets a deal come here again."""
        found = self._again.get(node.key)
        if found is None:
            policy = self.playbook.policy
            again = policy.reopen.allowed or policy.retract.allowed
            found = self._again[node.key] = again or self._comes_again({*node.positions})
        return found

    def _comes_again(self, inside: set[str]) -> bool:
        """Whether ways and what may be come back into lead out of these positions and in again."""
        entered = min((self._order[key] for key in inside & self._entered_again), default=None)
        limit = max(self._order[key] for key in inside)
        seen = {*inside}
        todo = [*self._keys_back(0, limit)]
        todo += (target for key in inside for target in self._ways[key])
        while todo:
            place = todo.pop()
            if place in seen or place == ENDED:
                continue
            seen.add(place)
            number = self._order[place]
            if self._ways[place] & inside or (entered is not None and entered < number):
                return True
            todo += self._ways[place]
            todo += self._keys_back(limit, number)
            limit = max(limit, number)
        return False

    def _keys_back(self, first: int, last: int) -> Iterable[str]:
        """What may be come back into, of the positions with these numbers."""
        return (key for key in self._keys[first:last] if key in self._entered_again)

    def _reachable(self, sources: Iterable[str]) -> frozenset[str]:
        """Every position that some way leads to, from one of these."""
        return frozenset().union(*(self._onwards(source) for source in sources))

    def _onwards(self, source: str) -> frozenset[str]:
        found = self._onward.get(source)
        if found is None:
            reached: set[str] = set()
            todo = [source]
            while todo:
                fresh = self._ways[todo.pop()] - reached - {ENDED}
                reached |= fresh
                todo += fresh
            found = self._onward[source] = frozenset(reached)
        return found

    def beyond(self, node: GraphNode) -> tuple[int, ...]:
        """The codes of the nodes that a deal has come to only by going on from this one.

        Those later in the order of the playbook that some way from here leads to; and won, for
        stages that are not themselves beyond the one that wins.
        """
        if node.is_end:
            return ()
        reached = self._reachable(node.positions)
        return tuple(
            other.code
            for other in self.nodes
            if (
                other.key == "won" and node.outcome == "none"
                if other.is_end
                else self._rank(other) > self._rank(node)
                and not {*other.positions} & {*node.positions}
                and {*other.positions} & reached
            )
        )


def _node(playbook: Playbook, place: Place, places: Places) -> GraphNode:
    if place.stage is None:
        return GraphNode(place.key, place.code, place.code, place.outcome)
    whole = place.sub_stage is None
    stage = playbook.stage(place.stage)
    return GraphNode(
        place.key,
        place.code,
        places.by_key[place.stage].code,
        whole=whole,
        positions=tuple(position.key for position in place.positions),
        outcome=place.outcome,
        max_days=(stage if whole else place.positions[0]).max_days,
    )


def _winning(playbook: Playbook, ways: Mapping[str, set[str]]) -> Iterable[str]:
    """Where a deal is won: on leaving the stages marked so, or else where it may end."""
    if not any(stage.wins for stage in playbook.stages):
        return (place.key for place in playbook.positions if place.final)
    return (place.key for place in playbook.positions if place.stage.wins and _leaves(place, ways))


def _leaves(place: Position, ways: Mapping[str, set[str]]) -> bool:
    inside = {sub.key for sub in place.stage.sub_stages} or {place.key}
    return place.final or not ways[place.key] or bool(ways[place.key] - inside)
