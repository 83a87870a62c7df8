"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError. A record is
imported when it is first used. What type checkers and editors see stands in `__init__.pyi`; a
test holds the two together.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Final as _Final

_HOMES: _Final = {
    name: home
    for home, names in {
        "_base.record": "Label Note Record",
        "_base.times": "Day Instant",
        "_base.invalid_input": "InvalidInput",
        "deal.account": (
            "Account AccountProfile Attitude BuyingRole Contact Coverage Influence Relationship "
            "Tier"
        ),
        "deal.lead": "LEAD_GRADES Lead LeadChannel LeadProfile by_potential",
        "deal.opportunity": (
            "Deal FactInput FactValue HostDeal NewOpportunity Opportunity TeamInput TeamMember"
        ),
        "deal.people": "DecisionCoverage InfluenceLine RelationshipMap",
        "deal.progress": (
            "AnswerRecord AnswerValue AppliedCommand Attestation Completion HoldPeriod Judgement "
            "JudgementVerdict Mark OnHold Outcome PlaybookStamp Progress SeenValue Step "
            "Visit Waiver"
        ),
        "deal.forecast_call": "ForecastCall",
        "deal.requests": "Delegation RequestRecord Revision",
        "deal.team": "DealTeam Responsibility",
        "deal.track_visit": "TrackVisit",
        "deal.withdrawal": "Withdrawal",
        "decision_table": "DecisionRow DecisionTable TableInput TableResult",
        "forms.contract": "Contract ContractReview ContractReviewer ContractRow FilingStatus",
        "forms.delivery": (
            "AcceptanceItem AcceptanceReport ChangeRequest HandOver HandOverSection Milestone "
            "ProgressReport"
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
            "InformationKind Interview Necessity Requirement RequirementRow RequirementsList "
            "Statement"
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
            "CompetitionPlan CompetitiveStrategy Competitor CompetitorAnalysis CompetitorMove "
            "STRATEGIES StrategyAssessment"
        ),
        "plans.partner": "Partner PartnerKind RulesOfEngagement",
        "plans.plan": "Advice OpportunityPlan PlanKind PolicyFactor",
        "plans.relationship_plan": "PersonStrategy RelationshipPlan SupporterPlan",
        "plans.risk": "Risk RiskRegister RiskResponse",
        "plans.section": "Missing PlanCompleteness SectionCompleteness",
        "plans.strategy_advice": "StrategyAdvice recommend_strategy",
        "plans.territory_plan": "KeyAccount PlanReview TerritoryPlan TerritoryPlanKind",
    }.items()
    for name in names.split()
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salesflow.domain' has no attribute {name!r}")
    value: object = getattr(_import_module(f"salesflow.domain.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
