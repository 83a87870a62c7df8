"""Forms and minutes: what they refuse, and what they say is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    AccountProfile,
    Attendee,
    Competitor,
    CompetitorAnalysis,
    CustomerFeedback,
    CustomerVisit,
    DealTeam,
    HandOver,
    Interview,
    Milestone,
    NegotiationMinutes,
    NegotiationPlan,
    Presentation,
    ProcurementCriterion,
    ProcurementProcess,
    Quotation,
    QuotationLine,
    Rating,
    Record,
    Requirement,
    RequirementsList,
    Responsibility,
    SatisfactionSurvey,
    ShowcasePlan,
    Solution,
    StageForm,
    WinLossReview,
)
from salesflow.domain._base.record import replaced
from salesflow.domain.deal.account import Account
from salesflow.money import Money

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def refused(record: type[Record], fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(fields)
    return {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (24, True), (25, False)])
def test_a_list_of_requirements_is_written_within_24_hours(hours: int, expected: bool) -> None:
    listed = NOON + timedelta(hours=hours)
    needs = RequirementsList(customer="Acme", interviewed_at=NOON, listed_at=listed)
    assert needs.within_a_day is expected
    assert replaced(needs, listed_at=None).within_a_day is None


def test_requirements_are_rigid_flexible_or_not_sorted_yet() -> None:
    rigid = Requirement(description="Encrypt", necessity="rigid", confirmed_by="Zhang")
    flexible = Requirement(description="Dark mode", necessity="flexible")
    unsorted = Requirement(description="Reports")
    needs = RequirementsList(
        customer="Acme", interviewed_at=NOON, requirements=(rigid, flexible, unsorted)
    )
    assert (needs.rigid, needs.flexible, needs.unsorted) == ((rigid,), (flexible,), (unsorted,))
    assert needs.unconfirmed == (flexible, unsorted)


def test_a_list_is_not_older_than_its_interview_and_a_confirmation_has_a_name() -> None:
    found = refused(
        RequirementsList,
        {
            "customer": "Acme",
            "interviewed_at": NOON,
            "listed_at": NOON - timedelta(seconds=1),
        },
    )
    assert set(found) == {"listed_at"}
    assert set(refused(Requirement, {"description": "x", "confirmed_on": "2026-01-05"})) == {
        "confirmed_by"
    }


def test_three_to_five_questions_are_prepared() -> None:
    for count, expected in ((2, False), (3, True), (5, True), (6, False)):
        notes = Interview(
            customer="Acme", held_at=NOON, by="li.wei", questions=("What hurts?",) * count
        )
        assert notes.well_prepared is expected


def test_a_visit_with_a_next_day_says_what_was_agreed() -> None:
    visit = {"customer": "A", "held_at": NOON, "way": "online", "next_step_on": "2026-03-09"}
    assert set(refused(CustomerVisit, visit)) == {"agreed"}
    assert CustomerVisit.model_validate({**visit, "agreed": "A workshop"}).moved_on


def test_a_competitor_stands_in_an_analysis_once() -> None:
    twice = {"opportunity": "D", "competitors": [{"name": "Rival"}, {"name": "Rival"}]}
    assert set(refused(CompetitorAnalysis, twice)) == {"competitors.1.name"}
    assert Competitor(name="Rival").unanswered == ()


def test_a_team_has_its_lead_inside_and_agrees_before_it_says_so() -> None:
    member = {"person": "A", "roles": ["sales_rep"]}
    found = refused(DealTeam, {"lead": "B", "members": [member, member], "agreed_on": "2026-01-05"})
    assert found["lead"] == "B is not in the team"
    assert found["agreed_on"] == "A, A have not agreed yet"
    assert "members.1.person" in found


def test_a_number_of_an_advantage_has_a_unit_and_a_function_reviews_once() -> None:
    review = {"reviewer": "sales_lead", "by": "A", "on": "2026-01-05", "agreed": True}
    found = refused(Solution, {"title": "S", "advantages": [{"claim": "Less cost", "amount": 20}]})
    assert set(found) == {"advantages.0.unit"}
    assert set(refused(Solution, {"title": "S", "reviews": [review, review]})) == {
        "reviews.1.reviewer"
    }
    solution = Solution.model_validate({"title": "S", "reviews": [review]})
    assert solution.missing_reviews == ("product_manager", "technical_expert")


@pytest.mark.parametrize(("minutes", "expected"), [(None, None), (9, False), (10, True)])
def test_a_presentation_keeps_time_for_questions(
    minutes: int | None, expected: bool | None
) -> None:
    shown = Presentation(held_at=NOON, minutes_for_questions=minutes)
    assert shown.enough_time_for_questions is expected


@given(
    st.lists(
        st.tuples(st.decimals("0.01", 10**6, places=2), st.integers(1, 100), st.integers(0, 100)),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 100),
)
def test_a_quotation_costs_what_its_lines_cost_less_the_discount(
    given_lines: list[tuple[Decimal, int, int]], discount: int
) -> None:
    lines = tuple(
        QuotationLine(
            item="I", quantity=Decimal(n), unit_price=Money(price, "USD"), discount=Decimal(off)
        )
        for price, n, off in given_lines
    )
    quotation = Quotation(
        number="Q", customer="A", currency="USD", lines=lines, discount=Decimal(discount)
    )
    gross = sum((p * n * (100 - off) / 100 for p, n, off in given_lines), Decimal(0))
    exact = gross * (100 - discount) / 100
    assert abs(quotation.total.amount - exact) <= Decimal("0.005") * (len(lines) + 1)


def test_a_quotation_has_one_currency_and_ends_after_it_was_made() -> None:
    line = {"item": "I", "unit_price": {"amount": 1, "currency": "CNY"}}
    big = {"item": "I", "quantity": 10**7, "unit_price": {"amount": 10**11, "currency": "USD"}}
    found = refused(
        Quotation,
        {
            "number": "Q",
            "customer": "A",
            "currency": "USD",
            "lines": [line],
            "made_on": "2026-02-01",
            "valid_until": "2026-01-01",
        },
    )
    assert set(found) == {"lines.0.unit_price.currency", "valid_until"}
    assert "10 to the power of 18" in refused(QuotationLine, big)["quantity"]
    fine = Quotation.model_validate(
        {"number": "Q", "customer": "A", "currency": "CNY", "lines": [line]}
    )
    assert fine.holds_on(date(2026, 1, 1)) is None
    assert replaced(fine, valid_until=date(2026, 1, 1)).holds_on(date(2026, 1, 2)) is False


def test_a_floor_is_not_above_its_target() -> None:
    dollar, two = {"amount": 1, "currency": "USD"}, {"amount": 2, "currency": "USD"}
    yuan = {"amount": 1, "currency": "CNY"}
    assert (
        "above"
        in refused(NegotiationPlan, {"opportunity": "D", "target": dollar, "floor": two})["floor"]
    )
    assert (
        "one currency"
        in refused(NegotiationPlan, {"opportunity": "D", "target": dollar, "floor": yuan})["floor"]
    )


def test_minutes_are_confirmed_by_both_sides_and_name_each_topic_once() -> None:
    term = {"topic": "liability", "text": "Ten percent"}
    minutes = {
        "customer": "A",
        "held_on": "2026-03-02",
        "terms": [term],
        "price": {"amount": 5, "currency": "CNY"},
        "payment": [{"name": "All", "percent": 100}],
        "confirmed_by_us": "li.wei",
        "confirmed_by_customer": "Zhang",
    }
    record = NegotiationMinutes.model_validate(minutes)
    assert record.confirmed
    assert record.missing == ("delivery_standard", "after_sales")
    assert set(refused(NegotiationMinutes, {**minutes, "terms": [term, term]})) == {"terms.1.topic"}


def test_a_hand_over_is_accepted_only_when_it_is_complete() -> None:
    whole = HandOver(
        contract="C",
        customer="A",
        customer_contact="Zhang",
        delivery_team=(Responsibility(person="Wu", roles=("delivery",)),),
        milestones=(Milestone(title="Installed", due_on=date(2026, 6, 1)),),
        requirements=("Encrypt",),
        solution_details="One system",
        commitments=("Two trainings",),
        communication_records=("Minutes of 2 March",),
        success_factors=("The audit passes",),
        risks=("None known",),
        special_expectations=("None",),
        cooperation="Sales keeps the contact to the board, delivery talks with IT",
        accepted_by="Wu",
        accepted_on=date(2026, 3, 9),
    )
    assert whole.complete
    found = refused(HandOver, {"contract": "C", "customer": "A", "accepted_by": "Wu"})
    assert "customer_contact, delivery_team" in found["accepted_by"]
    assert set(
        refused(HandOver, {"contract": "C", "customer": "A", "accepted_on": "2026-01-05"})
    ) == {"accepted_by"}


@pytest.mark.parametrize(("days", "expected"), [(0, True), (7, True), (8, False)])
def test_a_survey_is_held_within_a_week(days: int, expected: bool) -> None:
    delivered = date(2026, 3, 2)
    survey = SatisfactionSurvey(
        customer="A", delivered_on=delivered, held_on=delivered + timedelta(days=days)
    )
    assert survey.in_time is expected
    assert survey.average is None


def test_a_survey_counts_the_answers_that_were_given() -> None:
    survey = SatisfactionSurvey(
        customer="A",
        delivered_on=date(2026, 3, 2),
        held_on=date(2026, 3, 3),
        ratings=(
            Rating(dimension="solution_result", score=5),
            Rating(dimension="service_response"),
            Rating(dimension="Documentation", score=4),
        ),
    )
    assert survey.average == Decimal("4.50")
    assert survey.missing == ("service_response", "team_professionalism")


def test_everything_wrong_with_a_survey_is_said_at_once() -> None:
    rating = {"dimension": "solution_result", "score": 3}
    found = refused(
        SatisfactionSurvey,
        {
            "customer": "A",
            "delivered_on": "2026-03-02",
            "held_on": "2026-03-01",
            "ratings": [rating, rating],
        },
    )
    assert set(found) == {"held_on", "ratings.1.dimension"}


def test_everything_wrong_with_a_look_back_is_said_at_once() -> None:
    lost = {"opportunity": "D", "outcome": "lost", "closed_on": "2026-03-02"}
    assert set(refused(WinLossReview, {**lost, "reviewed_on": "2026-03-01"})) == {
        "reviewed_on",
        "reasons",
    }
    won = {"opportunity": "D", "outcome": "won", "won_by": "Rival"}
    assert set(refused(WinLossReview, won)) == {"won_by"}


def test_a_role_judges_a_stage_once_and_names_a_follow_up() -> None:
    judgement = {"role": "sales_rep", "judgement": "Go on"}
    form = {"project": {"name": "P"}, "stage": "initiation", "judgements": [judgement]}
    assert StageForm.model_validate(form).without_follow_up == ("sales_rep",)
    assert set(refused(StageForm, {**form, "judgements": [judgement, judgement]})) == {
        "judgements.1.role"
    }


def test_what_a_customer_decides_by_is_met_not_met_or_unknown() -> None:
    process = ProcurementProcess(
        customer="A",
        criteria=(
            ProcurementCriterion(title="ISO 27001", required=True, met=False),
            ProcurementCriterion(title="Price", met=True),
            ProcurementCriterion(title="References"),
        ),
    )
    assert [each.title for each in process.knock_outs] == ["ISO 27001"]
    assert [each.title for each in process.unknown] == ["References"]
    twice = {"customer": "A", "steps": [{"title": "Tender"}, {"title": "Tender"}]}
    assert set(refused(ProcurementProcess, twice)) == {"steps.1.title"}


def test_a_showcase_knows_whose_concerns_it_does_not_know() -> None:
    people = (Attendee(person="Zhang", cares_about="Cost"), Attendee(person="Liu"))
    assert ShowcasePlan(customer="A", attendees=people).concerns_unknown == ("Liu",)


def test_an_opinion_for_us_needs_no_answer() -> None:
    feedback = CustomerFeedback.model_validate(
        {
            "customer": "A",
            "collected_on": "2026-03-02",
            "opinions": [
                {"person": "Zhang", "view": "for"},
                {"person": "Liu", "view": "undecided", "answer": "Show the case"},
                {"person": "Wu", "view": "against"},
            ],
        }
    )
    assert [each.person for each in feedback.unanswered] == ["Wu"]


def test_a_customer_file_says_what_is_not_filled_in() -> None:
    profile = AccountProfile(account=Account(name="Acme"), goals="Grow", funds="Listed company")
    assert profile.missing == ("challenges", "organisation", "it_base")
    assert set(refused(AccountProfile, {"account": {"name": "A"}, "employees": -1})) == {
        "employees"
    }
