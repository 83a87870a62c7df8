"""Any record of a deal, told by the name of its class: as a type for pydantic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from salesflow.domain import (
    AcceptanceReport,
    AccountProfile,
    ChangeRequest,
    CompetitorAnalysis,
    Contract,
    CustomerFeedback,
    CustomerVisit,
    DealTeam,
    HandOver,
    Interview,
    Lead,
    NegotiationMinutes,
    NegotiationPlan,
    OpportunityPlan,
    Partner,
    ProcurementProcess,
    ProgressReport,
    ProjectSheet,
    Quotation,
    RelationshipMap,
    RelationshipPlan,
    RequirementsList,
    RiskRegister,
    SatisfactionSurvey,
    ShowcasePlan,
    ShowcaseSummary,
    Solution,
    StageForm,
    SurveyReport,
    TerritoryPlan,
    VisitPlan,
    WinLossReview,
)
from salesflow.domain.deal.record_items import RECORD_NAMES, TAG, ByClass, record_class

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class _InFull(ByClass):
    """Describes each class in full."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        classes = []
        for name in RECORD_NAMES:
            shown = handler.resolve_ref_schema(handler(record_class(name).__pydantic_core_schema__))
            fields = {TAG: {"const": name}, **shown.get("properties", {})}
            needed = [TAG, *shown.get("required", ())]
            classes.append({**shown, "properties": fields, "required": needed})
        return {"oneOf": classes, "discriminator": {"propertyName": TAG}}


AnyRecord: TypeAlias = Annotated[
    AcceptanceReport
    | AccountProfile
    | ChangeRequest
    | CompetitorAnalysis
    | Contract
    | CustomerFeedback
    | CustomerVisit
    | DealTeam
    | HandOver
    | Interview
    | Lead
    | NegotiationMinutes
    | NegotiationPlan
    | OpportunityPlan
    | Partner
    | ProcurementProcess
    | ProgressReport
    | ProjectSheet
    | Quotation
    | RelationshipMap
    | RelationshipPlan
    | RequirementsList
    | RiskRegister
    | SatisfactionSurvey
    | ShowcasePlan
    | ShowcaseSummary
    | Solution
    | StageForm
    | SurveyReport
    | TerritoryPlan
    | VisitPlan
    | WinLossReview,
    _InFull,
]
"""Any record of a deal, told by `record`, the name of its class: for a request, a TypeAdapter.

Example:
    >>> from pydantic import TypeAdapter
    >>> given = {"record": "RiskRegister", "opportunity": "D-1"}
    >>> TypeAdapter(AnyRecord).validate_python(given)
    RiskRegister(opportunity='D-1', risks=())
"""
