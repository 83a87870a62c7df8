"""What a deal has behind it: the criteria of entering and leaving that it came past.

A deal that goes on is asked what the place that it leaves asks for on the way out, and then what
the next one asks for on the way in; one that goes back is asked neither. So either of the two is a
node of a graph of its own, and a deal has met it where no way to where it is avoids that node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from salesflow._frozen import FrozenDict
from salesflow.playbook import Criterion, Playbook, Position
from salesflow.playbook._graph import dominance
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import PROCESS_FACTS
from salesflow.qualify._applying import depends_on_day
from salesflow.qualify._points import facts_read, sources_of
from salesflow.rules import Rule
from salesflow.rules.ast import REACHED, And, AtLeast, Node, Not, Or, Reached

Side: TypeAlias = Literal["entry", "exit"]
Spot: TypeAlias = tuple[str, Literal["entry", "standing", "exit", "ended", "won"]]
"""The key of a position, and where in it a deal is."""

WON: Final[Spot] = ("", "won")
SIDES: Final[tuple[Side, ...]] = get_args(Side)
_JUDGED: Final = frozenset({"decision", "judgement"})
"""Kinds of criteria of which the word of one visit is not that of the next."""


class Asked(NamedTuple):
    """A criterion that may be asked again of deals that came past it.

    Attributes:
        side: Whether it is asked on entering its position, or on leaving it.
        position: Where it is asked.
        criterion: What ought to hold, then and now.
        been: The flag of having been there, where a deal may be past it that was not; else empty.
    """

    side: Side
    position: Position
    criterion: Criterion
    been: str


@kept_with_playbook
def asked_again(playbook: Playbook) -> tuple[Asked, ...]:
    """The criteria of all positions that say the same of a deal that has passed them."""
    return tuple(_asked_again(playbook))


def _asked_again(playbook: Playbook) -> Iterator[Asked]:
    waived = playbook.policy.skip.waives or playbook.policy.start_later.waives
    behind: set[str] = set()
    for position in playbook.positions:
        been = f"{REACHED}{position.key}" if waived else ""
        for side in SIDES:
            asked: tuple[Criterion, ...] = getattr(position, side)
            others = behind - {f"{REACHED}{position.stage.key}"}
            for criterion in asked:
                if holds_on(playbook, criterion.check_rule, PROCESS_FACTS, others):
                    yield Asked(side, position, criterion, been)
        behind.update(f"{REACHED}{name}" for name in (position.key, position.stage.key))


@kept_with_playbook
def required_behind(playbook: Playbook) -> Mapping[str, tuple[Asked, ...]]:
    """By position, the required criteria of other positions that a deal there has met."""
    ways = Ways(playbook)
    asked = [item for item in asked_again(playbook) if not item.criterion.advisory]
    found = {}
    for place in playbook.positions:
        here = ways.numbers([(place.key, "standing")])
        found[place.key] = tuple(
            item
            for item in asked
            if item.position.key != place.key
            and ways.lead_through(item.position, item.side, here)
            and place.stage.key not in ways.judged_anew_in(item)
        )
    return FrozenDict(found)


class Ways:
    """The ways through a playbook, as what each spot of it lies behind."""

    def __init__(self, playbook: Playbook) -> None:
        self._beyond = dominance(_graph(playbook), (playbook.initial.key, "entry"))
        self._moves = playbook.moves
        self._stages = {it.key: it.stage.key for it in playbook.positions}

    def numbers(self, spots: Iterable[Spot]) -> range | None:
        """From the least to the greatest of these spots; None where no way leads to any."""
        found = [self._beyond[spot].start for spot in spots if spot in self._beyond]
        return range(min(found), max(found) + 1) if found else None

    def lead_through(self, position: Position, side: Side, spots: range | None) -> bool:
        """Whether a way leads to these spots, and every one through a position's entry or exit."""
        gate = self._beyond[position.key, side]
        return spots is not None and spots.start in gate and spots[-1] in gate

    def judged_anew_in(self, asked: Asked) -> AbstractSet[str]:
        """The stages where a deal stands that comes, other than by going back, to be judged anew.

        Where a deal comes again to where something is judged, it is judged anew and not asked yet.
        """
        if asked.side != "entry" or asked.criterion.kind not in _JUDGED:
            return frozenset()
        into = (it.source for it in self._moves if it.target == asked.position.key and not it.back)
        return {self._stages[source] for source in into} - {asked.position.stage.key}


def _graph(playbook: Playbook) -> dict[Spot, list[Spot]]:
    graph: dict[Spot, list[Spot]] = {}
    for place in playbook.positions:
        graph[place.key, "entry"] = [(place.key, "standing")]
        graph[place.key, "standing"] = [(place.key, "exit")]
        graph[place.key, "exit"] = [(place.key, "ended")] if place.final else []
        if _wins(playbook, place):
            graph[place.key, "exit"].append(WON)
    for move in playbook.moves:
        source: Spot = (move.source, "standing" if move.back else "exit")
        # A move to the end leads to a spot of its own, at which nothing is asked.
        graph[source].append((move.target, "standing" if move.back else "entry"))
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


def holds_on(
    playbook: Playbook, rule: Rule, moved: AbstractSet[str], behind: AbstractSet[str] = frozenset()
) -> bool:
    """Whether a rule that held at a gate says the same of a deal that has passed it.

    Rules that use time held on another day, and those that read where the deal stood, which is what
    `moved` names, held there. Not to have been in a stage may be said only of those `behind`: a
    deal comes into the others later.
    """
    if rule.uses_time or depends_on_day(playbook, rule.facts):
        return False
    read = rule.facts.union(*map(facts_read, sources_of(playbook, rule.facts)))
    return moved.isdisjoint(read) and behind >= set(_denied(rule.node, denied=False))


def _denied(node: Node, *, denied: bool) -> Iterator[str]:
    """The flags of having been in a stage that end, once they are true, what a rule says."""
    match node:
        case Reached(stage) if denied:
            yield f"{REACHED}{stage}"
        case Not(item):
            yield from _denied(item, denied=not denied)
        case And(items) | Or(items) | AtLeast(_, items):
            for item in items:
                yield from _denied(item, denied=denied)
        case _:
            pass
