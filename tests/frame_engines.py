"""Every engine of data frames that salesflow answers on, for tests: a frame made, a frame read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import dask.dataframe as dd
import duckdb
import ibis
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from tests.spark_session import spark

__all__ = ["ENGINES", "EVERY", "many_columns", "named", "rows_of", "values_of"]

Make: TypeAlias = Callable[[pl.DataFrame], Any]


def _numpy(frame: pl.DataFrame) -> pd.DataFrame:
    """Classic pandas: what NumPy has no type for is a column of objects."""
    made = pd.DataFrame({name: _classic(frame[name]) for name in frame.columns})
    made.index = pd.Index([7] * len(made))  # row labels mean nothing, and may repeat
    return made


def _classic(series: pl.Series) -> pd.Series[Any]:
    match series.dtype:
        case pl.Datetime():
            return series.to_pandas()
        case pl.Float64() | pl.Int64():
            dtype = "float64"
        case pl.Categorical():
            dtype = "category"
        case _:
            dtype = "object"
    return pd.Series(series.to_list(), dtype=dtype)


_NULLABLE: Final[Mapping[Any, str]] = {
    pl.Float64: "Float64",
    pl.Int64: "Int64",
    pl.Boolean: "boolean",
    pl.String: "string",
}


def _nullable(frame: pl.DataFrame) -> pd.DataFrame:
    made = _numpy(frame)
    for name, dtype in frame.schema.items():
        if kind := _NULLABLE.get(dtype.base_type()):
            made[name] = pd.Series(frame[name].to_list(), index=made.index, dtype=kind)
    return made


def _without_objects(frame: pl.DataFrame) -> pd.DataFrame:
    """For Dask, which makes texts of all objects, of Decimals and dates too."""
    plain: dict[Any, Any] = {
        pl.Decimal: pl.Float64,
        pl.Date: pl.Datetime("us"),
        pl.UInt32: pl.Int64,
    }
    return _nullable(frame.cast(plain)).reset_index(drop=True)


def _by_arrow(frame: pl.DataFrame) -> pd.DataFrame:
    made: pd.DataFrame = frame.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)
    return made


def _duckdb(frame: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.from_arrow(frame.to_arrow())


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """With texts for categories and signed integers: neither Ibis nor Spark takes the others."""
    return frame.cast({pl.Categorical: pl.String, pl.UInt32: pl.Int64})


_SPARK: Final[Mapping[Any, str]] = {
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Float64: "double",
    pl.Int64: "bigint",
    pl.String: "string",
}


def _spark_type(dtype: pl.DataType) -> str:
    match dtype:
        case pl.Datetime(time_zone=zone):
            return "timestamp" if zone else "timestamp_ntz"
        case pl.Decimal(precision=precision, scale=scale):
            return f"decimal({precision},{scale})"
        case _:
            return _SPARK[dtype.base_type()]


def _pyspark(frame: pl.DataFrame) -> Any:
    frame = _plain(frame)
    names = (f"`{name.replace('`', '``')}`" for name in frame.columns)
    types = map(_spark_type, frame.dtypes)
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    return spark().createDataFrame(frame.to_arrow(), schema)


ENGINES: Final[Mapping[str, Make]] = {
    "pandas": _numpy,
    "pandas nullable": _nullable,
    "pandas pyarrow": _by_arrow,
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": _duckdb,
    "ibis": lambda frame: ibis.memtable(_plain(frame).to_arrow()),
    "dask": lambda frame: dd.from_pandas(_without_objects(frame), npartitions=2),
    "dask pyarrow": lambda frame: dd.from_pandas(_by_arrow(frame), npartitions=2),
}
"""What makes a frame of each engine from the polars frame that holds the same, but for Spark."""

EVERY: Final[Mapping[str, Make]] = {
    **ENGINES,
    "pyspark": _pyspark,
}
"""The same with Spark, whose session takes seconds to start."""

many_columns = pytest.mark.filterwarnings("ignore:DataFrame is highly fragmented")
"""For tests that ask Dask for very many columns: it adds them one by one, of which pandas warns."""


def named(frame: Any, column: str) -> nw.Expr:
    """A column of any name: Spark reads a dot in one as a step into a structure."""
    if frame.implementation.is_spark_like():
        return nw.col(f"`{column.replace('`', '``')}`").alias(column)
    return nw.col(column)


def rows_of(frame: Any, key: str) -> list[dict[str, Any]]:
    """The rows of a frame of any engine, in the order of `key`."""
    return sorted(_rows(frame), key=lambda row: row[key])


def values_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any engine, in its order: None is all that is missing."""
    return [
        {name: None if _is_missing(value) else value for name, value in row.items()}
        for row in _rows(frame)
    ]


def _rows(frame: Any) -> list[dict[str, Any]]:
    data = nw.from_native(frame)
    if data.implementation.is_pyspark():
        # Not by way of narwhals: that looks for pandas, whose newest version Spark warns of.
        return [row.asDict() for row in data.to_native().collect()]
    return list(data.lazy().collect().iter_rows(named=True))


def _is_missing(value: object) -> bool:
    return value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124 - NaN
