"""A judgement that names its follow-up measure."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import salesflow as sf

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "lifts"
version = "1"
title = "Lifts"
[[stages]]
key = "survey"
title = "Survey"
  [[stages.exit]]
  key = "sound"
  title = "All find it sound"
  judgement = { roles = ["rep", "boss", "engineer"], decides = "boss", follow_up = true }
  [[stages.exit]]
  key = "liked"
  title = "Marketing likes it"
  judgement = { roles = ["marketing"] }
"""


@pytest.fixture
def process() -> sf.StageEngine:
    return sf.StageEngine(sf.Playbook.from_toml(BOOK))


@pytest.fixture
def deal(process: sf.StageEngine) -> sf.Opportunity:
    team = {"wang": "boss", "sun": "engineer"}
    new = sf.Opportunity(id="D-1", name="A lift", owner="li", team=team)
    return process.decide(new, sf.Start(by="li"), at=NOW).require()


def judge(role: str, verdict: str = "go", **fields: object) -> sf.Judge:
    return sf.Judge.model_validate({"by": role, "role": role, "verdict": verdict, **fields})


@pytest.mark.parametrize("point", [None, "sound"])
@pytest.mark.parametrize("role", ["boss", "engineer"])
@pytest.mark.parametrize("verdict", ["go", "kill", "hold"])
def test_whoever_is_heard_says_what_is_to_be_done_whatever_they_judge(
    process: sf.StageEngine, deal: sf.Opportunity, verdict: str, role: str, point: str | None
) -> None:
    until = {"resume_when": "Money", "review_on": date(2026, 4, 1)} if verdict == "hold" else {}
    bare = judge(role, verdict, point=point, **until)
    full = judge(role, verdict, point=point, follow_up="Measure the shaft", **until)

    (blocker,) = process.decide(deal, bare, at=NOW).blockers

    assert (blocker.code, blocker.key) == ("follow_up_missing", "sound")
    assert process.decide(deal, full, at=NOW).accepted


def test_a_judgement_that_asks_for_no_measure_needs_none(
    process: sf.StageEngine, deal: sf.Opportunity
) -> None:
    assert process.decide(deal, judge("marketing"), at=NOW).accepted
    assert not process.playbook.criteria["liked"].follow_up
    assert process.playbook.criteria["sound"].follow_up


def test_what_a_person_can_do_names_the_measure_among_what_it_needs(
    process: sf.StageEngine, deal: sf.Opportunity
) -> None:
    (found,) = [
        item
        for item in process.available(deal, by="wang", at=NOW)
        if item.kind is sf.Judge and item.fields == {"point": "sound", "role": "boss"}
    ]

    assert (found.allowed, found.needs) == (True, ("verdict", "follow_up"))
    said = found.command(verdict="go", follow_up="Measure the shaft")
    assert process.decide(deal, said, at=NOW).accepted
