"""Where people are asked: the stages in which a decision or judgement counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from salesflow.playbook import Criterion, Playbook, Position

__all__ = ["Asked", "asked_in"]

Asked = tuple[Criterion, frozenset[str]]


@lru_cache(maxsize=64)
def asked_in(playbook: Playbook) -> Mapping[str, Asked]:
    """Every decision and judgement by key, with the stages from which its gate is passed.

    That is the stage itself for what is asked on leaving it, the source for what a move asks, and
    the stages before it for what is asked on entering: by then the deal is not there yet.
    """
    found: dict[str, Asked] = {}
    for place in playbook.positions:
        found.update({item.key: (item, frozenset({place.stage.key})) for item in place.exit})
        before = _before(playbook, place)
        found.update({item.key: (item, before) for item in place.entry})
    for move in playbook.moves:
        here = frozenset({playbook.position(move.source).stage.key})
        found.update({item.key: (item, here) for item in move.criteria})
    return MappingProxyType({key: asked for key, asked in found.items() if asked[0].roles})


def _before(playbook: Playbook, place: Position) -> frozenset[str]:
    """The stages from which a deal enters a position other than by going back."""
    order = {position.key: i for i, position in enumerate(playbook.positions)}
    sources = {move.source for move in playbook.moves if move.target == place.key}
    if playbook.policy.skip.allowed:
        sources.update(order)
    return frozenset(
        playbook.position(source).stage.key
        for source in sources
        if order[source] < order[place.key]
    )
