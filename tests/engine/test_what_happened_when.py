"""When things happened: a deal does not leave a place before it came there, and days have zones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.errors import ClockError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK = sf.Playbook.from_toml("""
id = "order"
version = "1"
title = "Order"
policy = { reopen = "on", retract = "on", back = "on", skip = "on" }
reasons = [
  { key = "price", outcome = "lost", title = "Price" },
  { key = "no_need", outcome = "disqualified", title = "No need" },
]
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "sign"
title = "Sign"
wins = true
[[stages]]
key = "deliver"
title = "Deliver"
""")
ENGINE = sf.StageEngine(BOOK)


def after(*steps: tuple[sf.Command, datetime], engine: sf.StageEngine = ENGINE) -> sf.Opportunity:
    deal = sf.Opportunity(id="D-1", name="Order", owner="li")
    for command, at in steps:
        deal = engine.decide(deal, command, at=at).require()
    return deal


START = (sf.Start(by="li"), NOW)
TO_SIGN = (sf.Advance(by="li"), NOW + 2 * HOUR)
TO_DELIVER = (sf.Advance(by="li"), NOW + 4 * HOUR)
ENDED = (sf.Advance(by="li"), NOW + 6 * HOUR)
LOST = (sf.Lose(by="li", reason="price"), NOW + 4 * HOUR)


@pytest.mark.parametrize(
    ("steps", "command", "since"),
    [
        ((START, TO_SIGN), sf.Advance(by="li"), NOW + 2 * HOUR),
        ((START, TO_SIGN), sf.MoveTo(by="li", stage="talk"), NOW + 2 * HOUR),
        ((START, TO_SIGN), sf.Win(by="li"), NOW + 2 * HOUR),
        ((START, TO_SIGN), sf.Lose(by="li", reason="price"), NOW + 2 * HOUR),
        ((START, TO_SIGN), sf.Disqualify(by="li", reason="no_need"), NOW + 2 * HOUR),
        ((START, TO_SIGN, TO_DELIVER), sf.Advance(by="li"), NOW + 4 * HOUR),
        ((START, TO_SIGN, LOST), sf.Reopen(by="li", stage="talk"), NOW + 4 * HOUR),
        ((START, TO_SIGN, LOST), sf.Retract(by="li", note="A mistake"), NOW + 4 * HOUR),
        (
            (START, TO_SIGN, TO_DELIVER, ENDED),
            sf.Reopen(by="li", stage="deliver"),
            NOW + 6 * HOUR,
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, sf.Command) else None,
)
def test_nothing_moves_a_deal_before_it_came_to_where_it_is(
    steps: tuple[tuple[sf.Command, datetime], ...], command: sf.Command, since: datetime
) -> None:
    deal = after(*steps)
    early = command.model_copy(update={"occurred_at": since - timedelta(seconds=1)})
    with pytest.raises(ClockError, match="when the deal came to where it is"):
        ENGINE.decide(deal, early, at=NOW + 8 * HOUR)
    then = command.model_copy(update={"occurred_at": since})
    moved = ENGINE.decide(deal, then, at=NOW + 8 * HOUR)
    assert moved.accepted
    assert {event.occurred_at for event in moved.events} == {since}


def test_a_deal_comes_under_another_version_not_before_it_came_to_where_it_is() -> None:
    newer = json.loads(BOOK.to_json()) | {"version": "2", "migrations": [{"from": "1"}]}
    newer["policy"]["back"] = "off"
    engine = sf.StageEngine(sf.Playbook.from_json(json.dumps(newer)))
    deal = after(START, TO_SIGN)
    early = sf.Migrate(by="li", occurred_at=NOW + HOUR)
    with pytest.raises(ClockError, match="when the deal came to where it is"):
        engine.decide(deal, early, at=NOW + 3 * HOUR)
    assert engine.decide(deal, sf.Migrate(by="li"), at=NOW + 3 * HOUR).accepted


def test_a_command_happens_at_the_latest_when_it_is_given() -> None:
    deal = after(START)
    now = sf.Advance(by="li", occurred_at=NOW + HOUR)
    assert ENGINE.decide(deal, now, at=NOW + HOUR).accepted
    with pytest.raises(ClockError, match="later than at"):
        ENGINE.decide(deal, now, at=NOW + HOUR - timedelta(seconds=1))


def test_a_deal_is_adopted_at_the_very_midnight_when_it_came_there() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    adopt = sf.Adopt(by="li", stage="sign", entered_on=date(2026, 3, 2))
    deal = sf.Opportunity(id="D-1", name="Order")
    assert ENGINE.decide(deal, adopt, at=midnight).accepted
    with pytest.raises(ClockError, match="after the time of the command"):
        ENGINE.decide(deal, adopt, at=midnight - timedelta(seconds=1))


def test_a_gate_asks_of_the_day_in_the_zone_of_the_engine() -> None:
    book = sf.Playbook.from_toml("""
    id = "dated"
    version = "1"
    title = "Dated"
    [[stages]]
    key = "wait"
    title = "Wait"
      [[stages.exit]]
      key = "a_day"
      title = "A day has passed"
      rule = "days_since(entered_stage_on) >= 1"
    [[stages]]
    key = "go"
    title = "Go"
    """)
    in_shanghai, in_utc = (sf.StageEngine(book, tz=tz) for tz in ("Asia/Shanghai", "UTC"))
    begun = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    deal = after((sf.Start(by="li"), begun), engine=in_utc)
    later = begun + 2 * HOUR  # the third there, the second in Greenwich
    assert in_shanghai.decide(deal, sf.Advance(by="li"), at=later).accepted
    refused = in_utc.decide(deal, sf.Advance(by="li"), at=later)
    assert [blocker.key for blocker in refused.blockers] == ["a_day"]


def test_a_deal_on_hold_goes_nowhere_by_whatever_command() -> None:
    hold = sf.Hold(by="li", resume_when="The budget", review_on=date(2026, 3, 9))
    deal = after(START, TO_SIGN, (hold, NOW + 3 * HOUR))
    for command in (
        sf.Advance(by="li"),
        sf.MoveTo(by="li", stage="talk"),
        sf.MoveTo(by="li", stage="deliver"),
        sf.Win(by="li"),
    ):
        refused = ENGINE.decide(deal, command, at=NOW + 4 * HOUR)
        assert [(it.code, it.key) for it in refused.blockers] == [("on_hold", "on_hold")]


def test_a_deal_that_is_won_is_not_won_again_by_leaving_the_stage() -> None:
    deal = after(START, TO_SIGN, (sf.Win(by="li"), NOW + 3 * HOUR))
    moved = ENGINE.decide(deal, sf.Advance(by="li"), at=NOW + 5 * HOUR)
    assert [event.payload.kind for event in moved.events] == ["stage_entered"]
    assert moved.opportunity.progress.closed_at == NOW + 3 * HOUR


def test_a_deal_goes_back_to_where_it_may_have_been_before_it_was_adopted() -> None:
    adopt = sf.Adopt(by="li", stage="sign", entered_on=date(2026, 3, 1))
    deal = after((adopt, NOW))
    assert ENGINE.decide(deal, sf.MoveTo(by="li", stage="talk"), at=NOW).accepted


def test_a_skip_within_the_winning_stage_or_into_it_leaves_out_no_win() -> None:
    book = sf.Playbook.from_toml("""
    id = "parts"
    version = "1"
    title = "Parts"
    policy = { skip = "on", start_later = "on", retract = "on" }
    [[stages]]
    key = "talk"
    title = "Talk"
    [[stages]]
    key = "close"
    title = "Close"
    wins = true
    sub_stages = [
      { key = "draft", title = "Draft" },
      { key = "check", title = "Check" },
      { key = "sign", title = "Sign" },
    ]
    [[stages]]
    key = "deliver"
    title = "Deliver"
    [[stages]]
    key = "care"
    title = "Care"
    [[moves]]
    from = "care"
    to = "check"
    new_deal = true
    """)
    engine = sf.StageEngine(book)
    started = after(START, engine=engine)
    for stage in ("check", "sign"):
        assert engine.decide(started, sf.MoveTo(by="li", stage=stage), at=NOW).accepted
    draft = after(START, (sf.MoveTo(by="li", stage="draft"), NOW), engine=engine)
    assert engine.decide(draft, sf.MoveTo(by="li", stage="sign"), at=NOW).accepted
    # Out of the winning stage it is passed through, and so wins; from before it is left out.
    out = engine.decide(draft, sf.MoveTo(by="li", stage="deliver"), at=NOW)
    assert [event.payload.kind for event in out.events] == ["won", "stage_entered"]
    codes = {
        stage: [it.code for it in engine.decide(deal, command, at=NOW).blockers]
        for stage in ("sign", "deliver", "care")
        for deal, command in ((started, sf.MoveTo(by="li", stage=stage)),)
    }
    assert codes == {"sign": [], "deliver": ["winning_skipped"], "care": ["winning_skipped"]}
    fresh = sf.Opportunity(id="D-2", name="Order")
    later = engine.decide(fresh, sf.Start(by="li", stage="deliver"), at=NOW)
    assert [it.code for it in later.blockers] == ["winning_skipped"]
    assert engine.decide(fresh, sf.Start(by="li", stage="sign"), at=NOW).accepted


def test_the_end_says_where_a_new_deal_begins_also_from_a_part_of_a_stage() -> None:
    book = sf.Playbook.from_toml("""
    id = "round"
    version = "1"
    title = "Round"
    [[stages]]
    key = "serve"
    title = "Serve"
    sub_stages = [{ key = "visit", title = "Visit" }, { key = "thank", title = "Thank" }]
    [[moves]]
    from = "serve"
    to = "visit"
    new_deal = true
    """)
    engine = sf.StageEngine(book)
    deal = after(START, (sf.Advance(by="li"), NOW), engine=engine)
    ended = engine.decide(deal, sf.Advance(by="li"), at=NOW).events[-1].payload
    assert ended.kind == "ended"
    assert getattr(ended, "opens") == ("visit",)  # noqa: B009 - of this kind of event only


def test_a_migration_goes_by_what_a_version_does_and_not_by_what_it_is_called() -> None:
    edited = json.loads(BOOK.to_json())
    edited["policy"]["back"] = "off"
    engine = sf.StageEngine(sf.Playbook.from_json(json.dumps(edited)))
    assert engine.playbook.digest != BOOK.digest
    refused = engine.decide(after(START), sf.Migrate(by="li"), at=NOW)
    assert [(it.code, it.key) for it in refused.blockers] == [("unmapped", "order")]


def test_a_deal_of_another_playbook_is_refused_though_both_behave_alike() -> None:
    other = sf.Playbook.from_json(json.dumps(json.loads(BOOK.to_json()) | {"id": "other"}))
    with pytest.raises(sf.errors.PlaybookMismatch):
        sf.StageEngine(other).decide(after(START), sf.Advance(by="li"), at=NOW)


def test_a_progress_that_stands_elsewhere_than_its_visits_is_refused() -> None:
    deal = after(START, TO_SIGN)
    written = deal.model_dump(mode="json")
    written["progress"]["stage"] = "talk"
    with pytest.raises(sf.errors.PlaybookMismatch, match="what its events add up to"):
        ENGINE.decide(
            sf.Opportunity.model_validate(written), sf.Advance(by="li"), at=NOW + 3 * HOUR
        )
