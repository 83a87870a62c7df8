"""What the records of each sort say, in examples: None is what no record says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from salesflow.domain import (
    AcceptanceItem,
    AcceptanceReport,
    Account,
    AccountProfile,
    Action,
    Advantage,
    AgreedTerm,
    Attendee,
    ChangeRequest,
    CompetitionPlan,
    Competitor,
    CompetitorAnalysis,
    CompetitorMove,
    Contact,
    Contract,
    ContractReview,
    CustomerFeedback,
    CustomerVisit,
    DealTeam,
    DecisionDate,
    HandOver,
    InfluenceLine,
    InfluencingFactor,
    Interview,
    Lead,
    LeadProfile,
    Milestone,
    NegotiationMinutes,
    NegotiationPlan,
    Objection,
    Opinion,
    OpportunityPlan,
    Partner,
    PaymentTerm,
    PersonStrategy,
    PlanReview,
    PolicyFactor,
    Presentation,
    ProcurementCriterion,
    ProcurementProcess,
    ProgressReport,
    ProjectHeader,
    ProjectSheet,
    Quotation,
    QuotationLine,
    Rating,
    Record,
    RelationshipMap,
    RelationshipPlan,
    Requirement,
    RequirementsList,
    Responsibility,
    Risk,
    RiskRegister,
    RoleJudgement,
    RulesOfEngagement,
    SatisfactionSurvey,
    ShowcasePlan,
    ShowcaseSummary,
    Solution,
    SolutionReview,
    StageForm,
    Statement,
    SurveyReport,
    TerritoryPlan,
    VisitPlan,
    WinLossReview,
)
from salesflow.money import Money
from salesflow.records import RECORD_GROUPS, record_facts

MONDAY: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY: Final = datetime(2026, 3, 3, 9, tzinfo=UTC)


def day(number: int) -> date:
    return date(2026, 3, number)


def usd(amount: str) -> Money:
    return Money(amount, "USD")


REST: Final = (
    PaymentTerm(name="Prepaid", percent=Decimal(30), due="signing"),
    PaymentTerm(name="Rest", percent=Decimal(70)),
)
DRAFT: Final = Contract(number="C-1", customer="Acme", amount=usd("1000.10"))
AGREED: Final = NegotiationMinutes(
    number="M-1",
    customer="Acme",
    held_on=day(2),
    price=usd("1000.10"),
    terms=(AgreedTerm(topic="liability", text="5 % a week"),),
    confirmed_by_us="li.wei",
)
PROPOSED: Final = OpportunityPlan(
    opportunity="D-1",
    made_on=day(2),
    why_anything="Errors",
    why_now="The audit",
    actions=(
        Action(what="Call", owner="li.wei", due_on=day(5)),
        Action(what="Write"),
        Action(what="Drive", done_on=day(2)),
    ),
    policy_factors=(PolicyFactor(what="Import rules"),),
    people=(PersonStrategy(person="Zhang", strategy="Show figures"),),
)
ZHANG: Final = Contact(name="Zhang", buying_role="economic_buyer", coverage="brief")
LIU: Final = Contact(name="Liu", buying_role="business_lead", coverage="no_contact")

EXAMPLES: Final[tuple[tuple[str, tuple[Record, ...], dict[str, Any]], ...]] = (
    (
        "each kind of information is told of all interviews, the preparation of the latest",
        (
            Interview(
                customer="Acme",
                held_at=MONDAY,
                by="li.wei",
                background="Three plants",
                statements=(Statement(kind="present_pain", words="Twice"),),
            ),
            Interview(
                customer="Acme",
                held_at=TUESDAY,
                by="li.wei",
                statements=(Statement(kind="budget_range", words="Little"),),
            ),
        ),
        {
            "interview.present_pain": True,
            "interview.expected_goal": False,
            "interview.budget_range": True,
            "interview.decision_process": False,
            "interview.kinds_missing": 2,
            "interview.background_studied": False,
        },
    ),
    (
        "a lead on file says which parts are there",
        (Lead(customer="Acme", channel="referral", source="Wu", industry="Rail"),),
        {
            "lead.basics_missing": 2,
            "lead.communication_planned": False,
            "lead.first_owner_named": False,
        },
    ),
    (
        "a visit in person that agreed something counts, whatever comes after it",
        (
            CustomerVisit(
                customer="Acme",
                held_at=MONDAY,
                way="in_person",
                by=("li.wei",),
                agreed="A solution",
                interested=True,
            ),
            CustomerVisit(customer="Acme", held_at=TUESDAY, way="in_person", by=("li.wei",)),
        ),
        {"visit.in_person_agreed": 1, "visit.with_interest": 1, "visit.moved_on": False},
    ),
    (
        "a project sheet says what is missing in it and in its head",
        (ProjectSheet(head=ProjectHeader(name="Line 4", code="P-1"), customer="Metro"),),
        {"project.missing": 7, "project.head_missing": 3},
    ),
    (
        "the situation of a stage is that of its own form",
        (
            StageForm(
                project=ProjectHeader(name="Line 4"),
                stage="initiation",
                actual_situation="Approved",
                judgements=(RoleJudgement(role="sales_rep", judgement="Good", on=day(9)),),
            ),
            StageForm(project=ProjectHeader(name="Line 4"), stage="signing"),
        ),
        {
            "stage_form.stage": "initiation",
            "stage_form.initiation": True,
            "stage_form.signing": False,
            "stage_form.negotiation": None,
        },
    ),
    (
        "a guest without a department, and what the customer thinks of a showcase",
        (
            ShowcasePlan(
                customer="Acme",
                attendees=(Attendee(person="Wu", department="IT"), Attendee(person="He")),
            ),
            ShowcaseSummary(customer="Acme", held_on=day(3), customers_view="Good"),
        ),
        {"showcase.departments_unknown": 1, "showcase.customers_view_known": True},
    ),
    (
        "closed risks are in the register; of reviews there is a first",
        (
            RiskRegister(
                opportunity="D-1", risks=(Risk(key="past", description="Past", closed=True),)
            ),
            Solution(
                title="S",
                description="One system",
                reviews=(
                    SolutionReview(reviewer="sales_lead", by="wu", on=day(4), agreed=True),
                    SolutionReview(reviewer="product_manager", by="he", on=day(2), agreed=True),
                ),
            ),
            Contract(number="C-1", customer="Acme", amount=usd("1"), drafted_by="zhao.min"),
        ),
        {
            "risks.total": 1,
            "risks.open": 0,
            "review.first_on": day(2),
            "review.last_on": day(4),
            "solution.described": True,
            "contract.drafter_named": True,
        },
    ),
    (
        "a plan says how complete it is, section by section, and what is open",
        (PROPOSED,),
        {
            "plan.kind": "opportunity_plan",
            "plan.complete": False,
            "plan.share": 0.25,
            "plan.business_drivers": True,
            "plan.business_drivers_and_return": False,
            "plan.updated_on": day(2),
            "plan.approved": False,
            "plan.approved_on": None,
            "plan.actions_open": 2,
            "plan.actions_unassigned": 1,
            "plan.policy_factors_unanswered": 1,
        },
    ),
    (
        "of two plans the one that was written later counts",
        (
            OpportunityPlan(opportunity="D-1", made_on=day(1), updated_on=day(9), kind="tas_plan"),
            PROPOSED,
        ),
        {"plan.kind": "tas_plan", "plan.made_on": day(1), "plan.updated_on": day(9)},
    ),
    (
        "a plan without a day counts least, and one that nobody looked into says no number",
        (OpportunityPlan(opportunity="D-1"),),
        {
            "plan.updated_on": None,
            "plan.actions_open": None,
            "plan.actions_unassigned": None,
            "plan.policy_factors_unanswered": None,
            "competition.competitors": None,
            "partner.total": None,
            "team.members": None,
        },
    ),
    (
        "a register in which nobody wrote a risk says that there are none",
        (RiskRegister(opportunity="D-1"),),
        {"risks.open": 0, "risks.unanswered": 0, "risks.high": 0},
    ),
    (
        "risks that are closed or accepted need no answer",
        (
            RiskRegister(
                opportunity="D-1",
                risks=(
                    Risk(key="late", description="Late", probability=4, impact=4),
                    Risk(key="dear", description="Dear", response="accept", owner="li.wei"),
                    Risk(key="past", description="Past", closed=True),
                ),
            ),
        ),
        {
            "risks.open": 2,
            "risks.unanswered": 1,
            "risks.not_assessed": 1,
            "risks.without_owner": 1,
        },
    ),
    (
        "whom nobody has talked with was not met; who was talked with briefly is not covered",
        (
            RelationshipMap(
                customer="Acme",
                contacts=(
                    ZHANG,
                    LIU,
                    Contact(name="Wu", attitude="opponent", last_talk_on=day(1)),
                    Contact(name="He", buying_role="inside_supporter", attitude="champion"),
                ),
                influences=(InfluenceLine(source="Wu", target="Liu"),),
            ),
        ),
        {
            "people.total": 4,
            "people.decision_makers": 2,
            "people.decision_makers_not_met": 1,
            "people.decision_makers_not_covered": 2,
            "people.not_met": None,  # of He nobody has said
            "people.inside_supporters": 1,
            "people.supporters": 1,
            "people.opponents": 1,
            "people.opponents_heard": 1,
            "people.attitudes_unknown": 2,
            "people.roles_missing": 3,
            "people.single_threaded": None,
            "people.without_strategy": None,  # there is no plan
        },
    ),
    (
        "where nobody is said to decide, it is not known whether those who do were met",
        (RelationshipMap(customer="Acme", contacts=(Contact(name="Wu", coverage="in_depth"),)),),
        {
            "people.decision_makers": 0,
            "people.decision_makers_not_met": None,
            "people.not_met": 0,
            "people.single_threaded": True,
        },
    ),
    (
        "two maps make one, and a plan says for whom there is a strategy",
        (
            PROPOSED,
            RelationshipMap(customer="Acme", contacts=(ZHANG,)),
            RelationshipMap(
                customer="Acme Holding",
                contacts=(LIU, Contact(name="Zhang", coverage="in_depth"), Contact(name="Wu")),
            ),
        ),
        {
            "people.total": 3,
            "people.decision_makers_not_covered": 1,
            "people.without_strategy": 1,
        },
    ),
    (
        "several well-known people hold a deal",
        (
            RelationshipMap(
                customer="Acme",
                contacts=tuple(Contact(name=name, coverage="in_depth") for name in ("A", "B")),
            ),
        ),
        {"people.single_threaded": False, "people.not_met": 0},
    ),
    (
        "a relationship plan says for whom nothing is planned",
        (RelationshipPlan(customer="Acme", stage="visit", people=(PersonStrategy(person="Wu"),)),),
        {
            "relationship_plan.stage": "visit",
            "relationship_plan.people": 1,
            "relationship_plan.without_strategy": 1,
            "relationship_plan.made_on": None,
        },
    ),
    (
        "the competitors are those of the analysis, the strategy is the plan's",
        (
            CompetitorAnalysis(
                opportunity="D-1",
                competitors=(
                    Competitor(
                        name="Rival", threat="high", moves=(CompetitorMove(what="Cut the price"),)
                    ),
                ),
            ),
            OpportunityPlan(
                opportunity="D-1", competition=CompetitionPlan(chosen="flanking", competitors=())
            ),
        ),
        {
            "competition.competitors": 1,
            "competition.not_analysed": 1,
            "competition.high_threats": 1,
            "competition.moves_unanswered": 1,
            "competition.strategy": "flanking",
            "competition.strategy_advised": None,
        },
    ),
    (
        "without an analysis the plan's competitors count",
        (OpportunityPlan(opportunity="D-1", competition=CompetitionPlan(competitors=())),),
        {"competition.competitors": 0, "competition.strategy": None},
    ),
    (
        "partners say what they promised; a partner of the plan with a record counts once",
        (
            OpportunityPlan(
                opportunity="D-1", partners=(Partner(name="Builder"), Partner(name="Seller"))
            ),
            Partner(
                name="Builder",
                role="Integration",
                able=True,
                orders_on=day(9),
                pays_on=day(20),
                rules=RulesOfEngagement(agreed=True),
            ),
            Partner(name="Other", orders_on=day(8), able=True),
        ),
        {
            "partner.total": 3,
            "partner.orders_on": day(8),
            "partner.pays_on": day(20),
            "partner.able": None,  # of Seller nobody has said
            "partner.without_role": 2,
            "partner.without_rules": 2,
        },
    ),
    (
        "one partner that cannot deliver is enough",
        (Partner(name="A", able=False), Partner(name="B")),
        {"partner.able": False},
    ),
    (
        "a team says who has no duties and who has not agreed",
        (
            DealTeam(
                lead="li.wei",
                members=(Responsibility(person="li.wei", roles=("rep",), duties=("All",)),),
            ),
        ),
        {
            "team.members": 1,
            "team.lead_named": True,
            "team.without_duties": 0,
            "team.agreed": False,
            "team.agreed_on": None,
        },
    ),
    (
        "without a team of its own a deal has that of its plan",
        (OpportunityPlan(opportunity="D-1", team=DealTeam()),),
        {"team.members": 0, "team.lead_named": False, "team.agreed": None},
    ),
    (
        "a territory plan is reviewed a quarter after its approval",
        (
            TerritoryPlan(
                kind="territory",
                name="East",
                target=usd("100"),
                planned=usd("120"),
                approved_by="wang",
                approved_on=day(2),
                reviews=(PlanReview(on=day(3), by="wang"),),
            ),
            TerritoryPlan(kind="account", name="Acme", presented_on=day(1)),
        ),
        {
            "territory.kind": "territory",
            "territory.complete": False,
            "territory.exceeds_target": True,
            "territory.approved": True,
            "territory.approved_on": day(2),
            "territory.accounts": False,
            "territory.reviewed_on": day(3),
            "territory.next_review_on": date(2026, 6, 3),
            "territory.presented_on": None,
        },
    ),
    (
        "a lead is graded as far as nothing missing can change it",
        (
            Lead(
                customer="Acme",
                channel="referral",
                profile=LeadProfile(industry_fit="high", pain_point="low"),
                received_on=day(2),
                first_owner="li.wei",
            ),
        ),
        {
            "lead.channel": "referral",
            "lead.grade": "low",
            "lead.pain_point": "low",
            "lead.budget_size": None,
            "lead.missing": 6,
            "lead.first_owner_named": True,
            "lead.received_on": day(2),
        },
    ),
    (
        "a person's grade goes before the table's",
        (Lead(customer="Acme", channel="other", graded="medium"),),
        {"lead.grade": "medium"},
    ),
    (
        "a customer's file says how much of it is missing",
        (AccountProfile(account=Account(name="Acme"), goals="Grow"),),
        {"profile.missing": 4},
    ),
    (
        "a project sheet says who answers for the project",
        (
            ProjectSheet(
                head=ProjectHeader(name="Water plant"),
                sponsor="chen",
                set_up_on=day(2),
                control_points=(Milestone(title="Bid"),),
                graded="high",
            ),
        ),
        {
            "project.sponsor_named": True,
            "project.set_up_on": day(2),
            "project.control_points": 1,
            "project.importance": "high",
            "project.team": 0,
        },
    ),
    (
        "an appointment is that of the latest plan of a visit",
        (
            VisitPlan(goal="First talk", agreed_at=MONDAY),
            CustomerVisit(
                customer="Acme",
                held_at=TUESDAY,
                way="online",
                plan=VisitPlan(goal="Show", agreed_at=TUESDAY, place="Room 1", people=("Wu",)),
            ),
        ),
        {
            "appointment.agreed_at": TUESDAY,
            "appointment.place_agreed": True,
            "appointment.people": 1,
            "appointment.questions": 0,
        },
    ),
    (
        "visits are counted; what was agreed is what the latest says",
        (
            CustomerVisit(customer="Acme", held_at=TUESDAY, way="online", met=("Wu", "He")),
            CustomerVisit(
                customer="Acme", held_at=MONDAY, way="in_person", met=("Wu",), agreed="A proposal"
            ),
        ),
        {
            "visit.total": 2,
            "visit.in_person": 1,
            "visit.people_met": 2,
            "visit.last_at": TUESDAY,
            "visit.moved_on": False,
            "visit.interested": None,
            "visit.next_step_on": None,
        },
    ),
    (
        "all interviews together bring the kinds of information",
        (
            Interview(
                customer="Acme",
                held_at=MONDAY,
                by="li.wei",
                questions=("Why?", "When?", "Who?"),
                statements=(Statement(kind="present_pain", words="Errors"),),
            ),
            Interview(
                customer="Acme",
                held_at=TUESDAY,
                by="li.wei",
                questions=("How?",),
                statements=(Statement(kind="budget_range", words="A million"),),
            ),
        ),
        {
            "interview.total": 2,
            "interview.kinds_missing": 2,
            "interview.questions": 1,
            "interview.last_at": TUESDAY,
        },
    ),
    (
        "requirements are confirmed when each of them is",
        (
            RequirementsList(
                customer="Acme",
                interviewed_at=MONDAY,
                listed_at=TUESDAY,
                requirements=(
                    Requirement(description="Fast", necessity="rigid", confirmed_by="Zhang"),
                ),
            ),
            RequirementsList(
                customer="Acme",
                interviewed_at=TUESDAY,
                requirements=(Requirement(description="Cheap"),),
            ),
        ),
        {
            "requirements.total": 2,
            "requirements.confirmed": False,
            "requirements.unconfirmed": 1,
            "requirements.rigid": 1,
            "requirements.unsorted": 1,
            "requirements.within_a_day": None,  # one list is not written yet
            "requirements.listed_at": TUESDAY,
        },
    ),
    (
        "of an empty list nobody can say whether it is confirmed",
        (RequirementsList(customer="Acme", interviewed_at=MONDAY, listed_at=MONDAY),),
        {
            "requirements.confirmed": None,
            "requirements.unconfirmed": 0,
            "requirements.within_a_day": True,
        },
    ),
    (
        "a first survey says whom it asked",
        (SurveyReport(customer="Acme", made_on=day(2), departments=("IT", "Sales")),),
        {
            "first_survey.made_on": day(2),
            "first_survey.departments": 2,
            "first_survey.requirements": 0,
            "first_survey.concluded": False,
        },
    ),
    (
        "feedback counts the opinions",
        (
            CustomerFeedback(
                customer="Acme",
                collected_on=day(2),
                opinions=(
                    Opinion(person="A", view="for"),
                    Opinion(person="B", view="against", answer="A visit"),
                    Opinion(person="C", view="undecided"),
                ),
            ),
        ),
        {
            "feedback.collected_on": day(2),
            "feedback.in_favour": 1,
            "feedback.against": 1,
            "feedback.undecided": 1,
            "feedback.unanswered": 1,
        },
    ),
    (
        "a procurement process says which criteria we do not meet",
        (
            ProcurementProcess(
                customer="Acme",
                budget="A million",
                decision_on=day(20),
                criteria=(
                    ProcurementCriterion(title="ISO", required=True, met=False),
                    ProcurementCriterion(title="Price"),
                ),
                factors=(InfluencingFactor(what="Old friends", for_us=False),),
            ),
            ProcurementProcess(customer="Acme Holding", decision_on=day(10)),
        ),
        {
            "procurement.decision_on": day(10),
            "procurement.steps": 0,
            "procurement.criteria": 2,
            "procurement.criteria_unknown": 1,
            "procurement.factors_unanswered": 1,
            "procurement.budget_known": True,
        },
    ),
    (
        "where no criteria and factors are written down, nobody has looked",
        (ProcurementProcess(customer="Acme"),),
        {
            "procurement.knock_outs": None,
            "procurement.criteria_unknown": None,
            "procurement.factors_unanswered": None,
            "procurement.budget_known": False,
        },
    ),
    (
        "a showcase is planned and then held",
        (
            ShowcasePlan(
                customer="Acme",
                planned_on=day(2),
                attendees=(Attendee(person="Wu"),),
                staff=("li.wei",),
            ),
            ShowcaseSummary(
                customer="Acme",
                held_on=day(3),
                attendees=(
                    Attendee(person="Wu", convinced=True),
                    Attendee(person="He", convinced=False),
                ),
            ),
        ),
        {
            "showcase.planned_on": day(2),
            "showcase.attendees": 1,
            "showcase.concerns_unknown": 1,
            "showcase.staffed": True,
            "showcase.held_on": day(3),
            "showcase.convinced": 1,
            "showcase.not_convinced": 1,
            "showcase.moved_on": False,
        },
    ),
    (
        "a showcase that was not held convinced nobody yet, and that is not known",
        (ShowcasePlan(customer="Acme"),),
        {
            "showcase.attendees": 0,
            "showcase.concerns_unknown": None,
            "showcase.held_on": None,
            "showcase.convinced": None,
            "showcase.not_convinced": None,
            "showcase.moved_on": None,
        },
    ),
    (
        "the plan of a showcase does not follow from its summary",
        (ShowcaseSummary(customer="Acme", held_on=day(3)),),
        {
            "showcase.planned_on": None,
            "showcase.attendees": None,
            "showcase.concerns_unknown": None,
            "showcase.staffed": None,
        },
    ),
    (
        "the latest judgement form counts",
        (
            StageForm(
                project=ProjectHeader(name="P"),
                stage="visit",
                actual_situation="Good",
                judgements=(RoleJudgement(role="sales_rep", judgement="Go", on=day(3)),),
            ),
            StageForm(project=ProjectHeader(name="P"), stage="initiation"),
        ),
        {
            "stage_form.stage": "visit",
            "stage_form.situation_written": True,
            "stage_form.missing_roles": 3,
            "stage_form.without_follow_up": 1,
        },
    ),
    (
        "a solution says what it lacks, and who has not agreed to it",
        (
            Solution(
                title="One system",
                fit="high",
                advantages=(
                    Advantage(claim="Less cost", amount=Decimal(20), unit="%"),
                    Advantage(claim="Fast"),
                ),
                requirements_open=("Cheap",),
                reviews=(
                    SolutionReview(
                        reviewer="sales_lead", by="wang", on=day(2), agreed=True, feasible=True
                    ),
                    SolutionReview(reviewer="product_manager", by="he", on=day(3), agreed=False),
                ),
                presentations=(
                    Presentation(held_at=MONDAY, minutes_for_questions=15, attended=("Wu",)),
                    Presentation(held_at=TUESDAY, feedback=("Good",)),
                ),
            ),
            Solution(title="Older"),
        ),
        {
            "solution.missing": 3,
            "solution.fit": "high",
            "solution.advantages": 2,
            "solution.not_quantified": 1,
            "solution.requirements_open": 1,
            "review.approved_by_all": False,
            "review.missing": 2,
            "review.feasible": None,
            "review.last_on": day(3),
            "presentation.held_at": TUESDAY,
            "presentation.attended": 0,
            "presentation.minutes_for_questions": None,
            "presentation.feedback_written": True,
        },
    ),
    (
        "a solution that nobody reviewed or presented",
        (Solution(title="One system"),),
        {
            "solution.not_quantified": None,
            "solution.requirements_open": None,
            "review.approved_by_all": False,
            "review.feasible": None,
            "review.last_on": None,
            "presentation.held_at": None,
        },
    ),
    (
        "a quotation says until when it holds, and who agreed to it",
        (
            Quotation(
                number="Q-1",
                customer="Acme",
                currency="USD",
                made_on=day(2),
                valid_until=day(30),
                lines=(QuotationLine(item="Licence", quantity=Decimal(2), unit_price=usd("100")),),
                discount=Decimal(5),
                approved_by="wang",
            ),
        ),
        {
            "quotation.made_on": day(2),
            "quotation.valid_until": day(30),
            "quotation.total": 190.0,
            "quotation.currency": "USD",
            "quotation.discount": 0.05,
            "quotation.approved": True,
            "quotation.agreed": False,
        },
    ),
    (
        "a negotiation is prepared when each objection has an answer",
        (
            NegotiationPlan(
                opportunity="D-1",
                objections=(Objection(topic="price", words="Too dear"),),
                decisions=(DecisionDate(person="Zhang", what="The price"),),
                target=usd("100"),
                floor=usd("90"),
            ),
        ),
        {
            "negotiation.objections": 1,
            "negotiation.unprepared": 1,
            "negotiation.decisions_undated": 1,
            "negotiation.limits_set": True,
        },
    ),
    (
        "a plan without objections says nothing of answers",
        (NegotiationPlan(opportunity="D-1"),),
        {
            "negotiation.objections": 0,
            "negotiation.unprepared": None,
            "negotiation.decisions_undated": None,
            "negotiation.limits_set": False,
        },
    ),
    (
        "the minutes say what is agreed, and whether both sides confirmed it",
        (AGREED,),
        {
            "minutes.held_on": day(2),
            "minutes.confirmed_by_both": False,
            "minutes.missing": 3,
            "minutes.open_points": 0,
            "minutes.price": True,
            "minutes.payment": False,
            "minutes.delivery_standard": False,
            "minutes.after_sales": False,
            "minutes.liability": True,
        },
    ),
    (
        "a draft is not signed, and without minutes nobody knows whether it agrees with them",
        (DRAFT,),
        {
            "contract.filing": "draft",
            "contract.amount": 1000.10,
            "contract.currency": "USD",
            "contract.signed_on": None,
            "contract.signed_by_both": False,
            "contract.agrees_with_minutes": None,
            "contract.reviewed_by_all": False,
            "contract.missing": 5,
            "contract.instalments_sum": None,
            "contract.instalments_undated": None,
            "contract.delivery_due_on": None,
        },
    ),
    (
        "a contract is compared with the minutes that it names, not with later ones",
        (
            Contract(
                number="C-1",
                customer="Acme",
                amount=usd("1000.10"),
                minutes="M-1",
                signed_on=day(4),
                signed_by_us="li.wei",
                signed_by_customer="Zhang",
                payment=REST,
                delivery_days=60,
                filing="filed",
                reviews=(
                    ContractReview(reviewer="sales_lead", by="a", on=day(3), agreed=True),
                    ContractReview(reviewer="legal", by="b", on=day(3), agreed=True),
                    ContractReview(reviewer="finance", by="c", on=day(3), agreed=True),
                ),
            ),
            AGREED,
            NegotiationMinutes(number="M-2", customer="Acme", held_on=day(9), price=usd("1")),
        ),
        {
            "contract.filing": "filed",
            "contract.signed_by_both": True,
            "contract.agrees_with_minutes": True,
            "contract.reviewed_by_all": True,
            "contract.missing": 4,
            "contract.instalments_sum": 1000.10,
            "contract.instalments_undated": 1,
            "contract.delivery_due_on": date(2026, 5, 3),
        },
    ),
    (
        "a contract that names no minutes is compared with the latest",
        (DRAFT, AGREED),
        {"contract.agrees_with_minutes": False},
    ),
    (
        "who signed may not be known; a day after the year 9999 is none",
        (
            Contract(
                number="C-1",
                customer="Acme",
                amount=usd("10"),
                signed_on=date(9999, 12, 1),
                delivery_days=60,
                payment=(
                    PaymentTerm(name="All", percent=Decimal(100), due="signing", after_months=600),
                ),
            ),
        ),
        {
            "contract.signed_by_both": None,
            "contract.delivery_due_on": None,
            "contract.instalments_sum": None,
        },
    ),
    (
        "a hand-over says which sections are missing",
        (HandOver(contract="C-1", customer="Acme", customer_contact="Zhang", kickoff_on=day(5)),),
        {
            "handover.missing": 10,
            "handover.contact_named": True,
            "handover.team_named": False,
            "handover.milestones_set": False,
            "handover.kickoff_on": day(5),
            "handover.accepted": False,
            "handover.accepted_on": None,
        },
    ),
    (
        "the customer is told of progress by the reports for them",
        (
            ProgressReport(
                subject="C-1",
                audience="customer",
                from_on=day(2),
                until_on=day(8),
                done=("Lines",),
                on_time=True,
            ),
            ProgressReport(
                subject="C-1",
                audience="us",
                from_on=day(9),
                until_on=day(15),
                problems=("Rain",),
                on_time=False,
            ),
        ),
        {
            "progress.told_until": day(8),
            "progress.on_time": False,
            "progress.problems": 1,
            "progress.missing": 3,
        },
    ),
    (
        "change requests wait for an assessment and for a decision",
        (
            ChangeRequest(contract="C-1", what="Another colour"),
            ChangeRequest(contract="C-1", what="One more", decision="refused", decided_by="wang"),
        ),
        {"changes.total": 2, "changes.undecided": 1, "changes.not_assessed": 2},
    ),
    (
        "an acceptance says which goals are not met",
        (
            AcceptanceReport(
                contract="C-1",
                customer="Acme",
                kind="final",
                held_on=day(9),
                items=(
                    AcceptanceItem(title="Fast", met=True),
                    AcceptanceItem(title="Quiet", met=False),
                ),
                open_points=("Paint",),
                accepted_by="Zhang",
                accepted_on=day(10),
            ),
        ),
        {
            "acceptance.kind": "final",
            "acceptance.held_on": day(9),
            "acceptance.accepted": True,
            "acceptance.accepted_on": day(10),
            "acceptance.not_met": 1,
            "acceptance.not_looked_at": 0,
            "acceptance.open_points": 1,
        },
    ),
    (
        "an acceptance without goals says nothing of them",
        (AcceptanceReport(contract="C-1", customer="Acme"),),
        {
            "acceptance.accepted": False,
            "acceptance.not_met": None,
            "acceptance.not_looked_at": None,
        },
    ),
    (
        "a survey says when it was held, and how satisfied the customer is",
        (
            SatisfactionSurvey(
                customer="Acme",
                delivered_on=day(2),
                held_on=day(9),
                ratings=(Rating(dimension="solution_result", score=4),),
                suggestions=("Call more often",),
            ),
        ),
        {
            "survey.done_on": day(9),
            "survey.delivered_on": day(2),
            "survey.in_time": True,
            "survey.average": 4.0,
            "survey.missing": 2,
            "survey.suggestions": 1,
            "survey.actions": 0,
        },
    ),
    (
        "a survey without scores has no average",
        (SatisfactionSurvey(customer="Acme", delivered_on=day(2), held_on=day(12)),),
        {"survey.average": None, "survey.in_time": False},
    ),
    (
        "a review of a lost deal says what nobody has learned yet",
        (
            WinLossReview(
                opportunity="D-1",
                outcome="lost",
                reviewed_on=day(9),
                reasons=("No sponsor",),
                asked_customer="Zhang",
            ),
        ),
        {
            "win_loss_review.done_on": day(9),
            "win_loss_review.outcome": "lost",
            "win_loss_review.missing": 3,
            "win_loss_review.customer_asked": True,
        },
    ),
)


@pytest.mark.parametrize(
    ("some", "expected"),
    [(some, said) for _, some, said in EXAMPLES],
    ids=[it[0] for it in EXAMPLES],
)
def test_it_says(some: tuple[Record, ...], expected: dict[str, Any]) -> None:
    found = record_facts(some)
    assert {name: found.get(name) for name in expected} == expected


def test_the_examples_show_every_group() -> None:
    shown = {name.partition(".")[0] for _, _, said in EXAMPLES for name in said}
    assert shown == set(RECORD_GROUPS)


def test_nothing_is_said_without_records() -> None:
    assert record_facts(()) == {}
