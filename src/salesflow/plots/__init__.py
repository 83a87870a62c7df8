"""Charts of results, for a notebook or a web page: each function returns an Altair chart.

Needs the extra `salesflow[plots]`. Nothing is shown or saved here: a notebook shows a chart that
stands last in a cell, `chart.save("funnel.html")` writes a page, `chart.to_dict()` is Vega-Lite.
The same input gives the same chart, and the data are in it.
"""

from salesflow.errors import SalesflowError

try:
    import altair as _altair  # noqa: F401, ICN001 - so that one message says it
except ModuleNotFoundError as error:  # pragma: no cover - the tests have it installed

    class _NotInstalled(SalesflowError, ImportError):
        """A package that this needs is not installed."""

    raise _NotInstalled(
        "Charts need Altair, which is not installed.", hint='Run: pip install "salesflow[plots]"'
    ) from error

from salesflow.plots._ageing import ageing
from salesflow.plots._calibration import calibration
from salesflow.plots._canvas import PlotError
from salesflow.plots._funnel import funnel
from salesflow.plots._past_forecasts import past_forecasts
from salesflow.plots._relationship_map import relationship_map
from salesflow.plots._score_of_deal import score_of_deal
from salesflow.plots._scores_of_deals import scores_of_deals
from salesflow.plots._time_in_stage import time_in_stage
from salesflow.plots._waterfall import waterfall

__all__ = [
    "PlotError",
    "ageing",
    "calibration",
    "funnel",
    "past_forecasts",
    "relationship_map",
    "score_of_deal",
    "scores_of_deals",
    "time_in_stage",
    "waterfall",
]
