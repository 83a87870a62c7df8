"""Where people are asked: the stages in which a decision or judgement counts, and whose words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from salesflow.domain import Judgement, Progress
from salesflow.domain.deal.stays import current_visit, latest_stay
from salesflow.playbook import Criterion, Playbook, Position
from salesflow.playbook._kept import kept_with_playbook


class DecisionPoint(NamedTuple):
    """A decision or judgement, and where it counts.

    Attributes:
        stages: A judgement for it counts during a stay in one of them.
        places: One that names no point is about it when it was given in one of these positions.
        track: The track that asks for it, wherever the deal is.
        states: The states of the track that lead to the one that asks for it: it counts during a
            stay in one of them.
    """

    criterion: Criterion
    stages: frozenset[str]
    places: frozenset[str]
    track: str | None = None
    states: frozenset[str] = frozenset()

    @property
    def of_the_visit(self) -> bool:
        """Whether it is about a stay as a whole, so that a word needs not name it."""
        return self.criterion.kind == "judgement" and self.track is None

    def counts_now(self, progress: Progress) -> bool:
        """Whether it is asked for where the deal stands, or where the track does that asks."""
        if self.track is None:
            return progress.stage in self.stages
        stay = progress.track(self.track)
        return stay is not None and stay.state in self.states

    def counted(self, progress: Progress, said: Iterable[Judgement]) -> Iterator[Judgement]:
        """The words that count of some: an approval's of any time, else of the latest stay.

        What a track asks for is judged during a stay of the track, through whatever stages of the
        deal.
        """
        roles, always = self.criterion.roles, self.criterion.kind == "approval"
        visits: Container[int] = ()
        stay: int | None = None
        if self.track is not None:
            stay = latest_stay(progress.tracks, self.track, self.states)
        elif not always:
            visits = current_visit(progress, self.stages)
        for word in said:
            if (
                (always or word.visit in visits or (stay is not None and word.track_visit == stay))
                and word.role in roles
                and self._is_named_by(word, progress)
            ):
                yield word

    def _is_named_by(self, word: Judgement, progress: Progress) -> bool:
        """It is decided by its name; a judgement without one is about where it was."""
        if word.point is not None or not self.of_the_visit:
            return word.point == self.criterion.key
        there = progress.visits[word.visit]
        return (there.sub_stage or there.stage) in self.places


@kept_with_playbook
def decision_points(playbook: Playbook) -> Mapping[str, DecisionPoint]:
    """Every decision and judgement by key, with the stages from which its gate is passed.

    That is the stage itself for what is asked on leaving it, the source for what a move asks, and
    the stages before it for what is asked on entering: by then the deal is not there yet.
    """
    found: dict[str, DecisionPoint] = {}
    for place in playbook.positions:
        for item in _judged(place.exit):
            found[item.key] = _at(playbook, item, _exited(playbook, place, item))
        for item in _judged(place.entry):
            found[item.key] = _at(playbook, item, _before(playbook, place))
    for move in playbook.moves:
        for item in _judged(move.criteria):
            found[item.key] = _at(playbook, item, frozenset({move.source}))
    everywhere = frozenset(stage.key for stage in playbook.stages)
    for track in playbook.tracks.values():
        for state in track.states:
            sources = frozenset(it.key for it in track.states if state.key in track.ways(it.key))
            for item in _judged(state.entry):
                found[item.key] = DecisionPoint(item, everywhere, frozenset(), track.key, sources)
    return MappingProxyType(found)


def _judged(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    """Those about which people say go or no go."""
    return (item for item in criteria if item.roles)


def _at(playbook: Playbook, criterion: Criterion, places: frozenset[str]) -> DecisionPoint:
    stages = frozenset(playbook.position(place).stage.key for place in places)
    return DecisionPoint(criterion, stages, places)


def _exited(playbook: Playbook, place: Position, criterion: Criterion) -> frozenset[str]:
    """Where a criterion of leaving is judged: what the stage asks for, anywhere in the stage."""
    if criterion not in place.stage.exit:
        return frozenset({place.key})
    return frozenset(
        position.key for position in playbook.positions if position.stage.key == place.stage.key
    )


def _before(playbook: Playbook, place: Position) -> frozenset[str]:
    """The positions from which a deal enters this one other than by going back."""
    order = {position.key: i for i, position in enumerate(playbook.positions)}
    sources = {it.source for it in playbook.moves if it.target == place.key and not it.back}
    if playbook.policy.skip.allowed:
        sources.update(key for key in order if order[key] < order[place.key])
    return frozenset(sources)
