"""From which of many words on a criterion is met: of the right point, role, stay and person."""

from __future__ import annotations

from typing import Literal

import pytest

import salesflow as sf
from tests.schedule.course import DAY, DONE, HOUR, PLAYBOOK, TRACK, Course, amend, usd

WANTED = 'criterion = "wanted"\nwithin = { days = 3 }'
PRICE = 'criterion = "price_approved"\nwithin = { days = 3 }'
SPONSOR = 'criterion = "sponsor_met"\nwithin = { days = 3 }'
LATER = """
  [[stages.exit]]
  key = "visited"
  title = { en = "They visited us", zh = "客户已来访" }
  by = "rep"
"""
"""Another criterion, of the last stage."""


REVIEWED = TRACK.replace(
    'title = { en = "In review", zh = "审核中" }\n',
    """title = { en = "In review", zh = "审核中" }
    [[tracks.states.entry]]
    key = "ready"
    title = { en = "Ready for review", zh = "可以审核" }
    judgement = { roles = ["rep", "boss", "law"], quorum = 2 }
""",
).replace('key = "legal"\n', 'key = "legal"\nback = "on"\n')
READY = 'criterion = "ready"\nwithin = { days = 3 }'
FREE = (
    PLAYBOOK[: PLAYBOOK.index("  [[stages.exit]]")]
    + PLAYBOOK[PLAYBOOK.index('[[stages]]\nkey = "sign"') :]
)
"""The process without criteria of stages."""


def says(role: str, point: str | None, verdict: Literal["go", "kill", "hold"] = "go") -> sf.Judge:
    return sf.Judge(by=role, role=role, verdict=verdict, point=point)


def attests(criterion: str, *, met: bool = True) -> sf.Attest:
    return sf.Attest(by="li", role="rep", criterion=criterion, met=met)


def test_what_is_said_of_another_criterion_meets_none() -> None:
    course = Course(SPONSOR, LATER).do(HOUR, attests("visited"))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, attests("sponsor_met"))
    assert course.since(3 * HOUR) == 2 * HOUR


def test_what_holds_because_it_does_not_apply_was_never_said() -> None:
    base = PLAYBOOK.replace(
        'by = "rep"\n  lapses_on = ["owner"]', 'by = "rep"\n  when = "amount > 99"'
    )
    course = Course(SPONSOR, base=base).do(HOUR, attests("sponsor_met", met=False))
    assert course.since(HOUR) is None

    judged = PLAYBOOK.replace("quorum = 2 }", 'quorum = 2 }\n  when = "amount > 99"')
    assert Course(WANTED, base=judged).since(HOUR) is None

    nobody = PLAYBOOK.replace('"amount < 100", roles = ["boss"]', '"amount < 100"')
    assert Course(PRICE, base=nobody).since(HOUR) is None


def test_another_instrument_or_duty_that_is_done_does_not_count() -> None:
    course = Course('criterion = "plan"\nevery = { weeks = 1 }').do(HOUR, DONE)
    assert course.since(HOUR) is None
    course.do(2 * HOUR, sf.Complete(by="li", instrument="plan"))
    assert course.since(3 * HOUR) == 2 * HOUR


def test_a_word_on_another_point_does_not_count() -> None:
    course = Course(WANTED)
    course.do(HOUR, says("boss", "price_approved"))
    course.do(2 * HOUR, says("rep", "wanted"))
    assert course.since(2 * HOUR) is None
    course.do(3 * HOUR, says("law", "wanted"))
    assert course.since(4 * HOUR) == 3 * HOUR


def test_the_word_of_a_role_that_is_only_heard_does_not_count() -> None:
    base = PLAYBOOK.replace("quorum = 2", 'decides = "boss"')
    course = Course(WANTED, base=base).do(HOUR, says("law", "wanted"), says("rep", "wanted"))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, says("boss", "wanted"))
    assert course.since(3 * HOUR) == 2 * HOUR


def test_a_word_on_the_stage_as_a_whole_counts_for_what_it_asks_and_approves_nothing() -> None:
    course = Course(WANTED).do(HOUR, says("law", None))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, says("rep", None))
    assert course.since(3 * HOUR) == 2 * HOUR

    course = Course(PRICE).do(HOUR, says("boss", None))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, says("boss", "price_approved"))
    assert course.since(3 * HOUR) == 2 * HOUR


@pytest.mark.parametrize("point", ["wanted", None])
def test_each_stay_is_judged_anew(point: str | None) -> None:
    """What was said before the deal was lost does not make it enough after it was reopened."""
    base = f'{PLAYBOOK}[policy]\nreopen = "on"\n'
    course = Course(WANTED, base=base).do(HOUR, says("rep", point))
    course.do(2 * HOUR, sf.Lose(by="li", reason="price"))
    course.do(3 * HOUR, sf.Reopen(by="li", stage="talk", note="they called"))
    course.do(4 * HOUR, says("law", point))
    assert course.since(4 * HOUR) is None
    course.do(5 * HOUR, says("boss", point))

    assert course.since(6 * HOUR) == 5 * HOUR


ENTERED = """
  [[stages.entry]]
  key = "signing"
  title = { en = "We sign", zh = "同意签约" }
  judgement = { roles = ["rep", "boss"], quorum = 2 }
"""


@pytest.mark.parametrize("point", ["signing", None])
def test_what_is_asked_on_the_way_in_is_judged_in_the_stage_before(point: str | None) -> None:
    course = Course('criterion = "signing"\nwithin = { days = 3 }', ENTERED, base=FREE)
    course.do(HOUR, says("rep", point))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, says("boss", point))
    assert course.since(3 * HOUR) == 2 * HOUR
    course.do(4 * HOUR, sf.Advance(by="li"))
    assert course.since(5 * HOUR) == 2 * HOUR


def test_what_a_part_of_a_stage_asks_is_not_judged_in_another_part() -> None:
    base = FREE.replace(
        'title = { en = "Sign", zh = "签约" }\n',
        """title = { en = "Sign", zh = "签约" }
  [[stages.sub_stages]]
  key = "draft"
  title = { en = "Draft", zh = "起草" }
  [[stages.sub_stages]]
  key = "final"
  title = { en = "Final", zh = "定稿" }
    [[stages.sub_stages.exit]]
    key = "signing"
    title = { en = "We sign", zh = "同意签约" }
    judgement = { roles = ["rep", "boss"], quorum = 2 }
""",
    )
    course = Course('criterion = "signing"\nwithin = { days = 3 }', base=base)
    course.do(HOUR, sf.Advance(by="li"), says("rep", None))
    course.do(2 * HOUR, sf.Advance(by="li"), says("boss", None))
    assert course.since(2 * HOUR) is None
    course.do(3 * HOUR, says("rep", None))
    assert course.since(4 * HOUR) == 3 * HOUR


def test_an_approval_is_for_the_deal_and_outlasts_a_stay() -> None:
    base = f'{PLAYBOOK}[policy]\nreopen = "on"\n'.replace('  lapses_on = ["amount"]\n', "")
    course = Course(PRICE, base=base).do(HOUR, says("boss", "price_approved"))
    course.do(2 * HOUR, sf.Lose(by="li", reason="price"))
    course.do(3 * HOUR, sf.Reopen(by="li", stage="talk", note="they called"))
    assert course.since(4 * HOUR) == HOUR

    course.do(5 * HOUR, amend(amount=usd(200)))
    assert course.since(5 * HOUR) is None
    course.do(6 * HOUR, says("law", "price_approved"))
    assert course.since(7 * HOUR) == 6 * HOUR


def test_what_a_track_asks_for_is_judged_anew_in_each_of_its_stays() -> None:
    course = Course(READY, REVIEWED).do(HOUR, says("rep", "ready"), says("law", "ready"))
    assert course.since(HOUR) == HOUR
    course.do(2 * HOUR, sf.MoveTrack(by="li", track="legal", state="in_review"))
    course.do(3 * HOUR, sf.MoveTrack(by="li", track="legal", state="draft", note="changed"))
    course.do(4 * HOUR, says("boss", "ready"))
    assert course.since(4 * HOUR) is None
    course.do(5 * HOUR, says("law", "ready"))
    assert course.since(6 * HOUR) == 5 * HOUR


def test_what_a_track_asks_for_is_judged_through_whatever_stages_of_the_deal() -> None:
    course = Course(READY, REVIEWED, base=FREE)
    course.do(HOUR, says("rep", "ready")).do(2 * HOUR, says("boss", "ready"))
    course.do(DAY, sf.Advance(by="li"))
    course.do(DAY + HOUR, says("law", "ready"))

    assert course.since(2 * DAY) == 2 * HOUR


def test_another_request_is_not_chased() -> None:
    course = Course('request = "price_approved"\nevery = { days = 2 }')
    course.do(HOUR, sf.Request(by="li", point="wanted"))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, sf.Request(by="li", point="price_approved"))
    assert course.since(3 * HOUR) == 2 * HOUR
