"""Playbooks and plans as documents to read, and whether a plan is enough for its deal.

A document is Markdown in English or Chinese, for a repository, a wiki or a mail. It says everything
that the record says, and marks what is not known.
"""

from salesflow.documents._handbook.handbook import handbook
from salesflow.documents._plan import opportunity_plan, territory_plan
from salesflow.documents._status import InstrumentPlan, PlanStatus, SectionStatus, plan_status

__all__ = [
    "InstrumentPlan",
    "PlanStatus",
    "SectionStatus",
    "handbook",
    "opportunity_plan",
    "plan_status",
    "territory_plan",
]
