"""Time in stage: the figures and the limits."""

from __future__ import annotations

from salesflow.plots import time_in_stage
from tests.plots.results import figures, playbook, subtitle, values


def test_time_in_stage_has_the_median_what_nine_in_ten_needed_and_the_limit() -> None:
    of = playbook()
    chart = time_in_stage(figures(of), of)

    talk = values(chart)["stays"][0]
    found = figures(of).stages["talk"]
    assert (talk["median"], talk["most"], talk["limit"]) == (
        found.days_median.value,
        found.days_p90.value,
        30,
    )
    assert "Red line: the most days that the playbook allows." in subtitle(chart)
