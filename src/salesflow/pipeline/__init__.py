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
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.thresholds import FailedCheck, PipelineFailed
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._history.check_history import check_history
from salesflow.pipeline._history.report import Deviation, HistoryReport
from salesflow.pipeline._history.snapshots import snapshots
from salesflow.pipeline._metrics.metrics import metrics
from salesflow.pipeline._metrics.values import Metric, Metrics, StageMetrics, velocity
from salesflow.pipeline._scoring.deal_frame import DealFrame
from salesflow.pipeline._scoring.required_instruments import required_instruments
from salesflow.pipeline._scoring.score_frame import score_frame

__all__ = [
    "Auc",
    "Backtest",
    "Bin",
    "Counts",
    "DealFrame",
    "Deviation",
    "FailedCheck",
    "HistoryReport",
    "Metric",
    "Metrics",
    "PipelineFailed",
    "PipelineReport",
    "QuestionLift",
    "Slice",
    "StageMetrics",
    "ValueMaps",
    "backtest",
    "check_history",
    "check_pipeline",
    "exports",
    "metrics",
    "required_instruments",
    "score_frame",
    "snapshots",
    "velocity",
]
