"""What analysts do around the checks, on polars and DuckDB, against the same by hand.

Texts of files are read as numbers and days, the columns of an export are looked at, deals that are
there twice and what was seen of failed checks are listed, two snapshots are compared, and a small
frame is checked. By hand is what an expert of that engine writes who knows the file: its forms, its
columns and its labels. salesflow finds them out, and says what is wrong with them. The answers of
both sides must be equal.

Run: python benchmarks/bench_files.py [--rows 1000000] [--small 20000] [--runs 5]
[--only read_days,compare] [engine …]; with `--quick` in a moment, to see that it runs.
"""

# ruff: noqa: D102 - the tasks below say what each way is
# ruff: noqa: S608 - the texts are our own

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np
import polars as pl

import salesflow as sf
from benchmarks import bench_engines
from benchmarks._by_hand import Dialect, checks_by_hand, counts_of
from benchmarks._deals import AS_OF, sample
from benchmarks._dialects import Polars, Sql
from benchmarks._measure import QUICK, machine, medians

Answer: TypeAlias = object
Ways: TypeAlias = tuple[Callable[[], Answer], Callable[[], Answer]]
"""By hand, and by salesflow."""

LIMIT: Final = 500_000
UNIQUE: Final = ("owner", "created_on", "amount")
LABELS: Final = ("Customer research", "Sales planning", "Closing", "Won", "Lost")
PLACES: Final = ("customer_research", "sales_planning", "sales_negotiation", "closing")
PLACE_OF: Final = {place: number for number, place in enumerate((*PLACES, "won", "lost"))}
WON: Final = PLACE_OF["won"]
EPOCH: Final = date(1970, 1, 1)


# ------------------------------------------------------------------------------- the two engines


class OnPolars:
    """Eager frames; by hand, lazy queries over them."""

    target = 1.5

    def frame(self, deals: pl.DataFrame) -> pl.DataFrame:
        """The rows in a frame of this engine."""
        return deals

    def numbers(self, read: pl.DataFrame, column: str) -> Answer:
        """How many numbers a column has, and their sum."""
        return read.select(pl.col(column).count(), pl.col(column).sum().alias("sum")).row(0)

    def days(self, read: pl.DataFrame, column: str) -> Answer:
        """How many days a column has, and their sum."""
        day = pl.col(column).cast(pl.Int32).cast(pl.Int64)
        return read.select(day.count(), day.sum().alias("sum")).row(0)

    def read_numbers(self, frame: pl.DataFrame) -> Answer:
        text = pl.col("value").str.strip_prefix("$").str.replace_all(",", "", literal=True)
        return self.numbers(frame.with_columns(text.cast(pl.Float64)), "value")

    def read_days(self, frame: pl.DataFrame, form: str) -> Answer:
        text = pl.col("closed")
        day = text.str.to_date(form) if "H" not in form else text.str.to_datetime(form).dt.date()
        return self.days(frame.with_columns(day), "closed")

    def suggest(self, frame: pl.DataFrame) -> Answer:
        key = pl.col("Opportunity ID")
        number = pl.col("Amount").str.replace_all("[$,]", "").cast(pl.Float64, strict=False)
        day = pl.col("Close Date").str.to_date("%d-%m-%Y", strict=False)
        looks = frame.lazy().select(
            pl.len(),
            key.n_unique(),
            key.is_not_null().sum().alias("filled"),
            (number.is_not_null().mean() > 0.5).alias("number"),
            (day.is_not_null().mean() > 0.5).alias("day"),
        )
        rows, keys, filled, number_there, day_there = looks.collect().row(0)
        counts = frame.lazy().group_by("Stage").len().collect().rows()
        return rows, keys == filled == rows, number_there, day_there, sorted(counts)

    def dialect(self, frame: pl.DataFrame) -> Dialect:
        return Polars(frame.lazy())

    def shared(self, frame: pl.DataFrame) -> int:
        counts = frame.lazy().drop_nulls(UNIQUE).group_by(UNIQUE).len().filter(pl.col("len") > 1)
        return int(counts.select(pl.col("len").sum()).collect().item())

    def findings(self, frame: pl.DataFrame, told: Mapping[str, str]) -> Answer:
        owner, amount = pl.col("owner"), pl.col("amount")
        is_open = ~pl.col("stage").is_in(("won", "lost"))
        nobody = owner.is_null() | (owner.str.strip_chars() == "")
        parts = [
            self._finding(frame, is_open & nobody, "hygiene.owner_known", owner, told),
            self._finding(frame, amount < LIMIT, "big", amount, told),
        ]
        return self.found(pl.concat(parts).collect())

    def _finding(
        self, frame: pl.DataFrame, bad: pl.Expr, check: str, value: pl.Expr, told: Mapping[str, str]
    ) -> pl.LazyFrame:
        fact = value.meta.output_name()
        words = {"check": check, "severity": "error", "verdict": "no", "fact": fact}
        return (
            frame.lazy()
            .filter(bad)
            .select(
                "id",
                "stage",
                *(pl.lit(word).alias(name) for name, word in words.items()),
                value.cast(pl.String).alias("value"),
                pl.lit(told[check]).alias("expected"),
                pl.lit(None, dtype=pl.Float64).alias("age"),
            )
        )

    def found(self, findings: pl.DataFrame) -> Answer:
        """How many findings there are, and what is in them."""
        texts = ("id", "stage", "check", "severity", "verdict", "fact", "expected")
        sizes = (pl.col(name).str.len_bytes().cast(pl.Int64).sum() for name in texts)
        return (len(findings), findings["value"].count(), *findings.select(*sizes).row(0))

    def stays(self, log: pl.DataFrame) -> Answer:
        """When each deal came to each stage first and last, how long and how often."""
        at = pl.col("at")
        ordered = (
            log.lazy()
            .sort("deal", "at")
            .with_columns(next=at.shift(-1).over("deal"), day=at.cast(pl.Int32))
        )
        days = pl.col("next").cast(pl.Int32) - pl.col("day")
        found = ordered.group_by("deal", "stage").agg(
            at.min().alias("first_entry"),
            at.max().alias("latest_entry"),
            pl.when(pl.col("next").is_null().any()).then(None).otherwise(days.sum()).alias("days"),
            pl.len().alias("visits"),
            pl.col("next").is_null().any().alias("is_there"),
        )
        there = pl.col("stage").is_in(PLACES)
        return self.stayed(found.filter(there).collect())

    def stayed(self, found: pl.DataFrame) -> Answer:
        """Sums of what the stays of a log are."""
        ordinal = pl.col("first_entry", "latest_entry").cast(pl.Int32).cast(pl.Int64).sum()
        told = (pl.col("days").count().alias("told"), pl.col("visits", "is_there").sum())
        return found.select(pl.len(), ordinal, pl.col("days").sum(), *told).row(0)

    def variants(self, log: pl.DataFrame) -> Answer:
        """The ways of the deals, the most frequent first, and how long they take."""
        day = pl.col("at").cast(pl.Int32)
        ways = (
            log.lazy()
            .sort("deal", "at")
            .group_by("deal")
            .agg(pl.col("stage").str.join(" "), days=day.max() - day.min())
            .group_by("stage")
            .agg(pl.len(), pl.col("days").median())
        )
        return sorted(ways.collect().rows(), key=lambda way: (-way[1], way[0]))[:10]

    def of_owner(self, frame: pl.DataFrame, owner: str) -> pl.DataFrame:
        """The rows of one owner."""
        return frame.filter(pl.col("owner") == owner)

    def compare(self, before: pl.DataFrame, after: pl.DataFrame) -> Answer:
        there = [
            frame.lazy().select(
                "id",
                pl.col("stage").replace_strict(PLACE_OF, return_dtype=pl.Int8).alias("place"),
                (pl.col("amount") * 100).round().cast(pl.Int64).alias("units"),
                pl.col("expected_close_on").alias("day"),
            )
            for frame in (before, after)
        ]
        both = there[0].join(there[1], on="id", how="full", coalesce=True, suffix="_after")
        was, now = pl.col("place"), pl.col("place_after")
        old, new = pl.col("units"), pl.col("units_after")
        days = pl.col("day"), pl.col("day_after")
        was_open, is_open = was.fill_null(WON) < WON, now.fill_null(WON) < WON
        stays, open_twice = was.is_not_null() & now.is_not_null(), was_open & is_open
        kinds = {
            "new": was.is_null(),
            "gone": now.is_null(),
            "won": (now == WON) & was.ne_missing(WON),
            "lost": (now == WON + 1) & was.ne_missing(WON + 1),
            "reopened": stays & ~was_open & is_open,
            "forward": open_twice & (was < now),
            "back": open_twice & (was > now),
            "slipped": open_twice & (days[0] < days[1]),
            "pulled_in": open_twice & (days[0] > days[1]),
            "grown": stays & (old < new),
            "shrunk": stays & (old > new),
        }
        lines = {
            "opening": (was_open, old),
            "new": (was.is_null() & is_open, new),
            "reopened": (stays & ~was_open & is_open, new),
            "grown": (was_open & stays & (old < new), new - old),
            "shrunk": (was_open & stays & (old > new), old - new),
            "won": (was_open & (now == WON), new),
            "lost": (was_open & (now == WON + 1), new),
            "gone": (was_open & now.is_null(), old),
            "closing": (is_open, new),
        }
        counts = [rows.sum().alias(f"kind {name}") for name, rows in kinds.items()]
        counts.append((~pl.any_horizontal(kinds.values())).sum().alias("kind unchanged"))
        for name, (rows, units) in lines.items():
            counts += [
                rows.sum().alias(f"deals {name}"),
                units.filter(rows).sum().alias(f"units {name}"),
            ]
        put = both.collect().lazy()
        found = put.select(counts).collect().row(0, named=True)
        moves = put.filter(stays & (was != now)).group_by("place", "place_after").len().collect()
        return _compared(found, moves.rows())


class OnDuckDb:
    """Relations of one connection; by hand, one query over a table."""

    target = 2.0

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._tables = 0

    def frame(self, deals: pl.DataFrame) -> duckdb.DuckDBPyRelation:
        """The rows in a table of their own."""
        self._tables += 1
        name = f"deals{self._tables}"
        self._connection.register("given", deals.to_arrow())
        self._connection.execute(f"create table {name} as from given")
        self._connection.unregister("given")
        return self._connection.table(name).set_alias(name)

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""
        found: tuple[Any, ...] = self._connection.execute(query).fetchall()[0]
        return found

    def numbers(self, read: duckdb.DuckDBPyRelation, column: str) -> Answer:
        """How many numbers a column has, and their sum."""
        return read.aggregate(f"count({column}), sum({column})").fetchall()[0]

    def days(self, read: duckdb.DuckDBPyRelation, column: str) -> Answer:
        """How many days a column has, and their sum."""
        day = f"{column} - date '{EPOCH}'"
        return read.aggregate(f"count({column}), sum({day})").fetchall()[0]

    def read_numbers(self, frame: duckdb.DuckDBPyRelation) -> Answer:
        text = "replace(ltrim(value, '$'), ',', '')"
        return self.numbers(frame.project(f"* replace (cast({text} as double) as value)"), "value")

    def read_days(self, frame: duckdb.DuckDBPyRelation, form: str) -> Answer:
        day = f"cast(strptime(closed, '{form}') as date)"
        return self.days(frame.project(f"* replace ({day} as closed)"), "closed")

    def suggest(self, frame: duckdb.DuckDBPyRelation) -> Answer:
        number = """try_cast(replace(replace("Amount", '$', ''), ',', '') as double)"""
        day = """try_strptime("Close Date", '%d-%m-%Y')"""
        key = '"Opportunity ID"'
        rows, keys, filled, number_there, day_there = self.row(
            f"select count(*), count(distinct {key}), count({key}), "
            f"count({number}) > count(*) / 2, count({day}) > count(*) / 2 from {frame.alias}"
        )
        words = f'select "Stage", count(*) from {frame.alias} group by all'
        counts = self._connection.execute(words).fetchall()
        return rows, keys == filled == rows, number_there, day_there, sorted(counts)

    def dialect(self, frame: duckdb.DuckDBPyRelation) -> Dialect:
        return Sql(frame.alias, self.row)

    def shared(self, frame: duckdb.DuckDBPyRelation) -> int:
        known = " and ".join(f"{name} is not null" for name in UNIQUE)
        counts = f"select count(*) as n from {frame.alias} where {known} group by {_listed(UNIQUE)}"
        return int(self.row(f"select coalesce(sum(n), 0) from ({counts}) where n > 1")[0])

    def findings(self, frame: duckdb.DuckDBPyRelation, told: Mapping[str, str]) -> Answer:
        bad = {
            "hygiene.owner_known": (
                "owner",
                "stage not in ('won', 'lost') and coalesce(trim(owner), '') = ''",
            ),
            "big": ("amount", f"amount < {LIMIT}"),
        }
        parts = [
            f"select id, stage, '{check}' as \"check\", 'error' as severity, 'no' as verdict, "
            f"'{fact}' as fact, cast({fact} as varchar) as value, '{told[check]}' as expected, "
            f"cast(null as double) as age from {frame.alias} where {rows}"
            for check, (fact, rows) in bad.items()
        ]
        return self.found(self._connection.sql(" union all ".join(parts)))

    def found(self, findings: duckdb.DuckDBPyRelation) -> Answer:
        """How many findings there are, and what is in them."""
        texts = ("id", "stage", '"check"', "severity", "verdict", "fact", "expected")
        sizes = ", ".join(f"sum(strlen({name}))" for name in texts)
        return findings.aggregate(f"count(*), count(value), {sizes}").fetchall()[0]

    def stays(self, log: duckdb.DuckDBPyRelation) -> Answer:
        steps = (
            'select deal, stage, "at", lead("at") over (partition by deal order by "at") as next '
            f"from {log.alias}"
        )
        found = (
            'select deal, stage, min("at") as first_entry, max("at") as latest_entry, '
            'case when bool_or(next is null) then null else sum(next - "at") end as days, '
            f"count(*) as visits, bool_or(next is null) as is_there from ({steps}) "
            f"where stage in {PLACES} group by deal, stage"
        )
        return self.stayed(self._connection.sql(found))

    def stayed(self, found: duckdb.DuckDBPyRelation) -> Answer:
        """Sums of what the stays of a log are."""
        ordinals = (f"sum({name} - date '{EPOCH}')" for name in ("first_entry", "latest_entry"))
        told = "sum(days), count(days), sum(visits), count_if(is_there)"
        return found.aggregate(f"count(*), {', '.join(ordinals)}, {told}").fetchall()[0]

    def variants(self, log: duckdb.DuckDBPyRelation) -> Answer:
        deals = (
            'select string_agg(stage, \' \' order by "at") as way, max("at") - min("at") as days '
            f"from {log.alias} group by deal"
        )
        ways = f"select way, count(*), median(days) from ({deals}) group by way"
        found = self._connection.execute(f"{ways} order by 2 desc, 1 limit 10").fetchall()
        return [tuple(row) for row in found]

    def of_owner(self, frame: duckdb.DuckDBPyRelation, owner: str) -> duckdb.DuckDBPyRelation:
        """The rows of one owner."""
        return frame.filter(f"owner = '{owner}'")

    def compare(self, before: duckdb.DuckDBPyRelation, after: duckdb.DuckDBPyRelation) -> Answer:
        codes = " ".join(f"when '{place}' then {code}" for place, code in PLACE_OF.items())
        units = "cast(round(amount * 100) as bigint)"
        told = f"id, case stage {codes} end as place, {units} as units, expected_close_on as day"
        stays, was_open, is_open = "(p is not null and q is not null)", f"p < {WON}", f"q < {WON}"
        kinds = {
            "new": "p is null",
            "gone": "q is null",
            "won": f"q = {WON} and p is distinct from {WON}",
            "lost": f"q = {WON + 1} and p is distinct from {WON + 1}",
            "reopened": f"p >= {WON} and {is_open}",
            "forward": f"{was_open} and {is_open} and p < q",
            "back": f"{was_open} and {is_open} and p > q",
            "slipped": f"{was_open} and {is_open} and d < e",
            "pulled_in": f"{was_open} and {is_open} and d > e",
            "grown": f"{stays} and u < v",
            "shrunk": f"{stays} and u > v",
        }
        lines = {
            "opening": (was_open, "u"),
            "new": (f"p is null and {is_open}", "v"),
            "reopened": (f"p >= {WON} and {is_open}", "v"),
            "grown": (f"{was_open} and {stays} and u < v", "v - u"),
            "shrunk": (f"{was_open} and {stays} and u > v", "u - v"),
            "won": (f"{was_open} and q = {WON}", "v"),
            "lost": (f"{was_open} and q = {WON + 1}", "v"),
            "gone": (f"{was_open} and q is null", "u"),
            "closing": (is_open, "v"),
        }
        changed = " or ".join(f"coalesce({rows}, false)" for rows in kinds.values())
        asked = {f"kind {name}": f"count_if({rows})" for name, rows in kinds.items()}
        asked["kind unchanged"] = f"count_if(not ({changed}))"
        for name, (rows, value) in lines.items():
            asked[f"deals {name}"] = f"count_if({rows})"
            asked[f"units {name}"] = f"coalesce(sum({value}) filter ({rows}), 0)"
        query = (
            f"with b as (select {told} from {before.alias}), a as (select {told} from "
            f"{after.alias}), pairs as (select b.place as p, a.place as q, b.units as u, "
            "a.units as v, b.day as d, a.day as e from b full join a using (id)) "
            f"select p, q, count(*), {', '.join(asked.values())} from pairs group by p, q"
        )
        rows = self._connection.execute(query).fetchall()
        sums = {name: sum(row[3 + at] or 0 for row in rows) for at, name in enumerate(asked)}
        return _compared(
            sums, [row[:3] for row in rows if None not in row[:2] and row[0] != row[1]]
        )


def _compared(found: Mapping[str, int], moves: list[tuple[Any, ...]]) -> Answer:
    """Counts of both sides in one order; what is not there is left out."""
    places = [*PLACE_OF]
    words = sorted((places[source], places[target], deals) for source, target, deals in moves)
    return {name: int(number) for name, number in found.items()}, words


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


# ------------------------------------------------------------------------------------- the tasks


@dataclass(frozen=True)
class Sizes:
    """How many rows there are, and in a small frame."""

    rows: int
    small: int


def read_numbers(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401 - either engine
    """Amounts such as $1,234.50."""
    cents = np.random.default_rng(1).integers(40_000, 400_000_000, sizes.rows)
    frame = engine.frame(pl.DataFrame({"value": [f"${cent / 4:,.2f}" for cent in cents]}))

    def ours() -> Answer:
        return engine.numbers(sf.pipeline.read_numbers(frame, "value"), "value")

    return lambda: engine.read_numbers(frame), ours


def _read_days(form: str) -> Callable[[Any, Sizes], Ways]:
    def ways(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
        seconds = np.random.default_rng(2).integers(0, 86_400 * 1_000, sizes.rows)
        moment = pl.datetime(2023, 1, 1) + pl.duration(seconds=pl.lit(pl.Series(seconds)))
        frame = engine.frame(pl.select(moment.dt.to_string(form).alias("closed")))

        def ours() -> Answer:
            return engine.days(sf.pipeline.read_days(frame, "closed"), "closed")

        return lambda: engine.read_days(frame, form), ours

    return ways


def suggest(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """Which column of an export is what."""
    playbook = sf.load_playbook("simple_selling")
    random = np.random.default_rng(3)
    labels = [*(place.title.get("en") for place in playbook.stages[:4]), "Won", "Lost"]
    days = pl.Series(random.integers(19_000, 20_000, sizes.rows), dtype=pl.Int32).cast(pl.Date)
    deals = pl.DataFrame(
        {
            "Opportunity ID": [f"006{number:09}" for number in range(sizes.rows)],
            "Stage": pl.Series(labels).sample(sizes.rows, with_replacement=True, seed=3),
            "Amount": [f"${amount:,.2f}" for amount in random.integers(1, 10**7, sizes.rows)],
            "Close Date": days.dt.to_string("%d-%m-%Y"),
            "Owner": pl.Series(["anna", "li.wei"]).sample(
                sizes.rows, with_replacement=True, seed=4
            ),
        }
    )
    frame = engine.frame(deals)

    def ours() -> Answer:
        found = sf.pipeline.suggest(frame, playbook)
        targets = {column.column: column.target for column in found.columns}
        readers = {reader.column: reader.reader for reader in found.readers}
        return (
            found.rows,
            targets["Opportunity ID"] == "key",
            readers["Amount"] == "read_numbers",
            readers["Close Date"] == "read_days",
            sorted((label.label, label.rows) for label in found.labels if label.fact == "stage"),
        )

    return lambda: engine.suggest(frame), ours


def unique(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """All checks of the flagship, and one for deals that are there twice."""
    playbook = sf.load_playbook("optimized_sales_process")
    deals = sample(playbook, sizes.rows).with_columns((pl.col("amount") / 1e4).floor() * 1e4)
    frame = engine.frame(deals.with_columns(pl.col("owner").replace(" ", "anna")))

    def hand() -> Answer:
        dialect = engine.dialect(frame)
        asked = checks_by_hand(playbook, dialect, AS_OF)
        counts, totals = dialect.count(asked.checks, asked.place)
        totals.require()
        return counts, engine.shared(frame)

    def ours() -> Answer:
        report = sf.check_pipeline(frame, playbook, key="id", as_of=AS_OF, unique=[UNIQUE])
        counts = counts_of(report, playbook)
        return counts, counts.pop(f"unique.{'+'.join(UNIQUE)}")[1]

    return hand, ours


def findings(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """A row for each finding of a check that most deals fail, with what was seen."""
    playbook = sf.load_playbook("simple_selling")
    deals = _snapshot(sizes.rows)
    owners = pl.Series(["anna", "li.wei", " ", None]).sample(
        len(deals), with_replacement=True, seed=6
    )
    frame = engine.frame(deals.select("id", "stage", "amount", owner=owners))
    report = sf.check_pipeline(
        frame,
        playbook,
        key="id",
        as_of=AS_OF,
        checks={"big": sf.Rule.parse(f"amount >= {LIMIT}")},
    )
    told = {
        "hygiene.owner_known": "Somebody owns the deal.",
        "big": f"amount is at least {LIMIT:,}.",
    }
    ours = lambda: engine.found(report.findings(values=True))  # noqa: E731
    return lambda: engine.findings(frame, told), ours


def _snapshot(rows: int, *, seed: int = 7) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    day = (AS_OF - EPOCH).days
    days = random.integers(day - 60, day + 300, rows)
    return pl.DataFrame(
        {
            "id": [f"D-{number:08}" for number in range(rows)],
            "stage": pl.Series([*PLACE_OF]).sample(rows, with_replacement=True, seed=seed),
            "amount": random.integers(4_000, 4_000_000, rows) / 4,
            "expected_close_on": pl.Series(days).cast(pl.Int32).cast(pl.Date),
        }
    )


def compare(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """Two snapshots: most deals are as they were, some changed, are new or gone."""
    playbook = sf.load_playbook("simple_selling")
    monday, other = _snapshot(sizes.rows), _snapshot(sizes.rows, seed=8)
    changed = pl.Series(np.random.default_rng(9).random(sizes.rows) < 0.2)
    friday = monday.select(
        "id",
        *(
            pl.when(changed).then(other[name]).otherwise(pl.col(name)).alias(name)
            for name in ("stage", "amount", "expected_close_on")
        ),
    )
    some = sizes.rows // 20
    before, after = engine.frame(monday[: sizes.rows - some]), engine.frame(friday[some:])

    def ours() -> Answer:
        found = sf.pipeline.compare(before, after, playbook, key="id", as_of=AS_OF + timedelta(400))
        sums = {f"kind {name}": number for name, number in found.counts.items()}
        assert found.movement is not None
        none = ("slipped_in", "slipped_out", "disqualified", "ended")
        assert not any(getattr(found.movement, name).deals for name in none)
        for name in type(found.movement).model_fields:
            if name not in {"currency", *none}:
                line = getattr(found.movement, name)
                sums[f"deals {name}"] = line.deals
                sums[f"units {name}"] = int(line.amount * 100)
        assert not sums.pop("kind disqualified") + sums.pop("kind ended")
        moves = sorted((move.source, move.target, move.deals) for move in found.moves)
        return sums, moves

    return lambda: engine.compare(before, after), ours


def _log(rows: int) -> pl.DataFrame:
    """Deals that go on, or back, by a stage a time, five times at most."""
    random = np.random.default_rng(10)
    deals = rows // 5
    places = (random.integers(0, 2, (deals, 1)) + np.arange(5)).clip(max=4)
    turned = random.random(deals) < 0.1
    places[turned, 3] = places[turned, 1]
    day = (AS_OF - EPOCH).days - 300 + random.integers(1, 30, (deals, 5)).cumsum(axis=1)
    there = np.ones((deals, 5), dtype=bool)
    there[:, 1:] = places[:, 1:] != places[:, :-1]
    names = pl.Series([*PLACES, "won"])
    return pl.DataFrame(
        {
            "deal": pl.Series(np.repeat(np.arange(deals), 5)[there.ravel()]),
            "stage": names.gather(places.ravel()[there.ravel()]),
            "at": pl.Series(day.ravel()[there.ravel()]).cast(pl.Int32).cast(pl.Date),
        }
    ).sample(fraction=1.0, shuffle=True, seed=10)


def stays(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """How long each deal was in each stage."""
    playbook = sf.load_playbook("simple_selling")
    log = engine.frame(_log(sizes.rows))

    def ours() -> Answer:
        found = sf.pipeline.stays(log, playbook, case="deal", stage="stage", at="at")
        return engine.stayed(found)

    return lambda: engine.stays(log), ours


def variants(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """The ways that deals went, of a log that has been looked at."""
    playbook = sf.load_playbook("simple_selling")
    log = engine.frame(_log(sizes.rows))
    report = sf.pipeline.check_history(log, playbook, case="deal", stage="stage", at="at")

    def ours() -> Answer:
        found = [
            (" ".join(it.stages), it.cases, it.days_median) for it in report.variants().variants
        ]
        return sorted(found, key=lambda way: (-way[1], way[0]))

    return lambda: engine.variants(log), ours


def by_owner(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """All metrics of a snapshot by owner; by hand with a call for all deals and for each owner."""
    playbook = sf.load_playbook("simple_selling")
    names = ["anna", "j.smith", "li.wei"]
    owners = pl.Series(names).sample(sizes.rows, with_replacement=True, seed=11)
    frame = engine.frame(_snapshot(sizes.rows).with_columns(owner=owners))

    def figures(deals: Any) -> Any:  # noqa: ANN401
        return sf.pipeline.metrics(deals, playbook, key="id", as_of=AS_OF)

    def told(found: Any) -> Answer:  # noqa: ANN401 - metrics of one kind of frame
        return found.deals.value, found.won.value, found.win_rate.value

    def hand() -> Answer:
        parts = {name: told(figures(engine.of_owner(frame, name))) for name in names}
        return told(figures(frame)), parts

    def ours() -> Answer:
        found = sf.pipeline.metrics(frame, playbook, key="id", as_of=AS_OF, by="owner")
        parts = {str(group.values[0]): told(group.figures) for group in found.groups}
        return told(found.all), dict(sorted(parts.items()))

    return hand, ours


def small(engine: Any, sizes: Sizes) -> Ways:  # noqa: ANN401
    """All checks of the flagship, on a small frame."""
    playbook = sf.load_playbook("optimized_sales_process")
    bench = bench_engines.Bench(playbook, sample(playbook, sizes.small), Path())
    frame = engine.frame(bench.deals)
    return bench.both(frame, lambda: engine.dialect(frame))


TASKS: Final[Mapping[str, tuple[Callable[[Any, Sizes], Ways], float | None]]] = {
    "read_numbers $1,234.50": (read_numbers, None),
    "read_days 31-12-2026": (_read_days("%d-%m-%Y"), None),
    "read_days 2026-12-31": (_read_days("%Y-%m-%d"), None),
    "read_days with times": (_read_days("%Y-%m-%d %H:%M:%S"), None),
    "suggest": (suggest, None),
    "check_pipeline unique=": (unique, None),
    "findings values=True": (findings, None),
    "compare": (compare, None),
    "stays": (stays, None),
    "variants": (variants, None),
    "metrics by=": (by_owner, None),
    "small check_pipeline": (small, 2.0),
}
ENGINES: Final[Mapping[str, type[OnPolars | OnDuckDb]]] = {"polars": OnPolars, "duckdb": OnDuckDb}


def measured(task: str, name: str, sizes: Sizes, runs: int) -> str:
    """One line of the table."""
    engine = ENGINES[name]()
    make, target = TASKS[task]
    hand, ours = make(engine, sizes)
    by_hand, by_us = hand(), ours()
    assert by_us == by_hand, (by_us, by_hand)
    took = medians({"hand": hand, "ours": ours}, runs)
    ratio = took["ours"].wall / took["hand"].wall
    cpu = took["ours"].cpu / took["hand"].cpu
    return (
        f"{task:24}{name:8}{took['hand'].wall * 1e3:10,.0f}{took['ours'].wall * 1e3:10,.0f}"
        f"{ratio:8.2f}{cpu:8.2f}{target or engine.target:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000 if QUICK else 1_000_000)
    parser.add_argument("--small", type=int, default=500 if QUICK else 20_000)
    parser.add_argument("--runs", type=int, default=1 if QUICK else 5)
    parser.add_argument("--only", default="", help="beginnings of tasks, with commas between")
    parser.add_argument("engines", nargs="*", default=[*ENGINES])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    sizes = Sizes(asked.rows, asked.small)
    print(f"{sizes.rows:,} rows, median of {asked.runs} runs; {machine()}")
    heading = f"{'by hand':>10}{'salesflow':>10}{'ratio':>8}{'of CPU':>8}{'target':>8}  (ms)"
    print(f"{'':24}{'':8}{heading}")
    for task in TASKS:
        if task.startswith(tuple(asked.only.split(","))):
            for name in asked.engines:
                print(measured(task, name, sizes, asked.runs), flush=True)


if __name__ == "__main__":
    main()
