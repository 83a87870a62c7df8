"""Charts of past forecasts: what was said on each day, what came, and whether chances came true."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from salesflow.errors import ArgumentError
from salesflow.plots import calibration, past_forecasts
from tests.plots.results import figures, looked_back, playbook, subtitle, texts, values


def test_each_day_shows_its_forecasts_and_what_came_where_the_period_is_over() -> None:
    found = looked_back(playbook())
    chart = past_forecasts(found)

    drawn = {(row["day"], row["what"]): row["amount"] for row in values(chart)["forecasts"]}
    first, second = found.days
    assert first.learned is not None
    assert drawn["2026-02-07 · 2026-02", "forecast"] == first.learned.mean
    assert drawn["2026-02-07 · 2026-02", "what came"] == first.actual
    assert drawn["2026-03-08 · 2026-03", "last period"] == second.last_period == first.actual
    assert ("2026-03-08 · 2026-03", "what came") not in drawn


def test_the_bar_reaches_from_p10_to_p90() -> None:
    found = looked_back(playbook())
    interval = found.days[0].learned
    bar = values(past_forecasts(found))["reach"][0]

    assert interval is not None
    assert (bar["amount"], bar["to"]) == (interval.p10, interval.p90)


def test_it_says_how_often_what_came_lay_in_the_bar() -> None:
    found = looked_back(playbook())
    share = found.coverage.within.value

    assert f"What came lay in it on {share:.0%} of the days (1)." in subtitle(past_forecasts(found))
    none_over = looked_back(playbook(), over=False)
    told = "Whether it does cannot be told: no period is over."
    assert told in subtitle(past_forecasts(none_over))
    assert "是否如此还无法判断：尚无已结束的期间。" in subtitle(
        past_forecasts(none_over, lang="zh")
    )


def test_bins_of_all_deals_stand_against_the_line_where_the_chance_is_the_share() -> None:
    found = looked_back(playbook())
    drawn = values(calibration(found))

    bins = [it for it in found.calibration if it.stage is None]
    assert [(row["chance"], row["share"], row["deals"]) for row in drawn["bins"]] == [
        (it.chance, it.share, it.deals) for it in bins
    ]
    assert [(row["chance"], row["share"]) for row in drawn["right"]] == [(0, 0), (1, 1)]


def test_where_no_period_is_over_nothing_has_come_true() -> None:
    chart = calibration(looked_back(playbook(), over=False))

    assert "That cannot be told: no period is over." in texts(chart)


def test_where_nothing_was_learned_that_is_said_though_periods_are_over() -> None:
    found = looked_back(playbook(), days=[date(2026, 1, 10)])
    reason = "10 open deals stand where too few ended to tell a chance"

    assert (found.periods, found.calibration, found.days[0].learned) == (1, (), None)
    assert f"Whether it does cannot be told: {reason}." in subtitle(past_forecasts(found))
    assert f"That cannot be told: {reason}." in texts(calibration(found))
    later = looked_back(playbook(), days=[date(2026, 1, 10), date(2026, 3, 2)])
    assert reason in subtitle(past_forecasts(later))[1]


def test_where_no_deal_was_open_there_is_nothing_that_could_come_true() -> None:
    found = looked_back(playbook(), days=[date(2026, 3, 25)], as_of=date(2026, 4, 1), ends=["won"])

    assert (found.periods, found.days[0].open, found.calibration) == (1, 0, ())
    assert "That cannot be told: no deal was open on any of the days." in texts(calibration(found))


@pytest.mark.parametrize("draw", [calibration, past_forecasts])
def test_other_figures_are_refused(draw: Any) -> None:
    with pytest.raises(ArgumentError, match="forecast_backtest gave"):
        draw(cast("Any", figures(playbook())))
