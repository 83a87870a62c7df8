"""Decisions and judgements: whose word counts, during which visit, and how many it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import salesflow as sf
from tests.engine.course import NOW, PLAYBOOK, Course

if TYPE_CHECKING:
    pass


def test_a_judgement_belongs_to_one_visit_and_the_old_one_stays_in_history() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="design")).require()
    course.do(sf.Advance(by="li")).require()
    refused = course.do(sf.Advance(by="li"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    assert len(course.deal.progress.judgements) == 2
    course.check()


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ({}, sf.Verdict.UNKNOWN),
        ({"rep": "go"}, sf.Verdict.UNKNOWN),
        ({"rep": "go", "legal": "go"}, sf.Verdict.YES),
        ({"rep": "go", "legal": "kill"}, sf.Verdict.UNKNOWN),
        ({"rep": "kill", "legal": "kill"}, sf.Verdict.NO),
        ({"rep": "go", "legal": "kill", "manager": "go"}, sf.Verdict.YES),
        ({"rep": "go", "legal": "kill", "manager": "kill"}, sf.Verdict.NO),
        ({"rep": "hold", "legal": "go"}, sf.Verdict.UNKNOWN),
    ],
)
def test_a_quorum_is_decided_once_no_further_word_can_change_it(
    words: dict[str, str], verdict: sf.Verdict
) -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    for role, word in words.items():
        command = {
            "by": "li",
            "role": role,
            "verdict": word,
            "resume_when": "The permit is here",
            "review_on": "2026-02-01",
        }
        course.do(sf.Judge.model_validate(command)).require()
    review = course.engine.review(course.deal, at=course.at)
    (status,) = [item for item in review.criteria if item.criterion.key == "agreed"]
    assert status.verdict is verdict
    if "hold" in words.values():
        assert status.blocker is not None
        assert status.blocker.fix.en == "On hold, waiting for: The permit is here (2026-02-01)"


def test_a_deal_reopened_where_it_ended_is_judged_again() -> None:
    course = Course().reviewed()
    course.do(sf.Lose(by="li", reason="price")).require()
    course.do(sf.Reopen(by="wang", stage="review", note="A year later")).require()
    refused = course.do(sf.Advance(by="li"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    facts = sf.facts_of(course.deal, course.engine.playbook, at=course.at)
    assert facts["entered_stage_on"] == course.deal.progress.visits[-1].entered_at.date()
    course.check()


def test_a_judgement_without_a_point_is_about_the_place_where_it_was_given() -> None:
    text = PLAYBOOK.replace(
        'title = { en = "Pilot", zh = "试点" }',
        """title = { en = "Pilot", zh = "试点" }
  [[stages.sub_stages]]
  key = "first"
  title = { en = "First", zh = "一" }
    [[stages.sub_stages.exit]]
    key = "first_agreed"
    title = { en = "Agreed", zh = "同意" }
    judgement = { roles = ["manager"] }
  [[stages.sub_stages]]
  key = "second"
  title = { en = "Second", zh = "二" }
    [[stages.sub_stages.exit]]
    key = "second_agreed"
    title = { en = "Agreed", zh = "同意" }
    judgement = { roles = ["manager"] }
""",
    )
    text = text.replace('to = "pilot"', 'to = "first"').replace('from = "pilot"', 'from = "second"')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D", name="N")
    adopt = sf.Adopt(by="li", stage="first", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    deal = engine.decide(deal, sf.Judge(by="x", role="manager", verdict="go"), at=NOW).require()
    facts = sf.facts_of(deal, engine.playbook, at=NOW)
    assert (facts["done.first_agreed"], facts["done.second_agreed"]) == (True, None)
