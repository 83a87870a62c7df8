"""Arguments of `metrics` of the wrong type."""

from __future__ import annotations

from collections.abc import Mapping

from salesflow.errors import Problem
from salesflow.money import Rates
from salesflow.pipeline._history.arguments import problems_of_mapping
from salesflow.pipeline._history.report import HistoryReport
from salesflow.playbook import Playbook


def problems_of_values(values: object) -> list[Problem]:
    """That it is no mapping of mappings."""
    if not isinstance(values, Mapping):
        return problems_of_mapping("values", values)
    return [
        problem
        for name, mapped in values.items()
        for problem in problems_of_mapping(f"values[{name!r}]", mapped)
    ]


def problems_of_rates(rates: object) -> list[Problem]:
    """That they are none."""
    if rates is None or isinstance(rates, Rates):
        return []
    return [Problem("rates", f"this is a {type(rates).__name__}", "pass Rates(…)")]


def problems_of_history(history: object, playbook: Playbook) -> list[Problem]:
    """That the log was compared with another playbook."""
    if not isinstance(history, HistoryReport) or history.playbook == playbook:
        return []
    what = f"it was compared with another playbook, {history.playbook.id}"
    return [Problem("history", what, "pass that of check_history with the same playbook")]
