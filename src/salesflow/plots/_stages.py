"""The rows of charts by stage: stages in the order of the process, and their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from salesflow._arguments import Arguments, instance
from salesflow._show import plain
from salesflow.errors import Problem
from salesflow.pipeline import Metrics, StageMetrics
from salesflow.playbook import Playbook
from salesflow.plots._canvas import LABEL, REFUSED, read_playbook, refuse
from salesflow.text import Language

STAGES: Final = 40
"""The most stages of a chart."""
FIGURES_HINT: Final = "make them with salesflow.pipeline.metrics"


@dataclass(frozen=True, slots=True)
class StagePlace:
    """A stage or a sub-stage as a row of a chart.

    Attributes:
        key: Its key.
        label: Its number and title; the number makes the label unique.
        max_days: Its own limit.
        limit: Its own limit, or that of the stage around it.
        inside: Whether it is a sub-stage.
    """

    key: str
    label: str
    max_days: int | None
    limit: int | None
    inside: bool = False


def places_of(playbook: Playbook, lang: Language) -> Iterator[StagePlace]:
    """Every stage, followed by its sub-stages."""
    for number, stage in enumerate(playbook.stages, start=1):
        label = f"{number} {plain(stage.title.get(lang), LABEL)}"
        yield StagePlace(stage.key, label, stage.max_days, stage.max_days)
        for part, sub in enumerate(stage.sub_stages, start=1):
            label = f"{number}.{part} {plain(sub.title.get(lang), LABEL)}"
            limit = sub.max_days or stage.max_days
            yield StagePlace(sub.key, label, sub.max_days, limit, inside=True)


def stage_figures(
    figures: Metrics, playbook: Playbook, lang: Language, *, sub_stages: bool
) -> list[tuple[StagePlace, StageMetrics]]:
    """The figures of each stage, and of the sub-stages if they are wanted; at most `STAGES`.

    Raises:
        ArgumentError: An argument is of the wrong kind.
        PlotError: The figures are those of another playbook.
    """
    given = Arguments()
    given.read(instance, figures, Metrics, "figures", FIGURES_HINT)
    read_playbook(given, playbook)
    given.refuse(REFUSED)
    places = list(places_of(playbook, lang))
    foreign = {place.key for place in places if not place.inside} ^ set(figures.stages)
    foreign -= {place.key for place in places if place.inside}
    if foreign:
        message = f"its stages are not those of the figures: {', '.join(sorted(foreign)[:5])}"
        hint = "pass the playbook that the figures were made with"
        refuse([Problem("playbook", message, hint)])
    found = (
        (place, figures.stages[place.key])
        for place in places
        if not place.inside or (sub_stages and place.key in figures.stages)
    )
    return list(islice(found, STAGES))
