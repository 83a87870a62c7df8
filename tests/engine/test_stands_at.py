"""Where a deal stands by what is met, and where it is booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from tests.engine.course import Course

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOOK = """
id = "stairs"
version = "1"
title = "Stairs"
owner_role = "rep"
policy = { skip = "on", back = "on", waive = ["rep"] }
roles = [{ key = "rep", title = "Sales representative" }]
facts = [{ name = "people", kind = "number", title = "People" }]
[[stages]]
key = "plan"
title = "Plan"
exit = [{ key = "planned", title = "Planned", rule = "people >= 1" }]
[[stages]]
key = "meet"
title = "Meet"
exit = [
  { key = "met", title = "The customer was met", by = "rep" },
  { key = "liked", title = "They liked it", by = "rep", advisory = true },
]
[[stages]]
key = "judge"
title = "Judge"
exit = [{ key = "judged", title = "Judged", judgement = { roles = ["rep"] } }]
[[stages]]
key = "offer"
title = "Offer"
exit = [{ key = "offered", title = "Offered", by = "rep" }]
[[stages]]
key = "sign"
title = "Sign"
"""
ENGINE = sf.StageEngine(sf.Playbook.from_toml(BOOK))


def run(*commands: sf.engine.Command, people: int | None = 1) -> sf.Opportunity:
    facts = {} if people is None else {"people": people}
    deal = sf.Opportunity(id="D-1", name="Stairs", owner="li", facts=facts)
    for number, command in enumerate(commands):
        deal = ENGINE.decide(deal, command, at=NOW + number * timedelta(hours=1)).require()
    return deal


def stands(deal: sf.Opportunity) -> str | None:
    found = ENGINE.review(deal, at=NOW + timedelta(days=9)).stands_at
    return None if found is None else found.key


def go(**fields: Any) -> sf.Judge:
    return sf.Judge.model_validate({"by": "li", "role": "rep", "verdict": "go", **fields})


START, ADVANCE = sf.Start(by="li"), sf.Advance(by="li")
MET = sf.Attest(by="li", criterion="met")
OFFERED = sf.Attest(by="li", criterion="offered")


def test_before_the_start_and_after_the_end_it_stands_nowhere() -> None:
    assert stands(run()) is None
    assert stands(run(START, sf.Lose(by="li", reason="price"))) is None


def test_what_is_met_leads_on_to_the_first_stage_that_asks_for_more() -> None:
    assert stands(run(START, people=None)) == "plan"
    assert stands(run(START)) == "meet"
    assert stands(run(START, OFFERED)) == "meet"  # a milestone that is met too early leads nowhere
    assert stands(run(START, MET, OFFERED)) == "judge"
    assert stands(run(START, sf.Waive(by="li", criterion="met", reason="Known"))) == "judge"


def test_what_no_longer_holds_leads_back() -> None:
    far = run(START, MET, ADVANCE, ADVANCE, go(point="judged"), ADVANCE)
    assert (far.progress.stage, stands(far)) == ("offer", "offer")  # judged on the stay before
    assert stands(replaced(far, facts={})) == "plan"
    undone = ENGINE.decide(
        far, sf.Attest(by="li", criterion="met", met=False), at=NOW + timedelta(days=1)
    )
    assert stands(undone.require()) == "meet"


def test_what_was_passed_by_is_not_asked_for() -> None:
    skipped = run(START, sf.MoveTo(by="li", stage="offer"))
    assert (skipped.progress.stage, stands(skipped)) == ("offer", "offer")
    adopted = run(sf.Adopt(by="li", stage="meet", entered_on=NOW.date()), people=None)
    assert stands(adopted) == "meet"


def test_the_last_stage_is_as_far_as_it_goes() -> None:
    last = run(START, MET, ADVANCE, ADVANCE, go(point="judged"), ADVANCE, OFFERED, ADVANCE)
    assert stands(last) == "sign"


def test_a_notebook_shows_it_where_it_is_another_stage() -> None:
    ahead = ENGINE.review(run(START, MET), at=NOW + timedelta(days=9))
    assert "By what is met it stands in: Judge" in ahead._repr_html_()
    for here in (run(START, people=None), run(START)):  # who may advance is told that already
        assert "stands in" not in ENGINE.review(here, at=NOW + timedelta(days=9))._repr_html_()


def test_a_deal_may_advance_where_it_stands_further_on() -> None:
    for deal in (run(START), run(START, people=None), run(START, MET), run(START, ADVANCE)):
        review = ENGINE.review(deal, at=NOW + timedelta(days=9))
        assert review.stage is not None
        assert (stands(deal) != review.stage.key) == (review.blockers == ())


def migrated(deal: sf.Opportunity, changes: dict[str, str], migration: str = "") -> str | None:
    """Where a deal stands under the next version of the playbook, with some texts changed."""
    text = BOOK.replace('version = "1"', 'version = "2"')
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    text += f'[[migrations]]\nfrom = "1"\n{migration}'
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    at = NOW + timedelta(days=1)
    moved = engine.decide(deal, sf.Migrate(by="li"), at=at).require()
    found = engine.review(moved, at=at + timedelta(days=9)).stands_at
    return None if found is None else found.key


OFFERING = (START, MET, ADVANCE, ADVANCE, go(point="judged"), ADVANCE)
PLANNED = '{ key = "planned", title = "Planned", rule = "people >= 1" }'


@pytest.mark.parametrize(
    ("more", "stands_at"),
    [
        ('{ key = "more", title = "More people", rule = "people >= 2" }', "plan"),
        ('{ key = "soon", title = "At once", rule = "days_since(created_on) < 5" }', "offer"),
        ('{ key = "agreed", title = "Agreed", judgement = { roles = ["rep"] } }', "offer"),
        ('{ key = "told", title = "They were told", by = "rep" }', "plan"),
    ],
)
def test_of_what_a_new_version_asks_for_only_what_can_still_be_said_leads_back(
    more: str, stands_at: str
) -> None:
    assert migrated(run(*OFFERING), {PLANNED: f"{PLANNED}, {more}"}) == stands_at


def test_stages_are_known_by_their_earlier_names() -> None:
    deal = run(*OFFERING)
    assert migrated(deal, {'key = "plan"': 'key = "draft"'}, 'stages = { plan = "draft" }') == (
        "offer"
    )
    asks_more = {'key = "plan"': 'key = "draft"', "people >= 1": "people >= 2"}
    assert migrated(deal, asks_more, 'stages = { plan = "draft" }') == "draft"


def test_a_stage_that_a_new_version_does_not_have_any_more_is_passed_over() -> None:
    first = f'[[stages]]\nkey = "plan"\ntitle = "Plan"\nexit = [{PLANNED}]\n'
    assert migrated(run(*OFFERING), {first: ""}) == "offer"


def test_where_the_ways_lead_in_a_ring_it_stands_where_it_is() -> None:
    course = Course().reviewed()
    course.do(sf.Advance(by="li")).require()

    found = course.engine.review(course.deal, at=course.at).stands_at
    assert found is not None
    assert (course.deal.progress.stage, found.key) == ("pilot", "pilot")
