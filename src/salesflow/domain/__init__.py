"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError. The account,
the deal and its progress are here at once; every other record is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from salesflow.domain.account import (
    Account,
    Attitude,
    BuyingRole,
    Contact,
    Coverage,
    Influence,
    Relationship,
    Tier,
)
from salesflow.domain.opportunity import FactValue, HostDeal, Opportunity, TeamMember
from salesflow.domain.progress import (
    Answered,
    AnswerValue,
    AppliedCommand,
    Attestation,
    Completion,
    Judgement,
    JudgementVerdict,
    Mark,
    OnHold,
    Outcome,
    PlaybookStamp,
    Progress,
    Step,
    Visit,
    Waiver,
)

if TYPE_CHECKING:
    from salesflow.domain.account_profile import AccountProfile
    from salesflow.domain.action import Action, ActionStatus, action_status, overdue
    from salesflow.domain.competitor import Competitor, CompetitorAnalysis, CompetitorMove
    from salesflow.domain.completeness import Missing, PlanCompleteness, SectionCompleteness
    from salesflow.domain.contract import (
        Contract,
        ContractReview,
        ContractReviewer,
        ContractRow,
        FilingStatus,
    )
    from salesflow.domain.decision_table import DecisionRow, DecisionTable, Grading, TableInput
    from salesflow.domain.delivery import (
        AcceptanceItem,
        AcceptanceReport,
        ChangeRequest,
        ProgressReport,
    )
    from salesflow.domain.feedback import CustomerFeedback, Opinion, SurveyReport
    from salesflow.domain.handover import HandOver, HandOverSection, Milestone
    from salesflow.domain.interview import InformationKind, Interview, Statement
    from salesflow.domain.lead import LEAD_GRADES, Lead, LeadChannel, LeadProfile, by_potential
    from salesflow.domain.negotiation import (
        AgreedTerm,
        DecisionDate,
        NegotiationMinutes,
        NegotiationPlan,
        NegotiationTopic,
        Objection,
    )
    from salesflow.domain.partner import Partner, PartnerKind, RulesOfEngagement
    from salesflow.domain.payment import (
        Instalment,
        PaymentEvent,
        PaymentTerm,
        PaymentTerms,
        instalments,
    )
    from salesflow.domain.people import DecisionCoverage, InfluenceLine, RelationshipMap
    from salesflow.domain.plan import Advice, OpportunityPlan, PlanKind, PolicyFactor
    from salesflow.domain.procurement import (
        InfluencingFactor,
        ProcurementCriterion,
        ProcurementProcess,
        ProcurementStep,
    )
    from salesflow.domain.project_sheet import (
        IMPORTANCE_GRADES,
        ImportancePolicy,
        ProjectHeader,
        ProjectSheet,
    )
    from salesflow.domain.quotation import Quotation, QuotationLine
    from salesflow.domain.relationship_plan import PersonStrategy, RelationshipPlan, SupporterPlan
    from salesflow.domain.requirement import (
        Necessity,
        Requirement,
        RequirementRow,
        RequirementsList,
    )
    from salesflow.domain.review import WinLossReview
    from salesflow.domain.risk import Risk, RiskRegister, RiskResponse
    from salesflow.domain.showcase import Attendee, ShowcasePlan, ShowcaseSummary
    from salesflow.domain.solution import (
        Advantage,
        Presentation,
        Solution,
        SolutionReview,
        SolutionReviewer,
    )
    from salesflow.domain.stage_form import RoleJudgement, StageForm
    from salesflow.domain.strategy import (
        STRATEGIES,
        CompetitionPlan,
        CompetitiveStrategy,
        StrategyAssessment,
    )
    from salesflow.domain.strategy_advice import StrategyAdvice, recommend_strategy
    from salesflow.domain.survey import Rating, SatisfactionSurvey, SurveyDimension
    from salesflow.domain.team import DealTeam, Responsibility
    from salesflow.domain.territory_plan import (
        KeyAccount,
        PlanReview,
        TerritoryPlan,
        TerritoryPlanKind,
    )
    from salesflow.domain.tracking import CustomerTrackingRow, StageProgressRow
    from salesflow.domain.visit import CustomerVisit, VisitPlan, VisitWay

__all__ = [
    "IMPORTANCE_GRADES",
    "LEAD_GRADES",
    "STRATEGIES",
    "AcceptanceItem",
    "AcceptanceReport",
    "Account",
    "AccountProfile",
    "Action",
    "ActionStatus",
    "Advantage",
    "Advice",
    "AgreedTerm",
    "AnswerValue",
    "Answered",
    "AppliedCommand",
    "Attendee",
    "Attestation",
    "Attitude",
    "BuyingRole",
    "ChangeRequest",
    "CompetitionPlan",
    "CompetitiveStrategy",
    "Competitor",
    "CompetitorAnalysis",
    "CompetitorMove",
    "Completion",
    "Contact",
    "Contract",
    "ContractReview",
    "ContractReviewer",
    "ContractRow",
    "Coverage",
    "CustomerFeedback",
    "CustomerTrackingRow",
    "CustomerVisit",
    "DealTeam",
    "DecisionCoverage",
    "DecisionDate",
    "DecisionRow",
    "DecisionTable",
    "FactValue",
    "FilingStatus",
    "Grading",
    "HandOver",
    "HandOverSection",
    "HostDeal",
    "ImportancePolicy",
    "Influence",
    "InfluenceLine",
    "InfluencingFactor",
    "InformationKind",
    "Instalment",
    "Interview",
    "Judgement",
    "JudgementVerdict",
    "KeyAccount",
    "Lead",
    "LeadChannel",
    "LeadProfile",
    "Mark",
    "Milestone",
    "Missing",
    "Necessity",
    "NegotiationMinutes",
    "NegotiationPlan",
    "NegotiationTopic",
    "Objection",
    "OnHold",
    "Opinion",
    "Opportunity",
    "OpportunityPlan",
    "Outcome",
    "Partner",
    "PartnerKind",
    "PaymentEvent",
    "PaymentTerm",
    "PaymentTerms",
    "PersonStrategy",
    "PlanCompleteness",
    "PlanKind",
    "PlanReview",
    "PlaybookStamp",
    "PolicyFactor",
    "Presentation",
    "ProcurementCriterion",
    "ProcurementProcess",
    "ProcurementStep",
    "Progress",
    "ProgressReport",
    "ProjectHeader",
    "ProjectSheet",
    "Quotation",
    "QuotationLine",
    "Rating",
    "Relationship",
    "RelationshipMap",
    "RelationshipPlan",
    "Requirement",
    "RequirementRow",
    "RequirementsList",
    "Responsibility",
    "Risk",
    "RiskRegister",
    "RiskResponse",
    "RoleJudgement",
    "RulesOfEngagement",
    "SatisfactionSurvey",
    "SectionCompleteness",
    "ShowcasePlan",
    "ShowcaseSummary",
    "Solution",
    "SolutionReview",
    "SolutionReviewer",
    "StageForm",
    "StageProgressRow",
    "Statement",
    "Step",
    "StrategyAdvice",
    "StrategyAssessment",
    "SupporterPlan",
    "SurveyDimension",
    "SurveyReport",
    "TableInput",
    "TeamMember",
    "TerritoryPlan",
    "TerritoryPlanKind",
    "Tier",
    "Visit",
    "VisitPlan",
    "VisitWay",
    "Waiver",
    "WinLossReview",
    "action_status",
    "by_potential",
    "instalments",
    "overdue",
    "recommend_strategy",
]

_HOMES: Final[dict[str, str]] = {
    name: module
    for module, names in {
        "account_profile": ("AccountProfile",),
        "action": ("Action", "ActionStatus", "action_status", "overdue"),
        "competitor": ("Competitor", "CompetitorAnalysis", "CompetitorMove"),
        "completeness": ("Missing", "PlanCompleteness", "SectionCompleteness"),
        "contract": (
            "Contract",
            "ContractReview",
            "ContractReviewer",
            "ContractRow",
            "FilingStatus",
        ),
        "decision_table": ("DecisionRow", "DecisionTable", "Grading", "TableInput"),
        "delivery": ("AcceptanceItem", "AcceptanceReport", "ChangeRequest", "ProgressReport"),
        "feedback": ("CustomerFeedback", "Opinion", "SurveyReport"),
        "handover": ("HandOver", "HandOverSection", "Milestone"),
        "interview": ("InformationKind", "Interview", "Statement"),
        "lead": ("LEAD_GRADES", "Lead", "LeadChannel", "LeadProfile", "by_potential"),
        "negotiation": (
            "AgreedTerm",
            "DecisionDate",
            "NegotiationMinutes",
            "NegotiationPlan",
            "NegotiationTopic",
            "Objection",
        ),
        "partner": ("Partner", "PartnerKind", "RulesOfEngagement"),
        "payment": ("Instalment", "PaymentEvent", "PaymentTerm", "PaymentTerms", "instalments"),
        "people": ("DecisionCoverage", "InfluenceLine", "RelationshipMap"),
        "plan": ("Advice", "OpportunityPlan", "PlanKind", "PolicyFactor"),
        "procurement": (
            "InfluencingFactor",
            "ProcurementCriterion",
            "ProcurementProcess",
            "ProcurementStep",
        ),
        "project_sheet": ("IMPORTANCE_GRADES", "ImportancePolicy", "ProjectHeader", "ProjectSheet"),
        "quotation": ("Quotation", "QuotationLine"),
        "relationship_plan": ("PersonStrategy", "RelationshipPlan", "SupporterPlan"),
        "requirement": ("Necessity", "Requirement", "RequirementRow", "RequirementsList"),
        "review": ("WinLossReview",),
        "risk": ("Risk", "RiskRegister", "RiskResponse"),
        "showcase": ("Attendee", "ShowcasePlan", "ShowcaseSummary"),
        "solution": ("Advantage", "Presentation", "Solution", "SolutionReview", "SolutionReviewer"),
        "stage_form": ("RoleJudgement", "StageForm"),
        "strategy": ("STRATEGIES", "CompetitionPlan", "CompetitiveStrategy", "StrategyAssessment"),
        "strategy_advice": ("StrategyAdvice", "recommend_strategy"),
        "survey": ("Rating", "SatisfactionSurvey", "SurveyDimension"),
        "team": ("DealTeam", "Responsibility"),
        "territory_plan": ("KeyAccount", "PlanReview", "TerritoryPlan", "TerritoryPlanKind"),
        "tracking": ("CustomerTrackingRow", "StageProgressRow"),
        "visit": ("CustomerVisit", "VisitPlan", "VisitWay"),
    }.items()
    for name in names
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salesflow.domain' has no attribute {name!r}")
    value: object = getattr(import_module(f"salesflow.domain.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
