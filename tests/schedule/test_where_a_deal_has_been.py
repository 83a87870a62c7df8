"""Duties of entering and leaving: of which stay, under which name, and what the place is called."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import salesflow as sf
from salesflow.domain import Progress
from salesflow.domain._base.record import replaced
from salesflow.schedule import duties
from tests.schedule.delivery import ADVANCE, DAY, HOUR, LOSE, NOW, cadence, due, only, process, run

BACK = sf.MoveTo(by="li", stage="talk", note="They asked again")


def left(*stages: str) -> sf.Playbook:
    named = ", ".join(f'"{stage}"' for stage in stages)
    return process(cadence(f'trigger = "stage_left"\nstages = [{named}]\nwithin = {{ weeks = 1 }}'))


def test_who_has_come_back_to_a_stage_has_not_left_it() -> None:
    talk = left("talk")
    assert due(talk, run(talk), DAY) is None
    steps = [(DAY, ADVANCE), (3 * DAY, BACK)]
    assert due(talk, run(talk, steps[0]), DAY) == ("2026-02-07", "next")
    assert due(talk, run(talk, *steps), 3 * DAY) is None
    assert due(talk, run(talk, *steps, (5 * DAY, ADVANCE)), 5 * DAY) == ("2026-02-11", "next")


def test_leaving_a_later_stage_is_not_leaving_this_one() -> None:
    talk = left("talk")
    deal = run(talk, (DAY, ADVANCE), (3 * DAY, ADVANCE), (5 * DAY, ADVANCE))
    duty = only(talk, deal, 5 * DAY)

    assert duty is not None
    assert (duty.since, duty.place) == (NOW + DAY, "talk")


def test_a_part_of_a_stage_is_left_for_its_next_part_and_the_stage_is_not() -> None:
    steps = [(DAY, ADVANCE), (3 * DAY, ADVANCE)]
    for stage, found in (("build", (NOW + 3 * DAY, "build")), ("delivery", None)):
        playbook = left(stage)
        duty = only(playbook, run(playbook, *steps), 3 * DAY)
        assert (duty and (duty.since, duty.place)) == found


@pytest.mark.parametrize(
    ("named", "begun", "place"),
    [
        ((), 3, "test"),
        (("test",), 3, "test"),
        (("delivery",), 1, "delivery"),
        (("talk", "delivery"), 0, "talk"),
        (("talk", "build", "test"), 0, "talk"),
        (("build",), None, None),
    ],
)
def test_a_stay_began_where_the_named_stages_were_entered(
    named: tuple[str, ...], begun: int | None, place: str | None
) -> None:
    stages = f"stages = {list(named)!r}\n" if named else ""
    entered = process(cadence(f'trigger = "stage_entered"\n{stages}within = {{ weeks = 1 }}'))
    duty = only(entered, run(entered, (DAY, ADVANCE), (3 * DAY, ADVANCE)), 3 * DAY)

    if begun is None:
        assert duty is None
    else:
        assert duty is not None
        assert (duty.since, duty.place) == (NOW + begun * DAY, place)


def test_a_stage_without_parts_is_entered_by_its_own_name() -> None:
    for stages in ("", 'stages = ["care"]\n'):
        entered = process(cadence(f'trigger = "stage_entered"\n{stages}within = {{ weeks = 1 }}'))
        duty = only(entered, run(entered, *[(DAY, ADVANCE)] * 3), DAY)
        assert duty is not None
        assert duty.place == "care"


def test_changes_count_from_the_start_where_no_stage_is_named() -> None:
    tracked = process(cadence('trigger = "changed"\nwithin = { hours = 24 }'))
    assert due(tracked, run(tracked, (3 * DAY, ADVANCE)), 3 * DAY) == ("2026-01-31", "overdue")


def test_a_duty_of_a_part_applies_in_it_and_nowhere_else() -> None:
    lost = process(cadence('trigger = "lost"\nstages = ["build"]\nwithin = { weeks = 2 }'))
    assert due(lost, run(lost, (DAY, ADVANCE), (DAY, LOSE)), DAY) == ("2026-02-14", "next")
    assert due(lost, run(lost, (DAY, LOSE)), DAY) is None
    weekly = process(cadence('trigger = "started"\nstages = ["build"]\nevery = { weeks = 1 }'))
    assert due(weekly, run(weekly), DAY) is None
    assert due(weekly, run(weekly, (DAY, ADVANCE)), DAY) == ("2026-02-06", "next")
    assert due(weekly, run(weekly, (DAY, ADVANCE), (DAY, ADVANCE)), DAY) is None


def test_the_end_of_a_deal_that_was_won_before_is_when_it_ended() -> None:
    text = cadence('trigger = "ended"\nwithin = { weeks = 1 }')
    winning = sf.Playbook.from_toml(f"""
id = "care"
version = "2"
title = "Care"
{text}
[[stages]]
key = "talk"
title = "Talk"
wins = true
[[stages]]
key = "delivery"
title = "Delivery"
""")
    won = run(winning, (DAY, ADVANCE))
    assert (won.progress.outcome, won.progress.ended) == ("won", False)
    assert due(winning, won, DAY) is None
    assert due(winning, run(winning, (DAY, ADVANCE), (3 * DAY, ADVANCE)), 3 * DAY) == (
        "2026-02-09",
        "next",
    )


def test_a_stored_end_without_a_moment_of_leaving_is_when_the_deal_was_closed() -> None:
    ended = process(cadence('trigger = "ended"\nwithin = { weeks = 1 }'))
    progress = run(ended, (2 * DAY, LOSE)).progress
    visits = (replaced(progress.visits[0], left_at=None),)
    stored: Progress = replaced(progress, visits=visits)

    (duty,) = duties(ended, stored, {}, NOW + 3 * DAY)

    assert duty.since == NOW + 2 * DAY


RENAMED = """
[[migrations]]
from = "1"
stages = {{ {renamed} }}
{of}
"""


def migrated(renamed: str, of: str = "") -> sf.Playbook:
    """A process whose places once had other names."""
    return process(
        cadence('trigger = "stage_left"\nstages = ["care", "test"]\nwithin = { weeks = 1 }')
        + RENAMED.format(renamed=renamed, of=of)
    )


def been(playbook: sf.Playbook, *places: tuple[str, str | None]) -> Progress:
    """A stored deal that was a day in each of some places, and is in talk now."""
    progress = run(playbook).progress
    (here,) = progress.visits
    visits = [
        replaced(
            here, stage=stage, sub_stage=part, entered_at=NOW + n * DAY, left_at=NOW + n * DAY + DAY
        )
        for n, (stage, part) in enumerate(places)
    ]
    visits.append(replaced(here, entered_at=NOW + len(places) * DAY))
    found: Progress = replaced(progress, visits=tuple(visits))
    return found


@pytest.mark.parametrize(
    ("renamed", "of", "places", "place"),
    [
        ('nurture = "care"', "", [("nurture", None), ("other", None)], "nurture"),
        ('nurture = "care", trial = "test"', "", [("nurture", None), ("x", "trial")], "trial"),
        # What is called so today is another place, whatever was called so once.
        ('talk = "care", delivery = "care"', "", [("talk", None), ("delivery", "build")], None),
        ('build = "test"', "", [("delivery", "build")], None),
        # Other stages that were renamed, and names in other playbooks, say nothing of these.
        ('nurture = "talk"', "", [("nurture", None)], None),
        ('nurture = "care"', 'playbook = "other"', [("nurture", None)], None),
    ],
)
def test_a_stage_is_known_by_the_names_that_it_had_in_earlier_versions(
    renamed: str, of: str, places: list[tuple[str, str | None]], place: str | None
) -> None:
    playbook = migrated(renamed, of)
    at = NOW + (len(places) + 1) * DAY

    found = [duty.place for duty in duties(playbook, been(playbook, *places), {}, at)]

    assert found == ([] if place is None else [place])


def test_where_a_stored_deal_stands_under_an_earlier_name_it_was_not_left() -> None:
    playbook = migrated('nurture = "care"')
    progress = been(playbook, ("nurture", None))
    before, here = progress.visits
    stays: Progress = replaced(
        progress, stage="nurture", visits=(replaced(here, stage="nurture", entered_at=NOW),)
    )

    assert before.left_at is not None
    assert duties(playbook, stays, {}, NOW + DAY) == ()


def test_parts_that_became_one_are_one_stay() -> None:
    text = cadence('trigger = "stage_entered"\nwithin = { weeks = 1 }')
    old = process(text)
    new = sf.Playbook.from_toml(f"""
id = "care"
version = "3"
title = "Care"
{text}
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "delivery"
title = "Delivery"
  [[stages.sub_stages]]
  key = "build"
  title = "Build"
[[stages]]
key = "care"
title = "Care"
[[migrations]]
from = "2"
stages = {{ test = "build" }}
""")
    deal = run(old, (DAY, ADVANCE), (3 * DAY, ADVANCE))
    assert due(old, deal, 3 * DAY) == ("2026-02-09", "next")
    deal = sf.StageEngine(new).decide(deal, sf.Migrate(by="li"), at=NOW + 4 * DAY).require()

    assert due(new, deal, 4 * DAY) == ("2026-02-07", "next")


def test_a_place_that_is_gone_is_called_by_its_key() -> None:
    playbook = migrated('nurture = "care"')
    (duty,) = duties(playbook, been(playbook, ("nurture", None)), {}, NOW + 3 * DAY)

    assert duty.reason.get("en").endswith('within 1 week of 2026-01-31, when "nurture" was left.')


def test_a_stored_deal_that_ended_while_it_rested_is_not_reviewed() -> None:
    weekly = process(cadence("every = { weeks = 1 }"))
    hold = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2026, 3, 1))
    progress = run(weekly, (HOUR, hold)).progress
    stored: Progress = replaced(progress, ended=True, outcome="lost")

    assert [duty.key for duty in duties(weekly, progress, {}, NOW + DAY)] == ["duty", "hold.review"]
    assert duties(weekly, stored, {}, NOW + DAY) == ()


def test_a_progress_that_was_never_anywhere_owes_nothing() -> None:
    weekly = process(cadence("every = { weeks = 1 }"))
    progress = run(weekly).progress
    beyond: Progress = replaced(progress, first_visit=1)

    assert duties(weekly, beyond, {}, NOW + timedelta(days=9)) == ()
