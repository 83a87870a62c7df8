"""Where a decision or judgement counts: the stages and parts from which its gate is passed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.domain import Progress
from salesflow.schedule._decision_points import decision_points

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = 'judgement = { roles = ["rep"] }'
PLAYBOOK = f"""
id = "way"
version = "1"
title = "Way"
roles = [{{ key = "rep", title = "Rep" }}]
POLICY
[[stages]]
key = "talk"
title = "Talk"
  [[stages.exit]]
  key = "talked"
  title = "We talked"
  {ASKED}
[[stages]]
key = "offer"
title = "Offer"
  [[stages.entry]]
  key = "wanted"
  title = "They want an offer"
  {ASKED}
  [[stages.exit]]
  key = "offered"
  title = "We offered"
  {ASKED}
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
    [[stages.sub_stages.exit]]
    key = "drafted"
    title = "There is a draft"
    {ASKED}
  [[stages.sub_stages]]
  key = "price"
  title = "Price"
[[stages]]
key = "sign"
title = "Sign"
  [[stages.entry]]
  key = "ready"
  title = "We are ready"
  {ASKED}
  [[stages.exit]]
  key = "attested"
  title = "It is signed"
  by = "rep"
[[tracks]]
key = "legal"
title = "Legal"
[[tracks.states]]
key = "open"
title = "Open"
to = ["review", "waived"]
[[tracks.states]]
key = "waived"
title = "Waived"
to = ["signed"]
[[tracks.states]]
key = "review"
title = "Review"
to = ["signed"]
  [[tracks.states.entry]]
  key = "complete"
  title = "The draft is complete"
  {ASKED}
[[tracks.states]]
key = "signed"
title = "Signed"
  [[tracks.states.entry]]
  key = "lawful"
  title = "It is lawful"
  {ASKED}
"""


def process(policy: str = "") -> sf.Playbook:
    return sf.Playbook.from_toml(PLAYBOOK.replace("POLICY", policy))


def asked(playbook: sf.Playbook) -> dict[str, tuple[set[str], set[str]]]:
    """The stages and the positions of each point of a stage."""
    points = decision_points(playbook).items()
    return {key: ({*it.stages}, {*it.places}) for key, it in points if it.track is None}


STEP_BY_STEP = {
    "talked": ({"talk"}, {"talk"}),
    "wanted": ({"talk"}, {"talk"}),
    "drafted": ({"offer"}, {"draft"}),
    "offered": ({"offer"}, {"draft", "price"}),  # what the stage asks, anywhere in it
    "ready": ({"offer"}, {"price"}),
}
GOING_BACK = """
moves = [
  { from = "talk", to = "offer" }, { from = "offer", to = "sign" }, { from = "sign", to = "ended" },
  { from = "price", to = "draft" }, { from = "sign", to = "draft" },
]
"""


@pytest.mark.parametrize("policy", ["", 'policy = { back = "on" }', GOING_BACK])
def test_what_is_asked_on_the_way_in_is_asked_where_deals_come_from_going_forward(
    policy: str,
) -> None:
    assert asked(process(policy)) == STEP_BY_STEP


def test_where_stages_may_be_passed_by_it_is_asked_in_every_earlier_one() -> None:
    assert asked(process('policy = { skip = "on" }')) == STEP_BY_STEP | {
        "ready": ({"talk", "offer"}, {"talk", "draft", "price"})
    }


def test_what_a_track_asks_for_is_asked_in_the_states_that_lead_there() -> None:
    playbook = process()
    points = decision_points(playbook)
    complete, lawful = points["complete"], points["lawful"]
    assert complete.states == {"open"}
    assert lawful.states == {"waived", "review"}
    assert not complete.of_the_visit
    assert points["talked"].of_the_visit

    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal")
    progress = [deal.progress]
    for command in (sf.Start(by="li"), sf.MoveTrack(by="li", track="legal", state="waived")):
        deal = engine.decide(deal, command, at=NOW).require()
        progress.append(deal.progress)
    assert [complete.counts_now(it) for it in progress] == [False, True, False]
    assert [lawful.counts_now(it) for it in progress] == [False, False, True]
    assert [points["talked"].counts_now(it) for it in progress] == [False, True, True]
    assert not points["ready"].counts_now(deal.progress)
    assert not complete.counts_now(Progress(stage="talk"))
