"""Where deals stand: what the labels of the stage column mean, as small whole numbers.

A row's label becomes a code once; which checks a row is subject to, which stages it has been in and
whether it is won are then comparisons of whole numbers, and on a line of stages of ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from salesflow._labels import LabelReader, ended
from salesflow.errors import Problem
from salesflow.facts import ForecastCategory
from salesflow.pipeline._frames.labels import texts_of
from salesflow.pipeline._wording import near
from salesflow.playbook import Playbook, Position
from salesflow.playbook._kept import kept_with_playbook

ENDS: Final = ("won", "lost", "disqualified")
NOWHERE: Final = -1
"""The code of a row without a label; a label that nobody knows is refused before it counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a label can stand for.

    Attributes:
        key: A stage, a sub-stage or an outcome.
        code: In the order of the process, so that "later than" is mostly a range.
        outcome: `none`, or how the deal ended; a deal beyond the stage that wins it is won.
        stage: Its stage, and `sub_stage` its sub-stage, where known.
        positions: Where in the playbook the deal may be: all sub-stages where only the stage is
            known, none for an outcome.
        reached: The stages and sub-stages that it must have entered.
        forecast: What a deal there counts as in the forecast, unless it is won.
        cycle: The last selling-cycle number that it has reached; None before the first, and where
            nobody knows how far it came.
    """

    key: str
    code: int
    outcome: str
    stage: str | None = None
    sub_stage: str | None = None
    positions: tuple[Position, ...] = ()
    reached: frozenset[str] = frozenset()
    forecast: ForecastCategory = "omitted"
    cycle: float | None = None


class Places:
    """Every place of a playbook, by key."""

    def __init__(self, playbook: Playbook) -> None:
        keys = _keys_in_order(playbook)
        places = [_place(playbook, *key, code) for code, key in enumerate(keys)]
        after = len(places)
        places += [
            Place(
                end,
                after + number,
                end,
                reached=_reached_by(playbook, end),
                cycle=_cycle_of_won(playbook) if end == "won" else None,
            )
            for number, end in enumerate(ENDS)
        ]
        self.by_key: dict[str, Place] = {place.key: place for place in places}

    def __iter__(self) -> Iterator[Place]:
        return iter(self.by_key.values())

    def codes(self, outcome: str) -> tuple[int, ...]:
        """The codes of the places of deals with this outcome."""
        return tuple(place.code for place in self if place.outcome == outcome)


@kept_with_playbook
def stage_reader(playbook: Playbook, *others: str) -> LabelReader:
    """Reads labels as stages, sub-stages, ends of deals, and `others` of these names."""
    names: dict[str, Iterable[str]] = dict.fromkeys(others, ())
    for stage in playbook.stages:
        names[stage.key] = texts_of(stage.title)
        names |= {sub.key: texts_of(sub.title) for sub in stage.sub_stages}
    return LabelReader(names, ended())


@kept_with_playbook
def sub_stage_reader(playbook: Playbook) -> LabelReader:
    """Reads labels as sub-stages alone."""
    subs = (sub for stage in playbook.stages for sub in stage.sub_stages)
    return LabelReader({sub.key: texts_of(sub.title) for sub in subs})


def read_labels(
    places: Places, stages: Mapping[str, object], reader: LabelReader
) -> tuple[dict[str, int], list[Problem]]:
    """The code of every label that the caller named, and of every key standing for itself.

    What they stand for has to be a key; the reader says which one another word means.
    """
    labels = {key: place.code for key, place in places.by_key.items()}
    problems = []
    for label, key in stages.items():
        place = places.by_key.get(key) if isinstance(key, str) else None
        if place is None:
            hint = near(key, places.by_key, find=partial(reader.nearest, is_name=True))
            message = f"there is no stage {key!r}"
            problems.append(Problem(f"stages[{label!r}]", message, hint, "unknown_stage"))
        else:
            labels[str(label)] = place.code
    return labels, problems


def _keys_in_order(playbook: Playbook) -> list[tuple[str, str | None]]:
    keys: list[tuple[str, str | None]] = []
    for stage in playbook.stages:
        keys.append((stage.key, None))
        keys += [(stage.key, sub.key) for sub in stage.sub_stages]
    # Deals beyond the stage that wins them come last, next to those that are won.
    return sorted(keys, key=lambda key: _is_won(playbook, _positions(playbook, *key)))


def _place(playbook: Playbook, stage: str, sub_stage: str | None, code: int) -> Place:
    positions = _positions(playbook, stage, sub_stage)
    here = {stage} if sub_stage is None else {stage, sub_stage}
    if sub_stage is None and len(positions) == 1:
        here.add(positions[0].key)
    return Place(
        key=sub_stage or stage,
        code=code,
        outcome="won" if _is_won(playbook, positions) else "none",
        stage=stage,
        sub_stage=sub_stage,
        positions=positions,
        reached=frozenset(here | _names(_certain(playbook, positions))),
        forecast=playbook.stage(stage).forecast if sub_stage is None else positions[0].forecast,
        cycle=_highest(_left(playbook, positions)),
    )


def _positions(
    playbook: Playbook, stage: str, sub_stage: str | None = None
) -> tuple[Position, ...]:
    if sub_stage is not None:
        return (playbook.position(sub_stage),)
    return tuple(position for position in playbook.positions if position.stage.key == stage)


def _left(playbook: Playbook, positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """What must have been left wherever among `positions` the deal is."""
    return _common(playbook.must_have_left(position.key) for position in positions)


def _certain(playbook: Playbook, positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """Where it has certainly been wherever among `positions` it is, though stages be skipped."""
    return _common(playbook.certainly_left(position.key) for position in positions)


def _common(lists: Iterable[tuple[Position, ...]]) -> tuple[Position, ...]:
    first, *others = lists
    common = {place.key for place in first}
    for other in others:
        common &= {place.key for place in other}
    return tuple(place for place in first if place.key in common)


def _is_won(playbook: Playbook, positions: tuple[Position, ...]) -> bool:
    here = positions[0].stage.key
    return any(place.stage.wins and place.stage.key != here for place in _left(playbook, positions))


def _reached_by(playbook: Playbook, end: str) -> frozenset[str]:
    """What every deal with this outcome has entered."""
    if end != "won":
        later = playbook.policy.start_later.allowed
        return frozenset() if later else _names((playbook.initial,))
    winning = [position for position in playbook.positions if position.stage.wins]
    if not winning:
        winning = [place for place in playbook.positions if playbook.next_of(place.key) is None]
    ways = [_names((*playbook.certainly_left(it.key), it)) for it in winning]
    return frozenset.intersection(*ways) if ways else frozenset()


def _highest(positions: Iterable[Position]) -> float | None:
    return max((it.cycle for it in positions if it.cycle is not None), default=None)


def _cycle_of_won(playbook: Playbook) -> float | None:
    """The number that every deal has reached that is won: that of its stage is completed."""
    stages = {it.stage.key for it in playbook.positions if it.stage.wins}
    if not stages:
        ends = (it for it in playbook.positions if playbook.next_of(it.key) is None)
        stages = {it.stage.key for it in ends}
    reached = []
    for stage in stages:
        positions = _positions(playbook, stage)
        reached.append(_highest((*_left(playbook, positions), *positions)))
    known = [it for it in reached if it is not None]
    return min(known) if known and len(known) == len(reached) else None


def _names(positions: Iterable[Position]) -> frozenset[str]:
    return frozenset(name for position in positions for name in (position.key, position.stage.key))
