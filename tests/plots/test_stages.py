"""The rows of charts by stage."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import salesflow as sf
from salesflow.plots import PlotError, ageing, funnel
from tests.plots.results import AS_OF, figures, long_process, playbook, subtitle, texts, values


def test_of_very_many_stages_the_first_forty_are_drawn() -> None:
    of = long_process(90)
    log = {
        "case:concept:name": ["D-1"],
        "concept:name": ["s0"],
        "time:timestamp": [date(2026, 1, 1)],
    }
    history = sf.pipeline.check_history(pl.DataFrame(log), of, as_of=AS_OF)
    deals = pl.DataFrame({"id": ["D-1"], "stage": ["s0"]})
    found = sf.pipeline.metrics(deals, of, key="id", as_of=AS_OF, history=history)

    assert len(values(funnel(found, of))["shares"]) == 40
    assert "1 · none has gone on or ended" in texts(funnel(found, of))

    rows = [{"id": n, "stage": f"s{n}", "entered_stage_on": AS_OF} for n in range(90)]
    chart = ageing(rows, of, as_of=AS_OF)
    assert len(values(chart)["deals"]) == 40
    assert "Stages with open deals: 90; the first 40 are shown." in subtitle(chart)


def test_figures_of_another_playbook_are_refused() -> None:
    other = sf.load_playbook("milestone_selling")

    with pytest.raises(PlotError, match="not those of the figures"):
        funnel(figures(playbook()), other)
