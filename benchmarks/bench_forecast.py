"""A forecast by quarter, category and owner on polars and DuckDB, against the same by hand.

By hand is what an expert of that engine writes who knows the file: its columns, its labels, that
its keys are distinct and its probabilities are between 0 and 1, which is looked at all the same.
Both sides give deals, amount and weighted amount of each category by owner and period, the deals
that are at odds with what their stage asked for, and the 200 largest open deals of each period, of
which the interval is made. The answers of both must be equal.

Run: python benchmarks/bench_forecast.py [--rows 1000000] [--runs 5] [engine …]; with `--quick` in a
moment, to see that it runs.
"""

# ruff: noqa: D102 - the tasks below say what each way is
# ruff: noqa: S608 - the texts are our own

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import date
from math import isclose
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np
import polars as pl

from benchmarks._measure import QUICK, machine, medians
from salesflow import Playbook
from salesflow.pipeline import Forecast, Period, forecast

Answer: TypeAlias = object

AS_OF: Final = date(2026, 1, 31)
LARGEST: Final = 200
OWNERS: Final = tuple(f"owner {number:02}" for number in range(20))
BOOK: Final = Playbook.from_toml("""
id = "bench"
version = "1"
title = "Bench"
currency = "USD"
roles = [{ key = "rep", title = "Rep" }]

[[stages]]
key = "qualify"
title = "Qualify"
probability = 0.1
forecast = "pipeline"
exit = [{ key = "sponsor_met", title = "The sponsor was met", by = "rep" }]
[[stages]]
key = "offer"
title = "Offer"
probability = 0.5
forecast = "best_case"
[[stages]]
key = "sign"
title = "Sign"
probability = 0.9
forecast = "commit"
wins = true
""")
CATEGORY: Final = {"qualify": "pipeline", "offer": "best_case", "sign": "commit", "won": "closed"}
CHANCE: Final = {"qualify": 0.1, "offer": 0.5, "sign": 0.9}
CLOSED: Final = ("won", "lost", "disqualified")
LABELS: Final = (*CHANCE, *CLOSED)
CELL: Final = ("owner", "period", "category")


def sample(rows: int) -> pl.DataFrame:
    """Deals at every place, expected or closed within a year and more."""
    random = np.random.default_rng(20260131)
    day = AS_OF.toordinal() - date(1970, 1, 1).toordinal()

    def days(start: int, end: int) -> pl.Series:
        return pl.Series(random.integers(day + start, day + end, rows)).cast(pl.Int32).cast(pl.Date)

    def words(choices: Iterable[str]) -> pl.Series:
        listed = [*choices]
        numbers = pl.Series(random.integers(0, len(listed), rows))
        return numbers.replace_strict(range(len(listed)), listed, return_dtype=pl.String)

    frame = pl.DataFrame(
        {
            "id": pl.Series([f"D-{number:08}" for number in range(rows)]),
            "stage": words([*CHANCE, *CHANCE, "won", "lost"]),
            "amount": pl.Series(random.lognormal(10, 1.2, rows)).round(2),
            "owner": words(OWNERS),
            "probability": pl.Series(random.choice([0.125, 0.25, 0.5, 0.75], rows)),
            "closed_on": days(-200, 1),
            "expected_close_on": days(-20, 400),
            "done.sponsor_met": pl.Series(random.random(rows) < 0.9),
        }
    )
    closed, own = pl.col("stage").is_in(CLOSED), pl.Series(random.random(rows) < 0.5)
    return frame.with_columns(
        closed_on=pl.when(closed).then("closed_on"),
        probability=pl.when(own).then("probability"),
    )


class OnPolars:
    """Eager frames; by hand, lazy queries over them."""

    target = 1.5

    def frame(self, deals: pl.DataFrame) -> pl.DataFrame:
        return deals

    def by_hand(self, frame: pl.DataFrame, periods: tuple[Period, ...]) -> Answer:
        stage, chance = pl.col("stage"), pl.col("probability")
        checked = frame.lazy().select(
            pl.len(),
            pl.col("id").n_unique().alias("keys"),
            pl.col("id").null_count().alias("keyless"),
            (~stage.is_in(LABELS)).sum().alias("strange"),
            (~chance.is_between(0, 1)).sum().alias("wrong"),
        )
        rows, keys, keyless, strange, wrong = checked.collect().row(0)
        assert rows == keys
        assert not keyless + strange + wrong
        owners = frame.lazy().group_by("owner").len().sort("len", descending=True).head(20)
        assert len(owners.collect()) <= len(OWNERS)
        is_open = stage.is_in([*CHANCE])
        expected = pl.max_horizontal("expected_close_on", pl.lit(AS_OF))
        day = pl.when(is_open).then(expected).otherwise("closed_on")
        period = pl.lit(len(periods))
        for at, it in enumerate(periods):
            period = pl.when(day.is_between(it.first, it.last)).then(at).otherwise(period)
        counted = (
            frame.lazy()
            .filter(stage.is_in([*CATEGORY]))
            .select(
                "id",
                "owner",
                "amount",
                is_open.alias("is_open"),
                period.alias("period"),
                stage.replace_strict(CATEGORY, return_dtype=pl.String).alias("category"),
                pl.coalesce(chance, stage.replace_strict(CHANCE, default=None)).alias("chance"),
                (stage.is_in(("offer", "sign")) & ~pl.col("done.sponsor_met")).alias("unmet"),
            )
        )
        put = counted.collect().lazy()
        weighted = pl.when("is_open").then(pl.col("amount") * pl.col("chance")).otherwise(0.0)
        square = weighted * pl.col("amount") * (1 - pl.col("chance"))
        cells = put.group_by(CELL).agg(
            pl.len(),
            pl.col("amount").sum(),
            weighted.sum().alias("weighted"),
            square.sum().alias("variance"),
        )
        odd = put.filter((pl.col("category") == "commit") & pl.col("unmet"))
        odds = odd.select(pl.len(), pl.col("amount").sum()).collect().row(0)
        largest = [
            put.filter(pl.col("is_open") & (pl.col("period") == at))
            .sort("amount", "chance", "id", descending=[True, True, False])
            .head(LARGEST)
            .select("amount", "chance")
            for at in range(len(periods))
        ]
        found = pl.concat(largest).collect()
        return _answer(
            cells.select(*CELL, "len", "amount", "weighted").collect().rows(), odds, found.rows()
        )


class OnDuckDb:
    """Relations of one connection; by hand, queries over a table."""

    target = 2.0

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def frame(self, deals: pl.DataFrame) -> duckdb.DuckDBPyRelation:
        rows = deals.to_arrow()
        self._connection.register("rows", rows)
        self._connection.execute("CREATE TABLE deals AS SELECT * FROM rows")
        return self._connection.table("deals")

    def by_hand(self, _frame: duckdb.DuckDBPyRelation, periods: tuple[Period, ...]) -> Answer:
        def ask(query: str) -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = self._connection.execute(query).fetchall()
            return rows

        labels = ", ".join(f"'{it}'" for it in LABELS)
        ((rows, keys, strange, wrong),) = ask(
            f"SELECT count(*), count(DISTINCT id), count(*) FILTER (stage NOT IN ({labels})), "
            "count(*) FILTER (NOT probability BETWEEN 0 AND 1) FROM deals"
        )
        assert rows == keys
        assert not strange + wrong
        ask("SELECT owner, count(*) AS n FROM deals GROUP BY owner ORDER BY n DESC LIMIT 20")
        when = " ".join(
            f"WHEN day BETWEEN '{it.first}' AND '{it.last}' THEN {at}"
            for at, it in enumerate(periods)
        )
        category = " ".join(f"WHEN '{it}' THEN '{name}'" for it, name in CATEGORY.items())
        chance = " ".join(f"WHEN '{it}' THEN {number}" for it, number in CHANCE.items())
        told = ", ".join(f"'{it}'" for it in CATEGORY)
        counted = (
            "WITH dated AS (SELECT *, stage <> 'won' AS is_open, CASE WHEN stage = 'won' THEN "
            f"closed_on ELSE greatest(expected_close_on, DATE '{AS_OF}') END AS day, coalesce("
            f"probability, CASE stage {chance} END) AS chance FROM deals WHERE stage IN ({told})), "
            "counted AS (SELECT id, owner, amount, is_open, chance, "
            f"CASE {when} ELSE {len(periods)} END AS period, CASE stage {category} END AS category,"
            " stage IN ('offer', 'sign') AND NOT \"done.sponsor_met\" AS unmet FROM dated) "
        )
        cells = ask(
            counted
            + "SELECT owner, period, category, count(*), sum(amount), sum(CASE WHEN is_open "
            "THEN amount * chance ELSE 0 END), sum(CASE WHEN is_open THEN amount * amount * chance "
            "* (1 - chance) ELSE 0 END) FROM counted GROUP BY ALL"
        )
        (odds,) = ask(
            f"{counted} SELECT count(*), sum(amount) FROM counted WHERE category = 'commit' "
            "AND unmet"
        )
        largest = " UNION ALL ".join(
            f"(SELECT amount, chance FROM counted WHERE is_open AND period = {at} "
            f"ORDER BY amount DESC, chance DESC, id LIMIT {LARGEST})"
            for at in range(len(periods))
        )
        return _answer([row[:-1] for row in cells], odds, ask(counted + largest))


def _answer(
    cells: Iterable[tuple[Any, ...]], odds: tuple[Any, ...], largest: Iterable[tuple[float, float]]
) -> Answer:
    """By owner, period and category deals, amount and weighted; and what was found beside these."""
    found = {cell[:3]: cell[3:] for cell in cells}
    return found, odds, sum(amount * chance for amount, chance in largest)


def by_us(frame: Any) -> Forecast[Any]:  # noqa: ANN401 - of either engine
    return forecast(frame, BOOK, key="id", as_of=AS_OF, by="owner")


def equal(hand: Any, ours: Forecast[Any]) -> bool:  # noqa: ANN401 - as above
    """Whether both say the same."""
    known, (deals, amount), _ = hand
    same = [deals == ours.at_odds_total.deals, isclose(amount or 0, ours.at_odds_total.amount or 0)]
    for group in ours.groups:
        for at, period in enumerate(group.periods):
            weighted = 0.0
            for category in CATEGORY.values():
                number, worth, likely = known.get((group.values[0], at, category), (0, 0.0, 0.0))
                line = getattr(period, category)
                same += [line.deals == number, isclose(line.amount, worth, abs_tol=1e-3)]
                weighted += likely
            same.append(isclose(period.weighted.value or 0.0, weighted, abs_tol=1e-3))
    return all(same) and len(ours.groups) == len(OWNERS)


ENGINES: Final[dict[str, type[OnPolars | OnDuckDb]]] = {"polars": OnPolars, "duckdb": OnDuckDb}


def measured(name: str, rows: int, runs: int) -> str:
    """One line of the table."""
    engine: Any = ENGINES[name]()
    frame = engine.frame(sample(rows))
    periods = tuple(it.period for it in by_us(frame).periods)
    hand: Callable[[], Answer] = lambda: engine.by_hand(frame, periods)  # noqa: E731
    ours: Callable[[], Forecast[Any]] = lambda: by_us(frame)  # noqa: E731
    assert equal(hand(), ours())
    took = medians({"hand": hand, "ours": ours}, runs)
    ratio = took["ours"].wall / took["hand"].wall
    cpu = took["ours"].cpu / took["hand"].cpu
    return (
        f"{name:12}{took['hand'].cpu * 1e3:10,.0f}{took['ours'].cpu * 1e3:10,.0f}"
        f"{cpu:8.2f}{ratio:10.2f}{engine.target:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000 if QUICK else 1_000_000)
    parser.add_argument("--runs", type=int, default=1 if QUICK else 5)
    parser.add_argument("engines", nargs="*", default=[*ENGINES])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    print(f"{asked.rows:,} rows, median of {asked.runs} runs; {machine()}")
    head = f"{'by hand':>10}{'salesflow':>10}{'ratio':>8}{'of wall':>10}{'target':>8}"
    print(f"{'':12}{head}  (ms of CPU)")
    for name in asked.engines:
        print(measured(name, asked.rows, asked.runs), flush=True)


if __name__ == "__main__":
    main()
