"""The checks that pandera and pointblank can express too, over one polars frame, and zen-engine.

All three make the same twelve checks and look for repeated keys, over deals of which few are wrong,
as pandera writes down every wrong value. The rows that fail are counted and must be the same; a
missing value is unknown to salesflow and is no failure to the others. zen-engine takes one record
at a time: it evaluates a compiled expression per check and row, over dictionaries that are there
already; that is told per row.

Run: python benchmarks/bench_peers.py [--rows 1000000] [--runs 5] [--records 20000]; with
`--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from time import perf_counter
from typing import Final, TypeAlias, cast

import polars as pl

import salesflow as sf
from benchmarks._deals import AS_OF, sample
from benchmarks._measure import QUICK, machine, medians

Failed: TypeAlias = dict[str, int]
"""By check: the rows where it does not hold."""

LONG_AGO: Final = AS_OF - timedelta(days=79)
SOON: Final = AS_OF - timedelta(days=58)
TIERS: Final = ("regular", "named", "strategic")

PROCESS: Final = """
id = "peers"
version = "1"
title = "Peers"
languages = ["en"]
[[stages]]
key = "only"
title = "Only"
"""


@dataclass(frozen=True)
class Check:
    """One check in four languages.

    Attributes:
        rule: In that of salesflow.
        column: The column that the others look at.
        kind: What they do with it.
        value: A number, a day, a pair of bounds, a list, or another column.
        zen: In the language of zen-engine; days are numbers of days there.
    """

    rule: str
    column: str
    kind: str
    value: object = None
    zen: str = ""


CHECKS: Final = {
    "amount_positive": Check("deal.amount >= 0", "amount", "ge", 0, "amount >= 0"),
    "amount_sane": Check(
        "deal.amount <= 2_000_000", "amount", "le", 2_000_000, "amount <= 2000000"
    ),
    "amount_known": Check("known(deal.amount)", "amount", "known", zen="amount != null"),
    "probability_sane": Check(
        "0 <= deal.probability <= 1",
        "probability",
        "between",
        (0, 1),
        "probability >= 0 and probability <= 1",
    ),
    "probability_known": Check(
        "known(deal.probability)", "probability", "known", zen="probability != null"
    ),
    "tier_listed": Check(
        'deal.tier in ("regular", "named", "strategic")',
        "tier",
        "in",
        TIERS,
        'tier in ["regular", "named", "strategic"]',
    ),
    "a_contact": Check("deal.contacts >= 1", "contacts", "ge", 1, "contacts >= 1"),
    "few_pushes": Check("deal.pushes <= 5", "pushes", "le", 5, "pushes <= 5"),
    "close_ahead": Check(
        f'deal.expected_close_on >= date("{SOON}")',
        "expected_close_on",
        "ge",
        SOON,
        f"expected_close_on >= {SOON.toordinal()}",
    ),
    "active": Check(
        f'deal.active_on >= date("{LONG_AGO}")',
        "active_on",
        "ge",
        LONG_AGO,
        f"active_on >= {LONG_AGO.toordinal()}",
    ),
    "created_known": Check(
        "known(deal.created_on)", "created_on", "known", zen="created_on != null"
    ),
    "entered_later": Check(
        "deal.entered_on >= deal.created_on",
        "entered_on",
        "ge column",
        "created_on",
        "entered_on >= created_on",
    ),
}

COLUMNS: Final = {
    "amount": "amount",
    "probability": "probability",
    "account.tier": "tier",
    "contacts.total": "contacts",
    "close_date_pushes": "pushes",
    "expected_close_on": "expected_close_on",
    "last_activity_on": "active_on",
    "entered_stage_on": "entered_on",
    "created_on": "created_on",
}


def deals(rows: int) -> pl.DataFrame:
    """The columns that are checked, under names that are no facts, so that nothing else is."""
    made = sample(sf.load_playbook("optimized_sales_process"), rows)
    return made.select("id", pl.lit("only").alias("stage"), *COLUMNS).rename(COLUMNS)


def by_salesflow(frame: pl.DataFrame) -> Failed:
    playbook = sf.Playbook.from_toml(PROCESS)
    kinds = {pl.Date(): sf.FactKind.DAY, pl.String(): sf.FactKind.TEXT}
    facts = playbook.facts.extended(
        sf.Fact(f"deal.{column}", kinds.get(frame.schema[column], sf.FactKind.NUMBER))
        for column in COLUMNS.values()
    )
    report = sf.check_pipeline(
        frame,
        playbook,
        key="id",
        as_of=AS_OF,
        columns={f"deal.{column}": column for column in COLUMNS.values()},
        checks={key: sf.Rule.parse(check.rule, facts=facts) for key, check in CHECKS.items()},
    )
    return {key: report.counts[key].no for key in CHECKS}


def by_pandera(frame: pl.DataFrame) -> Failed:
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    columns: dict[str, list[object]] = {column: [] for column in COLUMNS.values()}
    where: dict[tuple[str | None, int | None], str] = {}
    for key, check in CHECKS.items():
        made = columns[check.column]
        if check.kind != "known":
            where[check.column, len(made)] = key
        match check.kind, check.value:
            case "known", _:
                where[check.column, None] = key
            case "ge", value:
                made.append(pa.Check.ge(value))
            case "le", value:
                made.append(pa.Check.le(value))
            case "between", (low, high):
                made.append(pa.Check.in_range(low, high))
            case "in", value:
                made.append(pa.Check.isin(value))
            case _, other:
                del where[check.column, len(made)]
                where[None, 0] = key
                late, early = pl.col(check.column), pl.col(cast("str", other))
    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(unique=True),
            **{
                column: pa.Column(checks=checks, nullable=(column, None) not in where)
                for column, checks in columns.items()
            },
        },
        checks=[pa.Check(lambda data: data.lazyframe.select(late >= early))],
    )
    failed = dict.fromkeys(CHECKS, 0)
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.group_by("column", "check_number").len()
        failed |= {where[column, number]: count for column, number, count in cases.iter_rows()}
    return failed


def by_pointblank(frame: pl.DataFrame) -> Failed:
    import pointblank as pb

    plan = pb.Validate(frame)
    for check in CHECKS.values():
        match check.kind, check.value:
            case "known", _:
                plan = plan.col_vals_not_null(check.column)
            case "ge", value:
                plan = plan.col_vals_ge(check.column, value, na_pass=True)
            case "le", value:
                plan = plan.col_vals_le(check.column, value, na_pass=True)
            case "between", (low, high):
                plan = plan.col_vals_between(check.column, low, high, na_pass=True)
            case "in", (*listed,):
                # It has no word for passing what is missing here.
                plan = plan.col_vals_in_set(check.column, [*listed, None])
            case _, other:
                plan = plan.col_vals_ge(check.column, pb.col(other), na_pass=True)
    plan = plan.rows_distinct(columns_subset="id")
    plan = plan.interrogate(collect_extracts=False, collect_tbl_checked=False)
    failed = plan.n_failed()
    assert not failed.pop(len(CHECKS) + 1)
    return dict(zip(CHECKS, failed.values(), strict=True))


def by_zen(records: list[dict[str, object]]) -> float:
    """Seconds for every check of every record."""
    from zen import compile_expression

    compiled = [compile_expression(check.zen) for check in CHECKS.values()]
    start = perf_counter()
    for record in records:
        for expression in compiled:
            expression.evaluate(record)
    return perf_counter() - start


def records_of(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Dictionaries; days as whole numbers, which zen-engine compares fastest."""
    return [
        {
            name: value.toordinal() if isinstance(value, date) else value
            for name, value in row.items()
        }
        for row in frame.to_dicts()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000 if QUICK else 1_000_000)
    parser.add_argument("--runs", type=int, default=1 if QUICK else 5)
    parser.add_argument("--records", type=int, default=50 if QUICK else 20_000)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")  # of the peers; they would hide the table
    frame = deals(asked.rows)
    sides: dict[str, Callable[[pl.DataFrame], Failed]] = {
        "salesflow": by_salesflow,
        "pandera": by_pandera,
        "pointblank": by_pointblank,
    }
    found = {name: side(frame) for name, side in sides.items()}
    assert found["salesflow"] == found["pandera"] == found["pointblank"], found
    took = medians({name: partial(side, frame) for name, side in sides.items()}, asked.runs)
    print(f"{asked.rows:,} rows, {len(CHECKS)} checks, median of {asked.runs} runs; {machine()}")
    print(f"{'':16}{'ms':>10}{'ratio':>8}{'of CPU':>8}")
    ours = took["salesflow"]
    for name, each in took.items():
        wall, cpu = each.wall / ours.wall, each.cpu / ours.cpu
        print(f"{name:16}{each.wall * 1e3:10,.0f}{wall:8.2f}{cpu:8.2f}")
    records = records_of(frame.drop_nulls().head(asked.records))
    per_row = min(by_zen(records) for _ in range(3)) / len(records)
    ours_per_row = ours.wall / asked.rows
    print(f"\nzen-engine, {len(records):,} rows one by one: {per_row * 1e6:.2f} µs a row,")
    print(f"salesflow {ours_per_row * 1e6:.3f} µs: {per_row / ours_per_row:,.0f} times faster")


if __name__ == "__main__":
    main()
