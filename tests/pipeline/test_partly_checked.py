"""A check that lacks some of its columns says so, and finds nothing for want of them alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Playbook, Rule, Verdict
from salesflow.errors import FrameError
from salesflow.pipeline import Counts, PipelineFailed, PipelineReport
from tests.pipeline.deals_sample import rows_of

Engine = Callable[[pl.DataFrame], Any]

AS_OF: Final = date(2026, 1, 31)
FLAGS: Final = ("a", "b", "c", "d")
BOOK: Final = Playbook.from_toml("""
id = "leads"
version = "1"
title = { en = "Leads", zh = "线索" }
languages = ["en", "zh"]
owner_role = "rep"
roles = [{ key = "rep", title = { en = "Rep", zh = "销售" } }]
facts = [
  { name = "a", kind = "flag" },
  { name = "b", kind = "flag" },
  { name = "c", kind = "flag" },
  { name = "d", kind = "flag" },
]
instruments = [
  { key = "sheet", title = { en = "Sheet", zh = "表" }, rule = "a or b" },
]
[[stages]]
key = "new"
title = { en = "New", zh = "新建" }
  [[stages.exit]]
  key = "lead_on_record"
  title = { en = "A lead is on record", zh = "已有线索" }
  rule = "known(owner) or known(next_step) or known(a) or known(b)"
[[stages]]
key = "done"
title = { en = "Done", zh = "完成" }
""")
CHECK: Final = "exit.new.lead_on_record"
DEALS: Final = pl.DataFrame(
    {"id": ["D-1", "D-2", "D-3"], "stage": "done", "owner": ["li.wei", None, " "]},
    schema={"id": pl.String, "stage": pl.String, "owner": pl.String},
)


def check(frame: Any, **more: Any) -> PipelineReport[Any]:
    return sf.check_pipeline(frame, BOOK, key="id", as_of=AS_OF, **more)


def test_one_of_four_columns_finds_nothing_for_want_of_the_others(every: Engine) -> None:
    """m8 of the data scientist: every deal without an owner counted UNKNOWN."""
    report = check(every(DEALS))

    assert report.counts[CHECK] == Counts(yes=1, no=0, unknown=0, unchecked=2)
    assert report.counts[CHECK].rows == 3
    assert report.counts[CHECK].findings == 0
    assert report.partly_checked == {CHECK: ("a", "b", "next_step")}
    assert CHECK not in report.not_checked
    assert [row for row in rows_of(report.findings()) if row["check"] == CHECK] == []
    # In a row per deal it says nothing of them, as where it does not apply.
    assert [row[CHECK] for row in rows_of(report.wide)] == ["yes", None, None]
    by_stage = next(row for row in rows_of(report.by("stage")) if row["check"] == CHECK)
    assert [by_stage[end] for end in ("yes", "no", "unknown")] == [1, 0, 0]


def test_with_all_of_its_columns_it_is_checked_of_every_deal() -> None:
    whole = DEALS.with_columns(
        next_step=pl.lit(None, pl.String),
        a=pl.lit(None, pl.Boolean),
        b=pl.Series([None, True, None]),
    )
    report = check(whole)

    assert report.counts[CHECK] == Counts(yes=2, no=1, unknown=0)
    assert report.partly_checked == {}


def test_what_a_row_lacks_itself_is_still_unknown_and_what_is_decided_still_counts() -> None:
    rules = {
        "both": Rule.parse("a and b", BOOK.facts),
        "sheet": Rule.parse("done.sheet", BOOK.facts),
    }
    frame = DEALS.with_columns(a=pl.Series([True, False, None]))

    report = check(frame, checks=rules)

    # The first wants b alone; of the second, a says no; the third does not say a.
    assert report.counts["both"] == Counts(yes=0, no=1, unknown=1, unchecked=1)
    # By its own rule an instrument is complete with a or b.
    assert report.counts["sheet"] == Counts(yes=1, no=0, unknown=1, unchecked=1)
    assert report.partly_checked["both"] == report.partly_checked["sheet"] == ("b",)
    found = report.findings().filter(check="both").sort("id").select("id", "verdict").rows()
    assert found == [("D-2", "no"), ("D-3", "unknown")]


def test_people_and_machines_are_told() -> None:
    report = check(DEALS)

    assert report.message(CHECK).endswith(
        "If not checked: no column holds a, b, the next step (next_step)."
    )
    assert report.message(CHECK, "zh").endswith(
        "若未检查：没有数据列提供a、b、下一步行动（next_step）。"
    )
    assert (
        "1 check lacks some of its columns, and may leave deals unchecked:\n  a\n"
        in report.summary()
    )
    assert "有 1 项检查缺少部分数据列" in report.summary("zh")
    # Nor does it hold for every deal.
    held = sum(count.yes == count.rows for count in report.counts.values())
    assert f"\n{held} more checks hold for every deal." in report.summary()
    assert held < len(report.counts)
    row = next(row for row in report.records() if row["check"] == CHECK)
    assert (row["rows"], row["unchecked"], row["not_checked"]) == (3, 2, "a, b, next_step")
    assert ">2 / 3</td>" in report.to_html()
    back = type(report).model_validate_json(report.to_json())
    assert (back.partly_checked, back.counts) == (report.partly_checked, report.counts)


def test_a_check_that_is_named_does_not_pass_where_it_could_not_be_made() -> None:
    report = check(DEALS)

    (failed,) = report.failed({CHECK: 0})

    assert (failed.rows, failed.findings, failed.unchecked) == (3, 0, 2)
    assert failed.not_checked == ("a", "b", "next_step")
    assert "could not be checked in 2 of 3 deals: no column holds a, b, next_step" in str(failed)
    with pytest.raises(PipelineFailed):
        report.raise_for({CHECK: 1.0})
    assert report.failed({"exit": 0}) == ()  # a group is not named for the sake of one check
    assert f'name="{CHECK}"' in report.to_junit(fail_if={CHECK: 0})


def test_what_was_checked_before_and_is_not_now_fails_where_it_is_compared() -> None:
    before = check(DEALS.with_columns(next_step=pl.lit("x"), a=pl.lit(True), b=pl.lit(True)))
    report = check(DEALS, before=before)

    (failed,) = report.failed({"exit": {"max_increase": 0}})
    assert (failed.check, failed.unchecked) == (CHECK, 2)
    assert report.failed({"exit": {"max_increase": 0}}, before=report) == ()
    assert CHECK in report.since(before).not_compared


def test_where_columns_have_to_be_there_those_of_an_instrument_are_told_too() -> None:
    frame = DEALS.with_columns(a=pl.lit(True))

    with pytest.raises(FrameError) as error:
        check(frame, checks={"sheet": Rule.parse("done.sheet", BOOK.facts)}, missing="error")

    assert {"b", "next_step"} <= {problem.path for problem in error.value.problems}


FORMS: Final = (
    "{0} or {1} or {2} or {3}",
    "{0} and ({1} or not {2}) and {3}",
    "at_least(2, {0}, not {1}, {2}, {3})",
    "known({0}) or known({1}) and {2} or not {3}",
    "not ({0} and known({1})) or {2} and not known({3})",
)
said = st.sampled_from([True, False, None])


@given(
    form=st.sampled_from(FORMS),
    order=st.permutations(FLAGS),
    there=st.sets(st.sampled_from(FLAGS), min_size=1),
    rows=st.lists(st.fixed_dictionaries(dict.fromkeys(FLAGS, said)), min_size=1, max_size=6),
)
def test_unchecked_is_what_the_columns_that_are_not_there_decide_whichever_way(
    form: str, order: list[str], there: set[str], rows: list[Mapping[str, bool | None]]
) -> None:
    rule = Rule.parse(form.format(*order), BOOK.facts)
    away = [name for name in FLAGS if name not in there]
    columns = {name: pl.Series([row[name] for row in rows], dtype=pl.Boolean) for name in there}
    frame = pl.DataFrame({"id": range(len(rows)), "stage": ["new"] * len(rows), **columns})

    report = check(frame, checks={"own": rule})

    expected = dict.fromkeys(Counts.model_fields, 0)
    for row in rows:
        values = [[row[name]] if name in there else [True, False, None] for name in FLAGS]
        every = {rule.verdict(dict(zip(FLAGS, it, strict=True))) for it in product(*values)}
        if len(every) == 1:  # whatever stands in the columns that are not there
            (verdict,) = every
            expected[verdict.value] += 1
        else:
            expected["unchecked" if {Verdict.YES, Verdict.NO} <= every else "unknown"] += 1
    counts = report.counts.get("own")
    if counts is None:
        assert report.not_checked["own"] == tuple(sorted(away))
        assert expected["yes"] == expected["no"] == 0
    else:
        assert counts == Counts(**expected)
        assert report.partly_checked.get("own", ()) == tuple(sorted(away))
