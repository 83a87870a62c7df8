"""How late deals close: what is learned from which of them, and how likely a day is."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Playbook
from salesflow.errors import ArgumentError, ClockError, FrameError, UnknownName
from salesflow.pipeline import Slippage, Source, close_slippage, metrics
from tests.frame_engines import values_of
from tests.pipeline.conftest import PROCESS, Engine, classic, relation

BOOK = Playbook.from_toml(PROCESS)
DAY = date(2026, 3, 31)
AS_OF = date(2026, 6, 30)
NOW = DAY - timedelta(days=1000)


def frame_of(*ended: tuple[str, int | None]) -> pl.DataFrame:
    """Deals that were expected on one day: where each is, and how many days later it closed."""
    return pl.DataFrame(
        {
            "id": [f"D-{n}" for n in range(len(ended))],
            "stage": [stage for stage, _ in ended],
            "expected_close_on": pl.Series([DAY] * len(ended), dtype=pl.Date),
            "closed_on": pl.Series(
                [None if days is None else DAY + timedelta(days=days) for _, days in ended],
                dtype=pl.Date,
            ),
        }
    )


def slippage(frame: Any, **options: Any) -> Slippage:
    return close_slippage(frame, BOOK, **{"key": "id", "as_of": AS_OF, **options})


def between(found: Slippage, first: int | None, last: int | None, **more: Any) -> float | None:
    begin, end = (None if day is None else DAY + timedelta(days=day) for day in (first, last))
    return found.share_between(DAY, begin, end, **{"as_of": NOW, **more})


def test_deals_that_were_won_are_told_apart_from_all_that_ended(engine: Engine) -> None:
    found = slippage(
        engine(
            frame_of(
                *[("won", days) for days in range(-2, 10)],
                *[("deliver", 20)] * 2,
                *[("lost", 40)] * 6,
                ("disqualified", 50),
                ("sign", None),
                ("sign", -60),
            )
        )
    )

    assert (found.won.deals, found.all.deals) == (14, 20)
    assert found.won.days == {**dict.fromkeys(range(-2, 10), 1), 20: 2}
    assert found.all.days == {**found.won.days, 40: 6}
    assert found.won.early.value == pytest.approx(2 / 14)
    assert found.won.on_time.value == pytest.approx(1 / 14)
    assert found.won.late.value == pytest.approx(11 / 14)
    assert (found.won.median.value, found.all.median.value) == (4.5, 7.5)
    late = found.won.late
    assert late.low is not None
    assert late.value is not None
    assert late.high is not None
    assert late.low < late.value < late.high


def test_what_is_learned_of_all_is_the_slippage_of_the_metrics() -> None:
    frame = frame_of(*[("won", days) for days in range(9)], *[("lost", 3)] * 4)
    told = metrics(frame, BOOK, key="id", as_of=AS_OF)
    found = slippage(frame)

    assert found.all.median == told.slippage_median
    assert found.all.late == told.slipped


@given(
    ended=st.lists(
        st.tuples(
            st.sampled_from(["won", "lost", "deliver", "sign", "disqualified"]),
            st.one_of(st.none(), st.integers(-40, 60)),
        ),
        max_size=40,
    ),
    seed=st.integers(0, 9),
)
@settings(max_examples=15)
def test_polars_pandas_and_duckdb_say_what_a_plain_loop_does(
    ended: list[tuple[str, int | None]], seed: int
) -> None:
    frame = frame_of(*ended)
    days = [days for stage, days in ended if stage in {"won", "deliver"} and days is not None]
    lost = [days for stage, days in ended if stage == "lost" and days is not None]
    found = slippage(frame)

    assert found.won.days == dict(Counter(days))
    assert found.all.days == dict(Counter(days + lost))
    assert found.won.median.value == (None if len(days) < 10 else median(days))
    mixed = frame.sample(fraction=1, shuffle=True, seed=seed) if ended else frame
    assert slippage(classic(mixed)) == slippage(relation(mixed)) == slippage(mixed) == found


def test_the_share_of_days_is_of_the_deals_that_closed_no_sooner() -> None:
    found = slippage(frame_of(*[("won", days) for days in range(20)], *[("lost", 5)] * 20))

    assert between(found, 0, 9) == 0.5
    assert between(found, None, None) == 1.0
    assert between(found, 15, None) == 0.25
    assert between(found, 30, 60) == 0.0
    assert between(found, 9, 0) == 0.0
    # Of the fifteen that were open four days after the day, five closed by the ninth.
    assert between(found, 0, 9, as_of=DAY + timedelta(days=4)) == 5 / 15
    assert between(found, 5, 9, as_of=DAY + timedelta(days=4)) == 5 / 15
    assert between(found, 5, 5, of="all") == 21 / 40


@given(
    days=st.lists(st.integers(-30, 60), min_size=10, max_size=40),
    edges=st.lists(st.integers(-40, 70), min_size=1, max_size=5, unique=True),
    behind=st.integers(-50, 20),
)
@settings(max_examples=30)
def test_the_shares_of_days_side_by_side_are_one_in_all(
    days: list[int], edges: list[int], behind: int
) -> None:
    found = slippage(frame_of(*[("won", each) for each in days]))
    firsts = [None, *sorted(edges)]
    lasts = [*(edge - 1 for edge in sorted(edges)), None]
    now = DAY + timedelta(days=behind)
    shares = [
        between(found, first, last, as_of=now) for first, last in zip(firsts, lasts, strict=True)
    ]

    if sum(each > behind for each in days) < 10:
        assert set(shares) == {None}
    else:
        assert sum(share for share in shares if share is not None) == pytest.approx(1)
        assert all(share is not None and 0 <= share <= 1 for share in shares)


def test_few_deals_and_columns_that_are_not_there_are_a_reason() -> None:
    found = slippage(frame_of(*[("won", 3)] * 9, *[("lost", 3)]))

    assert found.won.median.reason == "only 9 deals have both days, and it takes 10 to tell"
    assert found.won.late.value is found.won.p90.value is None
    assert found.all.median.value == 3
    assert between(found, 0, 9) is None
    assert between(found, 0, 9, of="all") == 1.0
    bare = slippage(frame_of(("won", 3)).drop("closed_on"))
    assert bare.won.late.reason == "no column holds closed_on"
    nothing = slippage(frame_of())
    assert nothing.all.p10.reason == "only 0 deals have both days, and it takes 10 to tell"


def test_what_lies_after_the_day_counts_nowhere() -> None:
    frame = frame_of(*[("won", days) for days in range(12)])
    found = slippage(frame, as_of=DAY + timedelta(days=9))

    assert (found.later, found.won.deals) == (2, 10)
    assert found.won == slippage(frame.head(10)).won


def test_a_source_says_its_columns_and_what_is_not_asked_for_may_be_wrong() -> None:
    frame = frame_of(*[("won", 3)] * 10).rename({"closed_on": "Closed", "stage": "Phase"})
    frame = frame.with_columns(probability=pl.lit(60), amount=pl.lit("much"))
    source = Source(frame, key="id", stage="Phase", columns={"closed_on": "Closed"})

    assert close_slippage(source, BOOK, as_of=AS_OF).won.median.value == 3


def test_what_is_wrong_is_refused() -> None:
    frame = frame_of(("won", 3), ("Signed?", 3))
    with pytest.raises(FrameError, match=r"(?s)The slippage cannot be learned.*'Signed\?'"):
        slippage(frame)
    with pytest.raises(ArgumentError) as caught:
        slippage(frame, as_of=None, confidence=0, tz="Mars")
    assert {problem.path for problem in caught.value.problems} >= {"as_of", "confidence", "tz"}
    found = slippage(frame.head(1))
    with pytest.raises(ArgumentError) as refused:
        found.share_between(3, "x", DAY, None, of="lost")  # type: ignore[arg-type]
    paths = [problem.path for problem in refused.value.problems]
    assert paths == ["expected", "first", "as_of", "of"]
    with pytest.raises(ClockError):
        found.share_between(datetime(2026, 1, 1), None, None, DAY)
    with pytest.raises(UnknownName, match="table"):
        found.records("nope")  # type: ignore[arg-type]


def test_it_is_a_table_for_people_rows_and_a_frame(engine: Engine) -> None:
    found = slippage(frame_of(*[("won", days) for days in range(12)], ("lost", 3)))

    assert found.summary().splitlines()[1].split()[:2] == ["won", "12"]
    assert "赢单或输单" in found.summary("zh")
    few = slippage(frame_of(("won", 3)))
    assert "只有 1 个项目两个日期都有" in few.summary("zh")
    assert "Slippage of close dates" in found.to_html()
    assert repr(found) == "<Slippage: 13 deals, 12 won>"
    like = engine(frame_of(("won", 3)))
    rows = values_of(found.to_frame(like))
    assert [row["value"] for row in rows if row["figure"] == "median"] == [5.5, 5.0]
    days = values_of(found.to_frame(like, "days"))
    assert sum(row["deals"] for row in days if row["part"] == "all") == 13
    assert Slippage.model_validate_json(found.to_json()) == found
