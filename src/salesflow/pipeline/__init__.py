"""Pipelines in data frames: the rules of a playbook over every deal of an export.

Needs the extra `salesflow[frames]`. The frames are the caller's: pandas, polars, pyarrow or any
other that narwhals knows; what comes back is of the same kind.
"""

from salesflow.errors import FrameError

try:
    import narwhals.stable.v2 as _narwhals  # noqa: F401 - so that one message says it
except ModuleNotFoundError as error:  # pragma: no cover - the tests have it installed

    class _NotInstalled(FrameError, ImportError):
        """A package that this needs is not installed."""

    raise _NotInstalled(
        "Checking a pipeline needs narwhals, which is not installed.",
        hint='Run: pip install "salesflow[frames]"',
    ) from error

from salesflow.pipeline import exports
from salesflow.pipeline._backtest.backtest import backtest
from salesflow.pipeline._backtest.report import Auc, Backtest, Bin, QuestionLift, Slice
from salesflow.pipeline._checks.check_pipeline import check_pipeline
from salesflow.pipeline._checks.check_plan import Counts
from salesflow.pipeline._checks.checks import Checks, InvalidChecks
from salesflow.pipeline._checks.own import OwnCheck
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.since import CheckChanges, ReportChanges
from salesflow.pipeline._checks.thresholds import FailedCheck, PipelineFailed
from salesflow.pipeline._forecast.aalen_johansen import WinCurve
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.pipeline._forecast.backtest_values import (
    CalibrationBin,
    ForecastBacktest,
    ForecastCoverage,
    ForecastDay,
    ForecastErrors,
)
from salesflow.pipeline._forecast.chance_values import (
    Landmark,
    PlaceChances,
    SegmentChances,
    WinChances,
)
from salesflow.pipeline._forecast.effects import DealEffect, QuestionWorth
from salesflow.pipeline._forecast.forecast import forecast
from salesflow.pipeline._forecast.forecast_backtest import forecast_backtest
from salesflow.pipeline._forecast.open_deals import Rest
from salesflow.pipeline._forecast.periods import Period
from salesflow.pipeline._forecast.quotas import Quota
from salesflow.pipeline._forecast.slippage import Slippage, SlippageFigures, close_slippage
from salesflow.pipeline._forecast.sum_distribution import SumDistribution, sum_of
from salesflow.pipeline._forecast.values import (
    CallDifference,
    Forecast,
    ForecastFigures,
    ForecastGroup,
    ForecastLine,
    ForecastSums,
    PeriodForecast,
)
from salesflow.pipeline._forecast.win_chances import win_chances
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline._frames.mapping_file import InvalidMapping
from salesflow.pipeline._frames.source import Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._history.check_history import check_history
from salesflow.pipeline._history.report import Deviation, HistoryReport
from salesflow.pipeline._history.snapshots import snapshots
from salesflow.pipeline._history.stays import stays
from salesflow.pipeline._history.variants import Variant, Variants
from salesflow.pipeline._metrics.grouped import GroupedMetrics, MetricGroup
from salesflow.pipeline._metrics.metrics import metrics
from salesflow.pipeline._metrics.values import Metric, Metrics, StageMetrics, velocity
from salesflow.pipeline._movement.changes import (
    ComparedSnapshot,
    Movement,
    MovementLine,
    PipelineChanges,
    StageMove,
)
from salesflow.pipeline._movement.compare import compare
from salesflow.pipeline._reports.pictures import Chart
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._scoring.deal_frame import DealFrame
from salesflow.pipeline._scoring.required_instruments import required_instruments
from salesflow.pipeline._scoring.score_frame import score_frame
from salesflow.pipeline._suggest.suggest import suggest
from salesflow.pipeline._suggest.suggestion import (
    Candidate,
    ColumnSuggestion,
    LabelSuggestion,
    NeededReader,
    Placeholder,
    Suggestion,
)
from salesflow.pipeline.exports import read_days, read_numbers

__all__ = [
    "Auc",
    "Backtest",
    "Bin",
    "CalibrationBin",
    "CallDifference",
    "Candidate",
    "Chart",
    "CheckChanges",
    "Checks",
    "ColumnSuggestion",
    "ComparedSnapshot",
    "Counts",
    "DealEffect",
    "DealFrame",
    "Deviation",
    "FailedCheck",
    "Forecast",
    "ForecastBacktest",
    "ForecastCoverage",
    "ForecastDay",
    "ForecastErrors",
    "ForecastFigures",
    "ForecastGroup",
    "ForecastLine",
    "ForecastSums",
    "FrameMapping",
    "GroupedMetrics",
    "HistoryReport",
    "Interval",
    "InvalidChecks",
    "InvalidMapping",
    "LabelSuggestion",
    "Landmark",
    "Metric",
    "MetricGroup",
    "Metrics",
    "Movement",
    "MovementLine",
    "NeededReader",
    "OwnCheck",
    "Period",
    "PeriodForecast",
    "PipelineChanges",
    "PipelineFailed",
    "PipelineReport",
    "PlaceChances",
    "Placeholder",
    "QuestionLift",
    "QuestionWorth",
    "Quota",
    "Report",
    "ReportChanges",
    "Rest",
    "SegmentChances",
    "Slice",
    "Slippage",
    "SlippageFigures",
    "Source",
    "StageMetrics",
    "StageMove",
    "Suggestion",
    "SumDistribution",
    "ValueMaps",
    "Variant",
    "Variants",
    "WinChances",
    "WinCurve",
    "backtest",
    "check_history",
    "check_pipeline",
    "close_slippage",
    "compare",
    "exports",
    "forecast",
    "forecast_backtest",
    "metrics",
    "read_days",
    "read_numbers",
    "required_instruments",
    "score_frame",
    "snapshots",
    "stays",
    "suggest",
    "sum_of",
    "velocity",
    "win_chances",
]
