"""What no two deals may share: double keys, the same deal twice, one open deal per account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import dask.dataframe as dd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, Rates, Rule
from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline import Counts, OwnCheck, PipelineFailed, PipelineReport, check_pipeline
from tests.frame_engines import EVERY
from tests.pipeline.conftest import AS_OF
from tests.pipeline.deals_sample import rows_of

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]

SAME = "unique.account.name+created_on+amount"
OPEN = Rule.parse('outcome == "none"')
WON = Rule.parse('outcome == "won"')
ONE_OPEN = {"one_open": OwnCheck(unique=["account.name"], when=OPEN)}


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


def found(report: PipelineReport[Any], name: str) -> list[tuple[str, str]]:
    rows = rows_of(report.findings())
    return sorted((row["id"], row["verdict"]) for row in rows if row["check"] == name)


def test_a_double_key_is_an_error_unless_it_is_to_be_a_finding(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    """M4 of the data scientist: one double key, and nothing at all was checked."""
    frame = every(deals({}, {"id": "D-1", "owner": None}, {}, {"id": "D-3"}, {"id": "D-3"}))

    with pytest.raises(FrameError, match=r"id: 2 keys stand on several rows: 'D-3' \(3 times\)"):
        check(frame, process)
    report = check(frame, process, duplicate_keys="finding")

    assert report.counts["unique.key"] == Counts(yes=0, no=5, unknown=0)
    assert found(report, "unique.key") == [("D-1", "no")] * 2 + [("D-3", "no")] * 3
    assert found(report, "hygiene.owner_known") == [("D-1", "no")]
    assert (report.groups["unique.key"], report.severities["unique.key"]) == ("unique", "error")
    assert report.titles["unique.key"].en == "No two rows have the same key (id)"


def test_a_double_key_is_one_though_a_row_of_it_lies_after_the_day(
    deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {"id": "D-1", "created_on": date(2026, 2, 1)}, {})

    report = check(frame, process, duplicate_keys="finding")

    assert (report.rows, report.later) == (2, 1)
    assert report.counts["unique.key"] == Counts(yes=1, no=2, unknown=0)


def test_a_missing_key_stays_an_error(deals: Deals, process: Playbook) -> None:
    frame = deals({"id": None}, {"id": " "}, {}, {"id": "D-3"})

    with pytest.raises(FrameError) as caught:
        check(frame, process, duplicate_keys="finding")

    assert [problem.code for problem in caught.value.problems] == ["null_key", "duplicate_key"]
    assert "where no column identifies a deal, number the rows in a new one" in str(caught.value)


def test_beside_a_missing_key_double_ones_are_told_too(deals: Deals, process: Playbook) -> None:
    frame = deals({"id": None}, {"id": "A"}, {"id": "A"})

    with pytest.raises(FrameError) as caught:
        check(frame, process, duplicate_keys="finding")

    assert [problem.message for problem in caught.value.problems] == [
        "1 row without a key",
        "1 key stands on several rows: 'A' (2 times)",
    ]


def accounts(deals: Deals) -> pl.DataFrame:
    day = date(2025, 12, 1)
    return deals(
        {"account.name": "Acme", "created_on": day, "amount": 40_000.0},
        {"account.name": "Acme", "created_on": day, "amount": 40_000.0},
        {"account.name": "Acme", "created_on": day, "amount": 40_000.01},
        {"account.name": "Acme", "created_on": day, "amount": 40_000.0, "stage": "lost"},
        {"account.name": None, "created_on": day, "amount": 40_000.0},
        {"account.name": None, "created_on": day, "amount": 40_000.0},
        {"account.name": "北京", "created_on": day, "amount": float("nan")},
        {"account.name": "北京", "created_on": day, "amount": float("nan"), "stage": "won"},
        {"account.name": " ", "created_on": None, "amount": 1.0},
        {"account.name": "Acme", "created_on": date(2026, 2, 1), "amount": 40_000.0},
    )


def test_deals_that_agree_in_all_of_some_facts_are_found(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    """M4: the same deal under another id could not be found or even asked for."""
    frame = every(accounts(deals))
    asked = [["account.name", "created_on", "amount"]]

    report = check(frame, process, unique=asked, checks=ONE_OPEN)

    assert report.later == 1  # which is compared with none
    assert report.counts[SAME] == Counts(yes=1, no=3, unknown=5)
    same = [("D-1", "no"), ("D-2", "no"), ("D-4", "no")]
    assert found(report, SAME) == same + [(f"D-{n}", "unknown") for n in (5, 6, 7, 8, 9)]
    # The one of 北京 is alone: the other is won.
    assert report.counts["one_open"] == Counts(yes=1, no=3, unknown=3)
    assert [key for key, said in found(report, "one_open") if said == "no"] == ["D-1", "D-2", "D-3"]
    by = {row["stage"]: row["no"] for row in rows_of(report.by("stage")) if row["check"] == SAME}
    assert (by["qualify"], by["lost"]) == (2, 1)
    assert Counter(row[SAME] for row in rows_of(report.wide))["no"] == 3


def test_files_that_dask_read_together_are_compared_though_their_labels_repeat(
    deals: Deals, process: Playbook
) -> None:
    rows = accounts(deals).select("id", "stage", "account.name").to_pandas()
    parts = [rows.iloc[:2].reset_index(drop=True), rows.iloc[2:].reset_index(drop=True)]
    frame = dd.from_map(lambda at: parts[at], range(2), meta=rows.head(0))

    report = check(frame, process, unique=[["account.name"]])

    assert report.counts["unique.account.name"] == Counts(yes=0, no=7, unknown=3)


def test_sentences_name_what_is_compared(deals: Deals, process: Playbook) -> None:
    frame = accounts(deals).with_columns(区域=pl.lit("北"))
    own = {"won_once": OwnCheck(unique=["account.name", "区域"], when=WON, severity="warning")}

    report = check(frame, process, unique=[["account.name", "created_on"]], checks=own)

    assert report.message("unique.account.name+created_on") == (
        "No two deals agree in the account's name, the day the deal was created. If no: keep one "
        "of the rows, or correct what is wrong of these: the account's name (account.name), the "
        "day the deal was created (created_on). If unknown: find out and fill in what is missing "
        "of these: the account's name (account.name), the day the deal was created (created_on)."
    )
    assert report.titles["won_once"].zh == "没有两个项目的客户名称、区域完全相同"
    assert report.message("won_once").startswith(
        "No two deals agree in the account's name, 区域. If no: keep one of the rows, or correct"
    )
    assert (report.groups["won_once"], report.severities["won_once"]) == ("own", "warning")
    assert "[unique.account.name+created_on]" in report.summary()


def test_what_is_compared_may_be_a_fact_that_is_mapped_or_follows_or_a_column(
    deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"tier": "Key", "区域": 1.0},
        {"tier": "strategic", "区域": 1.0, "stage": "draft"},
        {"tier": "odd", "区域": float("nan"), "stage": "draft"},
    )

    report = check(
        frame,
        process,
        columns={"account.tier": "tier"},
        values={"account.tier": {"Key": "strategic"}},
        unique=[["account.tier"], ["stage"], ["区域", "id"], ["区域"], ["done.questions"]],
    )

    assert report.counts["unique.account.tier"] == Counts(yes=0, no=2, unknown=1)
    assert report.counts["unique.stage"] == Counts(yes=1, no=2, unknown=0)
    assert report.counts["unique.区域+id"] == Counts(yes=2, no=0, unknown=1)
    assert report.counts["unique.区域"] == Counts(yes=0, no=2, unknown=1)
    assert report.counts["unique.done.questions"] == Counts(yes=0, no=3, unknown=0)


def test_amounts_are_compared_in_one_currency(deals: Deals, process: Playbook) -> None:
    frame = deals(
        {"amount": 100.0, "amount.currency": "EUR"},
        {"amount": 110.0, "amount.currency": "USD"},
        {"amount": 110.0, "amount.currency": "JPY"},
    )
    rates = Rates(base="USD", rates={"EUR": "1.10"})

    report = check(frame, process, unique=[["amount"]], rates=rates)

    assert report.counts["unique.amount"] == Counts(yes=0, no=2, unknown=1)


def test_a_fact_without_a_column_is_not_checked(deals: Deals, process: Playbook) -> None:
    report = check(deals({}), process, unique=[["account.name", "amount"]])

    assert report.not_checked["unique.account.name+amount"] == ("account.name",)
    with pytest.raises(FrameError, match=r"account\.name: no column holds this fact"):
        check(deals({}), process, unique=[["account.name"]], missing="error")


def test_a_column_without_any_value_is_compared_with_none(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {}).with_columns(pl.lit(None, dtype=pl.String).alias("account.name"))

    report = check(every(frame), process, unique=[["account.name"]])

    assert report.counts["unique.account.name"] == Counts(yes=0, no=0, unknown=2)


def test_limits_take_the_check_and_the_group(deals: Deals, process: Playbook) -> None:
    frame = deals({"owner": None}, {"id": "D-1"}, {})

    report = check(frame, process, duplicate_keys="finding", fail_if={"unique": 0.5})

    with pytest.raises(PipelineFailed, match=r"unique.key: 2 findings in 3 deals, .* 50 %") as it:
        report.raise_for()
    assert [failed.check for failed in it.value.failed] == ["unique.key"]
    report.raise_for({"unique.key": 2})


def test_the_rows_that_share_something_are_shown_beside_each_other(
    deals: Deals, process: Playbook
) -> None:
    names = ["B", "A", "B", None, "A", "C"]
    frame = deals(*({"account.name": name} for name in names))

    sample = check(frame, process, unique=[["account.name"]]).sample("unique.account.name", 5)

    assert sample.columns == ["id", "stage", "verdict", "account.name"]
    assert sample["account.name"].to_list() == ["A", "A", "B", "B", None]
    assert sample["verdict"].to_list() == ["no"] * 4 + ["unknown"]


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("unique", "problem"),
    [
        ("amount", "unique: must be a list of lists of names, not a str; write [["),
        (["account.name", "amount"], "unique[1]: must be a list of names, not a str; write [["),
        ({"amount": 1}, "unique: must be a list of lists of names, not a dict"),
        (7, "unique: must be a list of lists of names, not an int"),
        ([[]], "unique[0]: it names nothing"),
        ([["amount", 3]], "unique[0][1]: an int names no fact; write its name, a text"),
        ([["amount", "amount"]], "unique[0][1]: 'amount' is named twice; once is enough"),
        ([["a\nb"]], "unique[0][0]: 'a\\nb' cannot be shown; rename the column"),
        ([["amount"], ["amount"]], "unique[1]: unique.amount is asked for twice"),
        ([["amuont"]], "unique.amuont: no column is 'amuont', nor holds such a fact; did you mean"),
    ],
)
def test_what_cannot_be_compared_is_told(
    unique: Any, problem: str, deals: Deals, process: Playbook
) -> None:
    with pytest.raises((ArgumentError, FrameError)) as caught:
        check(deals({}), process, unique=unique)

    assert f"  - {problem}" in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once(deals: Deals, process: Playbook) -> None:
    frame = deals({}).with_columns(pl.Series("parts", [[1]]))

    with pytest.raises(ArgumentError) as caught:
        check(frame, process, unique=[["parts"], ["x"], "y"], duplicate_keys="ignore", tz="Mars")

    assert {problem.path for problem in caught.value.problems} == {
        "unique.parts", "unique.x", "unique[2]", "duplicate_keys", "tz"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"unique": "amount"}, "unique: must be a list of str, not a str; write a list of names"),
        ({"unique": []}, "rule: it says nothing that ought to hold; give rule, max_days or unique"),
        ({"unique": ["amount", "amount"]}, "unique[1]: 'amount' is named twice; once is enough"),
        ({"unique": ["amount"], "rule": OPEN}, "unique: it has a rule already; make two checks"),
        ({"unique": ["amount"], "max_days": {"a": 1}}, "unique: it has max_days already; make"),
    ],
)
def test_a_check_of_your_own_compares_names_and_nothing_else(
    said: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        OwnCheck(**said)

    assert f"  - {problem}" in str(caught.value)


def test_what_an_own_check_compares_has_a_column_or_is_told(
    deals: Deals, process: Playbook
) -> None:
    own = {"same": OwnCheck(unique=["amuont"])}

    with pytest.raises(FrameError, match="no column is 'amuont', nor holds such a fact") as caught:
        check(deals({}), process, checks=own)

    assert [it.path for it in caught.value.problems] == ["checks['same'].unique"]


def test_only_deals_of_which_it_is_asked_are_compared(deals: Deals, process: Playbook) -> None:
    frame = deals(
        {"account.name": "A", "amount": 100.0},
        {"account.name": "A", "amount": 1.0},
        {"account.name": "A", "amount": None},
        {"account.name": "B", "amount": 100.0, "stage": "draft"},
        {"account.name": "B", "amount": 100.0, "stage": "qualify"},
    )
    own = {
        "big": OwnCheck(unique=["account.name"], when=Rule.parse("amount >= 50", process.facts)),
        "early": OwnCheck(unique=["account.name"], stages=["qualify"]),
    }

    report = check(frame, process, checks=own)

    assert report.counts["big"] == Counts(yes=0, no=4, unknown=0)  # one may be a big one
    assert [key for key, _ in found(report, "big")] == ["D-1", "D-3", "D-4", "D-5"]
    assert report.counts["early"] == Counts(yes=1, no=3, unknown=0)


def test_a_check_of_the_callers_cannot_take_the_name(deals: Deals, process: Playbook) -> None:
    own = {"unique.amount": Rule.parse("amount > 1", process.facts)}

    with pytest.raises(FrameError, match="a check of the playbook is called so"):
        check(deals({}), process, unique=[["amount"]], checks=own)


# ------------------------------------------------------------------------------------------ laws

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b", "c", "d"]),
            "stage": st.sampled_from(["qualify", "won", "lost", None]),
            "account.name": st.sampled_from(["x", "y", " ", None]),
            "amount": st.sampled_from([None, float("nan"), 0.0, 1.0]),
            "created_on": st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)]),
            "bant.budget": st.sampled_from(["+", "-", "?", "odd", None]),
        }
    ),
    max_size=8,
)


@given(engine=st.sampled_from(["polars", "pandas", "polars lazy"]), data=ROWS)
def test_a_row_is_a_no_where_another_one_of_those_compared_has_the_same(
    engine: str, data: list[dict[str, Any]], process: Playbook, deals: Deals
) -> None:
    frame = (deals(*data) if data else deals()).select(
        "id", "stage", pl.col("account.name" if data else "owner").alias("account.name"),
        "amount", "created_on", "bant.budget",
    )  # fmt: skip
    facts = ["account.name", "amount", "bant.budget"]

    report = check(
        EVERY[engine](frame),
        process,
        unique=[facts],
        checks=ONE_OPEN,
        duplicate_keys="finding",
    )

    stood = [row for row in data if row["created_on"] != date(2026, 2, 1)]
    expected: dict[str, list[tuple[Any, ...]]] = {
        "unique.key": [(row["id"],) for row in data],
        "unique.account.name+amount+bant.budget": [tuple(map(row.get, facts)) for row in stood],
        "one_open": [(row["account.name"],) for row in stood if row["stage"] in (None, "qualify")],
    }
    for name, groups in expected.items():
        known = [group for group in groups if not _lacks(group)]
        times = Counter(known)
        no = sum(times[group] > 1 for group in known)
        counts = Counts(yes=len(known) - no, no=no, unknown=len(groups) - len(known))
        assert report.counts[name] == counts, name


def _lacks(group: tuple[Any, ...]) -> bool:
    return any(value in (None, " ", "?", "odd") or value != value for value in group)  # noqa: PLR0124
