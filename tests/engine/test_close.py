"""Lose, disqualify and reopen, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import salesflow as sf
from salesflow.errors import (
    UnknownName,
)
from tests.engine.course import Course

if TYPE_CHECKING:
    from tests.engine.conftest import Walk


def test_a_reason_that_the_playbook_does_not_have_is_the_callers_mistake(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    with pytest.raises(UnknownName, match='Did you mean "price"'):
        walk.do(sf.Lose(by="li.wei", reason="prize"))


def test_some_reasons_ask_for_a_note(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    refused = walk.do(sf.Lose(by="li.wei", reason="other"))
    assert [blocker.code for blocker in refused.blockers] == ["note_missing"]
    assert walk.do(sf.Lose(by="li.wei", reason="other", note="They merged")).accepted


def test_a_lost_deal_has_a_reason_and_is_over(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    walk.do(sf.Lose(by="li.wei", reason="price")).require()
    progress = walk.deal.progress
    assert (progress.outcome, progress.reason, progress.ended) == ("lost", "price", True)
    assert progress.visits[-1].left_at == walk.at
    assert [b.code for b in walk.do(sf.Advance(by="li.wei")).blockers] == ["ended"]


def test_a_disqualified_deal_may_be_reopened_where_it_really_was() -> None:
    course = Course().reviewed()
    course.do(sf.Disqualify(by="li", reason="no_need")).require()
    assert (course.deal.progress.outcome, course.deal.progress.ended) == ("disqualified", True)
    assert course.codes(sf.Reopen(by="li", stage="pilot")) == [
        "role",
        "why_missing",
        "not_reached",
    ]
    reopen = sf.Reopen(by="wang", stage="design", note="They called again")
    course.do(reopen).require()
    progress = course.deal.progress
    assert (progress.outcome, progress.ended, progress.stage) == ("none", False, "design")
    assert progress.reason is None
    assert course.codes(sf.Reopen(by="wang", stage="design", note="Again")) == ["not_ended"]
    course.check()


def test_a_reason_belongs_to_its_outcome() -> None:
    course = Course().designed()
    with pytest.raises(UnknownName, match="reason for a disqualified deal"):
        course.do(sf.Disqualify(by="li", reason="price"))
