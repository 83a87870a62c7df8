"""Dates are read as they are written, and refused where that could mean two things."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import dask.dataframe as dd
import duckdb
import ibis
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline.exports import read_days
from salesflow.pipeline.exports._forms import FORMS, WrittenForm, form_named
from tests.pipeline.conftest import ENGINES, counts_only
from tests.spark_session import spark

Engine = Callable[[pl.DataFrame], Any]

MAVEN = Path(__file__).parents[3] / "shared/data/maven_crm"


def cells(frame: Any, column: str) -> list[Any]:
    found = nw.from_native(frame).lazy().collect()[column].to_list()
    return [None if pd.isna(each) else each for each in found]


def days(frame: Any, column: str = "day") -> list[date | None]:
    found = nw.from_native(frame).lazy().collect()[column].to_list()
    return [None if pd.isna(each) else date(each.year, each.month, each.day) for each in found]


# ------------------------------------------------------------------------------------- real data


def _ibis(path: str) -> Any:
    return ibis.memtable(pl.read_csv(path).to_arrow())


def _dask(path: str) -> Any:
    return dd.from_pandas(pd.read_csv(path), npartitions=2)


def _pyspark(path: str) -> Any:
    return spark().read.csv(path, header=True)


@pytest.mark.skipif(not MAVEN.exists(), reason="the Maven data is not there")
@pytest.mark.parametrize(
    "read",
    [pl.read_csv, pl.scan_csv, pd.read_csv, duckdb.read_csv, _ibis, _dask, _pyspark],
    ids=lambda read: read.__qualname__,
)
def test_both_copies_of_real_deals_have_the_same_days(read: Callable[..., Any]) -> None:
    options: dict[str, Any] = {"all_varchar": True} if read is duckdb.read_csv else {}
    columns = ["engage_date", "close_date"]
    found = {}
    for name in ("sales_pipeline.csv", "sales_pipeline_ddmmyyyy_variant.csv"):
        frame = (
            nw.from_native(read_days(read(str(MAVEN / name), **options), columns)).lazy().collect()
        )
        keys = frame["opportunity_id"].to_list()
        found[name] = {
            column: dict(zip(keys, days(frame, column), strict=True)) for column in columns
        }

    iso, variant = found.values()
    assert iso == variant
    closed = [day for day in iso["close_date"].values() if day is not None]
    assert (len(iso["close_date"]), len(closed)) == (8_800, 4_238 + 2_473)
    assert (min(closed), max(closed)) == (date(2017, 3, 1), date(2017, 12, 31))
    assert sum(day is None for day in iso["engage_date"].values()) == 500


# --------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    "texts",
    [
        ["2017-12-31", "2016-02-29", None],
        ["31-12-2017", "29-02-2016", ""],
        ["12/31/2017", "2/29/2016", " "],
        ["31.12.2017", "29.2.2016", None],
        ["2017/12/31", "2016/2/29", None],
        ["2017-12-31 23:59:59", "2016-02-29T00:00:00.000Z", None],
        [" 2017-12-31 6:49:18 ", "2016-02-29 00:00:00.123456+02:00", "\t"],
        ["12/31/2017 11:59 PM", "2/29/2016 1:00 am", None],
        ["12/31/2017, 11:59:00\u202fPM", "2/29/2016, 1:00:00 a.m.", None],
        ["31-Dec-2017", "29-FEB-2016", ""],
        ["31 December 2017", "29 Feb. 2016 23:59", None],
        ["December 31, 2017", "Feb 29th, 2016", None],
        ["2017-Dec-31", "2016/Feb/29", None],
        ["31DEC17", "29-Feb-16", " "],
        ["12/31/17", "2/29/16", None],
        ["20171231", "20160229", None],
        ["20171231 10:00", "20160229T10:00:00Z", None],
        ["2017年12月31日", "2016年2月29号", ""],
        ["2017年12月31日 下午2:30", "2016 年 2 月 29 日", ""],
        ["2017年12月31日\n", "2016年2月29日\n", None],
        ["31-12-2017\n", "29-02-2016 10:00\n", None],
    ],
)
def test_a_column_is_read_in_the_form_that_fits_it(texts: list[Any], engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": texts, "n": [1, 2, 3]}))

    read = read_days(frame, "day")

    assert type(read) is type(frame)
    assert days(read) == [date(2017, 12, 31), date(2016, 2, 29), None]
    assert nw.from_native(read).lazy().collect()["n"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["31/12/2017", "29/02/2016"], date(2017, 12, 31)),
        (["31/12/2017", "1/2/2016"], date(2017, 12, 31)),
        (["31/12/2017 10:00", "29/02/2016"], date(2017, 12, 31)),
        ([" 12/31/17", ""], date(2017, 12, 31)),
        (["20171231", "20160229"], date(2017, 12, 31)),
    ],
)
def test_values_that_stand_there_often_are_read_like_others(
    texts: list[str], day: date, engine: Engine
) -> None:
    once, often = (
        days(read_days(engine(pl.DataFrame({"day": texts * number})), "day")) for number in (1, 4)
    )

    assert once[0] == day
    assert sorted(map(str, often)) == sorted(map(str, once * 4))


def test_of_values_that_stand_there_often_all_that_are_no_days_are_counted(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["2017-12-31"] * 9 + ["soon"] * 3}))

    with pytest.raises(FrameError, match=r"others are days as YYYY-MM-DD.*'soon' \(3 rows"):
        read_days(frame, "day")


def test_a_column_that_fits_two_forms_is_refused_with_what_to_write(engine: Engine) -> None:
    texts = ["01-03-2017", "01-03-2017", "02-11-2017", "05-05-2017", None]
    frame = engine(pl.DataFrame({"day": texts}))

    with pytest.raises(FrameError) as raised:
        read_days(frame, ["day"])

    (problem,) = raised.value.problems
    assert counts_only(problem) == (
        "day: these are days in two ways, as DD-MM-YYYY and as MM-DD-YYYY: "
        "'01-03-2017' (2 rows), '02-11-2017' (1 row); "
        'say which: format={"day": "DD-MM-YYYY"} or format={"day": "MM-DD-YYYY"}'
    )
    assert problem.code == "ambiguous_date"


@pytest.mark.parametrize(
    ("form", "day"),
    [
        ("DD-MM-YYYY", date(2017, 3, 1)),
        ("D-M-YYYY", date(2017, 3, 1)),
        ("%d-%m-%Y", date(2017, 3, 1)),
        ("MM-DD-YYYY", date(2017, 1, 3)),
        ({"day": "M-D-YYYY"}, date(2017, 1, 3)),
    ],
)
def test_a_form_that_is_said_decides(form: Any, day: date, engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["01-03-2017"]}))

    assert days(read_days(frame, "day", format=form)) == [day]


def test_a_day_that_is_the_same_both_ways_is_not_ambiguous(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["03/03/2017", "12/12/2016", "1/01/2016"]}))

    assert days(read_days(frame, "day")) == [
        date(2017, 3, 3),
        date(2016, 12, 12),
        date(2016, 1, 1),
    ]


def test_columns_of_dates_stay_as_they_are(engine: Engine) -> None:
    frame = engine(
        pl.DataFrame(
            {
                "day": [date(2017, 1, 2), None],
                "at": [datetime(2017, 1, 2, 3), None],
                "none": pl.Series([None, None], dtype=pl.Float64),
                "blank": ["", None],
            }
        )
    )

    read = read_days(frame, ["day", "at", "none", "blank"])

    assert days(read) == [date(2017, 1, 2), None]
    assert nw.from_native(read).lazy().collect()["at"].to_list()[0] == datetime(2017, 1, 2, 3)
    assert days(read, "blank") == [None, None]


def test_a_frame_without_rows_is_read(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": pl.Series([], dtype=pl.String)}))

    assert days(read_days(frame, "day")) == []


def test_categories_are_texts() -> None:
    frame = pd.DataFrame({"day": pd.Categorical(["31-12-2017", None])})

    assert days(read_days(frame, "day")) == [date(2017, 12, 31), None]


@pytest.mark.parametrize(
    ("held", "form"),
    [
        (pl.Series([20171231, None, 20160229], dtype=pl.Int64), None),
        (pl.Series([20171231.0, None, 20160229.0], dtype=pl.Float64), None),
        (pl.Series([43100.99, None, 42429.0], dtype=pl.Float64), "excel"),
        (pl.Series([43100, None, 42429], dtype=pl.Int64), "Excel"),
        (pl.Series(["43100.75", "", "42429"], dtype=pl.String), "excel"),
    ],
)
def test_numbers_are_days_too(held: pl.Series, form: str | None, engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": held}))

    assert days(read_days(frame, "day", format=form)) == [
        date(2017, 12, 31),
        None,
        date(2016, 2, 29),
    ]


def test_numbers_that_are_no_days_are_refused_with_what_may_be_meant(engine: Engine) -> None:
    milliseconds = engine(pl.DataFrame({"day": [1_575_417_600_000, 1_575_417_600_001]}))
    broken = engine(pl.DataFrame({"day": [20171231.0, 20171231.5]}))

    with pytest.raises(FrameError, match=re.escape('count them: format={"day": "excel"}')):
        read_days(milliseconds, "day")
    with pytest.raises(FrameError, match=r"these are not: '20171231.…' \((1 row|row 2)\)"):
        read_days(broken, "day")


def test_texts_that_stand_for_nothing_are_said(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["NA", "2017-12-31", "-", " NA ", "N/A"]}))

    with pytest.raises(FrameError, match=re.escape('missing=["NA", "-", "N/A"]')):
        read_days(frame, "day")
    found = days(read_days(frame, "day", missing=("NA", "N/A", "-")))
    assert found == [None, date(2017, 12, 31), None, None, None]
    assert days(read_days(engine(pl.DataFrame({"day": ["NA"]})), "day", missing="NA")) == [None]
    with pytest.raises(ArgumentError, match="missing: must be texts, not an int"):
        read_days(frame, "day", missing=[3])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("texts", "ways"),
    [
        (["10-11-12"], "in several ways, as YY-MM-DD and as DD-MM-YY and as MM-DD-YY"),
        (["26.01.15"], "in two ways, as YY.MM.DD and as DD.MM.YY"),
        (["1/5/17", "3/3/17"], "in two ways, as DD/MM/YY and as MM/DD/YY"),
    ],
)
def test_two_digits_that_could_be_two_things_are_refused(
    texts: list[str], ways: str, engine: Engine
) -> None:
    with pytest.raises(FrameError, match=re.escape(f"these are days {ways}: '{texts[0]}'")):
        read_days(engine(pl.DataFrame({"day": texts})), "day")


def test_years_of_two_digits_are_those_from_1969_to_2068(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["31.12.68", "1.1.69", "05.05.05"]}))

    for form in ("DD.MM.YY", "%d.%m.%y", None):
        assert days(read_days(frame, "day", format=form)) == [
            date(2068, 12, 31),
            date(1969, 1, 1),
            date(2005, 5, 5),
        ]


# ----------------------------------------------------------------------------------------- zones

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu")
MOMENTS: Final = [
    *("2026-01-05T23:59:59Z", "2026-01-05 23:30 +08:00", "2026-01-06T00:30:00.5-0500"),
    *("2026-07-05T22:00:00 UTC", "2026-07-05T21:59+00:00", "2026-03-01T00:00+05:30"),
    # On either side of a change of Berlin's clocks, at midnight of other zones, at a leap.
    *("2026-03-29T00:59Z", "2026-03-29T01:00Z", "2026-10-25T22:30-12:00", "2024-02-28T23:00-10:00"),
]


@pytest.mark.parametrize("name", ZONES)
def test_the_day_of_a_moment_is_that_of_the_zone_that_is_said(name: str, engine: Engine) -> None:
    others = ["2026-01-05", None, "2026-01-05 23:59:59"]  # what has no zone is of this one

    frame = engine(pl.DataFrame({"day": [*MOMENTS, *others], "plain": "2026-01-05"}))
    read = read_days(frame, ["day", "plain"], tz=name)

    schema = nw.from_native(read).collect_schema()
    assert schema["day"] == schema["plain"]
    moments = [
        datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" +", "+"))
        for text in MOMENTS
    ]
    of_zone = [moment.astimezone(ZoneInfo(name)).date() for moment in moments]
    assert days(read) == [*of_zone, date(2026, 1, 5), None, date(2026, 1, 5)]


@given(
    moments=st.lists(
        st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), min_size=1, max_size=9
    ),
    offset=st.lists(st.integers(-48, 56), min_size=9, max_size=9),
    name=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_it_is_the_day_that_a_clock_there_shows(
    moments: list[datetime], offset: list[int], name: str
) -> None:
    zoned = [
        moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
        for moment, quarters in zip(moments, offset, strict=False)
    ]
    frame = pl.DataFrame({"day": [moment.isoformat() for moment in zoned]})

    read = read_days(frame, "day", tz=name)["day"].to_list()

    assert read == [moment.astimezone(ZoneInfo(name)).date() for moment in zoned]


def test_there_may_be_any_number_of_offsets(engine: Engine) -> None:
    zones = [timezone(timedelta(minutes=10 * number)) for number in range(-72, 85)]
    times = [datetime(2026, 1, 6), datetime(2026, 1, 6, 23, 59)]
    moments = [time.replace(tzinfo=zone) for zone in zones for time in times]
    frame = engine(pl.DataFrame({"day": [moment.isoformat() for moment in moments]}))

    assert days(read_days(frame, "day", tz="UTC")) == [
        moment.astimezone(UTC).date() for moment in moments
    ]


def test_times_of_several_zones_are_refused_until_somebody_says_where_days_begin(
    engine: Engine,
) -> None:
    texts = ["2026-01-05T23:00:00Z", "2026-01-05T23:00-05:00", "2026-01-05T23:00:00+0000", None]

    with pytest.raises(FrameError) as raised:
        read_days(engine(pl.DataFrame({"day": texts})), "day")

    (problem,) = raised.value.problems
    assert problem.code == "zones"
    assert str(problem) == (
        "day: its times are of several zones: '+0000' (2 rows), '-0500' (1 row); "
        'say where calendar days begin: tz="Europe/Berlin"'
    )
    # Of one zone, and where it is none at all, the day is the one that is written.
    one = engine(pl.DataFrame({"day": ["2026-01-05T23:00-05:00", "2026-01-06"]}))
    assert days(read_days(one, "day")) == [date(2026, 1, 5), date(2026, 1, 6)]
    with pytest.raises(ArgumentError, match="tz: must name a time zone, not 'Mars'"):
        read_days(one, "day", tz="Mars")


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("texts", "form", "message"),
    [
        (["31-12-2017", "30-02-2017"], None, "others are days as DD-MM-YYYY, and these are not: "),
        (["31-12-2017", "12-31-2017"], None, "and these are not: "),
        (["31-12-2017", "2017-12-31"], None, "and these are not: "),
        (["soon", "later"], None, "these are not days: 'later' (1 row), 'soon' (1 row)"),
        (["31-12-17x"], None, "these are not days: '31-12-17x' (1 row)"),
        (["2026-01-05 13:00 PM"], None, "these are not days"),
        (["26-Jam-2015"], None, "these are not days: '26-Jam-2015' (1 row)"),
        (["30 February 2015"], None, "these are not days: '30 February 2015' (1 row)"),
        (["20150229"], None, "these are not days: '20150229' (1 row)"),
        (["2026年2月30日"], None, "these are not days: '2026年2月30日' (1 row)"),
        (["60"], "excel", "these are not days as excel: '60' (1 row)"),
        (["2958466", "0", "-3"], "excel", "these are not days as excel: '-3' (1 row), '0' (1 row)"),
        (["1900-02-29"], None, "these are not days: '1900-02-29' (1 row)"),
        (["0000-01-01"], None, "these are not days"),
        (["31-12-2017"], "ISO", "these are not days as YYYY-MM-DD: '31-12-2017' (1 row)"),
        (["31-12-2017 25:00"], None, "these are not days"),
    ],
)
def test_texts_that_are_no_days_are_named(
    texts: list[str], form: str | None, message: str, engine: Engine
) -> None:
    with pytest.raises(FrameError) as raised:
        read_days(engine(pl.DataFrame({"day": texts})), "day", format=form)

    assert message in counts_only(raised.value)


def test_where_rows_have_an_order_it_says_where_what_is_no_day_stands_first() -> None:
    frame = pl.DataFrame({"day": ["2026-01-05", None, "soon", "2026-02-30", "soon"]})

    for ordered in (frame, frame.lazy(), frame.to_pandas(), frame.to_arrow()):
        with pytest.raises(FrameError) as raised:
            read_days(ordered, "day")
        (problem,) = raised.value.problems
        assert str(problem) == (
            "day: others are days as YYYY-MM-DD, and these are not: 'soon' (2 rows, first on row "
            "3), '2026-02-30' (row 4); a column has one form; correct them, or read the others: "
            'unread_column={"day": "day.unread"}'
        )


def test_what_is_no_day_can_be_put_aside(engine: Engine) -> None:
    texts = ["2026-01-05", None, "soon", "2026-02-30", " ", "NA", "2026-03-01 10:00"]
    frame = engine(pl.DataFrame({"day": texts, "good": "2026-01-05", "is": date(2026, 1, 5)}))
    aside = {"day": "not read", "good": "good.unread", "is": "is.unread"}

    read = read_days(frame, ["day", "good", "is"], missing="NA", unread_column=aside)

    none, day = None, date(2026, 1, 5)
    assert days(read) == [day, none, none, none, none, none, date(2026, 3, 1)]
    assert cells(read, "not read") == [none, none, "soon", "2026-02-30", none, none, none]
    assert days(read, "good") == days(read, "is") == [day] * 7
    assert cells(read, "good.unread") == cells(read, "is.unread") == [none] * 7


def test_the_zone_of_what_is_put_aside_is_none_of_the_column(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["2026-01-05T23:00-05:00", "call at 10:00+02:00"]}))

    read = read_days(frame, "day", unread_column="u")

    assert days(read) == [date(2026, 1, 5), None]
    assert cells(read, "u") == [None, "call at 10:00+02:00"]
    # Nor are days times of a zone for its sake.
    plain = engine(pl.DataFrame({"day": ["2026-01-05", "call at 10:00+02:00"]}))
    assert days(read_days(plain, "day", unread_column="u", tz="Asia/Shanghai"))[0] == (
        date(2026, 1, 5)
    )


def test_numbers_that_are_no_days_are_put_aside_as_they_are(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": [42370.0, -1.5, None, 42371.25]}))

    read = read_days(frame, "day", format="excel", unread_column="u")

    assert days(read) == [date(2016, 1, 1), None, None, date(2016, 1, 2)]
    assert cells(read, "u") == [None, "-1.5", None, None]


def test_of_days_in_several_forms_those_of_most_are_read(engine: Engine) -> None:
    texts = ["2026-01-05", "2026-01-06", "01/02/2026", "soon", "13/02/2026"]
    frame = pl.DataFrame({"day": texts, "all": ["2026-01-05"] * 5})

    with pytest.raises(FrameError, match="correct them, or read the others: unread_column="):
        read_days(engine(frame), "day")
    read = read_days(engine(frame.head(4)), ["day", "all"], unread_column={"day": "day.unread"})
    assert days(read) == [date(2026, 1, 5), date(2026, 1, 6), None, None]
    assert cells(read, "day.unread") == [None, None, "01/02/2026", "soon"]
    assert days(read, "all") == [date(2026, 1, 5)] * 4


@pytest.mark.parametrize(
    ("texts", "form", "unread"),
    [
        # As many are in another form.
        (["2026-01-05", "13/02/2026"], "ISO", ["13/02/2026"]),
        # Days in two ways are most, whichever it is.
        (["01/02/2026", "01/03/2026", "2026-01-05"], "DD/MM/YYYY", ["2026-01-05"]),
        # Some tell that the day is first, others that the month is: who knows the third?
        (["13/02/2026", "14/02/2026", "02/13/2026", "01/02/2026"], "DD/MM/YYYY", ["02/13/2026"]),
    ],
)
def test_where_the_form_of_most_is_not_clear_it_has_to_be_said(
    engine: Engine, texts: list[str], form: str, unread: list[str]
) -> None:
    frame = engine(pl.DataFrame({"day": texts}))

    with pytest.raises(FrameError, match=r"these are days in (?:two|several) ways, as ") as raised:
        read_days(frame, "day", unread_column="day.unread")
    named = "YYYY-MM-DD" if form == "ISO" else form
    assert f'format={{"day": "{named}"}}' in str(raised.value)

    read = read_days(frame, "day", format=form, unread_column="day.unread")
    assert [it for it in cells(read, "day.unread") if it is not None] == unread


def test_two_forms_that_say_the_same_days_are_no_riddle(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["01/01/2026", "02/02/2026", "2026-01-05"]}))

    read = read_days(frame, "day", unread_column="u")

    assert days(read) == [date(2026, 1, 1), date(2026, 2, 2), None]


def test_a_column_for_what_is_unread_is_a_new_one(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["2026-01-05"], "due": ["2026-01-05"]}))

    with pytest.raises(FrameError, match="unread_column: there is a column 'due'"):
        read_days(frame, "day", unread_column="Due")
    with pytest.raises(FrameError, match="'u' is to hold what cannot be read of 'day'"):
        read_days(frame, ["day", "due"], unread_column="u")
    with pytest.raises(ArgumentError, match="must be the name of a new column, not an int"):
        read_days(frame, "day", unread_column=3)  # type: ignore[arg-type]


def test_everything_that_is_wrong_is_said_at_once(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["01-02-2017"], "due": [42370], "end": ["x"]}))

    with pytest.raises(ArgumentError) as raised:
        read_days(frame, ["day", "due", "end", "endd"], format={"end": "DDD", "other": "ISO"})

    assert sorted((problem.path, problem.code) for problem in raised.value.problems) == [
        ("columns", "no_column"),
        ("day", "ambiguous_date"),
        ("due", "kind"),
        ("end", "no_date"),
        ("format['end']", "invalid"),
        ("format['other']", "invalid"),
    ]


def test_what_is_no_frame_and_no_form_is_refused() -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        read_days([1], "day")
    with pytest.raises(ArgumentError, match="must be a form of dates, not an int"):
        read_days(pl.DataFrame({"day": ["x"]}), "day", format=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="columns: must be the name of a column, not an int"):
        read_days(pl.DataFrame({"day": ["x"]}), 3)  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="holds no dates"):
        read_days(pd.DataFrame({"day": [object(), 3]}), "day")


def test_many_wrong_values_are_not_all_shown() -> None:
    frame = pl.DataFrame({"day": [f"no {n}" for n in range(9)]})

    with pytest.raises(FrameError, match=r"'no 4' \(row 5\), …; correct them"):
        read_days(frame, "day")


# ------------------------------------------------------------------------------------------ laws


_MONTHS: Final = tuple(date(2026, month, 1).strftime("%B") for month in range(1, 13))
SAID: Final = (*FORMS, *map(form_named, ("DDMMYYYY", "%m%d%Y", "YYMMDD")))


def written(year: int, month: int, day: int, form: str, *, zeros: bool = True) -> str:
    """A day in a form, whether the calendar has it or not."""
    two = "{:02}" if zeros or form.isalpha() else "{}"  # digits that touch need their zeros
    name = _MONTHS[(month - 1) % 12]
    parts = {
        "YYYY": f"{year:04}",
        "YY": f"{year % 100:02}",
        "MMM": (name if zeros else name[:3].upper()),
        "MM": two.format(month),
        "M": str(month),
        "DD": two.format(day),
        "D": str(day),
    }
    return re.sub("Y+|M+|D+", lambda token: parts[token[0]], form)


def days_of(year: int, month: int) -> int:
    return monthrange(year, month)[1] if 1 <= month <= 12 else 0


@pytest.mark.parametrize("form", SAID, ids=str)
def test_the_forms_know_the_calendar(form: WrittenForm) -> None:
    pattern = re.compile(form.pattern(moments=False))
    years = (1969, 1999, 2000, 2023, 2024, 2068) if form.short else (1, 1900, 2000, 2024, 9999)
    months = range(1, 13) if form.style == "names" else range(14)

    for year in years:
        for month in months:
            for day in range(33):
                text = written(year, month, day, str(form))
                assert bool(pattern.match(text)) == (1 <= day <= days_of(year, month)), text


@given(
    found=st.lists(
        st.dates(date(1700, 1, 1), date(2250, 1, 1)) | st.none(), min_size=1, max_size=9
    ),
    form=st.sampled_from(SAID),
    zeros=st.booleans(),
    time=st.sampled_from(["", " 9:30", "T23:59:59.5Z", ", 12:05 a.m.", " 11:59\u202fPM"]),
    name=st.sampled_from(sorted(ENGINES)),
)
def test_what_was_written_in_a_form_is_read_in_it(
    found: list[date | None], form: WrittenForm, zeros: bool, time: str, name: str
) -> None:
    if form.short:
        found = [day and date(1969 + day.year % 100, day.month, min(day.day, 28)) for day in found]
    texts = [
        None
        if day is None
        else written(day.year, day.month, day.day, str(form), zeros=zeros) + time
        for day in found
    ]
    frame = ENGINES[name](pl.DataFrame({"day": pl.Series(texts, dtype=pl.String)}))

    assert days(read_days(frame, "day", format=str(form))) == found
    if form not in FORMS:
        return
    try:
        unsaid = days(read_days(frame, "day"))
    except FrameError as error:
        assert {problem.code for problem in error.problems} == {"ambiguous_date"}  # noqa: PT017
    else:
        assert unsaid == found


def excel_day(serial: int) -> date:
    """What a spreadsheet shows: it has a 29th of February 1900, which is number 60."""
    return date(1899, 12, 31) + timedelta(days=serial - (serial > 60))


@given(
    serials=st.lists(
        st.integers(1, 2_958_465).filter(lambda serial: serial != 60) | st.none(),
        min_size=1,
        max_size=9,
    ),
    fraction=st.sampled_from([0.0, 0.75]),
    as_text=st.booleans(),
    name=st.sampled_from(sorted(ENGINES)),
)
def test_days_are_those_that_a_spreadsheet_shows(
    serials: list[int | None], fraction: float, as_text: bool, name: str
) -> None:
    held = pl.Series([serial and serial + fraction for serial in serials], dtype=pl.Float64)
    frame = pl.DataFrame({"day": held})
    if as_text:
        texts = [None if serial is None else str(serial + fraction) for serial in serials]
        frame = pl.DataFrame({"day": pl.Series(texts, dtype=pl.String)})

    read = days(read_days(ENGINES[name](frame), "day", format="excel"))

    assert read == [serial and excel_day(serial) for serial in serials]


def test_names_of_forms_are_read_as_people_write_them() -> None:
    assert {str(form_named(str(form))) for form in SAID} == {str(form) for form in SAID}
    for name, form in {
        "iso": "YYYY-MM-DD",
        "%d-%b-%Y": "DD-MMM-YYYY",
        "d mmm yy": "DD-MMM-YY",
        "MMMM D, YYYY": "MMM DD, YYYY",
        "dd.MM.yy": "DD.MM.YY",
        "%d/%m/%Y %H:%M:%S": "DD/MM/YYYY",
        "yyyy-MM-dd'T'HH:mm:ss": "YYYY-MM-DD",
        "M/D/YYYY h:mm A": "MM/DD/YYYY",
        "%Y%m%d": "YYYYMMDD",
        "yyyy年m月d日": "YYYY年M月D日",
    }.items():
        assert str(form_named(name)) == form
    for unknown in ("YYYY", "DDD", "DD MM YYYY", "DD-MM/YYYY", "%d-%Q-%Y", "day/month", "", 3):
        assert form_named(unknown) is None


def test_a_form_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ArgumentError) as raised:
        read_days(pl.DataFrame({"day": ["26 01 2015"]}), "day", format="DD MM YYYY")

    problem = next(each for each in raised.value.problems if each.path == "format")
    assert (problem.path, problem.message) == ("format", "'DD MM YYYY' is not a form of dates")
    assert '"DD-MMM-YYYY"' in problem.hint
    assert '"excel"' in problem.hint
