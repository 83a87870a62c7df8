"""A report of each kind, whose texts from outside are all the same, and charts to go with them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TypeAlias

import polars as pl

import salesflow as sf
from salesflow.pipeline import (
    Backtest,
    Forecast,
    ForecastBacktest,
    GroupedMetrics,
    HistoryReport,
    Metrics,
    PipelineChanges,
    PipelineReport,
    ReportChanges,
    Slippage,
    Suggestion,
    Variants,
    WinChances,
)
from salesflow.plots import funnel, time_in_stage
from salesflow.plots._canvas import Picture
from tests.plots.results import AS_OF, DEALS, LOG, figures, playbook

Report: TypeAlias = (
    PipelineReport[pl.DataFrame]
    | HistoryReport[pl.DataFrame]
    | Variants
    | Metrics
    | GroupedMetrics
    | Backtest
    | PipelineChanges[pl.DataFrame]
    | ReportChanges[pl.DataFrame]
    | WinChances
    | Slippage
    | ForecastBacktest
    | Suggestion
    | Forecast[pl.DataFrame]
)
KINDS = (
    *("check", "since", "history", "variants", "figures", "groups", "backtest", "changes"),
    *("chances", "slippage", "looked_back", "suggestion", "forecast"),
)


@cache
def reports(title: str = "Title", languages: tuple[str, ...] = ("en", "zh")) -> dict[str, Report]:
    """One of each kind; the title is that of everything, the key of a deal, and a label."""
    process = playbook(title, languages)
    deals = DEALS.with_columns(
        pl.when(pl.col("id") == "D-2").then(pl.lit(title)).otherwise("id").alias("id"),
        pl.Series("owner", [None, None, "li", "li", None], dtype=pl.String),
        pl.Series("ask.money", ["+", "-", "-", "+", None]),
        pl.Series("ask.fit", [None, "-", "+", "+", None]),
    )
    strange = pl.DataFrame(
        [("D-9", title, AS_OF), ("D-9", "sign", AS_OF)], schema=LOG.schema, orient="row"
    )
    history = sf.pipeline.check_history(pl.concat([LOG, strange]), process)
    check = sf.check_pipeline(
        deals,
        process,
        key="id",
        as_of=AS_OF,
        checks={title: sf.Rule.parse("amount > 50_000")},
        fail_if={"hygiene.owner_known": 0, "hygiene.recent_activity": 0, title: 0.9},
    )
    later = deals.with_columns(pl.Series("owner", ["li", None, None, "li", None]))
    return {
        "check": check,
        "since": sf.check_pipeline(
            later, process, key="id", as_of=AS_OF, checks={title: sf.Rule.parse("amount > 50_000")}
        ).since(check),
        "changes": sf.pipeline.compare(
            deals, later.with_columns(stage=pl.lit("sign")), process, key="id"
        ),
        "suggestion": sf.pipeline.suggest(
            deals.with_columns(pl.lit("5").alias(title), owner=pl.lit("N/A"), stage=pl.lit(title)),
            process,
        ),
        "history": history,
        "variants": history.variants(),
        "figures": figures(process),
        "groups": sf.pipeline.metrics(
            deals.with_columns(pl.Series(title, [title, title, "12", None, None])),
            process,
            key="id",
            as_of=AS_OF,
            by=title,
            top=1,
            history=sf.pipeline.check_history(LOG, process),
        ),
        "chances": sf.pipeline.win_chances(
            LOG,
            process,
            as_of=AS_OF,
            by=title,
            deals=deals.select(pl.col("id").alias("case:concept:name"), pl.lit(title).alias(title)),
        ),
        "looked_back": sf.pipeline.forecast_backtest(
            LOG,
            process,
            days=list(LOG["time:timestamp"].unique().sort()[-3:]),
            deals=deals.select(pl.col("id").alias("case:concept:name"), "amount"),
            periods=[sf.pipeline.Period(title, date(2000, 1, 1), AS_OF)],
            as_of=AS_OF,
        ),
        "forecast": sf.pipeline.forecast(
            deals.with_columns(
                pl.Series(title, [title, title, "12", None, None]),
                expected_close_on=AS_OF,
                probability=0.5,
            ),
            process,
            key="id",
            as_of=AS_OF,
            periods=[sf.pipeline.Period(title, date(2000, 1, 1), AS_OF)],
            by=title,
            quotas=[sf.pipeline.Quota(title, 100_000, group=title)],
        ),
        "slippage": sf.pipeline.close_slippage(deals, process, key="id", as_of=AS_OF),
        "backtest": sf.pipeline.backtest(
            deals, process, card="card", outcome="stage", pending=["draft", "talk", "sign"]
        ),
    }


@cache
def charts(title: str, lang: str) -> tuple[Picture, ...]:
    """Two pictures, whose parts have the same names."""
    process = playbook(title)
    found = figures(process)
    return funnel(found, process, lang=lang), time_in_stage(found, process, lang=lang)
