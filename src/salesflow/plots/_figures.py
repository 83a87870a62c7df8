"""Figures of a pipeline, stage by stage, for the charts that show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from salesflow._show import plain
from salesflow.errors import Problem
from salesflow.pipeline import Metrics, StageMetrics
from salesflow.playbook import Playbook
from salesflow.plots._base import LABEL, no_playbook
from salesflow.text import Language

_ROWS: Final = 40


def problems_of(figures: object, playbook: object) -> list[Problem]:
    """What is wrong with the two arguments that charts of figures take."""
    problems = no_playbook(playbook)
    if not isinstance(figures, Metrics):
        hint = "pass what salesflow.pipeline.metrics gave"
        problems.append(
            Problem("figures", f"{type(figures).__name__} are no figures", hint, "type")
        )
    if not problems and isinstance(figures, Metrics) and isinstance(playbook, Playbook):
        foreign = {stage.key for stage in playbook.stages} ^ set(figures.stages)
        foreign -= {sub.key for stage in playbook.stages for sub in stage.sub_stages}
        if foreign:
            named = ", ".join(sorted(foreign)[:5])
            hint = "pass the playbook that the figures were made with"
            problems.append(
                Problem("playbook", f"its stages are not those of the figures: {named}", hint)
            )
    return problems


def places(
    figures: Metrics, playbook: Playbook, lang: Language, *, sub_stages: bool
) -> Iterator[tuple[str, StageMetrics, int | None]]:
    """Label, figures and most days of each stage, at most as many as a picture can hold."""
    shown = 0
    for number, stage in enumerate(playbook.stages, start=1):
        inner = [sub for sub in stage.sub_stages if sub_stages and sub.key in figures.stages]
        entries = [(f"{number}", stage.title, stage.key, stage.max_days)]
        entries += [
            (f"{number}.{n}", sub.title, sub.key, sub.max_days) for n, sub in enumerate(inner, 1)
        ]
        for count, text, key, days in entries:
            if shown == _ROWS:
                return
            shown += 1
            # The number makes it unique, whatever the titles are.
            yield f"{count} {plain(text.get(lang), LABEL)}", figures.stages[key], days
