"""Of which rows a stage's criteria are asked again: the deals that came there only through them.

A deal that goes on is asked what the place that it leaves asks for on the way out, and then what
the next one asks for on the way in; one that goes back is asked neither. So either of the two is a
node of a graph of its own, and a deal has met it where no way to where it is avoids that node.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Criterion, Playbook, Position
from salesflow.playbook._graph import dominance
from salesflow.playbook._parts import ENDED

Side: TypeAlias = Literal["entry", "exit"]
_Node: TypeAlias = tuple[str, Literal["entry", "standing", "exit", "ended", "won"]]

_WON: Final[_Node] = ("", "won")
_JUDGED: Final = frozenset({"decision", "judgement"})
"""Kinds of criteria of which the word of one visit is not that of the next."""


class Passed:
    """What every deal of a playbook has met, by where it stands and how it ended."""

    def __init__(self, playbook: Playbook) -> None:
        self._beyond = dominance(_graph(playbook), (playbook.initial.key, "entry"))
        self._won = self._numbers([_WON])
        self._moves = playbook.moves
        self._stages = {it.key: it.stage.key for it in playbook.positions}
        self._places = [
            (
                place,
                self._numbers([(it.key, "standing") for it in place.positions]),
                self._numbers([(it.key, "ended") for it in place.positions]),
            )
            for place in Places(playbook)
        ]

    def scopes(self, side: Side, position: Position, criterion: Criterion) -> tuple[Scope, ...]:
        """The rows of the deals that have met what a position asks for on the way in or out.

        They may be open, won, lost or disqualified: to stand somewhere, each had to come there. A
        deal that is won has been through what winning asks for, and one that ended as won through
        what asks for it where it stands; one that was lost has left nothing but what lies behind.
        Where a deal comes again to where something is judged, it is judged anew and not asked yet.
        """
        gate = self._beyond[position.key, side]
        anew = self._judged_in(position) if side == "entry" and criterion.kind in _JUDGED else ()
        standing = []
        ended = []
        for place, here, over in self._places:
            if place.stage in anew:
                continue
            if here and _within(gate, here):
                standing.append(place.code)
            elif over and _within(gate, over):
                ended.append(place.code)
        scopes = [Scope("all", tuple(standing))] if standing else []
        if self._won and _within(gate, self._won):
            scopes.append(Scope("won"))
        elif ended:
            scopes.append(Scope("won", tuple(ended), flag="ended"))
        return tuple(scopes)

    def _judged_in(self, position: Position) -> set[str]:
        """The other stages from which a deal comes into a position, other than by going back."""
        into = (it.source for it in self._moves if it.target == position.key and not it.back)
        return {self._stages[source] for source in into} - {position.stage.key}

    def _numbers(self, nodes: list[_Node]) -> range | None:
        """From the least to the greatest of these nodes; None where no way leads to any."""
        found = [self._beyond[node].start for node in nodes if node in self._beyond]
        return range(min(found), max(found) + 1) if found else None


def _within(outer: range, inner: range) -> bool:
    return outer.start <= inner.start and inner.stop <= outer.stop


def _graph(playbook: Playbook) -> dict[_Node, list[_Node]]:
    graph: dict[_Node, list[_Node]] = {}
    for place in playbook.positions:
        graph[place.key, "entry"] = [(place.key, "standing")]
        graph[place.key, "standing"] = [(place.key, "exit")]
        graph[place.key, "exit"] = [(place.key, "ended")] if place.final else []
        if _wins(playbook, place):
            graph[place.key, "exit"].append(_WON)
    for move in playbook.moves:
        source: _Node = (move.source, "standing" if move.back else "exit")
        target: _Node = (move.target, "standing" if move.back else "entry")
        graph[source].append((move.source, "ended") if move.target == ENDED else target)
    return graph


def _wins(playbook: Playbook, place: Position) -> bool:
    """Whether a deal may be won on leaving a position: its stage is marked so, or none is."""
    if not any(stage.wins for stage in playbook.stages):
        return playbook.next_of(place.key) is None
    if not place.stage.wins:
        return False
    ways = [it.target for it in playbook.moves_from(place.key) if not it.back]
    inside = {it.key for it in playbook.positions if it.stage is place.stage}
    return place.final or any(target not in inside for target in ways)
