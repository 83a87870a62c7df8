"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError. The account,
the deal and its progress are loaded at once; every other record is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day, Instant
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
from salesflow.domain.deal.opportunity import Deal, FactValue, HostDeal, Opportunity, TeamMember
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

if TYPE_CHECKING:  # checkers see what the modules define; `__all__` says what of it is public
    from salesflow.domain.deal.account_profile import *
    from salesflow.domain.deal.lead import *
    from salesflow.domain.deal.people import *
    from salesflow.domain.deal.team import *
    from salesflow.domain.decision_table import *
    from salesflow.domain.forms.contract import *
    from salesflow.domain.forms.delivery import *
    from salesflow.domain.forms.negotiation import *
    from salesflow.domain.forms.payment import *
    from salesflow.domain.forms.procurement import *
    from salesflow.domain.forms.project_sheet import *
    from salesflow.domain.forms.quotation import *
    from salesflow.domain.forms.requirement import *
    from salesflow.domain.forms.solution import *
    from salesflow.domain.forms.survey import *
    from salesflow.domain.forms.tracking import *
    from salesflow.domain.forms.visit import *
    from salesflow.domain.forms.win_loss_review import *
    from salesflow.domain.plans.action import *
    from salesflow.domain.plans.competition import *
    from salesflow.domain.plans.completeness import *
    from salesflow.domain.plans.partner import *
    from salesflow.domain.plans.plan import *
    from salesflow.domain.plans.relationship_plan import *
    from salesflow.domain.plans.risk import *
    from salesflow.domain.plans.strategy_advice import *
    from salesflow.domain.plans.territory_plan import *

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
    "Day",
    "Deal",
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
    "Instant",
    "Interview",
    "Judgement",
    "JudgementVerdict",
    "KeyAccount",
    "Label",
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
    "Note",
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
    "Record",
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

# The module of each record that is loaded when it is first used.
_HOMES: Final = {
    name: module
    for module, names in {
        "deal.account_profile": "AccountProfile",
        "deal.lead": "LEAD_GRADES Lead LeadChannel LeadProfile by_potential",
        "deal.people": "DecisionCoverage InfluenceLine RelationshipMap",
        "deal.team": "DealTeam Responsibility",
        "decision_table": "DecisionRow DecisionTable TableInput TableResult",
        "forms.contract": "Contract ContractReview ContractReviewer ContractRow FilingStatus",
        "forms.delivery": (
            "AcceptanceItem AcceptanceReport ChangeRequest HandOver HandOverSection Milestone"
            " ProgressReport"
        ),
        "forms.negotiation": (
            "AgreedTerm DecisionDate NegotiationMinutes NegotiationPlan NegotiationTopic Objection"
        ),
        "forms.payment": "Instalment PaymentEvent PaymentTerm PaymentTerms instalments",
        "forms.procurement": (
            "InfluencingFactor ProcurementCriterion ProcurementProcess ProcurementStep"
        ),
        "forms.project_sheet": (
            "IMPORTANCE_GRADES ImportancePolicy ProjectHeader ProjectSheet RoleJudgement StageForm"
        ),
        "forms.quotation": "Quotation QuotationLine",
        "forms.requirement": (
            "InformationKind Interview Necessity Requirement RequirementRow RequirementsList"
            " Statement"
        ),
        "forms.solution": "Advantage Presentation Solution SolutionReview SolutionReviewer",
        "forms.survey": (
            "CustomerFeedback Opinion Rating SatisfactionSurvey SurveyDimension SurveyReport"
        ),
        "forms.tracking": "CustomerTrackingRow StageProgressRow",
        "forms.visit": "Attendee CustomerVisit ShowcasePlan ShowcaseSummary VisitPlan VisitWay",
        "forms.win_loss_review": "WinLossReview",
        "plans.action": "Action ActionStatus action_status overdue",
        "plans.competition": (
            "STRATEGIES CompetitionPlan CompetitiveStrategy Competitor CompetitorAnalysis"
            " CompetitorMove StrategyAssessment"
        ),
        "plans.completeness": "Missing PlanCompleteness SectionCompleteness",
        "plans.partner": "Partner PartnerKind RulesOfEngagement",
        "plans.plan": "Advice OpportunityPlan PlanKind PolicyFactor",
        "plans.relationship_plan": "PersonStrategy RelationshipPlan SupporterPlan",
        "plans.risk": "Risk RiskRegister RiskResponse",
        "plans.strategy_advice": "StrategyAdvice recommend_strategy",
        "plans.territory_plan": "KeyAccount PlanReview TerritoryPlan TerritoryPlanKind",
    }.items()
    for name in names.split()
}

if not TYPE_CHECKING:  # a type checker is to refuse a name that does not exist

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'salesflow.domain' has no attribute {name!r}")
        value: object = getattr(import_module(f"salesflow.domain.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
