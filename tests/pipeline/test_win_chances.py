"""Learned chances: what they are of whom, by what estimate, and how far few deals are trusted."""

from __future__ import annotations

import json
import pickle
from datetime import date, timedelta
from fractions import Fraction
from math import sqrt
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from salesflow import Playbook
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import Source, WinChances, check_history, metrics, snapshots, win_chances
from salesflow.pipeline._forecast.aalen_johansen import blended, curve_of
from salesflow.pipeline._forecast.shrinkage import ends_added
from salesflow.pipeline._intervals import log_log, wilson
from tests.frame_engines import values_of
from tests.pipeline import chances_oracle as oracle
from tests.pipeline.chances_oracle import Event, Followed
from tests.pipeline.conftest import PROCESS, Engine, classic, relation

DAY = date(2026, 1, 1)
AS_OF = date(2026, 6, 30)
NAMES: dict[str, Any] = {"case": "deal", "stage": "phase", "at": "at"}
BOOK = Playbook.from_toml(PROCESS)
LABELS = ("qualify", "propose", "draft", "offer", "sign", "deliver", "won", "lost")
MARKS = ("disqualified", "ended", "retracted", "held", "resumed")


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def log_of(*courses: tuple[tuple[str, int], ...]) -> pl.DataFrame:
    """A log of deals D-0, D-1 …: where each was from which day on."""
    return frame_of([(f"D-{n}", *event) for n, course in enumerate(courses) for event in course])


def frame_of(events: list[tuple[str, str, int]]) -> pl.DataFrame:
    rows = [(deal, label, on(day)) for deal, label, day in events]
    schema = {"deal": pl.String(), "phase": pl.String(), "at": pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def chances(log: Any, **options: Any) -> WinChances:
    return win_chances(log, BOOK, **{"as_of": AS_OF, **NAMES, **options})


def beside(make: Engine, log: pl.DataFrame, deals: pl.DataFrame) -> tuple[Any, Any]:
    """Two frames of one kind; DuckDB joins only what is in one connection."""
    if make is not relation:
        return make(log), make(deals)
    connection = duckdb.connect()
    return connection.from_arrow(log.to_arrow()), connection.from_arrow(deals.to_arrow())


def known(value: float | None) -> float:
    assert value is not None
    return value


def many(*course: tuple[str, int], times: int = 10) -> list[tuple[tuple[str, int], ...]]:
    return [course] * times


courses = st.lists(
    st.tuples(st.sampled_from(LABELS + MARKS), st.integers(1, 40)), min_size=1, max_size=7
)


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    events = []
    for number in range(draw(st.integers(1, 14))):
        at = draw(st.integers(0, 60))
        for label, gap in draw(courses):
            events.append((f"D-{number}", label, at))
            at += gap
    return events


def oracle_events(events: list[tuple[str, str, int]]) -> list[Event]:
    return [(deal, label, on(day)) for deal, label, day in events]


# ------------------------------------------------------------------------------ who counts, and how


def test_each_deal_counts_from_its_first_coming_whatever_way_it_then_took(engine: Engine) -> None:
    log = log_of(
        (("qualify", 0), ("propose", 4), ("qualify", 9), ("sign", 12), ("won", 20)),
        (("qualify", 3), ("lost", 10)),
        (("propose", 5),),
    )
    found = chances(engine(log)).places

    assert list(found) == ["qualify", "propose", "draft", "offer", "sign"]
    place = found["qualify"]
    assert (place.entered, place.won, place.lost, place.open) == (2, 1, 1, 0)
    assert place.curve.days == (7, 20)
    assert found["propose"].curve.days == (16,)
    assert found["propose"].curve.watched == (AS_OF - on(5)).days
    assert found["sign"].curve.days == (8,)


@pytest.mark.parametrize(
    ("course", "end", "days"),
    [
        ((("qualify", 0), ("lost", 5), ("propose", 9)), "open", None),
        ((("qualify", 0), ("lost", 5), ("propose", 9), ("lost", 30)), "lost", 30),
        ((("qualify", 0), ("lost", 5), ("won", 9)), "won", 9),
        ((("qualify", 0), ("won", 5), ("retracted", 9)), "open", None),
        ((("qualify", 0), ("won", 5), ("retracted", 9), ("qualify", 9), ("won", 12)), "won", 12),
        ((("qualify", 0), ("won", 5), ("retracted", 9), ("lost", 11)), "lost", 11),
        ((("qualify", 0), ("held", 5)), "open", None),
        ((("qualify", 0), ("held", 5), ("resumed", 50), ("won", 60)), "won", 60),
        ((("qualify", 0), ("held", 5), ("disqualified", 50)), "lost", 50),
        ((("qualify", 0), ("won", 5), ("deliver", 9), ("ended", 40)), "won", 5),
        ((("qualify", 0), ("deliver", 9), ("ended", 40)), "won", 9),
        ((("qualify", 0), ("won", 5), ("deliver", 9), ("qualify", 40)), "open", None),
    ],
)
def test_a_deal_stands_as_it_does_on_the_day(
    engine: Engine, course: tuple[tuple[str, int], ...], end: str, days: int | None
) -> None:
    place = chances(engine(log_of(course))).places["qualify"]

    assert {name: getattr(place, name) for name in ("won", "lost", "open")} == {
        "won": 0,
        "lost": 0,
        "open": 0,
        end: 1,
    }
    assert place.curve.days == (() if days is None else (days,))


def test_where_a_deal_comes_after_its_win_is_no_place_of_the_forecast() -> None:
    found = chances(log_of((("qualify", 0), ("won", 5), ("deliver", 9))))

    assert "deliver" not in found.places
    with pytest.raises(UnknownName, match="deliver"):
        found.standing("deliver", 0)


def test_days_on_hold_count_whether_clocks_rest_or_not() -> None:
    log = log_of((("qualify", 0), ("held", 5), ("resumed", 50), ("won", 60)))
    resting = Playbook.from_toml(PROCESS + "[policy]\npause_on_hold = true\n")

    assert win_chances(log, resting, as_of=AS_OF, **NAMES).places == chances(log).places


def test_times_of_one_day_are_in_the_order_of_their_numbers() -> None:
    log = log_of((("won", 0), ("qualify", 0), ("won", 3))).with_columns(n=pl.Series([2, 1, 3]))

    assert chances(log, order="n").places["qualify"].curve.days == (0,)
    backwards = log.with_columns(n=pl.Series([3, 1, 2]), at=pl.Series([on(0), on(9), on(3)]))
    place = chances(backwards, order="n").places["qualify"]
    assert (place.entered, place.untold) == (0, 1)
    assert place.chance.reason == "only 0 deals that came here have ended, and it takes 10 to tell"


def test_who_was_never_seen_to_come_counts_nowhere_but_in_untold(engine: Engine) -> None:
    changes = pl.DataFrame(
        {
            "deal": ["D-1", "D-1", "D-2"],
            "old": ["qualify", "propose", "qualify"],
            "phase": ["propose", "won", "lost"],
            "at": [on(5), on(9), on(12)],
        }
    )
    found = chances(engine(changes), previous="old").places

    assert (found["qualify"].entered, found["qualify"].untold) == (0, 2)
    assert found["propose"].curve.days == (4,)


def test_nothing_after_the_day_is_looked_at(engine: Engine) -> None:
    log = log_of(*many(("qualify", 0), ("won", 5)), *many(("qualify", 1), ("lost", 30)))
    found = chances(engine(log), as_of=on(20))

    assert found.later == 10
    assert (found.places["qualify"].won, found.places["qualify"].open) == (10, 10)
    assert found.places == chances(log.filter(pl.col("at") <= on(20)), as_of=on(20)).places


# ------------------------------------------------------------------------------------- the estimate


def test_open_deals_are_no_losses() -> None:
    courses = [*many(("qualify", 0), ("won", 10)), *many(("qualify", 0), ("lost", 20))]
    still_open = many(("qualify", 170), times=80)

    place = chances(log_of(*courses, *still_open)).places["qualify"]
    assert place.chance.value == pytest.approx(0.1)  # at ten days all of them were watched
    shorter = many(("qualify", 175), times=80)
    place = chances(log_of(*courses, *shorter)).places["qualify"]
    assert place.chance.value == pytest.approx(0.5)
    assert (place.chance.rows, place.chance.source, place.own) == (100, "history", 0.1)
    assert place.undecided.value == 0.0


def test_within_some_days_fewer_are_won_than_in_the_end() -> None:
    place = chances(
        log_of(
            *many(("qualify", 0), ("won", 10)),
            *many(("qualify", 0), ("lost", 20), times=25),
            *many(("qualify", 0), ("won", 30), times=5),
        )
    ).places["qualify"]

    assert place.days_to_win.value == 10
    assert place.within(29).value == pytest.approx(10 / 40)
    assert place.within(30).value == place.chance.value == pytest.approx(15 / 40)
    assert place.within(500).value == place.chance.value


def test_nobody_can_tell_of_days_that_nobody_watched() -> None:
    place = chances(
        log_of(*many(("qualify", 150), ("won", 160)), *many(("qualify", 150), times=5))
    ).places["qualify"]
    assert place.undecided.value == pytest.approx(1 / 3)
    assert place.within(30).value == pytest.approx(2 / 3)
    assert place.within(31).value is None
    assert place.within(31).reason == "no deal was watched for longer than 30 days"


def test_few_deals_tell_a_reason_instead_of_a_number() -> None:
    nine = many(("qualify", 0), ("won", 10), times=9)
    found = chances(log_of(*nine, *many(("qualify", 0), times=50)))
    place = found.places["qualify"]

    reason = "only 9 deals that came here have ended, and it takes 10 to tell"
    assert (place.chance.value, place.chance.reason) == (None, reason)
    assert place.within(5).reason == place.days_to_win.reason == place.undecided.reason == reason
    assert found.standing("qualify", 0) == place.chance
    assert found.places["sign"].chance.reason == "no deal has come here"
    assert found.records("landmarks") == []
    told = chances(log_of(*nine, (("qualify", 0), ("lost", 1)))).places["qualify"]
    assert told.chance.value == pytest.approx(0.9)
    lost = chances(log_of(*many(("qualify", 0), ("lost", 3)))).places["qualify"]
    assert (lost.chance.value, lost.days_to_win.value) == (0.0, None)
    assert lost.days_to_win.reason == "no deal that came here was won"


def test_an_empty_history_tells_nothing_and_nobody_closed_tells_no_chance() -> None:
    empty = chances(log_of().clear())
    assert empty.deals == 0
    assert {place.chance.reason for place in empty.places.values()} == {"no deal has come here"}
    nobody = chances(log_of(*many(("qualify", 0), times=30)))
    assert (nobody.deals, nobody.places["qualify"].open) == (30, 30)
    assert nobody.places["qualify"].chance.value is None


@given(events=logs(), as_of=st.integers(0, 200), day=st.integers(0, 80))
@settings(max_examples=40)
def test_the_chances_are_those_of_a_plain_loop_over_the_deals(
    events: list[tuple[str, str, int]], as_of: int, day: int
) -> None:
    events += [("D-x", "qualify", 0)]  # there is something to ask on any day
    expected = oracle.followed(oracle_events(events), on(as_of))
    found = chances(frame_of(events), as_of=on(as_of))

    for key, deals in expected.items():
        place = found.places[key]
        assert place.entered == len(deals)
        ends = [it.end for it in deals]
        counts = (ends.count("won"), ends.count("over"), ends.count("open"))
        assert (place.won, place.lost, place.open) == counts
        whole = oracle.shares(deals, 10**6)
        assert place.curve.chance == pytest.approx(float(whole.won), abs=1e-12)
        assert place.curve.undecided == pytest.approx(float(whole.open), abs=1e-12)
        by_day = oracle.shares(deals, day)
        assert place.curve.won_by(day) == pytest.approx(float(by_day.won), abs=1e-12)
        assert place.curve.error_on(day) == pytest.approx(sqrt(by_day.variance), abs=1e-7)
        assert (place.chance.value is None) == (counts[0] + counts[1] < 10)


FOLLOWED = st.lists(
    st.builds(Followed, st.integers(0, 30), st.sampled_from(["won", "over", "open"])),
    min_size=1,
    max_size=60,
)


def counted(deals: list[Followed]) -> dict[int, tuple[int, int, int]]:
    found: dict[int, tuple[int, int, int]] = {}
    for day in {it.days for it in deals}:
        ends = [it.end for it in deals if it.days == day]
        found[day] = ends.count("won"), ends.count("over"), ends.count("open")
    return found


@given(deals=FOLLOWED)
def test_without_open_deals_the_chance_is_the_share_of_won(deals: list[Followed]) -> None:
    closed = [it for it in deals if it.end != "open"]
    curve = curve_of(counted(closed))
    if closed:
        share = sum(it.end == "won" for it in closed) / len(closed)
        assert curve.chance == pytest.approx(share, abs=1e-12)
        assert curve.error == pytest.approx(sqrt(share * (1 - share) / len(closed)), abs=1e-7)
        assert curve.undecided == 0


@given(days=st.lists(st.integers(0, 300), min_size=10, max_size=60), lost=st.booleans())
def test_where_all_were_won_or_none_the_interval_is_that_of_wilson(
    days: list[int], lost: bool
) -> None:
    """In floats, too: a share that is all but 1 has no such error."""
    curve = curve_of(counted([Followed(day, "over" if lost else "won") for day in days]))

    assert curve.chance == (0.0 if lost else 1.0)
    found = log_log(curve.chance, curve.error, curve.ends, 0.95)
    assert found == wilson(len(days), 0 if lost else len(days), 0.95)
    assert blended(curve, curve, 0.3, 11.7).chance == curve.chance


@given(deals=FOLLOWED, confidence=st.floats(0.01, 0.999))
def test_a_chance_lies_within_its_interval_and_that_within_0_and_1(
    deals: list[Followed], confidence: float
) -> None:
    curve = curve_of(counted(deals))

    for day in range(32):
        if curve.ends:
            won = curve.won_by(day)
            low, high = log_log(won, curve.error_on(day), curve.ends, confidence)
            assert 0 <= low <= won <= high <= 1
        assert curve.won_by(day) + curve.open_after(day) <= 1 + 1e-12
        assert curve.won_by(day) <= curve.won_by(day + 1)


@given(
    deals=st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from([0, 1, 2])),
        min_size=2,
        max_size=40,
        unique_by=lambda deal: deal[0],
    ).filter(lambda deals: any(end == 1 for _, end in deals))
)
@settings(max_examples=10)
def test_without_ties_it_is_what_lifelines_says(deals: list[tuple[int, int]]) -> None:
    days, ends = [day for day, _ in deals], [end for _, end in deals]
    names = {0: "open", 1: "won", 2: "over"}
    curve = curve_of(counted([Followed(day, names[end]) for day, end in deals]))

    fitter = AalenJohansenFitter(calculate_variance=True).fit(days, ends, event_of_interest=1)
    won = fitter.cumulative_density_.iloc[:, 0]
    kaplan = KaplanMeierFitter().fit(days, [end > 0 for end in ends])
    for day in won.index:
        assert curve.won_by(day) == pytest.approx(float(won[day]), abs=1e-9)
        assert curve.error_on(day) ** 2 == pytest.approx(float(fitter.variance_[day]), abs=1e-9)
        assert curve.open_after(day) == pytest.approx(float(kaplan.predict(day)), abs=1e-9)
    alone = curve_of(counted([Followed(day, "won" if end else "open") for day, end in deals]))
    for day in won.index:
        assert 1 - alone.won_by(day) == pytest.approx(float(kaplan.predict(day)), abs=1e-9)


def test_the_interval_is_even_on_the_scale_of_log_minus_log_as_that_of_kaplan_and_meier() -> None:
    """Of S, lifelines gives exactly this interval, from Greenwood's error."""
    deals = [(day, day % 3 > 0) for day in range(1, 40)]
    kaplan = KaplanMeierFitter(alpha=0.1).fit([day for day, _ in deals], [end for _, end in deals])
    curve = curve_of(counted([Followed(day, "won" if end else "open") for day, end in deals]))

    for day in (5, 20, 37):
        low, high = kaplan.confidence_interval_.loc[day]
        still_open, error = curve.open_after(day), curve.error_on(day)
        found = log_log(still_open, error, curve.ends, 0.9)
        assert found == pytest.approx((low, high), abs=1e-9)


# ----------------------------------------------------------------------------------- laws of frames


@given(events=logs(), more=logs(), as_of=st.integers(0, 100), seed=st.integers(0, 9))
def test_neither_the_order_of_rows_nor_what_came_later_changes_anything(
    events: list[tuple[str, str, int]],
    more: list[tuple[str, str, int]],
    as_of: int,
    seed: int,
) -> None:
    events += [("D-x", "qualify", 0)]
    log = frame_of(events)
    later = frame_of([(deal, label, day + as_of + 1) for deal, label, day in more])
    past = chances(log.filter(pl.col("at") <= on(as_of)), as_of=on(as_of))
    found = chances(
        pl.concat([log, later]).sample(fraction=1, shuffle=True, seed=seed), as_of=on(as_of)
    )

    assert found.model_copy(update={"later": 0}) == past


@given(events=logs(), as_of=st.integers(0, 200))
@settings(max_examples=8)
def test_polars_pandas_and_duckdb_say_the_same(
    events: list[tuple[str, str, int]], as_of: int
) -> None:
    events += [("D-x", "qualify", 0)]
    log = frame_of(events)
    deals = log.select("deal").unique().with_columns(size=pl.col("deal").str.slice(-1))

    def found(make: Engine) -> WinChances:
        events, beside_them = beside(make, log, deals)
        return chances(events, as_of=on(as_of), by="size", deals=beside_them, top=3)

    first = found(lambda frame: frame)
    assert found(classic) == found(relation) == found(pl.DataFrame.lazy) == first


@given(events=logs(), as_of=st.integers(1, 120))
@settings(max_examples=20)
def test_snapshots_in_one_frame_are_a_log_too(
    events: list[tuple[str, str, int]], as_of: int
) -> None:
    """Where a day has no more than one event of a deal, they say the same."""
    events = [event for event in events if event[1] != "retracted"] + [("D-x", "qualify", 0)]
    log = frame_of(events)
    days = [on(day) for day in range(as_of + 1)]
    daily = snapshots(log, BOOK, days=days, **NAMES).select("day", "deal", "stage")
    found = win_chances(daily, BOOK, as_of=on(as_of), case="deal", stage="stage", at="day")

    assert found.places == chances(log, as_of=on(as_of)).places


def test_a_report_of_a_history_is_a_history_too(engine: Engine) -> None:
    log = log_of(*many(("qualify", 0), ("won", 5)), *many(("qualify", 1), ("lost", 30)))
    report = check_history(engine(log), BOOK, **NAMES)

    for day in (on(20), AS_OF):
        assert win_chances(report, BOOK, as_of=day) == chances(log, as_of=day)
    source = Source(engine(log), key="deal", stage="phase", columns={"at": "at"})
    assert win_chances(source, BOOK, as_of=AS_OF) == chances(log)


def test_where_all_have_ended_the_chance_of_the_first_stage_is_the_win_rate() -> None:
    log = log_of(*many(("qualify", 0), ("won", 5), times=7), *many(("qualify", 1), ("lost", 9)))
    deals = log.group_by("deal").agg(stage=pl.col("phase").last())
    rate = metrics(deals, BOOK, key="deal", as_of=AS_OF).win_rate.value

    assert chances(log).places["qualify"].chance.value == pytest.approx(rate)


# ------------------------------------------------------------------- what still stands in its place


def stages_that_forget(count: int) -> list[tuple[tuple[str, int], ...]]:
    """Two stages, in each of which each day is like the other: a third of the first goes on."""
    dice = Random(3)
    found: list[tuple[tuple[str, int], ...]] = []
    for _ in range(count):
        begin = dice.randrange(1_000)
        day = begin + 1 + int(dice.expovariate(1 / 60))
        if dice.random() > 1 / 3:
            found.append((("qualify", begin), ("lost", day)))
        else:
            end = day + 1 + int(dice.expovariate(1 / 120))
            found.append((("qualify", begin), ("sign", day), ("won", end)))
    return found


def test_where_deals_forget_their_days_what_stands_there_keeps_its_chance() -> None:
    """And what is open after long is won far more often, for it has moved on."""
    found = chances(log_of(*stages_that_forget(3_000)), as_of=on(1_100), confidence=0.999)
    place = found.places["qualify"]

    told = [it.days for it in place.landmarks if it.stood == it.days]
    assert told[-1] == 270
    for days in range(0, 360, 10):
        chance = found.standing("qualify", days)
        assert known(chance.low) < 1 / 3 < known(chance.high)
    curve = place.curve
    of_open = (curve.chance - curve.won_by(180)) / curve.open_after(180)
    assert of_open > 0.6 > known(found.standing("qualify", 180).high)


def test_of_leads_that_nobody_closes_the_older_are_won_less_often() -> None:
    """Each that is won is won soon, and none is ever lost."""
    won = [(("qualify", n), ("won", n + 1 + n % 60)) for n in range(120)]
    left = [(("qualify", n % 120),) for n in range(1_000)]
    found = chances(log_of(*won, *left), as_of=on(500))

    told = [known(found.standing("qualify", days).value) for days in (0, 7, 14, 30, 60, 400)]
    assert told[0] == known(found.places["qualify"].chance.value) == pytest.approx(120 / 1_120)
    assert told == sorted(told, reverse=True)
    assert told[3] == pytest.approx(60 / 1_060)
    assert found.standing("qualify", 30, within=10).value == pytest.approx(20 / 1_060)
    # After 60 days none of the thousand ended: that tells as much as ten of them that did.
    oldest = found.standing("qualify", 400)
    assert (oldest.value, oldest.rows) == (0.0, 1_000)
    assert 0 < known(oldest.high) < 0.01


def test_what_has_moved_on_stands_there_no_more(engine: Engine) -> None:
    """Of twenty that are asked after a week ten have gone on; these are won."""
    log = log_of(
        *many(("qualify", 0), ("propose", 7), ("won", 50)),
        *many(("qualify", 0), ("lost", 60)),
        *many(("qualify", 200)),
    )
    found = chances(engine(log), as_of=on(206))

    assert found.standing("qualify", 0).value == pytest.approx(1 / 2)
    chance = found.standing("qualify", 7)
    assert (chance.value, chance.rows) == (0.0, 10)
    assert found.standing("qualify", 6).rows == 30
    assert found.standing("propose", 7).value == 1.0


def test_a_stage_is_left_for_another_stage_and_a_sub_stage_for_any_other(engine: Engine) -> None:
    log = log_of(
        *many(("draft", 0), ("offer", 5), ("sign", 20), ("won", 50)),
        *many(("draft", 0), ("lost", 40)),
    )
    found = chances(engine(log))

    assert found.standing("propose", 14).rows == found.standing("draft", 1).rows == 20
    assert found.standing("propose", 30).rows == found.standing("draft", 7).rows == 10
    assert found.standing("propose", 30).value == found.standing("draft", 7).value == 0.0
    assert found.standing("offer", 14).value == 1.0


def test_who_was_not_seen_to_leave_counts_among_all_that_came_only() -> None:
    """Each was in "propose" when it was signed; nobody knows since when."""
    rows: list[tuple[str, str | None, str, date]] = []
    for n in range(20):
        origin, end = ("propose", "won") if n % 2 else ("qualify", "lost")
        rows.append((f"D-{n}", None, "qualify", on(0)))
        rows += [(f"D-{n}", origin, "sign", on(40)), (f"D-{n}", "sign", end, on(90))]
    changes = pl.DataFrame(rows, schema=["deal", "old", "phase", "at"], orient="row")
    found = chances(changes, previous="old")

    assert found.standing("qualify", 0).rows == 20
    assert found.standing("qualify", 30).rows == 10
    assert found.standing("qualify", 30).value == 0.0


def test_where_most_end_on_the_day_on_which_they_come_all_of_them_tell_it() -> None:
    same_day = many(("qualify", 0), ("won", 0), times=20)
    later = many(("qualify", 0), ("lost", 5), times=9)
    log = log_of(*same_day, *later).with_row_index("n")
    place = chances(log, order="n").places["qualify"]

    assert place.standing(0) == place.standing(40) == place.chance
    assert place.standing(40, within=0) == place.within(0)
    more = log_of(*same_day, *later, *many(("qualify", 0), ("lost", 8), times=1))
    place = chances(more.with_row_index("n"), order="n").places["qualify"]
    # One that is open at the end of the first day is none of those that were won on it.
    assert place.standing(0).value == 0.0


def test_where_few_ended_later_those_that_were_open_for_longer_tell_it_while_they_are_ten() -> None:
    """They may have moved on, but nothing that ended before counts as if it were to come."""
    ended = many(("qualify", 0), ("won", 20), times=20)
    for there, told in ((9, 14), (10, 75)):
        watched = many(("qualify", 0), times=there)
        place = chances(log_of(*ended, *watched), as_of=on(80)).places["qualify"]
        last = place.landmarks[-1]
        assert (last.days, last.stood) == (told, 14)
        assert place.standing(90).value == (0.0 if there == 10 else pytest.approx(20 / 29))
    moved = many(("qualify", 0), ("propose", 30), ("won", 60), times=9)
    place = chances(log_of(*ended, *many(("qualify", 0)), *moved)).places["qualify"]
    assert place.standing(21).value == pytest.approx(9 / 19)
    assert place.standing(40).value == pytest.approx(9 / 19)
    assert place.standing(40).rows == 19
    assert place.standing(60).value == 0.0


STEPS = st.tuples(
    st.sampled_from(["qualify", "draft", "offer", "sign", "retracted", *["won", "lost"] * 3]),
    st.sampled_from([1, 2, 3, 5, 7, 8, 10, 14, 21, 25, 30, 60, 80]),
)
CROWDS = st.lists(
    st.tuples(st.integers(0, 60), st.lists(STEPS, min_size=1, max_size=4)), min_size=25, max_size=60
)


def crowd(courses: list[tuple[int, list[tuple[str, int]]]]) -> list[tuple[str, str, int]]:
    events = [("D-x", "qualify", 0)]
    for number, (begin, course) in enumerate(courses):
        events.append((f"D-{number}", "qualify", begin))
        at = begin
        for label, gap in course:
            at += gap
            events.append((f"D-{number}", label, at))
    return events


@given(
    courses=CROWDS,
    as_of=st.integers(60, 400),
    days=st.integers(0, 200),
    within=st.none() | st.integers(0, 200),
)
@settings(max_examples=40)
def test_what_stands_there_has_the_chance_that_a_plain_loop_over_those_that_stood_there_says(
    courses: list[tuple[int, list[tuple[str, int]]]], as_of: int, days: int, within: int | None
) -> None:
    events = crowd(courses)
    found = chances(frame_of(events), as_of=on(as_of))

    for key, deals in oracle.followed(oracle_events(events), on(as_of)).items():
        expected = oracle.standing(deals, days, within)
        chance = found.standing(key, days, within=within)
        if expected is None:
            assert chance == found.places[key].chance
            assert chance.value is None
        else:
            assert chance.value == pytest.approx(float(expected[0]), abs=1e-12)
            assert chance.rows == expected[1]
            assert 0 <= known(chance.low) <= known(chance.value) <= known(chance.high) <= 1
        if all(it.end == "open" or it.days > 0 for it in deals):
            assert found.standing(key, 0) == found.places[key].chance


@given(courses=CROWDS, as_of=st.integers(60, 400))
@settings(max_examples=6)
def test_what_stands_there_has_one_chance_on_polars_pandas_and_duckdb(
    courses: list[tuple[int, list[tuple[str, int]]]], as_of: int
) -> None:
    log = frame_of(crowd(courses))
    first = chances(log, as_of=on(as_of))

    for make in (classic, relation, pl.DataFrame.lazy):
        found = chances(make(log), as_of=on(as_of))
        assert found.records("landmarks") == first.records("landmarks")
        assert found == first


def test_a_segment_that_stands_there_is_drawn_to_all_that_do(engine: Engine) -> None:
    log = log_of(
        *many(("qualify", 0), ("sign", 10), ("won", 40), times=80),
        *many(("qualify", 0), ("lost", 40), times=20),
        *many(("qualify", 0), ("sign", 10), ("won", 40), times=20),
        *many(("qualify", 0), ("won", 60), times=40),
        *many(("qualify", 0), ("lost", 40), times=40),
    )
    events, beside_them = beside(engine, log, industries(log, n0="steel", n1="paper"))
    found = chances(events, by="industry", deals=beside_them)

    overall = known(found.standing("qualify", 14).value)
    assert overall == pytest.approx(40 / 100)
    steel, paper = (found.standing("qualify", 14, segment=it) for it in ("steel", "paper"))
    assert (steel.rows, paper.rows) == (20, 80)
    assert 0 < known(steel.value) < overall < known(paper.value) < 1 / 2


# ----------------------------------------------------------------------------------------- segments


def industries(log: pl.DataFrame, **of: str) -> pl.DataFrame:
    """Deals by the first number of their key; those of no industry have none."""
    first = pl.col("deal").str.slice(2).cast(pl.Int64) // 100
    names = {int(number[1:]): name for number, name in of.items()}
    return (
        log.select("deal")
        .unique(maintain_order=True)
        .with_columns(industry=first.replace_strict(names, default=None, return_dtype=pl.String))
    )


def of_two_kinds(few: int = 5) -> pl.DataFrame:
    """A hundred deals of which a fifth is won, a hundred of which four fifths are, and a few."""
    return log_of(
        *many(("qualify", 0), ("won", 10), times=20),
        *many(("qualify", 0), ("lost", 20), times=80),
        *many(("qualify", 0), ("won", 10), times=80),
        *many(("qualify", 0), ("lost", 20), times=20),
        *many(("qualify", 0), ("won", 10), times=few),
    )


def test_few_deals_are_drawn_to_all_and_many_stand_for_themselves(engine: Engine) -> None:
    log = of_two_kinds()
    deals = industries(log, n0="steel", n1="paper", n2="glass")
    events, beside_them = beside(engine, log, deals)
    found = chances(events, by="industry", deals=beside_them)

    assert found.by == ("industry",)
    assert [it.values for it in found.segments] == [("paper",), ("steel",), ("glass",)]
    steel, paper, glass = (found.of("qualify", name) for name in ("steel", "paper", "glass"))
    overall = found.places["qualify"].chance.value
    assert overall == pytest.approx(105 / 205)
    assert steel.alone.value == pytest.approx(0.2)
    assert paper.alone.value == pytest.approx(0.8)
    assert glass.alone.value is None  # five deals alone tell nothing
    assert steel.chance.value == pytest.approx(0.2, abs=0.02)
    assert paper.chance.value == pytest.approx(0.8, abs=0.02)
    assert 105 / 205 < known(glass.chance.value) < 1
    assert glass.weight < 0.9 < steel.weight
    for place in (steel, paper, glass):
        low, value, high = (known(getattr(place.chance, name)) for name in ("low", "value", "high"))
        assert 0 <= low <= value <= high <= 1
    assert found.standing("qualify", 14, segment="steel").value == pytest.approx(0, abs=0.05)
    assert found.places == chances(log).places


def test_a_segment_says_how_many_deals_of_its_own_tell_and_what_is_not_known_of_them() -> None:
    rows: list[tuple[str, str | None, str, date]] = []
    for n in range(40):
        # Of the first twenty nobody saw seven come.
        rows += [] if n < 7 else [(f"D-{n}", None, "qualify", on(0))]
        rows.append((f"D-{n}", "qualify", ("won", "lost")[n % 2], on(10)))
    log = pl.DataFrame(rows, schema=["deal", "old", "phase", "at"], orient="row")
    deals = (
        log.select("deal")
        .unique()
        .with_columns(half=pl.col("deal").str.slice(2).cast(pl.Int64) // 20)
    )
    found = chances(log, previous="old", by="half", deals=deals)
    first, second = (found.of("qualify", half) for half in (0, 1))

    note = "nobody knows since when 7 deals had been here"
    assert (first.chance.rows, first.chance.reason) == (13, note)
    assert (second.chance.rows, second.chance.reason) == (20, "")
    assert (first.days_to_win.rows, second.undecided.rows) == (13, 20)
    overall = found.places["qualify"].chance
    assert (overall.rows, overall.reason) == (33, note)
    # A segment of which no deal came here has the chance of all.
    nobody = pl.DataFrame({"deal": ["D-40"], "old": [None], "phase": ["sign"], "at": [on(0)]})
    more = pl.concat([log, nobody], how="vertical_relaxed")
    deals = pl.concat([deals, pl.DataFrame({"deal": ["D-40"], "half": [2]})])
    of_none = chances(more, previous="old", by="half", deals=deals).of("qualify", 2)
    assert (of_none.chance.rows, of_none.alone.reason) == (0, "no deal has come here")
    assert of_none.chance.value == pytest.approx(known(overall.value))


def test_segments_that_differ_by_luck_alone_have_the_chance_of_all() -> None:
    log = log_of(
        *many(("qualify", 0), ("won", 10), times=49),
        *many(("qualify", 0), ("lost", 20), times=51),
        *many(("qualify", 0), ("won", 10), times=51),
        *many(("qualify", 0), ("lost", 20), times=49),
    )
    found = chances(log, by="industry", deals=industries(log, n0="steel", n1="paper"))
    steel = found.of("qualify", "steel")

    assert steel.weight == 0.0
    assert steel.alone.value == pytest.approx(0.49)
    overall = found.places["qualify"].chance
    assert (steel.chance.value, steel.chance.low) == (overall.value, overall.low)


@given(
    events=logs(),
    kinds=st.lists(st.sampled_from(["a", "b", "c", None]), min_size=15, max_size=15),
    as_of=st.integers(0, 200),
)
@settings(max_examples=20)
def test_a_segment_by_itself_is_what_its_deals_alone_say(
    events: list[tuple[str, str, int]], kinds: list[str | None], as_of: int
) -> None:
    events += [("D-14", "qualify", 0)]
    log = frame_of(events)
    deals = pl.DataFrame(
        {"deal": [f"D-{n}" for n in range(15)], "kind": pl.Series(kinds, dtype=pl.String)}
    )
    found = chances(log, by="kind", deals=deals, as_of=on(as_of))

    assert found.unplaced == 0
    for segment in found.segments:
        mine = log.join(
            deals.filter(pl.col("kind").eq_missing(segment.values[0])), on="deal", how="semi"
        )
        for key, place in chances(mine, as_of=on(as_of)).places.items():
            here = segment.places[key]
            for name in ("entered", "won", "lost", "open", "alone", "own"):
                assert getattr(here, name) == getattr(place, name)
            if here.chance.value is not None:
                ends = (here.chance.low, here.chance.value, here.chance.high)
                low, value, high = map(known, ends)
                assert 0 <= low <= value <= high <= 1
            whole = found.places[key].curve
            for day in (0, 20, 500):
                drawn = here.weight * place.curve.won_by(day)
                drawn += (1 - here.weight) * whole.won_by(day)
                assert here.curve.won_by(day) == pytest.approx(drawn)
    for key, place in found.places.items():
        assert place.won == sum(segment.places[key].won for segment in found.segments)


@given(
    parts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
)
def test_what_is_added_to_segments_is_what_dersimonian_and_laird_say(
    parts: list[tuple[int, int]],
) -> None:
    told = [(Fraction(min(won, ends), ends) if ends else Fraction(0), ends) for won, ends in parts]
    total = sum(ends for _, ends in told)
    overall = (
        sum((share * ends for share, ends in told), Fraction(0)) / total if total else Fraction(0)
    )
    expected = oracle.ends_added(told, overall)
    found = ends_added([(float(share), ends) for share, ends in told], float(overall))

    if expected is None:
        assert found > 1e9
    else:
        assert found == pytest.approx(float(expected), rel=1e-6)


def test_what_is_in_no_frame_of_deals_is_in_no_segment_and_the_rest_is_told_together() -> None:
    log = of_two_kinds(few=30)
    deals = industries(log, n0="steel", n1="paper").filter(pl.col("industry").is_not_null())
    found = chances(log, by="industry", deals=deals, top=1)

    assert found.unplaced == 30
    assert [it.values for it in found.segments] == [("paper",)]
    assert found.others_total == 1
    assert found.others is not None
    assert found.others.places["qualify"].won == 20
    nobody = found.of("qualify", ("nobody",))
    assert found.standing("qualify", 0, segment="steel") == nobody.standing(0)
    with pytest.raises(UnknownName, match="segment"):
        chances(log, by="industry", deals=deals).of("qualify", "nobody")
    with pytest.raises(UnknownName, match="segment"):
        found.of("qualify", ("paper", "large"))


def test_several_columns_make_segments_and_a_mapping_says_which_hold_them() -> None:
    log = of_two_kinds()
    deals = industries(log, n0="steel", n1="paper").with_columns(Rep=pl.lit("li"))
    source = Source(deals, key="deal", columns={"owner": "Rep"})
    found = chances(log, by=["owner", "industry"], deals=source)

    assert found.by == ("owner", "industry")
    assert found.of("qualify", ("li", "steel")).lost == 80
    assert found.of("qualify", ("li", None)).won == 5


# ---------------------------------------------------------------------------------------- bad input


def test_a_history_that_begins_after_the_day_is_refused() -> None:
    log = log_of(*many(("qualify", 10), ("won", 12)))
    with pytest.raises(FrameError) as caught:
        chances(log, as_of=on(9))
    (problem,) = caught.value.problems
    assert problem.message == "all 20 events of the history are after 2026-01-10"
    assert problem.hint == "ask on a later day"
    with pytest.raises(FrameError, match="are after 2026-01-10"):
        win_chances(check_history(log, BOOK, **NAMES), BOOK, as_of=on(9))


def test_all_that_is_wrong_is_told_at_once() -> None:
    log = log_of((("qualify", 0), ("Signing", 3)))
    deals = pl.DataFrame({"deal": ["D-0"], "industry": ["steel"]})
    with pytest.raises(ArgumentError) as caught:
        chances(log, by="industry", confidence=2, top=0, at="nope", ignore=3)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["confidence", "top", "by", "ignore", "at"]
    with pytest.raises(FrameError) as refused:
        chances(log, by=["industri", "stage"], deals=deals)
    paths = [problem.path for problem in refused.value.problems]
    assert paths == ["phase", "by", "by"]
    assert 'did you mean "industry"?' in str(refused.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"as_of": None}, "as_of: must be a day, not None"),
        ({"by": "industry"}, "by: a log of stages has no such columns; pass deals="),
        ({"deals": log_of((("qualify", 0),))}, "deals: nothing is asked of it; say by="),
        ({"confidence": 1.0}, "confidence"),
        ({"tz": "Mars"}, "tz: must name a time zone"),
        ({"at": "nope"}, "there is no column 'nope'"),
        ({"ignore": [3]}, "ignore: must be labels"),
    ],
)
def test_an_argument_that_is_wrong_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises((ArgumentError, FrameError), match=said):
        chances(log_of((("qualify", 0),)), **options)


def test_a_label_that_nobody_knows_is_refused_as_it_could_be_an_end() -> None:
    log = log_of((("qualify", 0), ("Signing", 3)))
    for history, names in ((log, NAMES), (check_history(log, BOOK, **NAMES), {})):
        with pytest.raises(FrameError, match="'Signing' is not a stage"):
            win_chances(history, BOOK, as_of=AS_OF, **names)
    assert chances(log, ignore=["Signing"]).places["qualify"].open == 1


def test_a_frame_of_deals_that_does_not_fit_the_log_is_refused() -> None:
    log = log_of((("qualify", 0),))
    deals = pl.DataFrame({"deal": ["D-0", "D-0"], "industry": ["steel", "paper"]})
    with pytest.raises(FrameError, match="1 row more than there are deals"):
        chances(log, by="industry", deals=deals)
    with pytest.raises(FrameError, match="there is no column 'deal', by which the log knows"):
        chances(log, by="industry", deals=deals.rename({"deal": "id"}))
    with pytest.raises(FrameError, match="pass two frames of one kind"):
        chances(log, by="industry", deals=deals.head(1).lazy())
    with pytest.raises(FrameError, match="give both one type"):
        chances(log, by="industry", deals=deals.head(1).with_columns(deal=pl.lit(1)))


def test_a_report_of_another_playbook_or_with_names_of_columns_is_refused() -> None:
    report = check_history(log_of((("qualify", 0),)), BOOK, **NAMES)
    other = Playbook.from_toml(PROCESS.replace('id = "machines"', 'id = "others"'))
    with pytest.raises(ArgumentError, match="compared with another playbook, machines"):
        win_chances(report, other, as_of=AS_OF)
    with pytest.raises(ArgumentError, match="stage: the history was read already"):
        win_chances(report, BOOK, as_of=AS_OF, stage="phase")
    with pytest.raises(ArgumentError, match="ignore: the history was read already"):
        win_chances(report, BOOK, as_of=AS_OF, ignore=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="playbook"):
        win_chances(report, "machines", as_of=AS_OF)  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [-1, 2.5, "3", None, True])
def test_days_are_whole_numbers_from_0(days: Any) -> None:
    found = chances(log_of(*many(("qualify", 0), ("won", 5))))
    with pytest.raises(ArgumentError, match="days"):
        found.standing("qualify", days)
    with pytest.raises(ArgumentError, match="days"):
        found.places["qualify"].within(days)
    if days is not None:
        with pytest.raises(ArgumentError, match="within"):
            found.standing("qualify", 0, within=days)


# ---------------------------------------------------------------------------------- how it is shown


def shown() -> WinChances:
    log = of_two_kinds()
    return chances(log, by="industry", deals=industries(log, n0="<b>", n1="钢铁"), top=2)


def test_it_is_a_table_for_people_in_both_languages() -> None:
    found = shown()

    english, chinese = found.summary(), found.summary("zh")
    assert english.startswith("Chances learned from 205 deals, as of 2026-06-30")
    assert "51.22% (44%–58%)" in english
    assert "other segments: 1" in english
    assert "By segment, drawn to all deals" in english
    assert "按" not in english
    assert "其他 1 组" in chinese
    assert "还没有项目到过这里" in chances(log_of((("qualify", 0),))).summary("zh")
    assert "只有 0 个已结束" in chances(log_of((("qualify", 0),))).summary("zh")
    page = found.to_html(lang="zh")
    assert "由历史得出的赢率" in page
    assert "概率" not in page
    assert "<b>" not in shown().model_copy().to_html()
    assert repr(found) == "<WinChances: 205 deals, 1 of 5 places told>"
    with pytest.raises(UnknownName, match="language"):
        found.summary("xx")


def test_it_travels_as_json_and_as_a_pickle_and_answers_the_same() -> None:
    found = shown()
    back = WinChances.model_validate_json(found.to_json())

    assert back == found == pickle.loads(pickle.dumps(found))  # noqa: S301 - ours
    asked = found.standing("qualify", 3, segment="钢铁")
    assert back.standing("qualify", 3, segment="钢铁") == asked
    assert json.loads(found.to_json()) == found.to_dict()


def test_its_rows_are_a_frame_of_any_kind(engine: Engine) -> None:
    found = shown()
    like = engine(of_two_kinds())

    rows = values_of(found.to_frame(like, "places"))
    assert len(rows) == 4 * len(found.places)
    assert rows[0]["part"] == "all"
    assert rows[0]["chance"] == found.places["qualify"].chance.value
    assert {row["reason"] for row in rows} == {"", "no deal has come here"}
    marks = values_of(found.to_frame(like, "landmarks"))
    assert [row["days"] for row in marks if row["part"] == "all"] == [0, 1, 3, 7, 10, 14]
    for row, told in zip(marks, found.records("landmarks"), strict=True):
        segment = None if row["part"] == "all" else (row["industry"] or "nobody",)
        chance = found.standing("qualify", int(row["days"]), segment=segment)
        assert row["chance"] == told["chance"] == chance.value
        assert (row["chance_low"], row["chance_high"]) == (chance.low, chance.high)
        assert row["deals"] == chance.rows
    with pytest.raises(UnknownName, match="table"):
        found.records("nope")  # type: ignore[arg-type]


def test_what_segments_share_keeps_its_kind_in_a_frame(engine: Engine) -> None:
    log = of_two_kinds()
    deals = industries(log, n0="steel", n1="paper").with_columns(
        size=pl.col("deal").str.slice(2).cast(pl.Int64) // 100, big=pl.lit(value=True)
    )
    events, beside_them = beside(engine, log, deals)
    found = chances(events, by=["size", "big", "industry"], deals=beside_them)

    for table in ("places", "landmarks"):
        rows = values_of(found.to_frame(events, table))
        told = {
            (row["size"], row["big"], row["industry"]) for row in rows if row["part"] == "segment"
        }
        assert told == {(0.0, "True", "steel"), (1.0, "True", "paper"), (2.0, "True", None)}
