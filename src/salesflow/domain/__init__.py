"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError. The account,
the deal and its progress are here at once; every other record is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from salesflow.domain.deal.account import (
    Account,
    Attitude,
    BuyingRole,
    Contact,
    Coverage,
    Influence,
    Relationship,
    Tier,
)
from salesflow.domain.deal.opportunity import FactValue, HostDeal, Opportunity, TeamMember
from salesflow.domain.deal.progress import (
    AnswerRecord,
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
    from salesflow.domain.deal.account_profile import AccountProfile
    from salesflow.domain.deal.lead import LEAD_GRADES, Lead, LeadChannel, LeadProfile, by_potential
    from salesflow.domain.deal.people import DecisionCoverage, InfluenceLine, RelationshipMap
    from salesflow.domain.deal.team import DealTeam, Responsibility
    from salesflow.domain.decision_table import DecisionRow, DecisionTable, TableInput, TableResult
    from salesflow.domain.forms._payment_events import PaymentEvent
    from salesflow.domain.forms.contract import (
        Contract,
        ContractReview,
        ContractReviewer,
        ContractRow,
        FilingStatus,
    )
    from salesflow.domain.forms.delivery import (
        AcceptanceItem,
        AcceptanceReport,
        ChangeRequest,
        ProgressReport,
    )
    from salesflow.domain.forms.feedback import CustomerFeedback, Opinion, SurveyReport
    from salesflow.domain.forms.handover import HandOver, HandOverSection, Milestone
    from salesflow.domain.forms.interview import InformationKind, Interview, Statement
    from salesflow.domain.forms.negotiation import (
        AgreedTerm,
        DecisionDate,
        NegotiationMinutes,
        NegotiationPlan,
        NegotiationTopic,
        Objection,
    )
    from salesflow.domain.forms.payment import Instalment, PaymentTerm, PaymentTerms, instalments
    from salesflow.domain.forms.procurement import (
        InfluencingFactor,
        ProcurementCriterion,
        ProcurementProcess,
        ProcurementStep,
    )
    from salesflow.domain.forms.project_sheet import (
        IMPORTANCE_GRADES,
        ImportancePolicy,
        ProjectHeader,
        ProjectSheet,
    )
    from salesflow.domain.forms.quotation import Quotation, QuotationLine
    from salesflow.domain.forms.requirement import (
        Necessity,
        Requirement,
        RequirementRow,
        RequirementsList,
    )
    from salesflow.domain.forms.showcase import Attendee, ShowcasePlan, ShowcaseSummary
    from salesflow.domain.forms.solution import (
        Advantage,
        Presentation,
        Solution,
        SolutionReview,
        SolutionReviewer,
    )
    from salesflow.domain.forms.stage_form import RoleJudgement, StageForm
    from salesflow.domain.forms.survey import Rating, SatisfactionSurvey, SurveyDimension
    from salesflow.domain.forms.tracking import CustomerTrackingRow, StageProgressRow
    from salesflow.domain.forms.visit import CustomerVisit, VisitPlan, VisitWay
    from salesflow.domain.forms.win_loss_review import WinLossReview
    from salesflow.domain.plans.action import Action, ActionStatus, action_status, overdue
    from salesflow.domain.plans.competitor import Competitor, CompetitorAnalysis, CompetitorMove
    from salesflow.domain.plans.completeness import Missing, PlanCompleteness, SectionCompleteness
    from salesflow.domain.plans.partner import Partner, PartnerKind, RulesOfEngagement
    from salesflow.domain.plans.plan import Advice, OpportunityPlan, PlanKind, PolicyFactor
    from salesflow.domain.plans.relationship_plan import (
        PersonStrategy,
        RelationshipPlan,
        SupporterPlan,
    )
    from salesflow.domain.plans.risk import Risk, RiskRegister, RiskResponse
    from salesflow.domain.plans.strategy import (
        STRATEGIES,
        CompetitionPlan,
        CompetitiveStrategy,
        StrategyAssessment,
    )
    from salesflow.domain.plans.strategy_advice import StrategyAdvice, recommend_strategy
    from salesflow.domain.plans.territory_plan import (
        KeyAccount,
        PlanReview,
        TerritoryPlan,
        TerritoryPlanKind,
    )

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
    "AnswerRecord",
    "AnswerValue",
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
    "TableResult",
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
        "deal.account_profile": ("AccountProfile",),
        "plans.action": ("Action", "ActionStatus", "action_status", "overdue"),
        "plans.competitor": ("Competitor", "CompetitorAnalysis", "CompetitorMove"),
        "plans.completeness": ("Missing", "PlanCompleteness", "SectionCompleteness"),
        "forms.contract": (
            "Contract",
            "ContractReview",
            "ContractReviewer",
            "ContractRow",
            "FilingStatus",
        ),
        "decision_table": ("DecisionRow", "DecisionTable", "TableResult", "TableInput"),
        "forms.delivery": ("AcceptanceItem", "AcceptanceReport", "ChangeRequest", "ProgressReport"),
        "forms.feedback": ("CustomerFeedback", "Opinion", "SurveyReport"),
        "forms.handover": ("HandOver", "HandOverSection", "Milestone"),
        "forms.interview": ("InformationKind", "Interview", "Statement"),
        "deal.lead": ("LEAD_GRADES", "Lead", "LeadChannel", "LeadProfile", "by_potential"),
        "forms.negotiation": (
            "AgreedTerm",
            "DecisionDate",
            "NegotiationMinutes",
            "NegotiationPlan",
            "NegotiationTopic",
            "Objection",
        ),
        "plans.partner": ("Partner", "PartnerKind", "RulesOfEngagement"),
        "forms.payment": (
            "Instalment",
            "PaymentEvent",
            "PaymentTerm",
            "PaymentTerms",
            "instalments",
        ),
        "deal.people": ("DecisionCoverage", "InfluenceLine", "RelationshipMap"),
        "plans.plan": ("Advice", "OpportunityPlan", "PlanKind", "PolicyFactor"),
        "forms.procurement": (
            "InfluencingFactor",
            "ProcurementCriterion",
            "ProcurementProcess",
            "ProcurementStep",
        ),
        "forms.project_sheet": (
            "IMPORTANCE_GRADES",
            "ImportancePolicy",
            "ProjectHeader",
            "ProjectSheet",
        ),
        "forms.quotation": ("Quotation", "QuotationLine"),
        "plans.relationship_plan": ("PersonStrategy", "RelationshipPlan", "SupporterPlan"),
        "forms.requirement": ("Necessity", "Requirement", "RequirementRow", "RequirementsList"),
        "forms.win_loss_review": ("WinLossReview",),
        "plans.risk": ("Risk", "RiskRegister", "RiskResponse"),
        "forms.showcase": ("Attendee", "ShowcasePlan", "ShowcaseSummary"),
        "forms.solution": (
            "Advantage",
            "Presentation",
            "Solution",
            "SolutionReview",
            "SolutionReviewer",
        ),
        "forms.stage_form": ("RoleJudgement", "StageForm"),
        "plans.strategy": (
            "STRATEGIES",
            "CompetitionPlan",
            "CompetitiveStrategy",
            "StrategyAssessment",
        ),
        "plans.strategy_advice": ("StrategyAdvice", "recommend_strategy"),
        "forms.survey": ("Rating", "SatisfactionSurvey", "SurveyDimension"),
        "deal.team": ("DealTeam", "Responsibility"),
        "plans.territory_plan": ("KeyAccount", "PlanReview", "TerritoryPlan", "TerritoryPlanKind"),
        "forms.tracking": ("CustomerTrackingRow", "StageProgressRow"),
        "forms.visit": ("CustomerVisit", "VisitPlan", "VisitWay"),
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
