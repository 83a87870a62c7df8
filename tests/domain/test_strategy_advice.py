"""The competitive strategy that the TAS 20 recommends, and the one that people choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.domain import (
    STRATEGIES,
    AnswerRecord,
    CompetitionPlan,
    Competitor,
    Mark,
    OpportunityPlan,
    Progress,
    StrategyAssessment,
    recommend_strategy,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, UnknownName

CRITERIA = ("formal_decision_criteria", "solution_fit", "unique_business_value")
PEOPLE = (
    "inside_support",
    "executive_credibility",
    "informal_decision_criteria",
    "political_alignment",
)
NOT_THERE = StrategyAssessment(we_are_there="no")


def sheet(marks: dict[str, Mark], about: str = "us", day: int = 1) -> list[AnswerRecord]:
    return [
        AnswerRecord.model_validate(
            {
                "question": f"tas.{question}",
                "mark": mark,
                "about": about,
                "by": "li.wei",
                "at": f"2026-03-{day:02}T09:00:00Z",
            }
        )
        for question, mark in marks.items()
    ]


ASKED = ("compelling_event", *CRITERIA, *PEOPLE)
PLUS: Mark = "+"
AHEAD = sheet(dict.fromkeys(ASKED, PLUS))


def test_ahead_in_the_matter_and_with_the_people_means_head_on() -> None:
    advice = recommend_strategy(AHEAD, competitors=[], said=NOT_THERE)
    assert advice.strategy == "frontal"
    assert advice.missing == ()
    assert len(advice.reasons) == 4
    assert str(advice.reasons[1]) == (
        "The customer has to decide soon: yes (us: compelling event +)"
    )
    assert advice.reasons[0].zh == "客户已在使用我方方案：否（由人员判断）"


def test_a_competitor_who_is_as_good_keeps_us_from_being_ahead() -> None:
    rival = sheet(dict.fromkeys(CRITERIA, PLUS), about="Rival")
    advice = recommend_strategy([*AHEAD, *rival], said=NOT_THERE)
    assert advice.assessment.criteria_favour_us == "no"
    assert advice.assessment.people_favour_us is None
    assert advice.strategy is None
    assert "frontal" not in advice.possible


def test_a_competitor_without_a_sheet_leaves_it_open() -> None:
    advice = recommend_strategy(AHEAD, competitors=["Rival"], said=NOT_THERE)
    assert advice.assessment.criteria_favour_us is None
    assert [gap.path for gap in advice.missing][:1] == ["criteria_favour_us"]
    assert "Rival: formal decision criteria ?" in str(advice.missing[0])


def test_one_minus_of_ours_settles_it_whoever_the_others_are() -> None:
    marks = sheet({"solution_fit": "-"}, day=2)
    advice = recommend_strategy([*AHEAD, *marks], competitors=["Rival"], said=NOT_THERE)
    assert advice.assessment.criteria_favour_us == "no"


def test_the_latest_answer_counts_and_a_question_mark_is_no_answer() -> None:
    later = sheet({"compelling_event": "?"}, day=2)
    advice = recommend_strategy([*later, *AHEAD], said=NOT_THERE)
    assert advice.assessment.decides_now is None


def test_what_people_said_goes_before_what_follows_from_the_answers() -> None:
    said = StrategyAssessment(we_are_there="no", decides_now="no")
    advice = recommend_strategy(AHEAD, said=said)
    assert advice.strategy == "develop"
    assert "somebody said so" in str(advice.reasons[1])


def test_without_any_answer_everything_is_possible() -> None:
    advice = recommend_strategy([])
    assert advice.strategy is None
    assert set(advice.possible) == {"frontal", "flanking", "fragment", "defend", "develop"}
    assert {gap.path for gap in advice.missing} == set(StrategyAssessment.model_fields)
    assert advice.reasons == ()


def test_answers_of_other_checklists_are_left_aside() -> None:
    other = AnswerRecord.model_validate(
        {"question": "bant.need", "mark": "+", "by": "a", "at": "2026-03-01T09:00:00Z"}
    )
    assert recommend_strategy([other], competitors=[]) == recommend_strategy([], competitors=[])


def test_a_sheet_about_a_stranger_and_one_name_for_several_are_refused() -> None:
    rival = sheet({"solution_fit": "+"}, about="Rivla")
    with pytest.raises(UnknownName, match='Did you mean "Rival"'):
        recommend_strategy(rival, competitors=["Rival"])
    with pytest.raises(ArgumentError, match="competitors: must be a list of str, not a str"):
        recommend_strategy(rival, competitors="Rival")
    with pytest.raises(ArgumentError, match="answers: must be a list of AnswerRecord, not a str"):
        recommend_strategy("+-?")  # type: ignore[arg-type]


def test_the_progress_of_a_deal_brings_its_answers() -> None:
    progress = Progress(answers=tuple(AHEAD))
    assert recommend_strategy(progress, said=NOT_THERE) == recommend_strategy(AHEAD, said=NOT_THERE)


marks = st.dictionaries(st.sampled_from(ASKED), st.sampled_from(["+", "-", "?"]))
said = st.builds(
    StrategyAssessment,
    **{name: st.sampled_from([None, "yes", "no"]) for name in StrategyAssessment.model_fields},
)


@given(marks, st.none() | marks, said, st.sampled_from(["+", "-"]))
def test_advice_once_given_stays_when_open_questions_are_answered(
    ours: dict[str, Mark],
    theirs: dict[str, Mark] | None,
    known: StrategyAssessment,
    mark: Mark,
) -> None:
    rivals = [] if theirs is None else sheet(theirs, about="Rival")
    names = [] if theirs is None else ["Rival"]
    before = recommend_strategy([*sheet(ours), *rivals], competitors=names, said=known)
    filled = dict.fromkeys(ASKED, mark)
    filled |= {name: old for name, old in ours.items() if old != "?"}
    after = recommend_strategy([*sheet(filled), *rivals], competitors=names, said=known)

    assert before.strategy in (None, after.strategy)
    assert set(after.possible) <= set(before.possible)
    assert before.strategy == before.assessment.recommended(STRATEGIES).result


def test_the_choice_stays_apart_from_the_recommendation() -> None:
    advice = recommend_strategy(AHEAD, competitors=[], said=NOT_THERE)
    plan = CompetitionPlan(
        assessment=advice.assessment, chosen="fragment", competitors=(), steps="Begin small"
    )
    assert (plan.recommended.result, plan.chosen, plan.follows_advice) == (
        "frontal",
        "fragment",
        False,
    )
    deal = OpportunityPlan(opportunity="D-1", competition=plan)
    section = deal.section("competitive_strategy")
    assert section is not None
    assert [gap.path for gap in section.missing] == ["competition.why"]


def test_a_choice_that_the_advice_cannot_become_does_not_follow_it() -> None:
    later = CompetitionPlan(assessment=StrategyAssessment(we_are_there="no"), chosen="defend")
    assert later.recommended.result is None
    assert later.follows_advice is False
    assert replaced(later, chosen="flanking").follows_advice is None
    assert replaced(later, chosen=None).follows_advice is None


def test_a_competitor_stands_in_a_plan_once() -> None:
    with pytest.raises(ValueError, match="they are there already"):
        CompetitionPlan(competitors=(Competitor(name="Rival"), Competitor(name="Rival")))
