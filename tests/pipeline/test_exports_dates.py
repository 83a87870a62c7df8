"""Dates are read as they are written, and refused where that could mean two things."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

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
from tests.pipeline.conftest import ENGINES
from tests.spark_session import spark

Engine = Callable[[pl.DataFrame], Any]

MAVEN = Path(__file__).parents[3] / "shared/data/maven_crm"


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
    ],
)
def test_a_column_is_read_in_the_form_that_fits_it(texts: list[Any], engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": texts, "n": [1, 2, 3]}))

    read = read_days(frame, "day")

    assert type(read) is type(frame)
    assert days(read) == [date(2017, 12, 31), date(2016, 2, 29), None]
    assert nw.from_native(read).lazy().collect()["n"].to_list() == [1, 2, 3]


def test_a_column_that_fits_two_forms_is_refused_with_what_to_write(engine: Engine) -> None:
    texts = ["01-03-2017", "01-03-2017", "02-11-2017", "05-05-2017", None]
    frame = engine(pl.DataFrame({"day": texts}))

    with pytest.raises(FrameError) as raised:
        read_days(frame, ["day"])

    (problem,) = raised.value.problems
    assert str(problem) == (
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

    assert days(read_days(frame, "day", form)) == [day]


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


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("texts", "form", "message"),
    [
        (["31-12-2017", "30-02-2017"], None, "others are days as DD-MM-YYYY, and these are not: "),
        (["31-12-2017", "12-31-2017"], None, "and these are not: "),
        (["31-12-2017", "2017-12-31"], None, "and these are not: "),
        (["soon", "later"], None, "these are not days: 'later' (1 row), 'soon' (1 row)"),
        (["31-12-17"], None, "these are not days: '31-12-17' (1 row)"),
        (["1900-02-29"], None, "these are not days: '1900-02-29' (1 row)"),
        (["0000-01-01"], None, "these are not days"),
        (["31-12-2017"], "ISO", "these are not days as YYYY-MM-DD: '31-12-2017' (1 row)"),
        (["31-12-2017 25:00"], None, "these are not days"),
    ],
)
def test_texts_that_are_no_days_are_named(
    texts: list[str], form: str | None, message: str, engine: Engine
) -> None:
    with pytest.raises(FrameError, match=re.escape(message)):
        read_days(engine(pl.DataFrame({"day": texts})), "day", form)


def test_everything_that_is_wrong_is_said_at_once(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"day": ["01-02-2017"], "due": [20170101], "end": ["x"]}))

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
    with pytest.raises(ArgumentError, match="must be a form, not an int"):
        read_days(pl.DataFrame({"day": ["x"]}), "day", 3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="columns: must be the name of a column, not an int"):
        read_days(pl.DataFrame({"day": ["x"]}), 3)  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="holds no dates"):
        read_days(pd.DataFrame({"day": [object(), 3]}), "day")


def test_many_wrong_values_are_not_all_shown() -> None:
    frame = pl.DataFrame({"day": [f"no {n}" for n in range(9)]})

    with pytest.raises(FrameError, match=r"'no 4' \(1 row\), …; write year"):
        read_days(frame, "day")


# ------------------------------------------------------------------------------------------ laws


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_forms_know_the_calendar(form: WrittenForm) -> None:
    pattern = re.compile(form.pattern(moments=False))
    strptime = form.separator.join({"Y": "%Y", "M": "%m", "D": "%d"}[part] for part in form.order)

    for year in (1, 1900, 1999, 2000, 2024, 9999):
        for month in range(14):
            for day in range(33):
                parts = {"Y": f"{year:04}", "M": f"{month:02}", "D": f"{day:02}"}
                text = form.separator.join(parts[part] for part in form.order)
                assert bool(pattern.match(text)) == _is_day(text, strptime), text


def _is_day(text: str, form: str) -> bool:
    try:
        return bool(datetime.strptime(text, form))
    except ValueError:
        return False


@given(
    found=st.lists(
        st.dates(date(1700, 1, 1), date(2250, 1, 1)) | st.none(), min_size=1, max_size=9
    ),
    form=st.sampled_from(FORMS),
    zeros=st.booleans(),
    time=st.sampled_from(["", " 9:30", "T23:59:59.5Z"]),
    name=st.sampled_from(sorted(ENGINES)),
)
def test_what_was_written_in_a_form_is_read_in_it(
    found: list[date | None], form: WrittenForm, zeros: bool, time: str, name: str
) -> None:
    texts = [None if day is None else _written(day, form, zeros) + time for day in found]
    frame = ENGINES[name](pl.DataFrame({"day": pl.Series(texts, dtype=pl.String)}))

    assert days(read_days(frame, "day", str(form))) == found
    try:
        unsaid = days(read_days(frame, "day"))
    except FrameError as error:
        assert {problem.code for problem in error.problems} == {"ambiguous_date"}  # noqa: PT017
    else:
        assert unsaid == found


def _written(day: date, form: WrittenForm, zeros: bool) -> str:
    parts = {"Y": f"{day.year:04}", "M": f"{day.month:02}", "D": f"{day.day:02}"}
    if not zeros:
        parts |= {"M": str(day.month), "D": str(day.day)}
    return form.separator.join(parts[part] for part in form.order)


def test_names_of_forms_are_read_as_people_write_them() -> None:
    assert {str(form_named(str(form))) for form in FORMS} == {str(form) for form in FORMS}
    assert str(form_named("iso")) == "YYYY-MM-DD"
    assert form_named("YYYY") is None
    assert form_named(3) is None
