"""Frames that are wrong, empty, strange or very large, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from pyspark.sql import functions

from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline import Counts, backtest, check_history, check_pipeline, metrics
from tests.pipeline.deals_sample import rows_of
from tests.pipeline.work_done import calls_counted

AS_OF = date(2026, 1, 31)

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]


def test_everything_that_is_wrong_is_in_one_error(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({"stage": "Qualfy"}, {"id": None}, {"id": "D-1"}, {}).with_columns(
        amount=pl.lit("much")
    )

    with pytest.raises(ArgumentError) as caught:
        check_pipeline(
            every(frame),
            process,
            key="id",
            as_of=AS_OF,
            columns={"owner": "ownr", "no.fact": "owner"},
            values={"bant.budget": {"Yes": "yes"}},
            tz="Mars",
        )

    problems = {(problem.path, problem.code) for problem in caught.value.problems}
    assert problems == {
        ("columns['owner']", "no_column"),
        ("columns['no.fact']", "unknown_fact"),
        ("values['bant.budget']['Yes']", "invalid"),
        ("tz", "zone"),
        ("amount", "kind"),
        ("id", "null_key"),
        ("id", "duplicate_key"),
        ("stage", "unknown_stage"),
    }
    assert "'D-1' (2 times)" in str(caught.value)
    assert 'stages={"Qualfy": "qualify"}' in str(caught.value)


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_row_is_enough(
    rows: int, every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = every(deals({"owner": " "}).head(rows))

    report = check_pipeline(frame, process, key="id", as_of=AS_OF)

    assert report.rows == rows
    assert report.counts["hygiene.owner_known"] == Counts(yes=0, no=rows, unknown=0)
    assert len(rows_of(report.findings())) == sum(
        count.no + count.unknown for count in report.counts.values()
    )


EMPTY = ("owner", "amount", "expected_close_on", "bant.need", "done.plan", "sub_stage", "outcome")


def test_columns_without_any_value_or_type_are_missing_values(
    every: Engine, request: pytest.FixtureRequest, deals: Deals, process: Playbook
) -> None:
    engine = request.node.callspec.params["every"]
    frame = deals({}, {"stage": "won"}).with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in EMPTY
    )
    # Texts where there ought to be something else; where the engine has it, no type at all.
    if engine in {"polars", "polars lazy", "pyarrow", "pandas pyarrow"}:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Null).alias(name) for name in EMPTY[:3])
    made = every(frame)
    if engine == "pyspark":
        made = made.withColumns(dict.fromkeys(EMPTY[:3], functions.lit(None)))
        assert made.schema["amount"].dataType.typeName() == "void"

    report = check_pipeline(made, process, key="id", as_of=AS_OF)

    for name in ("owner_known", "amount_known", "close_date_known"):
        assert report.counts[f"hygiene.{name}"] == Counts(yes=0, no=1, unknown=0), name
    figures = metrics(made, process, key="id", as_of=AS_OF)
    assert figures.won_value.reason == "no won deal has an amount"
    assert (figures.won.value, figures.overdue.value) == (1, None)


NAMES = ("a.b", "the `key`", '"quoted"', "编号 。", "x y", "c0", "`", '"', "'", "a.`b.c`", "\\n")


def test_columns_may_have_any_name(every: Engine, deals: Deals, process: Playbook) -> None:
    facts = ["owner", "amount", "probability", "created_on", "closed_on", "bant.need", "next_step"]
    facts += ["contacts.total", "done.plan"]
    renamed = dict(zip(["id", "stage", *facts], NAMES, strict=True))
    frame = deals({"owner": None}, {"stage": "won"}).rename(renamed)

    report = check_pipeline(
        every(frame),
        process,
        key=renamed["id"],
        stage=renamed["stage"],
        as_of=AS_OF,
        columns={fact: renamed[fact] for fact in facts},
    )

    plain = check_pipeline(deals({"owner": None}, {"stage": "won"}), process, key="id", as_of=AS_OF)
    assert (report.counts, report.not_checked) == (plain.counts, plain.not_checked)
    found = rows_of(report.findings())
    assert {row["a.b"] for row in found} == {"D-1", "D-2"}


def test_flags_are_what_the_caller_says_they_are(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(*[{}] * 4).with_columns(
        pl.Series("bant.budget", ["Yes", "No", "Unknown", "?"]),
        pl.Series("bant.need", [0, 1, None, 7]),
        pl.Series("done.plan", ["+", "-", "?", None]),
        pl.Series("done.sponsor_met", [1.0, 0.0, float("nan"), None]),
    )
    rules = {
        name: Rule.parse(name, process.facts)
        for name in ("bant.budget", "bant.need", "done.plan", "done.sponsor_met")
    }

    report = check_pipeline(
        every(frame),
        process,
        key="id",
        as_of=AS_OF,
        checks=rules,
        values={
            "bant.budget": {"Yes": "+", "No": "-", "Unknown": "?"},
            "bant.need": {0: True, 1: False},
            "done.sponsor_met": {1: True, 0: False},
        },
    )

    once_each = Counts(yes=1, no=1, unknown=2)
    assert {name: report.counts[name] for name in rules} == dict.fromkeys(rules, once_each)
    assert report.counts["hygiene.known_values.bant.need"].no == 1  # the 7


def test_a_backtest_and_a_history_say_what_is_wrong_too(every: Engine, process: Playbook) -> None:
    frame = every(
        pl.DataFrame(
            {
                "ca.se": ["a", None],
                "sta`ge": ["Won", "woon"],
                "at": ["soon", "soon"],
                "bant.budget": ["+", "-"],
            }
        )
    )

    with pytest.raises(FrameError, match=r"sta`ge: 'woon' is not a known outcome \(1 row\)"):
        backtest(frame, process.checklists["bant"], outcome="sta`ge")
    with pytest.raises(FrameError, match=r"cannot be the day at|Dask cannot put"):
        check_history(frame, process, case="ca.se", stage="sta`ge", at="at")


# -------------------------------------------------------------------------------------------- size


def test_a_column_that_nobody_asks_for_costs_next_to_nothing(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    more = pl.DataFrame({f'"x{n}".': [n] for n in range(1_000)})
    frame, wide = every(deals({})), every(pl.concat([deals({}), more], how="horizontal"))
    check_pipeline(frame, process, key="id", as_of=AS_OF)

    with calls_counted() as few:
        check_pipeline(frame, process, key="id", as_of=AS_OF)
    with calls_counted() as many:
        report = check_pipeline(wide, process, key="id", as_of=AS_OF)

    assert report.rows == 1
    # To ask for one column takes thousands of calls.
    assert many.total() - few.total() < 50 * len(more.columns)


def book(stages: int, criteria: int) -> Playbook:
    head = 'id = "big"\nversion = "1"\ntitle = "Big"\nlanguages = ["en"]\ncurrency = "USD"\n'
    parts = [
        f'[[stages]]\nkey = "s{stage}"\ntitle = "S"\nmax_days = {10 + stage % 5}\n'
        + "".join(
            f'[[stages.exit]]\nkey = "c{stage}_{n}"\ntitle = "C"\n'
            f'rule = "amount >= {stage * 100 + n} or close_date_pushes <= {n}"\n'
            for n in range(criteria)
        )
        for stage in range(stages)
    ]
    return Playbook.from_toml(head + "".join(parts))


def spread(stages: int, criteria: int) -> pl.DataFrame:
    """Deals in all stages of such a book."""
    return pl.DataFrame(
        {
            "id": [f"d{n}" for n in range(300)],
            "stage": [f"s{n % stages}" for n in range(300)],
            "amount": [float(n * 13 % (100 * stages)) for n in range(300)],
            "close_date_pushes": [n % (criteria + 2) for n in range(300)],
            "entered_stage_on": [date(2026, 1, 1)] * 300,
        }
    )


@pytest.mark.parametrize(("stages", "criteria"), [(25, 20), (100, 5)])
def test_a_large_process_is_checked(stages: int, criteria: int) -> None:
    with calls_counted() as small:
        _ = check_pipeline(spread(10, 10), book(10, 10), key="id", as_of=AS_OF).findings()
    with calls_counted() as large:
        report = check_pipeline(
            spread(stages, criteria), book(stages, criteria), key="id", as_of=AS_OF
        )
        findings = report.findings()

    # The work grows with the number of criteria, and not with its square.
    assert large.total() < 1.5 * small.total() * stages * criteria / 100
    # The last stage's criteria are those of deals that are won; there is none.
    assert sum(key.startswith("exit.") for key in report.counts) == stages * criteria
    assert report.counts[f"exit.s{stages - 1}.c{stages - 1}_0"].rows == 0
    assert len(findings) == sum(each.no + each.unknown for each in report.counts.values())
    first = report.counts["exit.s0.c0_0"]
    assert first.rows == sum(n % stages > 0 for n in range(300))
