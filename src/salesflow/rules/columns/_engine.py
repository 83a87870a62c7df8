"""Where the engines of data frames differ, as far as rules are concerned.

An engine is asked only what it can answer as the rule means it. What it cannot is refused with
its name, before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError, Problem

Frame: TypeAlias = nw.DataFrame[Any] | nw.LazyFrame[Any]

_NAMES: Final = {
    "dask": "Dask",
    "duckdb": "DuckDB",
    "ibis": "Ibis",
    "pyspark": "Spark",
    "pyspark[connect]": "Spark",
    "sqlframe": "SQLFrame",
}
ZONED: Final = re.compile(r"datetime64\[(?P<unit>s|ms|us|ns), (?P<zone>.+)\]")
"""How pandas writes the type of a column of moments."""

_READ: Final = re.compile(r"[a-zA-Z/]+([+-]\d{2}:\d{2})?")  # the zones that narwhals recognises
_CHAINED: Final = 32
_UTC: Final = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Universal"})


@dataclass(frozen=True, slots=True)
class Engine:
    """What one engine can do, and how.

    Attributes:
        name: What its users call it.
        clock: In which zone it can tell the calendar day of a moment. In `any` one, by casting
            the column to it; in any one to which it can be `converted`, which fails from zones
            that narwhals does not recognise; or in that of its `session` alone.
        zone: The session's zone; None where the column's type tells it, "" where nothing does.
        literals: Days and moments are handed to it as values of `python`, or written as `text`.
        decimals_as_text: Its own cast of a Decimal, or of a number of 128 bits, to a float is off
            by one unit in the last place, which at a threshold is the wrong side; a cast by way
            of text is exact.
        integers_as_text: Its own cast of an integer to a float refuses those that no float is
            equal to.
        timestamps: It has the milliseconds since 1970 of a day.
        floors: It floors a float to a float, whatever the number; else to an integer of 64 bits.
        few: Up to this many equality tests, chaining them beats one look-up.
        chained: Up to this many values, conditions one after the other beat one look-up of what
            each stands for. Databases ask them only of rows that none of the former holds in, and
            polars keeps all other columns of a lazy frame until a look-up is done.
        unread: Zones of columns that narwhals does not recognise, so that it converts from none.
    """

    name: str
    clock: Literal["any", "converted", "session"] = "any"
    zone: str | None = None
    literals: Literal["python", "text"] = "python"
    decimals_as_text: bool = True
    integers_as_text: bool = False
    timestamps: bool = True
    floors: bool = True
    few: int = 1
    chained: int = 1
    unread: frozenset[str] = frozenset()

    def refuse(self, fact: str, zone: str, known: str) -> NoReturn:
        """Raise FrameError: it cannot tell the day in `zone` of a moment, only that in `known`."""
        if self.clock == "session":
            why = f"{self.name} extracts days in the time zone of its session, {known or 'hidden'}"
            here = f'pass tz="{known}", ' if known else ""
            hint = f"set that zone to {zone}, {here}or give days"
        else:
            why = f"narwhals does not convert a column of {self.name} from {known}"
            hint = f"convert it to {zone} first, or give days"
        raise FrameError(
            f"{self.name} cannot tell on which day in {zone} the moments of {fact} are.",
            problems=[Problem(fact, why, hint, "engine")],
        )


ANY: Final = Engine("the engine")
"""An engine without limits."""


def engine_of(frame: Frame) -> Engine:
    """The engine behind a frame."""
    implementation = frame.implementation
    key = str(implementation.value)
    name = _NAMES.get(key, key)
    if implementation.is_polars():
        chained = _CHAINED if isinstance(frame, nw.LazyFrame) else 1
        return Engine(name, decimals_as_text=False, few=4, chained=chained)
    if implementation.is_dask():
        unread, arrow = frozenset(_unread_zones(frame.to_native())), _has_arrow(frame.to_native())
        return Engine(name, "converted", integers_as_text=arrow, timestamps=False, unread=unread)
    if implementation.is_duckdb():
        return Engine(name, "session", timestamps=False, chained=_CHAINED)
    if implementation.is_ibis():
        zone = _zone_of_ibis(frame.to_native())
        return Engine(name, "session", zone, timestamps=False, floors=False, chained=_CHAINED)
    if implementation.is_spark_like():
        zone = _zone_of_spark(frame.to_native())
        return Engine(
            name, "session", zone, literals="text", timestamps=False, floors=False, chained=_CHAINED
        )
    arrow = implementation.is_pyarrow() or (
        implementation.is_pandas_like() and _has_arrow(frame.to_native())
    )
    return Engine(name, integers_as_text=arrow)


def by_parts(frame: Frame, work: Callable[[Frame], Frame]) -> Frame:
    """Apply `work` to the frame; on Dask, to each partition.

    Dask goes over the whole graph of a query again and again before it starts, which takes minutes
    where there are hundreds of columns; to it, the work on a part is one step. So `work` looks at
    one row at a time, or adds up what `by_parts` gets.
    """
    if not frame.implementation.is_dask():
        return work(frame)

    def part(rows: Any) -> Any:  # noqa: ANN401 - pandas is not imported
        return work(nw.from_native(rows)).to_native()

    found: Frame = nw.from_native(frame.to_native().map_partitions(part))
    return found


def same_zone(one: object, other: object) -> bool:
    """Whether two names stand for the same time zone."""
    names = {str(one), str(other)}
    return len(names) == 1 or names <= _UTC


def _has_arrow(frame: Any) -> bool:  # noqa: ANN401 - neither pandas nor Dask is imported
    return any(str(dtype).endswith("[pyarrow]") for dtype in frame.dtypes)


def _unread_zones(frame: Any) -> Iterator[str]:  # noqa: ANN401 - Dask is not imported
    for dtype in map(str, frame.dtypes):
        zone = ZONED.fullmatch(dtype)
        if zone and not _READ.fullmatch(zone["zone"]):
            yield zone["zone"]


def _zone_of_ibis(table: Any) -> str:  # noqa: ANN401 - Ibis is not imported
    # The type of a column has a zone of its own, and DuckDB does not look at it.
    try:
        backend = table.get_backend()
        if backend.name == "duckdb":
            return str(backend.raw_sql("SELECT current_setting('TimeZone')").fetchall()[0][0])
    except Exception:  # noqa: BLE001 - there is no telling what a backend raises
        return ""
    return ""


def _zone_of_spark(frame: Any) -> str:  # noqa: ANN401 - Spark is not imported
    # narwhals keeps what it was once, and a session can change it.
    try:
        return str(frame.sparkSession.conf.get("spark.sql.session.timeZone"))
    except Exception:  # noqa: BLE001 - other engines speak Spark's language too
        return ""
