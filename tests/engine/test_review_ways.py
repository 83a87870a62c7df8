"""Where a review says that a deal stands, how far it has come, and where it may go from there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

import salesflow as sf

BOOK: Final = """
id = "road"
version = "1"
title = "Road"
roles = [{ key = "rep", title = "Rep" }]
reasons = [{ key = "price", title = "Price", outcome = "lost" }]
[policy]
back = "BACK"
skip = "SKIP"
[[stages]]
key = "a"
title = "A"
cycle = 1
  [[stages.exit]]
  key = "a_met"
  title = "A was met"
  by = "rep"
[[stages]]
key = "b"
title = "B"
cycle = 2
max_days = 9
duties = [{ role = "rep", items = ["Call"] }]
guidance = { tools = ["A list"] }
  [[stages.sub_stages]]
  key = "b1"
  title = "B1"
  max_days = 3
  [[stages.sub_stages]]
  key = "b2"
  title = "B2"
  cycle = 2.5
  [[stages.exit]]
  key = "b_met"
  title = "B was met"
  by = "rep"
[[stages]]
key = "c"
title = "C"
cycle = 3
wins = true
[[stages]]
key = "d"
title = "D"
cycle = 4
"""
AT: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
START: Final = sf.Start(by="li")
ON: Final = sf.Advance(by="li")
A_MET: Final = sf.Attest(by="li", criterion="a_met")
A_NOT: Final = sf.Attest(by="li", criterion="a_met", met=False)
B_MET: Final = sf.Attest(by="li", criterion="b_met")
HOLD: Final = sf.Hold(by="li", resume_when="they call", review_on=date(2030, 1, 1))
LOSE: Final = sf.Lose(by="li", reason="price")
ADOPT: Final = sf.Adopt(by="li", stage="b2", entered_on=date(2026, 5, 1))


def review_of(
    *commands: sf.Command, skip: bool = True, back: bool = True, days: int = 0
) -> sf.Review:
    """A review so many days after the commands, under a policy."""
    words = {"SKIP": skip, "BACK": back}
    text = BOOK
    for word, is_on in words.items():
        text = text.replace(word, "on" if is_on else "off")
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li", team={"li": ["rep"]})
    for command in commands:
        deal = engine.decide(deal, command, at=AT).require()
    return engine.review(deal, at=AT + timedelta(days=days))


def ways(review: sf.Review) -> str:
    """The ways that a review lists, each with what shuts it."""
    told = []
    for move in review.moves:
        shut = ", ".join(blocker.code for blocker in move.blockers)
        assert move.allowed is not bool(shut)
        place = move.target.key if move.target else "end"
        told.append(f"{move.how} {place}" + (f" ({shut})" if shut else ""))
    return "; ".join(told)


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        ((), ""),
        (
            (START,),
            (
                "move b1 (attested); skip b2 (attested); skip c (attested); "
                "skip d (attested, winning_skipped)"
            ),
        ),
        ((START, A_MET), "move b1; skip b2; skip c; skip d (winning_skipped)"),
        ((START, A_MET, ON), "move b2; back a; skip c; skip d (winning_skipped)"),
        ((START, A_MET, ON, ON, B_MET), "move c; back a; back b1; skip d (winning_skipped)"),
        ((START, A_MET, ON, ON, B_MET, ON), "move d; back a; back b1; back b2"),
        (
            (START, A_MET, ON, ON, B_MET, ON, ON),
            "move end; back a; back b1; back b2; back c",
        ),
        ((START, A_MET, ON, ON, B_MET, ON, ON, ON), ""),
        (
            (START, HOLD),
            "move b1 (on_hold); skip b2 (on_hold); skip c (on_hold); skip d (on_hold)",
        ),
        ((START, LOSE), ""),
        ((ADOPT,), "move c (attested); back a; back b1; skip d (attested, winning_skipped)"),
    ],
)
def test_the_ways_of_the_process_come_first_and_then_what_the_policy_opens(
    commands: tuple[sf.Command, ...], found: str
) -> None:
    assert ways(review_of(*commands)) == found

    each = found.split("; ") if found else []
    without_skip = "; ".join(way for way in each if not way.startswith("skip"))
    assert ways(review_of(*commands, skip=False)) == without_skip
    without_back = "; ".join(way for way in each if not way.startswith("back"))
    assert ways(review_of(*commands, back=False)) == without_back


@pytest.mark.parametrize(
    ("commands", "reached", "towards", "stands"),
    [
        ((), None, None, None),
        ((START,), None, 1, "a"),
        ((START, A_MET), None, 1, "b2"),
        ((START, A_MET, ON), 1, 2, "b2"),
        ((START, A_MET, ON, A_NOT), 1, 2, "a"),
        ((START, A_MET, ON, ON, B_MET), 2, 2.5, "d"),
        ((START, A_MET, ON, ON, B_MET, ON), 2.5, 3, "d"),
        ((START, A_MET, ON, ON, B_MET, ON, ON), 3, 4, "d"),
        ((START, A_MET, ON, ON, B_MET, ON, ON, ON), 4, 4, None),
        ((START, LOSE), None, 1, None),
        ((ADOPT,), 2, 2.5, "b2"),
    ],
)
def test_a_number_is_reached_when_its_stage_is_left_and_what_is_met_may_say_more(
    commands: tuple[sf.Command, ...],
    reached: float | None,
    towards: float | None,
    stands: str | None,
) -> None:
    review = review_of(*commands)

    assert (review.cycle, review.working_towards) == (reached, towards)
    assert (review.stands_at and review.stands_at.key) == stands


def test_a_stay_is_counted_in_the_stage_and_in_the_sub_stage() -> None:
    review = review_of(ADOPT, days=2)
    ages = [review.stage_age, review.sub_stage_age]

    assert [age and (age.days, age.max_days) for age in ages] == [(33, 9), (33, None)]
    review = review_of(START, A_MET, ON, days=4)
    ages = [review.stage_age, review.sub_stage_age]
    assert [age and (age.days, age.max_days, age.is_late) for age in ages] == [
        (4, 9, False),
        (4, 3, True),
    ]
    assert review_of(START, days=4).sub_stage_age is None
    assert review_of().stage_age is None


def test_a_review_has_what_the_playbook_says_of_the_stage() -> None:
    review = review_of(START, A_MET, ON)

    assert [item.get("en") for item in review.duties["rep"]] == ["Call"]
    assert [item.get("en") for item in review.guidance.tools] == ["A list"]
    for other in (review_of(), review_of(START)):
        assert other.duties == {}
        assert other.guidance.tools == ()
