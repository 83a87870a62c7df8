"""The engine's scores: about us and about a competitor, now and on an earlier day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import Account
from salesflow.domain._base.record import replaced
from salesflow.engine import Event
from salesflow.errors import ArgumentError, ClockError, CommandError, EventError, UnknownName
from salesflow.qualify import history, score_sheet, sheet_of, sheets

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PLAYBOOK = sf.Playbook.from_toml("""
id = "tenders"
version = "1"
title = "Tenders"
use_scorecards = ["bant", "bid"]
[[scorecards]]
key = "sum"
items = [
  { key = "bant", rule = "score.bant.low >= 1" },
  { key = "asked", rule = "bant.unknown <= 2" },
  { key = "big", rule = "amount >= 100" },
]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 3 }]
[policy]
[[stages]]
key = "only"
title = "Only"
""")
ENGINE = sf.StageEngine(PLAYBOOK, tz="Asia/Shanghai")


class Course(NamedTuple):
    deal: sf.Opportunity
    events: tuple[Event, ...]


def course(*answers: tuple[int, str, str, object], competitors: tuple[str, ...] | None) -> Course:
    """A deal with answers: the hour, whom it is about, the question, and what was said."""
    deal = sf.Opportunity(
        id="T-1", name="Crane", amount=sf.Money(200, "USD"), competitors=competitors
    )
    commands: list[tuple[int, sf.Command]] = [(0, sf.Start(by="li"))]
    for hour, about, question, said in answers:
        given_ = {"mark": said} if isinstance(said, str) else {"value": said}
        fields = {"by": "li", "question": question, "about": about, **given_}
        commands.append((hour, sf.Answer.model_validate(fields)))
    events: list[Event] = []
    for hour, command in commands:
        decision = ENGINE.decide(deal, command, at=MONDAY + timedelta(hours=hour))
        deal = decision.require()
        events.extend(decision.events)
    return Course(deal, tuple(events))


LATER = MONDAY + timedelta(days=30)
KNOWN = course(
    (1, "us", "bant.budget", "+"),
    (2, "Rival", "bant.budget", "-"),
    (3, "Rival", "bant.need", "+"),
    (50, "us", "bant.budget", "-"),
    competitors=("Rival", "Other"),
)

said = st.tuples(
    st.integers(0, 100),
    st.sampled_from(["us", "Rival"]),
    st.sampled_from(["bant.budget", "bant.need", "bid.price"]),
    st.integers(0, 10),
)


def test_a_competitor_is_scored_by_the_answers_about_it_alone() -> None:
    ours = ENGINE.score(KNOWN.deal, "bant", at=LATER)
    theirs = ENGINE.score(KNOWN.deal, "bant", at=LATER, about="Rival")
    assert (ours.low, ours.high) == (0, 3)
    assert (theirs.low, theirs.high) == (1, 3)
    assert [item.key for item in ours.versus(theirs).changed] == [
        "authority",
        "need",
        "timing",
    ]


def test_counts_and_points_of_other_cards_are_those_of_the_sheet_and_the_rest_is_the_deals() -> (
    None
):
    theirs = ENGINE.score(KNOWN.deal, "sum", at=LATER, about="Rival")
    assert [item.verdict.name for item in theirs.contributions] == ["YES", "YES", "YES"]
    ours = ENGINE.score(KNOWN.deal, "sum", at=LATER)
    assert [item.verdict.name for item in ours.contributions] == ["NO", "NO", "YES"]
    nobody = ENGINE.score(KNOWN.deal, "sum", at=LATER, about="Other")
    assert [item.verdict.name for item in nobody.contributions] == ["NO", "NO", "YES"]


def test_a_listed_competitor_without_an_answer_is_not_known_and_a_stranger_is_refused() -> None:
    empty = ENGINE.score(KNOWN.deal, "bant", at=LATER, about="Other")
    assert (empty.low, empty.high, len(empty.unknown)) == (0, 4, 4)
    with pytest.raises(UnknownName, match=r"no competitor 'Rivl'\. Did you mean \"Rival\"\?"):
        ENGINE.score(KNOWN.deal, "bant", at=LATER, about="Rivl")
    unlisted = replaced(KNOWN.deal, competitors=None)
    assert ENGINE.score(unlisted, "bant", at=LATER, about="Rival").low == 1
    with pytest.raises(UnknownName, match="no competitor 'Other'"):
        ENGINE.score(unlisted, "bant", at=LATER, about="Other")
    with pytest.raises(UnknownName, match="no competitor 'Rival'"):
        ENGINE.score(replaced(KNOWN.deal, competitors=()), "bant", at=LATER, about="Rival")


def test_sheets_of_a_deal_are_those_of_its_competitors() -> None:
    assert list(sheets(KNOWN.deal)) == ["us", "Rival", "Other"]
    assert sheet_of(KNOWN.deal, "Rival").latest["bant.need"].mark == "+"
    with pytest.raises(UnknownName, match="no competitor 'Rival'"):
        sheets(replaced(KNOWN.deal, competitors=("Other",)))
    assert list(sheets(replaced(KNOWN.deal, competitors=None))) == ["us", "Rival"]


def test_an_earlier_day_has_the_answers_of_that_day_in_the_engines_zone() -> None:
    first = date(2026, 1, 5)
    then = ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=first, events=KNOWN.events)
    now = ENGINE.score(KNOWN.deal, "bant", at=LATER)
    assert (then.low, then.high) == (1, 4)
    assert [item.key for item in now.versus(then).changed if item.high < 0] == ["budget"]
    # 50 hours after Monday 9:00 in UTC is Wednesday 19:00 in Shanghai.
    wednesday = ENGINE.score(
        KNOWN.deal, "bant", at=LATER, as_of=date(2026, 1, 7), events=KNOWN.events
    )
    assert wednesday.low == now.low
    moment = MONDAY + timedelta(hours=2, minutes=30)
    theirs = ENGINE.score(
        KNOWN.deal, "bant", at=LATER, about="Rival", as_of=moment, events=KNOWN.events
    )
    assert (theirs.low, theirs.high) == (0, 3)


def test_what_the_progress_does_not_keep_is_not_made_up() -> None:
    with pytest.raises(CommandError, match="keeps the latest only") as refused:
        ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=date(2026, 1, 5))
    assert [problem.path for problem in refused.value.problems] == ["bant.budget"]
    # Nothing was answered about the rival since: the progress has all that there was.
    theirs = ENGINE.score(KNOWN.deal, "bant", at=LATER, about="Rival", as_of=date(2026, 1, 5))
    assert theirs.low == 1


def test_events_that_are_not_those_of_the_deal_are_refused() -> None:
    other = course((1, "us", "bant.need", "+"), competitors=None)
    for events in (KNOWN.events[:-1], other.events, ()):
        with pytest.raises(EventError):
            ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=date(2026, 1, 5), events=events)


@pytest.mark.parametrize(
    "as_of", [LATER.date() + timedelta(days=1), LATER + timedelta(1), datetime(2026, 1, 5), "today"]
)
def test_a_day_that_is_none_or_has_not_come_is_refused(as_of: object) -> None:
    with pytest.raises(ArgumentError, match="as_of"):
        ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=as_of)  # type: ignore[arg-type]


@given(st.lists(said.filter(lambda each: each[2] == "bid.price"), max_size=8), st.integers(0, 100))
def test_the_score_of_an_earlier_moment_is_the_score_that_was_given_then(
    answers: list[tuple[int, str, str, object]], hour: int
) -> None:
    answers = sorted(answers, key=lambda each: each[0])
    whole = course(*answers, competitors=("Rival",))
    before = course(*(each for each in answers if each[0] <= hour), competitors=("Rival",))
    moment = MONDAY + timedelta(hours=hour)
    for about in ("us", "Rival"):
        then = ENGINE.score(
            whole.deal, "bid", at=LATER, about=about, as_of=moment, events=whole.events
        )
        assert then == ENGINE.score(before.deal, "bid", at=moment, about=about)
        if len({each[0] for each in answers}) == len(answers):
            sheet = sheet_of(history(whole.events), about, competitors=["Rival"]).at(moment)
            assert then == score_sheet(PLAYBOOK, PLAYBOOK.scorecards["bid"], sheet)


def test_the_customers_buying_phase_stands_beside_our_stage() -> None:
    engine = sf.StageEngine(sf.load_playbook("milestone_selling"))
    deal = sf.Opportunity(id="D-1", name="Plant", owner="li", account=Account(name="Acme"))
    begun = engine.decide(deal, sf.Start(by="li"), at=MONDAY).require()
    stage = engine.review(begun, at=MONDAY).stage
    assert stage is not None
    assert stage.buying_phase is not None
    assert stage.buying_phase.zh == "发现问题，提出需求"
    assert all(each.buying_phase is not None for each in engine.playbook.stages)


def test_an_answer_about_somebody_whom_the_deal_does_not_list_is_refused() -> None:
    answer = sf.Answer(by="li", question="bant.need", mark="+", about="Rivl")
    with pytest.raises(UnknownName, match=r"no competitor 'Rivl'\. Did you mean \"Rival\"\?"):
        ENGINE.decide(KNOWN.deal, answer, at=LATER)
    unlisted = replaced(KNOWN.deal, competitors=None)
    assert ENGINE.decide(unlisted, answer, at=LATER).accepted


def test_a_moment_later_than_now_is_refused_and_today_is_not() -> None:
    with pytest.raises(ClockError, match="as_of lies after at"):
        ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=LATER + timedelta(hours=1))
    for as_of in (LATER, LATER.date()):
        today = ENGINE.score(KNOWN.deal, "bant", at=LATER, as_of=as_of, events=KNOWN.events)
        assert today == ENGINE.score(KNOWN.deal, "bant", at=LATER)


def test_events_of_another_deal_are_refused_though_they_add_up() -> None:
    for events, deal in (
        (KNOWN.events, replaced(KNOWN.deal, id="T-2")),
        ([replaced(event, opportunity_id="T-2") for event in KNOWN.events], KNOWN.deal),
    ):
        with pytest.raises(EventError, match="do not add up to the progress of deal"):
            ENGINE.score(deal, "bant", at=LATER, as_of=date(2026, 1, 7), events=events)


def test_a_deal_of_which_there_are_no_events_yet_has_no_answer_on_any_day() -> None:
    new = sf.Opportunity(id="T-1", name="Crane")
    first = ENGINE.score(new, "bant", at=LATER, as_of=date(2026, 1, 5), events=())

    assert (first.low, first.high) == (0, 4)


def test_only_what_was_withdrawn_of_the_same_sheet_since_is_missed() -> None:
    """The day is that of the engine's zone, and counts as a whole."""
    wanted = [
        (1, sf.Answer(by="li", question="bant.budget", mark="+")),
        (2, sf.Answer(by="li", question="bant.need", mark="+", about="Rival")),
        (3, sf.Complete(by="li", instrument="plan")),
        (50, sf.Withdraw(by="li", instrument="plan", note="Not yet")),
        (51, sf.Withdraw(by="li", question="bant.need", about="Rival", note="They did not say")),
    ]
    text = PLAYBOOK.to_json().replace(
        '"stages": [', '"instruments": [{"key": "plan", "title": "Plan"}], "stages": ['
    )
    engine = sf.StageEngine(sf.Playbook.from_json(text), tz="Asia/Shanghai")
    deal = engine.decide(FRESH, sf.Start(by="li"), at=MONDAY).require()
    for hour, command in wanted:
        deal = engine.decide(deal, command, at=MONDAY + timedelta(hours=hour)).require()
    tuesday, wednesday = date(2026, 1, 6), date(2026, 1, 7)

    assert engine.score(deal, "bant", at=LATER, as_of=tuesday).low == 1
    with pytest.raises(CommandError, match="keeps the latest only") as refused:
        engine.score(deal, "bant", at=LATER, as_of=tuesday, about="Rival")
    assert [problem.path for problem in refused.value.problems] == ["bant.need"]
    assert engine.score(deal, "bant", at=LATER, as_of=wednesday, about="Rival").low == 0
    moment = MONDAY + timedelta(hours=51)
    assert engine.score(deal, "bant", at=LATER, as_of=moment, about="Rival").low == 0


FRESH = sf.Opportunity(id="T-1", name="Crane", competitors=("Rival",))


def test_a_host_knows_whom_somebody_has_answered_about() -> None:
    hosted = sf.HostDeal(id="T-1", progress=KNOWN.deal.progress)

    assert ENGINE.score(hosted, "bant", at=LATER, about="Rival").low == 1
    with pytest.raises(UnknownName, match="no competitor 'uss'") as refused:
        ENGINE.score(hosted, "bant", at=LATER, about="uss")
    assert refused.value.known == ("Rival",)
