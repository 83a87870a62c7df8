"""Frames and arguments that cannot be used: one error that lists everything, with what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, FrameError, SalesflowError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline import Counts, check_pipeline, metrics

AS_OF = date(2026, 1, 31)

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]


def refusal(frame: Any, process: Any, **options: Any) -> SalesflowError:
    with pytest.raises((ArgumentError, FrameError)) as caught:
        check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})
    return caught.value


def said(error: SalesflowError) -> set[tuple[str, str]]:
    return {(problem.path, problem.message) for problem in error.problems}


def test_everything_that_is_wrong_is_in_one_error(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"id": "A", "stage": "Qualifying"},
        {"id": "A", "stage": "Qualifying"},
        {"id": None, "stage": "Signature"},
        {"id": " ", "stage": "sign"},
    )

    error = refusal(
        engine(frame),
        process,
        columns={"amout": "amount", "owner": "onwer"},
        stages={"Signature": "sing"},
        values={"account.tier": {"Key": "strategc"}, "nothing": {}},
    )

    assert type(error) is FrameError
    assert said(error) == {
        ("columns['amout']", "there is no fact 'amout'"),
        ("columns['owner']", "there is no column 'onwer'"),
        ("stages['Signature']", "there is no stage 'sing'"),
        ("values['account.tier']['Key']", "account.tier has no value 'strategc'"),
        ("values['nothing']", "there is no fact 'nothing'"),
        ("id", "2 rows without a key"),
        ("id", "1 key stands on several rows: 'A' (2 times)"),
        ("stage", "'Qualifying' is not a stage (2 rows)"),
    }
    hints = {problem.hint for problem in error.problems}
    assert {
        'did you mean "amount"?',
        'did you mean "owner"?',
        'did you mean "sign"?',
        'did you mean "strategic"?',
        'say which it is: stages={"Qualifying": "qualify"}',
    } <= hints


def test_without_the_key_or_the_stage_the_rest_is_still_told(
    deals: Deals, process: Playbook
) -> None:
    error = refusal(deals({}), process, key="Id", stage="phase", columns={"owner": "who"})

    assert said(error) == {
        ("key", "there is no column 'Id'"),
        ("stage", "there is no column 'phase'"),
        ("columns['owner']", "there is no column 'who'"),
    }


def test_without_the_key_the_labels_are_looked_at_and_without_the_stage_the_keys(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = engine(
        deals({"id": "A", "stage": "Qualifying"}, {"id": "A", "stage": None}, {"id": " "})
    )

    labels = refusal(frame, process, key="Id", columns={"owner": "who"})
    keys = refusal(frame, process, stage="phase")

    assert said(labels) == {
        ("key", "there is no column 'Id'"),
        ("columns['owner']", "there is no column 'who'"),
        ("stage", "'Qualifying' is not a stage (1 row)"),
    }
    assert said(keys) == {
        ("stage", "there is no column 'phase'"),
        ("id", "1 row without a key"),
        ("id", "1 key stands on several rows: 'A' (2 times)"),
    }


def test_bad_arguments_do_not_hide_what_is_wrong_with_the_frame(
    deals: Deals, process: Playbook
) -> None:
    error = refusal(
        deals({"id": "A", "stage": "Qualifying"}, {"id": "A"}),
        process,
        as_of="today",
        rates=5,
        missing="ignore",
        columns={"owner": "who"},
        values=5,
        checks={
            "text": "amount > 5",
            "kind": Rule.parse('amount == "x"', Facts([Fact("amount", FactKind.TEXT)])),
            "fine": Rule.parse("known(amount)"),
        },
    )

    assert type(error) is ArgumentError
    assert error.message == "The pipeline cannot be checked like this."
    assert {problem.path for problem in error.problems} == {
        "as_of",
        "rates",
        "missing",
        "values",
        "checks['text']",
        "checks['kind']",
        "columns['owner']",
        "id",
        "stage",
    }


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"key": ["id"]}, "key"),
        ({"key": None}, "key"),
        ({"stage": ["id"]}, "stage"),
        ({"columns": {"amount": {}}}, "columns['amount']"),
        ({"columns": {("amount",): "amount"}}, "columns[('amount',)]"),
        ({"stages": {"a": {}}}, "stages['a']"),
        ({"stages": {"a": 5}}, "stages['a']"),
        ({"values": {"owner": {"a": []}}}, "values['owner']['a']"),
        ({"values": {"bant.need": {"a": {}}}}, "values['bant.need']['a']"),
        ({"values": {5: {}}}, "values[5]"),
        ({"missing": []}, "missing"),
        ({"tz": []}, "tz"),
        *(
            ({"checks": {name: Rule.parse("ended")}}, "checks[")
            for name in (5, None, "", " ", "\0")
        ),
    ],
)
def test_arguments_of_types_that_nobody_expects_are_told(
    options: dict[str, Any], path: str, engine: Engine, deals: Deals, process: Playbook
) -> None:
    paths = [problem.path for problem in refusal(engine(deals({})), process, **options).problems]

    assert [found.startswith(path) for found in paths] == [True]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"id": [[1], [2]], "stage": ["sign", "sign"]}),
        pl.DataFrame({"id": [[1], [2]], "stage": ["sign", "sign"]}),
        pl.DataFrame({"id": pl.Series([object()], dtype=pl.Object), "stage": ["sign"]}),
    ],
    ids=["pandas lists", "polars lists", "polars objects"],
)
def test_a_key_that_cannot_be_compared_is_told(frame: Any, process: Playbook) -> None:
    assert [problem.path for problem in refusal(frame, process).problems] == ["key"]


def test_columns_that_are_not_named_by_texts_are_told(process: Playbook) -> None:
    frame = pd.DataFrame([["D-1", "sign"]])
    frame.columns = pd.MultiIndex.from_tuples([("a", "id"), ("a", "stage")])

    for error in (refusal(frame, process), refusal(pd.DataFrame([[1, "sign"]]), process)):
        assert [problem.path for problem in error.problems] == ["key", "stage"]
        assert {problem.hint for problem in error.problems} == {
            "no column of the frame has a text for a name"
        }


def test_nan_is_no_key_on_any_engine(engine: Engine, deals: Deals, process: Playbook) -> None:
    frame = deals({}, {}).with_columns(id=pl.Series([1.0, float("nan")]))

    assert said(refusal(engine(frame), process)) == {("id", "1 row without a key")}


def test_own_checks_are_held_against_the_playbook(deals: Deals, process: Playbook) -> None:
    checks = {
        "stage": Rule.parse('stage == "sing"'),
        "reached": Rule.parse('reached("sing")'),
        "tier": Rule.parse(
            'account.tier in ("gold", "silver")', Facts([Fact("account.tier", FactKind.CHOICE)])
        ),
    }

    error = refusal(deals({}), process, checks=checks)

    assert [problem.path for problem in error.problems] == [
        "checks['stage']",
        "checks['reached']",
        "checks['tier']",
        "checks['tier']",
    ]
    assert error.problems[1].hint == 'did you mean "sign"?'


def test_messages_are_whole_sentences(deals: Deals, process: Playbook) -> None:
    def told(**options: Any) -> list[str]:
        return [str(problem) for problem in refusal(deals({}), process, **options).problems]

    assert told(tz="Mars") == [
        "tz: must name a time zone, not 'Mars'; for instance tz=\"Asia/Shanghai\""
    ]
    without = 'key: no column identifies a deal; say which one does: key="…"; '
    without += "where no column identifies a deal, number the rows in a new one"
    assert told(key=None) == [without]
    assert told(rates=5) == ["rates: must be a Rates, not an int; pass Rates(…)"]


@pytest.mark.parametrize(
    ("column", "values", "hint"),
    [
        ("amount", ["1,000", "x"], 'frame = sf.pipeline.read_numbers(frame, "amount")'),
        ("amount", [True, False], "it should hold numbers"),
        ("created_on", ["2026-01-01", "01/02/2026"], 'sf.pipeline.read_days(frame, "created_on")'),
        ("created_on", [1, 2], "it should hold dates or datetimes"),
        ("done.sponsor_met", [1, 0], 'values={"done.sponsor_met": {…}}'),
        ("owner", [1.5, 2.5], "it should hold texts"),
        ("owner", [date(2026, 1, 1)] * 2, "it should hold texts"),
    ],
)
def test_a_column_of_the_wrong_type_is_told_with_what_to_do(
    column: str, values: list[Any], hint: str, engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {}).with_columns(pl.Series(column, values))

    error = refusal(engine(frame), process)

    assert [problem.path for problem in error.problems] == [column]
    assert hint in error.problems[0].hint


def test_a_column_that_holds_things_of_many_kinds_is_told(process: Playbook) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "stage": ["qualify", "qualify"],
            "amount": pd.Series([Decimal(1), "much"], dtype="object"),
            "owner": pd.Series([1, "li.wei"], dtype="object"),
        }
    )

    assert {problem.path for problem in refusal(frame, process).problems} == {"amount", "owner"}


def test_owners_may_be_numbers(engine: Engine, deals: Deals, process: Playbook) -> None:
    frame = deals({}, {}).with_columns(pl.Series("owner", [17, 23]))

    report = check_pipeline(engine(frame), process, key="id", as_of=AS_OF)

    assert report.counts["hygiene.owner_known"] == Counts(yes=2, no=0, unknown=0)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"as_of": "2026-01-31"}, "as_of"),
        ({"as_of": datetime(2026, 1, 31, 12)}, "as_of"),
        ({"as_of": None}, "as_of"),
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"missing": "ignore"}, "missing"),
        ({"rates": {"EUR": 1.1}}, "rates"),
        ({"checks": {"big": "amount > 5"}}, "checks['big']"),
        ({"checks": {"hygiene.owner_known": Rule.parse("known(owner)")}}, "checks['hygiene"),
        ({"values": {"amount": {"a": 1}}}, "values['amount']"),
        ({"values": {"stage": {"a": "sign"}}}, "values['stage']"),
        ({"values": {"bant.need": {"Yes": "yes"}}}, "values['bant.need']['Yes']"),
        ({"values": {"owner": {"Li": 5}}}, "values['owner']['Li']"),
        ({"values": {"owner": "Li"}}, "values['owner']"),
        ({"columns": {"stage": "phase"}}, "stage"),
        ({"stage": "amount"}, "amount"),
        ({"key": "verdict"}, "key"),
    ],
)
def test_arguments_are_looked_at(
    options: dict[str, Any], path: str, deals: Deals, process: Playbook
) -> None:
    frame = deals({}).with_columns(verdict=pl.lit("x"))

    assert refusal(frame, process, **options).problems[0].path.startswith(path)


def test_a_rule_parsed_with_other_facts_is_told(deals: Deals, process: Playbook) -> None:
    other = Rule.parse('amount == "a lot"', Facts([Fact("amount", FactKind.TEXT)]))

    error = refusal(deals({}), process, checks={"big": other})

    assert said(error) == {("checks['big']", "it reads amount as a text, and it is a money")}


def test_missing_may_be_an_error(deals: Deals, process: Playbook) -> None:
    error = refusal(deals({}, without=["owner", "next_step"]), process, missing="error")

    assert said(error) == {
        ("owner", "no column holds this fact, which hygiene.owner_known reads"),
        ("next_step", "no column holds this fact, which hygiene.next_step_known reads"),
    }


@pytest.mark.parametrize("frame", [None, 5, {"id": [1]}, [1, 2], "deals.csv"])
def test_what_is_no_data_frame_is_told(frame: Any, process: Playbook) -> None:
    assert "data frame" in refusal(frame, process).message


def test_pandas_columns_of_one_name_are_told(process: Playbook) -> None:
    frame = pd.DataFrame([[1, "qualify", 3.0, 4.0]], columns=["id", "stage", "amount", "amount"])

    assert "distinct" in refusal(frame, process).hint


def test_what_is_no_playbook_is_told(deals: Deals) -> None:
    assert said(refusal(deals({}), "optimized_sales_process")) == {
        ("playbook", "must be a Playbook, not a str")
    }


def test_five_thousand_columns_are_no_matter(deals: Deals, process: Playbook) -> None:
    frame = deals({}).with_columns(pl.lit(n).alias(f'"x{n}".') for n in range(5_000))

    report = check_pipeline(frame, process, key="id", as_of=AS_OF)

    assert report.rows == 1


@pytest.mark.parametrize("name", ["a.b", 'a "quoted" id', "编号", "c0", "key", "x1", " "])
def test_the_key_may_have_any_name(
    name: str, engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({"owner": None}).rename({"id": name})

    report = check_pipeline(engine(frame), process, key=name, as_of=AS_OF)

    assert report.counts["hygiene.owner_known"] == Counts(yes=0, no=1, unknown=0)
    assert nw.from_native(report.findings()).collect_schema().names()[0] == name


def test_without_narwhals_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['narwhals'] = None\n"
        "import salesflow as sf\n"
        "from salesflow.errors import ArgumentError, FrameError, SalesflowError\n"
        "try:\n"
        "    sf.check_pipeline(None)\n"
        "except ImportError as error:\n"
        "    print(isinstance(error, FrameError), error)\n"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.startswith("True")
    assert 'pip install "salesflow[frames]"' in found.stdout


def test_what_an_engine_cannot_do_is_told_with_its_name(deals: Deals, process: Playbook) -> None:
    # DuckDB tells the day of a moment in the zone of its session only.
    moment = datetime(2026, 1, 30, 16, tzinfo=UTC)
    frame = deals({}).with_columns(entered_stage_on=pl.lit(moment))
    relation = duckdb.connect().from_arrow(frame.to_arrow())

    error = refusal(relation, process, tz="Asia/Shanghai", stages={"x": "y"})

    assert {problem.path for problem in error.problems} == {"entered_stage_on", "stages['x']"}
    assert "DuckDB extracts days in the time zone of its session" in str(error)
    with pytest.raises(FrameError, match="DuckDB extracts days"):
        metrics(
            frame.with_columns(created_on=pl.lit(moment)).pipe(
                lambda each: duckdb.connect().from_arrow(each.to_arrow())
            ),
            process,
            key="id",
            as_of=AS_OF,
            tz="Asia/Shanghai",
        )


@pytest.mark.parametrize(
    ("column", "values", "odd"),
    [
        ("created_on", [date(2026, 1, 1), "02/03/2020"], "'02/03/2020' is in it"),
        ("created_on", [date(2026, 1, 1), 5], "5 is in it"),
        ("amount", [Decimal(5), "12"], "'12' is in it"),
        ("amount", [Decimal(5), True], "True is in it"),
        ("done.plan", [True, 0], "0 is in it"),
        ("done.plan", [False, "1"], "'1' is in it"),
    ],
)
def test_objects_are_not_taken_for_what_an_engine_makes_of_them(
    column: str, values: list[Any], odd: str, deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {}).to_pandas()
    frame[column] = pd.Series(values, dtype="object")

    (problem,) = refusal(frame, process).problems

    assert problem.path == column
    assert odd in problem.message
    assert "values=" not in problem.hint.replace("what values= maps to them", "")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("created_on", [date(2026, 1, 1), None, float("nan"), pd.NaT, datetime(2026, 1, 2)]),
        ("amount", [Decimal(5), None, float("nan"), 7, 1.5]),
        ("done.plan", [True, None, float("nan"), False, None]),
    ],
)
def test_objects_of_the_right_kind_are_read(
    column: str, values: list[Any], deals: Deals, process: Playbook
) -> None:
    frame = deals(*[{}] * 5).to_pandas()
    frame[column] = pd.Series(values, dtype="object")
    own = {"given": Rule.parse(f"known({column})", process.facts)}

    report = check_pipeline(frame, process, key="id", as_of=AS_OF, checks=own)

    given = sum(value is not None and not pd.isna(value) for value in values)
    assert report.counts["given"] == Counts(yes=given, no=5 - given, unknown=0)


def test_a_decimal_that_signals_is_told(deals: Deals, process: Playbook) -> None:
    frame = deals({}, {}).to_pandas()
    frame["amount"] = pd.Series([Decimal("sNaN"), Decimal(5)], dtype="object")

    assert [problem.path for problem in refusal(frame, process).problems] == ["amount"]


def test_a_column_of_objects_of_polars_is_told_by_its_name(deals: Deals, process: Playbook) -> None:
    frame = deals({}).with_columns(amount=pl.Series([Decimal(5)], dtype=pl.Object))

    (problem,) = refusal(frame, process).problems

    assert (problem.path, problem.code) == ("amount", "kind")


@pytest.mark.parametrize(
    ("fact", "column", "mapped"),
    [
        ("bant.budget", [True, False], {1: False, 0: True}),
        ("bant.budget", ["1", "0"], {1: True, 0: False}),
        ("bant.budget", [1, 0], {True: False, False: True}),
        ("bant.budget", [1, 0], {"1": True}),
        ("owner", [7, 8], {"7": "Li"}),
        ("owner", [7, 8], {True: "Li", 7.5: "An"}),
        ("owner", ["7", "8"], {7: "Li"}),
    ],
)
@pytest.mark.parametrize("name", ["polars", "pandas"])
def test_values_that_cannot_stand_in_the_column_are_told(
    name: str,
    fact: str,
    column: list[Any],
    mapped: dict[object, object],
    deals: Deals,
    process: Playbook,
) -> None:
    frame: Any = deals({}, {}).with_columns(pl.Series(fact, column))
    frame = frame.to_pandas() if name == "pandas" else frame

    problems = refusal(frame, process, values={fact: mapped}).problems

    told = [problem for problem in problems if problem.code == "no_label"]
    assert [problem.path for problem in told] == [f"values[{fact!r}]"]
    assert f"none of these is in {fact!r}, a column of type" in told[0].message
    assert told[0].hint == "write them as the column holds them"


def test_one_value_that_can_stand_in_the_column_is_enough(deals: Deals, process: Playbook) -> None:
    frame = deals({}, {}).with_columns(owner=pl.Series([7, 8]))
    own = {"hers": Rule.parse('owner == "Li"', process.facts)}

    labels: list[dict[object, object]] = [{7: "Li", "8": "An"}, {7.0: "Li"}]
    for mapped in labels:
        report = check_pipeline(
            frame, process, key="id", as_of=AS_OF, checks=own, values={"owner": mapped}
        )
        assert report.counts["hers"].yes == 1


def test_values_of_a_column_without_any_are_no_matter(deals: Deals, process: Playbook) -> None:
    frame = deals({}).with_columns(pl.lit(None, dtype=pl.String).alias("bant.budget"))

    report = check_pipeline(
        frame, process, key="id", as_of=AS_OF, values={"bant.budget": {1: True, 0: False}}
    )

    assert report.rows == 1


@pytest.mark.parametrize(
    ("column", "values", "hint"),
    [
        ("owner", [1.5, 2.5], "it should hold texts; convert it to texts first"),
        ("account.tier", [date(2026, 1, 1)] * 2, "it should hold texts; convert it to texts first"),
        ("stage", [1.5, 2.5], "make it texts or whole numbers"),
    ],
)
def test_hints_lead_somewhere(
    column: str, values: list[Any], hint: str, deals: Deals, process: Playbook
) -> None:
    error = refusal(deals({}, {}).with_columns(pl.Series(column, values)), process)

    assert [(problem.path, problem.hint) for problem in error.problems] == [(column, hint)]


def test_what_a_flag_may_be_is_said_in_plain_words(deals: Deals, process: Playbook) -> None:
    error = refusal(deals({}), process, values={"bant.need": {"Yes": "yes!"}})

    assert [problem.hint for problem in error.problems] == [
        'write one of True, False, "+", "-", "?" and None'
    ]


def test_objects_that_are_moments_with_a_zone_are_told_what_to_become(
    deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {}).to_pandas()
    moments = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)]
    frame["created_on"] = pd.Series(moments, dtype="object")

    (problem,) = refusal(frame, process).problems

    assert problem.hint == (
        "it should hold dates or datetimes; convert the objects to datetimes first"
    )
