"""What a deal counts as in the forecast, and what is said where people call it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Final, Literal

from salesflow._frozen import FrozenDict
from salesflow.domain import ForecastCall, Progress
from salesflow.facts import ForecastCategory
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.terms import FORECAST_CATEGORIES
from salesflow.text import Text, both, filled


def forecast_category(
    playbook: Playbook, progress: Progress
) -> ForecastCategory | Literal["closed"] | None:
    """What a deal counts as by where it stands and how it ended; None before it has started."""
    if progress.outcome == "won":
        return "closed"
    if progress.ended:
        return "omitted"
    return _by_position(playbook).get(progress.position or "")


@kept_with_playbook
def _by_position(playbook: Playbook) -> Mapping[str, ForecastCategory]:
    return FrozenDict({place.key: place.forecast for place in playbook.positions})


def differences(
    category: str | None, owner: ForecastCall | None, manager: ForecastCall | None
) -> tuple[Text, ...]:
    """In words, of each two that say something of a deal, what they say otherwise."""
    said = {"stage": category} | {
        call.caller: call.category for call in (owner, manager) if call is not None
    }
    known = [(who, name) for who, name in said.items() if name is not None]
    return tuple(
        filled(
            _DIFFERENT[first, second],
            one=FORECAST_CATEGORIES[one],
            other=FORECAST_CATEGORIES[other],
        )
        for (first, one), (second, other) in combinations(known, 2)
        if one != other
    )


_DIFFERENT: Final = {
    ("stage", "owner"): both(
        en="By its stage it is {one}; its owner calls it {other}",
        zh="按阶段为“{one}”，负责人判断为“{other}”",
    ),
    ("stage", "manager"): both(
        en="By its stage it is {one}; the manager calls it {other}",
        zh="按阶段为“{one}”，经理判断为“{other}”",
    ),
    ("owner", "manager"): both(
        en="Its owner calls it {one}; the manager calls it {other}",
        zh="负责人判断为“{one}”，经理判断为“{other}”",
    ),
}
