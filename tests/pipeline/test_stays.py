"""How long a deal is somewhere: engine, frame and history mean the same, and rest together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import salesflow as sf
from salesflow.engine import events
from salesflow.pipeline import Counts, check_history, metrics
from tests.pipeline.conftest import classic, relation
from tests.pipeline.stays import HOLD, LOG, PROCESS, Deal, process

MONDAY: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAIN, RESTING = process(pause=False), process(pause=True)
ON: Final = sf.Advance(by="li")
RESUME: Final = sf.Resume(by="li")
LOSE: Final = sf.Lose(by="li", reason="price")
ENGINES = [lambda log: log, classic, relation, pl.DataFrame.lazy]


def deal_of(*course: tuple[float, sf.Command], book: sf.Playbook = PLAIN) -> Deal:
    """A deal with a course: so many days after Monday, this."""
    deal = Deal(book)
    for days, command in course:
        assert deal.do(command, MONDAY + timedelta(days=days))
    return deal


def there(days: float) -> datetime:
    return MONDAY + timedelta(days=days)


START = (0, sf.Start(by="li"))
OFFER = (3, ON)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stage_counts_the_whole_stay_over_its_sub_stages(engine: Any) -> None:
    """Seven days in one part and seven in the next are too long for a stage of ten."""
    deal = deal_of(START, OFFER, (10, sf.MoveTo(by="li", stage="sign")))
    now = there(17)

    review = deal.engine.review(deal.deal, at=now)
    assert review.stage_age is not None
    assert review.sub_stage_age is not None
    assert (review.stage_age.days, review.stage_age.max_days) == (14, 10)
    assert (review.sub_stage_age.days, review.sub_stage_age.max_days) == (7, 5)
    assert review.stage_age.is_late
    assert review.sub_stage_age.is_late
    report = deal.frame(now, engine)
    assert report.counts["hygiene.stage_age"] == Counts(yes=0, no=1, unknown=0)
    assert report.counts["hygiene.sub_stage_age"] == Counts(yes=0, no=1, unknown=0)
    day = date(2026, 3, 5)
    assert deal.too_long(now, engine) == {
        ("close", day, 14.0, None),
        ("sign", date(2026, 3, 12), 7.0, None),
    }
    assert deal.history(now, engine).counts["too_long"] == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sub_stage_counts_its_own_stay_alone(engine: Any) -> None:
    """Two days in a part of five, after more in the part before it, are fine on every rail."""
    deal = deal_of(START, OFFER, (10, sf.MoveTo(by="li", stage="sign")))
    now = there(12)

    review = deal.engine.review(deal.deal, at=now)
    assert review.stage_age is not None
    assert review.sub_stage_age is not None
    assert (review.stage_age.is_late, review.sub_stage_age.is_late) == (False, False)
    report = deal.frame(now, engine)
    assert report.counts["hygiene.stage_age"] == Counts(yes=1, no=0, unknown=0)
    assert report.counts["hygiene.sub_stage_age"] == Counts(yes=1, no=0, unknown=0)
    assert deal.too_long(now, engine) == set()


def test_where_only_the_stage_is_known_only_its_own_limit_is_asked() -> None:
    rows = pl.DataFrame({"id": ["D-1"], "stage": ["close"], "entered_stage_on": [date(2026, 3, 1)]})
    report = sf.check_pipeline(rows, PLAIN, key="id", as_of=date(2026, 3, 12))

    assert report.counts["hygiene.stage_age"] == Counts(yes=0, no=1, unknown=0)
    assert report.not_checked["hygiene.sub_stage_age"] == ("entered_sub_stage_on",)


@pytest.mark.parametrize(
    ("back", "then"),
    [
        ((sf.MoveTo(by="li", stage="ask"), ON), "coming back"),
        ((LOSE, sf.Reopen(by="li", stage="offer")), "being reopened"),
        ((LOSE, sf.Retract(by="li", note="A mistake", stage="offer")), "an outcome taken back"),
    ],
)
def test_another_stay_begins_with(back: tuple[sf.Command, sf.Command], then: str) -> None:
    deal = deal_of(START, OFFER, (12, back[0]), (12, back[1]))
    now = there(20)
    age = deal.engine.review(deal.deal, at=now).stage_age

    assert age is not None, then
    assert (age.days, age.is_late) == (8, False)
    assert deal.frame(now).counts["hygiene.stage_age"].no == 0
    assert {row[0] for row in deal.too_long(now)} == set()


def test_two_stays_are_not_added_up() -> None:
    deal = deal_of(START, OFFER, (14, sf.MoveTo(by="li", stage="ask")), (15, ON))

    assert deal.too_long(there(20)) == {("close", date(2026, 3, 5), 11.0, "ask")}


def test_a_deal_that_has_ended_grows_no_older_where_it_is() -> None:
    deal = deal_of(START, OFFER, (5, HOLD), (8, LOSE))
    age = deal.engine.review(deal.deal, at=there(100)).stage_age

    assert age is not None
    assert (age.days, age.days_on_hold, age.is_late) == (5, 3, False)
    assert deal.too_long(there(100)) == set()
    assert sf.facts_of(deal.deal, PLAIN, at=there(100))["days_on_hold"] == 3.0


HELD = ((5, HOLD), (12, RESUME))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("book", "days"), [(PLAIN, 14), (RESTING, 7)])
def test_days_on_hold_count_unless_the_playbook_says_otherwise(
    engine: Any, book: sf.Playbook, days: int
) -> None:
    deal = deal_of(START, OFFER, *HELD, book=book)
    now = there(17)

    age = deal.engine.review(deal.deal, at=now).stage_age
    assert age is not None
    assert (age.days, age.days_on_hold, age.is_late) == (days, 7, days > 10)
    assert deal.frame(now, engine).counts["hygiene.stage_age"].no == (days > 10)
    late = {("close", date(2026, 3, 5), 14.0, None)} if days > 10 else set()
    assert deal.too_long(now, engine) == late


def test_a_hold_that_goes_on_rests_until_now() -> None:
    deal = deal_of(START, OFFER, (5, HOLD), book=RESTING)
    now = there(400)
    facts = sf.facts_of(deal.deal, RESTING, at=now)

    assert (facts["days_on_hold"], facts["days_on_hold_in_stage"]) == (395.0, 395.0)
    assert facts["track.legal.days_on_hold"] == 395.0
    age = deal.engine.review(deal.deal, at=now).stage_age
    assert age is not None
    assert age.days == 2
    assert deal.too_long(now) == set()
    assert deal.frame(now).counts["hygiene.stage_age"].no == 0


def test_a_hold_before_the_stay_rests_another_clock() -> None:
    deal = deal_of(START, (1, HOLD), (9, RESUME), (10, ON), book=RESTING)
    facts = sf.facts_of(deal.deal, RESTING, at=there(12))

    assert (facts["days_on_hold"], facts["days_on_hold_in_stage"]) == (8.0, 0.0)
    assert deal.too_long(there(12)) == set()


def test_a_day_on_which_a_hold_begins_and_ends_counts() -> None:
    deal = Deal(RESTING)
    deal.do(START[1], MONDAY)
    for hours in (1, 3, 5):
        deal.do(HOLD, MONDAY + timedelta(hours=hours))
        deal.do(RESUME, MONDAY + timedelta(hours=hours + 1))

    assert sf.facts_of(deal.deal, RESTING, at=there(3))["days_on_hold"] == 0.0
    age = deal.engine.review(deal.deal, at=there(3)).stage_age
    assert age is not None
    assert age.days == 3


def test_a_track_rests_with_its_deal() -> None:
    moved = (3, sf.MoveTrack(by="li", track="legal", state="review"))
    deal = deal_of(START, moved, *HELD, book=RESTING)
    (status,) = deal.engine.review(deal.deal, at=there(12)).tracks

    assert (status.days, status.days_on_hold, status.is_late) == (2, 7, False)
    assert "hygiene.track_age_legal" not in deal.found_in_frame(there(12))
    late = deal.engine.review(deal.deal, at=there(13)).tracks[0]
    assert (late.days, late.is_late) == (3, True)
    assert deal.found_in_frame(there(13))["hygiene.track_age_legal"][1] == "no"
    log = pl.DataFrame(
        {
            "deal": ["D-1"] * 4,
            "state": ["open", "review", "On hold", "Back"],
            "at": [there(days).date() for days in (0, 3, 5, 12)],
        }
    )
    names = {"On hold": "held", "Back": "resumed"}
    for day, number in ((12, 0), (13, 1)):
        report = check_history(
            log,
            RESTING,
            track="legal",
            case="deal",
            stage="state",
            at="at",
            stages=names,
            as_of=there(day).date(),
        )
        assert report.counts["too_long"] == number


def test_a_row_that_does_not_say_how_long_it_was_on_hold_is_unknown_past_the_limit() -> None:
    """Within the limit it is fine, however long it was on hold."""
    rows = pl.DataFrame(
        {
            "id": ["D-1", "D-2", "D-3"],
            "stage": ["ask"] * 3,
            "entered_stage_on": [date(2026, 3, day) for day in (1, 6, 1)],
            "paused": [None, None, 6],
        }
    )
    columns = {"days_on_hold_in_stage": "paused"}
    for frame in (rows, rows.to_pandas(), rows.lazy()):
        report = sf.check_pipeline(
            frame, RESTING, key="id", as_of=date(2026, 3, 10), columns=columns
        )
        assert report.counts["hygiene.stage_age"] == Counts(yes=2, no=0, unknown=1)
    without = sf.check_pipeline(
        rows.drop("paused"), RESTING, key="id", as_of=date(2026, 3, 10), missing="unknown"
    )
    # No deal can say how long it was on hold: those past the limit are not checked.
    assert without.counts["hygiene.stage_age"] == Counts(yes=1, no=0, unknown=0, unchecked=2)
    assert without.partly_checked["hygiene.stage_age"] == ("days_on_hold_in_stage",)
    assert "the days on hold in the stage (days_on_hold_in_stage)" in without.message(
        "hygiene.stage_age"
    )


def test_fewer_days_than_none_were_entered_wrongly() -> None:
    rows = pl.DataFrame({"id": ["D-1"], "stage": ["ask"], "days_on_hold": [-1]})
    report = sf.check_pipeline(rows, PLAIN, key="id", as_of=date(2026, 3, 10))

    assert report.counts["hygiene.allowed.days_on_hold"].no == 1


CRM_LOG = pl.DataFrame(
    {
        "deal": ["D-1"] * 6 + ["D-2"] * 3,
        "phase": ["ask", "offer", "On Hold", "offer", "order", "won", "ask", "offer", "won"],
        "at": [
            *(date(2026, 3, day) for day in (1, 3, 5, 25, 27, 28)),
            *(date(2026, 3, day) for day in (1, 3, 21)),
        ],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("book", "median", "longest"), [(PLAIN, 21.0, 27), (RESTING, 11.0, 20)])
def test_a_stage_on_hold_of_a_crm_is_a_rest_and_no_stage(
    engine: Any, book: sf.Playbook, median: float, longest: int
) -> None:
    report = check_history(
        engine(CRM_LOG), book, case="deal", stage="phase", at="at", stages={"On Hold": "held"}
    )
    figures = metrics(
        pl.DataFrame({"id": ["D-1"], "stage": ["won"]}),
        book,
        key="id",
        as_of=date(2026, 4, 1),
        history=report,
    )

    assert report.unknown_labels == {}
    assert (report.moves, report.counts["loop"]) == (5, 0)
    assert figures.stages["close"].days_median.value == median
    assert figures.cycle_longest.value == longest


@pytest.mark.parametrize("engine", ENGINES)
def test_cycles_and_ages_of_a_snapshot_rest(engine: Any) -> None:
    rows = pl.DataFrame(
        {
            "id": ["D-1", "D-2", "D-3"],
            "stage": ["won", "ask", "ask"],
            "created_on": [date(2026, 1, 1)] * 3,
            "closed_on": [date(2026, 1, 31), None, None],
            "days_on_hold": [10, 80, 60],
        }
    )
    options: dict[str, Any] = {"key": "id", "as_of": date(2026, 4, 1)}
    for book, longest, older in ((PLAIN, 30, 2), (RESTING, 20, 1)):
        figures = metrics(engine(rows), book, **options)
        assert (figures.cycle_longest.value, figures.older_than_longest_won.value) == (
            longest,
            older,
        )
        report = sf.check_pipeline(engine(rows), book, **options)
        assert report.counts["hygiene.deal_age"] == Counts(yes=2 - older, no=older, unknown=0)
    without = rows.drop("days_on_hold")
    figures = metrics(engine(without), RESTING, **options)
    assert figures.cycle_mean.reason == "no column holds days_on_hold"
    report = sf.check_pipeline(engine(without), RESTING, **options)
    assert report.not_checked["hygiene.deal_age"] == ("days_on_hold",)


def test_a_deal_that_gets_a_new_version_of_its_process_on_hold_stays_on_hold() -> None:
    deal = deal_of(START, OFFER, (5, HOLD), book=RESTING)
    renamed = PROCESS.replace("PAUSE", "true").replace('"1"', '"2"').replace('"offer"', '"bid"')
    migration = '[[migrations]]\nfrom = "1"\nstages = { offer = "bid" }\n'
    deal.book = sf.Playbook.from_toml(f"{renamed}{migration}")
    deal.engine = sf.StageEngine(deal.book)
    assert deal.do(sf.Migrate(by="li"), there(7))

    assert deal.log()["label"].to_list() == ["ask", "offer", "held", "bid", "held"]
    age = deal.engine.review(deal.deal, at=there(30)).stage_age
    assert age is not None
    assert (age.days, age.days_on_hold) == (2, 25)
    log = deal.log().drop("by")
    report = check_history(
        log, deal.book, stages={"offer": "bid"}, at="at", as_of=there(30).date(), **LOG
    )
    assert report.counts["too_long"] == 0


def test_no_stage_is_called_like_a_rest() -> None:
    for key in ("held", "resumed"):
        text = f'id = "p"\nversion = "1"\ntitle = "P"\n[[stages]]\nkey = "{key}"\ntitle = "P"\n'
        with pytest.raises(sf.SalesflowError, match=key):
            sf.Playbook.from_toml(text)


COMMANDS = st.sampled_from(
    [
        *(ON, ON, HOLD, HOLD, RESUME, RESUME),
        *(sf.MoveTo(by="li", stage=stage) for stage in ("ask", "offer", "sign", "order")),
        *(sf.MoveTrack(by="li", track="legal", state=state) for state in ("open", "review")),
        LOSE,
        sf.Reopen(by="li", stage="offer"),
        sf.Reopen(by="li", stage="ask"),
        sf.Retract(by="li", note="A mistake"),
    ]
)
COURSES = st.lists(st.tuples(st.integers(0, 80), COMMANDS), max_size=14)
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Shanghai", "Pacific/Apia"])


def days_between(began: datetime, ended: datetime, zone: ZoneInfo) -> int:
    return (ended.astimezone(zone).date() - began.astimezone(zone).date()).days


class Oracle:
    """Every stay in a stage and in a part, by going over what happened once, part by part."""

    def __init__(
        self, happened: list[sf.Event], zone: ZoneInfo, now: datetime, *, rests: bool
    ) -> None:
        self.stays: list[list[Any]] = []  # key, since when, days that count
        self._open: dict[str, list[Any]] = {}
        self.zone, self.on_hold, self.rests = zone, False, rests
        last = now
        for event in happened:
            self._pass(last, event.occurred_at)
            last = event.occurred_at
            self._see(event)
        self._pass(last, now)

    def _pass(self, began: datetime, ended: datetime) -> None:
        if not (self.on_hold and self.rests):
            for stay in self._open.values():
                stay[2] += days_between(began, ended, self.zone)

    def _see(self, event: sf.Event) -> None:
        payload = event.payload
        match payload:
            case events.Held() | events.Resumed():
                self.on_hold = isinstance(payload, events.Held)
            case events.Lost() | events.Ended():
                self._enter(None, None, event.occurred_at)
                self.on_hold = False
            case events.Started() | events.StageEntered() | events.Reopened() | events.Retracted():
                if isinstance(payload, events.Reopened | events.Retracted):
                    self._enter(None, None, event.occurred_at)
                self._enter(payload.stage, payload.sub_stage, event.occurred_at)
            case _:
                pass

    def _enter(self, stage: str | None, part: str | None, at: datetime) -> None:
        for name, key in (("stage", stage), ("part", part)):
            stay = self._open.get(name)
            if stay is not None and stay[0] == key:
                continue
            self._open.pop(name, None)
            if key is not None:
                self._open[name] = [key, at, 0]
                self.stays.append(self._open[name])

    def present(self, name: str) -> int | None:
        return self._open[name][2] if name in self._open else None


@given(
    course=COURSES,
    pause=st.booleans(),
    tz=ZONES,
    hours=st.integers(0, 200),
    created=st.one_of(st.none(), st.dates(date(2026, 2, 25), date(2026, 3, 30))),
)
def test_engine_frame_and_history_mean_the_same_by_how_long(
    course: list[tuple[int, sf.Command]],
    pause: bool,
    tz: str,
    hours: int,
    created: date | None,
) -> None:
    book, now, zone = RESTING if pause else PLAIN, MONDAY, ZoneInfo(tz)
    deal = Deal(book, tz=tz, created_on=created, owner="li")
    deal.do(sf.Start(by="li"), now)
    for after, command in course:
        now += timedelta(hours=after)
        deal.do(command, now)
    now += timedelta(hours=hours)
    oracle = Oracle(deal.events, zone, now, rests=pause)
    note(f"{[(e.payload.kind, str(e.occurred_at)) for e in deal.events]} now {now}")

    review = deal.engine.review(deal.deal, at=now)
    ages = {"stage": review.stage_age, "part": review.sub_stage_age}
    assert deal.found_in_review(now) == deal.found_in_frame(now)
    if not deal.deal.progress.ended:
        for name, age in ages.items():
            assert (age.days if age else None) == oracle.present(name)
        late = {name for name, age in ages.items() if age is not None and age.is_late}
        found = {it.check for it in review.hygiene if it.verdict is sf.Verdict.NO}
        if deal.deal.progress.outcome == "none":
            assert ("stage" in late) == ("hygiene.stage_age" in found)
            assert ("part" in late) == ("hygiene.sub_stage_age" in found)
            legal = review.tracks[0]
            assert legal.is_late == ("hygiene.track_age_legal" in found)
    limits: dict[str, int | None] = {stage.key: stage.max_days for stage in book.stages}
    limits |= {sub.key: sub.max_days for stage in book.stages for sub in stage.sub_stages}
    expected = {
        (key, deal.day(since), float(days))
        for key, since, days in oracle.stays
        if (limit := limits[key]) is not None and days > limit
    }
    assert {row[:3] for row in deal.too_long(now)} == expected


MONEY = st.one_of(
    st.none(),
    st.builds(sf.Money, st.integers(-5, 200_000), st.sampled_from(["USD", "EUR"])),
)
DAYS = st.one_of(st.none(), st.dates(date(2026, 2, 1), date(2026, 5, 1)))


@given(
    amount=MONEY,
    probability=st.one_of(st.none(), st.floats(0, 1)),
    next_step=st.one_of(st.none(), st.just("call")),
    days=st.tuples(DAYS, DAYS, DAYS, DAYS),
    contacts=st.integers(0, 3),
    owner=st.sampled_from([None, "li"]),
    pushes=st.integers(0, 4),
    course=st.lists(COMMANDS, max_size=8),
    started=st.booleans(),
)
def test_a_review_finds_of_a_deal_what_the_check_of_its_row_finds(
    amount: sf.Money | None,
    probability: float | None,
    next_step: str | None,
    days: tuple[date | None, ...],
    contacts: int,
    owner: str | None,
    pushes: int,
    course: list[sf.Command],
    started: bool,
) -> None:
    deal = Deal(
        PLAIN,
        amount=amount,
        probability=probability,
        next_step=next_step,
        created_on=days[0],
        expected_close_on=days[1],
        last_activity_on=days[2],
        next_step_on=days[3],
        contacts=tuple(sf.Contact(name=f"c{n}") for n in range(contacts)),
        owner=owner,
        close_date_pushes=pushes,
    )
    if started:
        deal.do(sf.Start(by="li"), MONDAY)
        for number, command in enumerate(course, start=1):
            deal.do(command, there(number))
    now = there(20)

    assert deal.found_in_review(now) == deal.found_in_frame(now)


def test_a_fact_outside_its_limits_is_found_in_a_review_as_in_a_frame() -> None:
    text = 'id = "p"\nversion = "1"\ntitle = "P"\nstages = [{ key = "a", title = "A" }]\n'
    text += '[[facts]]\nname = "discount"\nkind = "number"\nunit = "percent"\n'
    text += '[[facts]]\nname = "region"\nkind = "choice"\nchoices = ["east", "west"]\n'
    book = sf.Playbook.from_toml(text)
    facts: dict[str, float | str] = {"discount": 0.2, "region": "north"}
    deal = sf.Opportunity(id="D-1", name="Deal", facts=facts)
    engine = sf.StageEngine(book)
    deal = engine.decide(deal, sf.Start(by="li"), at=MONDAY).require()
    rows = pd.DataFrame([{"id": "D-1", "stage": "a", **facts}])
    report = sf.check_pipeline(rows, book, key="id", as_of=MONDAY.date())

    found = {it.check: it.verdict for it in engine.review(deal, at=MONDAY).hygiene}
    assert report.counts["hygiene.known_values.region"].no == 1
    assert report.counts["hygiene.allowed.discount"].no == 0
    assert found["hygiene.known_values.region"] is sf.Verdict.NO
    assert "hygiene.allowed.discount" not in found


def test_a_record_of_the_host_is_asked_only_what_it_can_tell() -> None:
    book = PLAIN
    deal = sf.HostDeal(id="D-1", facts={"amount": -5.0})
    engine = sf.StageEngine(book)
    deal = engine.decide(deal, sf.Start(by="li"), at=MONDAY).require()

    found = {it.check: it.verdict.value for it in engine.review(deal, at=there(30)).hygiene}
    assert found == {
        "hygiene.amount_not_negative": "no",
        "hygiene.stage_age": "no",
        "hygiene.track_age_legal": "no",
    }
