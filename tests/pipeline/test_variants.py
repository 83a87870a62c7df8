"""The ways of cases and how long their moves took, as a plain loop over the events tells them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, UnknownName
from salesflow.pipeline import HistoryReport, Variants, check_history
from tests.frame_engines import rows_of
from tests.pipeline.conftest import Engine
from tests.pipeline.test_check_history_laws import CLOSED, ENGINES, logs, processes
from tests.pipeline.test_metrics import BOOK, LOG
from tests.pipeline.test_stays import CRM_LOG, PLAIN, RESTING

CASES = pl.DataFrame(
    {
        "deal": [deal for deal in "abcd" for _ in range(2)] + ["e"],
        "phase": ["ask", "offer"] * 3 + ["ask", "lost"] + ["ask"],
        "at": [date(2026, 3, day) for day in (1, 3, 1, 5, 1, 10, 2, 4, 7)],
    }
)


def of(frame: Any, book: sf.Playbook = PLAIN, **more: Any) -> HistoryReport[Any]:
    return check_history(frame, book, case="deal", stage="phase", at="at", **more)


def test_the_most_frequent_ways_come_first_with_their_share_and_days(engine: Engine) -> None:
    found = of(engine(CASES)).variants()

    assert [variant.stages for variant in found.variants] == [
        ("ask", "offer"),
        ("ask",),
        ("ask", "lost"),
    ]
    first = found.variants[0]
    # Two, four and nine days: the median is four, and 90 % lie at 4 + 0.8 * 5.
    assert (first.cases, first.share, first.days_median) == (3, 0.6, 4.0)
    assert first.days_p90 == pytest.approx(8.0)
    assert (found.cases_total, found.others, found.others_total, found.too_long) == (5, 0, 0, 0)


def test_of_many_ways_the_rest_is_told(engine: Engine) -> None:
    found = of(engine(CASES)).variants(top=1)

    assert (len(found.variants), found.others, found.others_total) == (1, 2, 2)
    lines = [" ".join(line.split()) for line in found.summary().splitlines()]
    assert lines == [
        "cases share days, median days, 90 % way",
        "3 60.0% 4 8 ask → offer",
        "2 40.0% – – other ways: 2",
    ]
    assert "其他 2 种路径" in found.summary("zh")
    assert repr(found) == "<Variants: 5 cases, 3 variants>"
    assert pl.DataFrame(found.records())["stages"].to_list() == ["ask → offer"]
    with pytest.raises(UnknownName, match="language"):
        found.summary("french")


def test_days_on_which_clocks_rest_are_in_no_way() -> None:
    days = {
        book: of(CRM_LOG, book, stages={"On Hold": "held"}).variants().variants[1].days_median
        for book in (PLAIN, RESTING)
    }
    assert days == {PLAIN: 27.0, RESTING: 7.0}


def test_how_long_a_case_took_that_nobody_saw_begin_nobody_knows() -> None:
    changes = pl.DataFrame(
        {
            "deal": ["a", "b", "b"],
            "old": ["ask", None, "ask"],
            "phase": ["offer", "ask", "offer"],
            "at": [date(2026, 3, 3), date(2026, 3, 1), date(2026, 3, 9)],
        }
    )
    report = of(changes, previous="old")
    (found,) = report.variants().variants

    assert (found.stages, found.cases, found.days_median) == (("ask", "offer"), 2, 8.0)
    assert report.edges.rows() == [("ask", "offer", 2, True, 8.0, 8.0)]
    unseen = of(changes.filter(deal="a"), previous="old")
    assert unseen.variants().variants[0].days_median is None
    assert unseen.edges.rows() == [("ask", "offer", 1, True, None, None)]


def test_a_case_that_goes_round_for_ever_is_told_apart_from_the_others() -> None:
    start = datetime(2026, 1, 1)
    endless = pl.DataFrame(
        {
            "deal": ["a"] * 2_000 + ["b"] * 400,
            "phase": ["ask", "offer"] * 1_200,
            "at": [start + timedelta(hours=hour) for hour in (*range(2_000), *range(400))],
        }
    )
    found = of(endless).variants()

    assert (found.cases_total, found.too_long, found.others) == (2, 1, 0)
    assert found.variants[0].stages == ("ask", "offer") * 200
    assert "more places than can be told apart" in found.summary()


def test_a_log_without_events_has_no_ways() -> None:
    found = of(CASES.clear()).variants()

    assert found == Variants(cases_total=0, variants=(), others=0, others_total=0, too_long=0)
    assert len(found.summary().splitlines()) == 1


@pytest.mark.parametrize("top", [0, 201, True, 1.5, "10"])
def test_how_many_ways_are_told_is_a_number(top: Any) -> None:
    with pytest.raises(ArgumentError, match="top must be between 1 and 200"):
        of(CASES).variants(top)


def test_each_move_has_the_days_that_deals_took_for_it(engine: Engine) -> None:
    edges = check_history(engine(LOG), BOOK).edges
    found = {(row["from"], row["to"]): row for row in rows_of(edges, "from")}

    # a 3, b 10, f 1 and 5: in order 1, 3, 5, 10, of which 90 % lie at 5 + 0.7 * 5.
    row = found["qualify", "draft"]
    assert (row["count"], row["days_median"]) == (4, 4.0)
    assert row["days_p90"] == pytest.approx(8.5)
    assert found["draft", "won"]["days_median"] == 20.0


@given(engine=st.sampled_from(sorted(ENGINES)), data=st.data())
def test_ways_and_moves_are_those_of_a_plain_loop(engine: str, data: st.DataObject) -> None:
    process = data.draw(processes())
    events = data.draw(logs(process))
    frame = pl.DataFrame(
        events, schema={"deal": pl.String, "phase": pl.String, "at": pl.Date}, orient="row"
    )
    report = of(ENGINES[engine](frame), sf.Playbook.from_toml(process.toml()))
    rank = ["retracted", *process.stages, *CLOSED[:-1]]
    ways: dict[tuple[str, ...], list[int]] = defaultdict(list)
    moves: dict[tuple[str, str], list[int]] = defaultdict(list)
    for case in {case for case, _, _ in events}:
        known = [
            (day, rank.index(label))
            for name, label, day in events
            if name == case and label in rank
        ]
        course: list[tuple[str, date]] = []
        for day, number in sorted(known):
            if not course or course[-1][0] != rank[number]:
                if course:
                    moves[course[-1][0], rank[number]].append((day - course[-1][1]).days)
                course.append((rank[number], day))
        if course:
            days = (course[-1][1] - course[0][1]).days
            ways[tuple(label for label, _ in course)].append(days)

    found = report.variants(top=200)
    assert {variant.stages: variant.cases for variant in found.variants} == {
        way: len(days) for way, days in ways.items()
    }
    for variant in found.variants:
        days_of = pl.Series(ways[variant.stages])
        assert variant.days_median == days_of.median()
        assert variant.days_p90 == pytest.approx(days_of.quantile(0.9, "linear"))
    assert sum(variant.share for variant in found.variants) == pytest.approx(1.0 if ways else 0.0)
    cut = report.variants(top=1)
    assert cut.others == found.cases_total - sum(variant.cases for variant in cut.variants)
    assert cut.others_total == max(len(ways) - 1, 0)

    seen: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(report.edges, "from"):
        seen[row["from"], row["to"]] += row["count"]
        taken = moves[row["from"], row["to"]]
        if row["count"] == len(taken):  # not part of them allowed, and part not
            assert row["days_median"] == pytest.approx(pl.Series(taken).median())
            assert row["days_p90"] == pytest.approx(pl.Series(taken).quantile(0.9, "linear"))
    assert seen == {move: len(days) for move, days in moves.items()}
