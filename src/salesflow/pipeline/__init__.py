"""Pipelines in data frames: the rules of a playbook over every deal of an export.

Needs the extra `salesflow[frames]`. The frames are the caller's: pandas, polars, pyarrow or any
other that narwhals knows; what comes back is of the same kind.
"""

from salesflow.errors import FrameError

try:
    import narwhals.stable.v2 as _narwhals  # noqa: F401 - so that one message says it
except ModuleNotFoundError as error:  # pragma: no cover - the tests have it installed
    raise FrameError(
        "Checking a pipeline needs narwhals, which is not installed.",
        hint='Run: pip install "salesflow[frames]"',
    ) from error

from salesflow.pipeline._check_pipeline import check_pipeline
from salesflow.pipeline._report import Counts, PipelineReport

__all__ = ["Counts", "PipelineReport", "check_pipeline"]
