"""A report's frames say the same: counts, findings, a row per deal, counts by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, Rule, load_playbook
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import Counts, PipelineReport, check_pipeline
from tests.frame_engines import EVERY, rows_of
from tests.pipeline.conftest import AS_OF, relation

Deals = Callable[..., pl.DataFrame]
Row = dict[str, Any]

COLUMNS = ("id", "stage", "amount", "owner", "bant.budget", "done.sponsor_met", "done.plan")
CHANGES = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["qualify", "draft", "sign", "won", "lost", None]),
        "amount": st.sampled_from([None, 50_000.0, 100_000.01]),
        "owner": st.sampled_from(["li.wei", "an", " ", None]),
        "done.sponsor_met": st.sampled_from([True, False, None]),
    }
)
FEWEST = ("id", "stage", "owner", "done.sponsor_met")
LAW_ENGINES = ("polars", "pandas", "polars lazy")
FIXED: tuple[Mapping[str, Any], ...] = (
    {},
    {"stage": "sign", "done.sponsor_met": None, "owner": None},
    {"stage": "sign", "done.sponsor_met": False, "amount": 100_000.01},
    {"stage": "won", "owner": None, "amount": None},
)


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


def few(deals: Deals, *changes: Mapping[str, Any]) -> pl.DataFrame:
    return (deals(*changes) if changes else deals()).select(COLUMNS)


def here(value: object) -> Any:
    """A value of a frame, with one sort of missing value."""
    return None if pd.isna(value) else value  # type: ignore[call-overload]


def counted(words: list[Any]) -> Counts:
    return Counts(yes=words.count("yes"), no=words.count("no"), unknown=words.count("unknown"))


def assert_consistent(report: PipelineReport[Any], owners: list[str | None]) -> None:
    wide = rows_of(report.wide, "id")
    groups = {(owner or "").strip() or None for owner in owners}  # a blank one is missing
    by = rows_of(report.by("owner"), "check")
    findings = rows_of(report.findings(), "check")
    assert len(wide) == report.rows
    if wide:
        assert list(wide[0]) == ["id", "stage", *report.counts]
    for name, counts in report.counts.items():
        assert counted([row[name] for row in wide]) == counts, name
        mine = [row for row in by if row["check"] == name]
        sums = [sum(int(row[word]) for row in mine) for word in ("yes", "no", "unknown")]
        assert sums == [counts.yes, counts.no, counts.unknown], name
        assert {row["severity"] for row in mine} <= {report.severities[name]}
        assert len(mine) == len(groups)
        assert {here(row["owner"]) for row in mine} == groups
        found = [row["verdict"] for row in findings if row["check"] == name]
        assert [found.count("no"), found.count("unknown")] == [counts.no, counts.unknown], name
    said = {
        (row["id"], name, row[name])
        for row in wide
        for name in report.counts
        if here(row[name]) in ("no", "unknown")
    }
    assert said == {(row["id"], row["check"], row["verdict"]) for row in findings}


@given(engine=st.sampled_from(LAW_ENGINES), data=st.lists(CHANGES, max_size=8))
def test_counts_and_findings_and_wide_and_the_sums_over_groups_agree(
    engine: str, data: list[Row], process: Playbook, deals: Deals
) -> None:
    frame = few(deals, *data).select(FEWEST)
    own = {"hers": Rule.parse('owner == "an"', process.facts)}

    report = check(EVERY[engine](frame), process, checks=own)

    assert_consistent(report, frame["owner"].to_list())


@pytest.mark.parametrize("engine", [name for name in EVERY if name not in LAW_ENGINES])
def test_they_agree_on_every_engine(engine: str, process: Playbook, deals: Deals) -> None:
    frame = few(deals, *FIXED).select(FEWEST)
    own = {'大.单 "x"': Rule.parse('owner == "li.wei"', process.facts)}
    native = EVERY[engine](frame)

    report = check(native, process, checks=own)

    assert type(report.wide) is type(report.by("owner")) is type(native)
    assert_consistent(report, frame["owner"].to_list())


def test_a_row_of_wide_says_yes_no_unknown_or_nothing(process: Playbook, deals: Deals) -> None:
    wide = check(few(deals, *FIXED), process).wide

    assert wide.select("id", "stage", "exit.qualify.sponsor_met", "size.plan").rows() == [
        ("D-1", "qualify", None, "yes"),
        ("D-2", "sign", "unknown", "yes"),
        ("D-3", "sign", "no", "unknown"),
        ("D-4", "won", "yes", None),
    ]


def test_frames_of_a_lazy_report_are_lazy(process: Playbook, deals: Deals) -> None:
    report = check(few(deals, *FIXED).lazy(), process)

    assert isinstance(report.wide, pl.LazyFrame)
    assert isinstance(report.by("owner"), pl.LazyFrame)


def test_wide_is_made_once(process: Playbook, deals: Deals) -> None:
    report = check(few(deals, *FIXED), process)

    assert report.wide is report.wide


def test_groups_are_those_of_a_fact_a_column_or_the_stage(process: Playbook, deals: Deals) -> None:
    frame = few(deals, *FIXED).rename({"owner": "Rep"}).with_columns(区域=pl.lit("北"))
    report = check(frame, process, columns={"owner": "Rep"})

    def known(name: str) -> set[tuple[Any, int, int]]:
        rows = report.by(name).filter(check="hygiene.owner_known").select(name, "yes", "no")
        return set(rows.rows())

    assert known("owner") == {("li.wei", 2, 0), (None, 0, 1)}
    assert known("Rep") == known("owner")
    assert known("区域") == {("北", 2, 1)}
    assert known("stage") == {("qualify", 1, 0), ("sign", 1, 1), ("won", 0, 0)}
    assert known("amount") == {(40_000.0, 1, 1), (100_000.01, 1, 0), (None, 0, 0)}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ownr", "by: no column is 'ownr', nor holds such a fact; did you mean \"owner\"?"),
        ("region", "there are stage, id, amount, owner"),
        (3, "an int names no column"),
        (None, "None names no column"),
        ("check", "the counts have a column 'check' of their own; rename the frame's"),
        ("tags", "'tags' holds no single values"),
    ],
)
def test_what_there_is_no_group_of_is_refused(
    name: Any, message: str, process: Playbook, deals: Deals
) -> None:
    frame = few(deals, {}).with_columns(pl.Series("tags", [["a"]]), check=pl.lit("x"))

    with pytest.raises(FrameError) as caught:
        check(frame, process).by(name)
    assert message in str(caught.value)


def test_names_that_are_one_to_the_engine_are_refused_when_they_meet(
    process: Playbook, deals: Deals
) -> None:
    rule = Rule.parse("amount > 60_000", process.facts)
    frame = few(deals, {})

    report = check(EVERY["duckdb"](frame), process, checks={"Big": rule, "big": rule})
    with pytest.raises(FrameError, match="big: to DuckDB this is the same name as 'Big'"):
        _ = report.wide
    assert check(frame, process, checks={"Big": rule, "big": rule}).wide["big"][0] == "no"


@pytest.mark.parametrize("name", ["id", "stage"])
def test_a_check_is_not_called_as_a_column_beside_it(
    name: str, process: Playbook, deals: Deals
) -> None:
    rule = Rule.parse("amount > 60_000", process.facts)

    with pytest.raises(FrameError, match="a column of the deals is called so"):
        check(few(deals, {}), process, checks={name: rule})


def test_a_column_that_says_whether_a_stage_was_reached_is_read(
    process: Playbook, deals: Deals
) -> None:
    frame = few(deals, {}, {}, {}).with_columns(
        pl.Series("reached.sign", [True, False, None], dtype=pl.Boolean)
    )
    own = {"signed": Rule.parse('reached("sign")', process.facts)}

    assert check(frame, process, checks=own).wide["signed"].to_list() == ["yes", "no", "unknown"]


def test_five_hundred_checks_are_told_apart(process: Playbook, deals: Deals) -> None:
    own = {f"over_{n}": Rule.parse(f"amount > {n * 1000}", process.facts) for n in range(500)}

    report = check(few(deals, *FIXED), process, checks=own)

    by = report.by("owner")
    assert by.filter(check="over_39")["yes"].sum() == 3
    assert by.filter(check="over_40")["yes"].sum() == 1
    assert len(by) == 2 * len(report.counts)
    assert report.wide["over_499"].to_list() == ["no", "no", "no", "unknown"]


def test_messages_say_what_ought_to_hold_and_what_to_do(process: Playbook, deals: Deals) -> None:
    own = {"rich": Rule.parse("amount > 60_000", process.facts)}
    report = check(few(deals, *FIXED), process, checks=own)

    assert report.message("exit.qualify.sponsor_met") == (
        "Qualify: The sponsor was met. If no: the deal went on without it; make up for it, move it "
        "back, or have it waived. If unknown: ask the representative, and put it on record as "
        "done.sponsor_met."
    )
    assert report.message("exit.qualify.budget_confirmed") == (
        "Qualify: The budget is confirmed. That is: “Budget?” is yes and the amount is known. If "
        "no: the deal went on without it; make up for it, move it back, or have it waived. If "
        "unknown: find out and fill in what is missing of these: “Budget?” (bant.budget), the "
        "amount (amount)."
    )
    assert report.message("size.plan", "zh") == (
        "项目规模要求时已完成：项目计划。若不符合：请完成该项，或申请豁免相应的计划要求。"
        "若未知：请查明并补全以下各项中缺少的内容：金额（amount）、“项目计划”（done.plan）。"
    )
    assert report.message("hygiene.owner_known", "zh") == (
        "已有负责人。若不符合：请填写负责人（owner）。"
    )
    assert report.message("rich") == (
        "amount is more than 60,000. If no: correct it where it is wrong on record, or act on it: "
        "the amount (amount). If unknown: find out and fill in the amount (amount)."
    )
    assert report.message("hygiene.next_step_known") == (
        "A next step is agreed. It could not be checked: no column holds the next step (next_step)."
    )


def test_messages_are_of_the_checks_that_found_something_the_worst_first(
    process: Playbook, deals: Deals
) -> None:
    report = check(few(deals, *FIXED), process)

    messages = report.messages("zh")

    assert set(messages) == {
        name for name, counts in report.counts.items() if counts.no or counts.unknown
    }
    assert next(iter(messages)) == max(
        messages, key=lambda name: (report.severities[name] == "error", report.counts[name].no)
    )
    assert messages == {name: report.message(name, "zh") for name in messages}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_check_of_the_flagship_has_a_message_without_gaps(lang: Any) -> None:
    playbook = load_playbook("optimized_sales_process")
    facts = playbook.facts
    frame = pl.DataFrame(
        {"id": ["a"], "stage": ["executive_sponsorship"], "amount.currency": ["EUR"]}
        | {name: [None] for name in facts if not name.startswith(("score.", "stage", "sub_"))}
    )

    report = check(frame, playbook)

    for name in report.titles:
        message = report.message(name, lang)
        assert "{" not in message
        assert " listed." not in message.replace("are listed.", "")
        assert message.endswith("." if lang == "en" else "。")


@pytest.mark.parametrize(("name", "near"), [("hygiene.owner", "hygiene.owner_known"), (None, None)])
def test_a_check_that_there_is_not_has_no_message(
    name: Any, near: str | None, process: Playbook, deals: Deals
) -> None:
    with pytest.raises(UnknownName) as caught:
        check(few(deals, {}), process).message(name)
    assert caught.value.suggestion == near


def test_what_is_no_language_is_not_spoken(process: Playbook, deals: Deals) -> None:
    report = check(few(deals, {}), process)

    for speak in (report.messages, report.summary):
        with pytest.raises(UnknownName, match="There is no language 'german'"):
            speak("german")
    with pytest.raises(UnknownName, match="There is no language of type list"):
        report.message("hygiene.owner_known", ["en"])  # type: ignore[arg-type]


def test_a_summary_can_be_cut(process: Playbook, deals: Deals) -> None:
    report = check(few(deals, *FIXED), process)

    assert str(report) == report.summary()
    assert "… and" in report.summary(top=1)
    assert len(report.summary(top=1)) < len(report.summary())
    assert report.summary(top=99) == report.summary()
    for top in (0, -1, True, 1.5):
        with pytest.raises(ArgumentError, match="top must be a whole number from 1"):
            report.summary(top=top)  # type: ignore[arg-type]


def test_a_column_by_which_the_engine_cannot_group_is_said_in_our_words(
    process: Playbook, deals: Deals
) -> None:
    frame = few(deals, {}, {}).to_pandas()
    frame["odd"] = pd.Series([[1], {}], dtype="object")

    with pytest.raises(FrameError, match=r"engine of the frame \(pandas\) could not work this out"):
        check(frame, process).by("odd")


def test_frames_are_left_as_they_were(process: Playbook, deals: Deals) -> None:
    frame = few(deals, *FIXED).to_pandas()
    before = frame.copy()

    report = check(frame, process)
    _ = report.wide, report.by("owner")

    pd.testing.assert_frame_equal(frame, before)


def test_hundreds_of_checks_are_shown_on_a_database(process: Playbook, deals: Deals) -> None:
    own = {f"over_{n}": Rule.parse(f"amount > {n * 1000}", process.facts) for n in range(300)}
    some = {name: own[name] for name in list(own)[:60]}
    frame = few(deals, *FIXED)

    findings = check(relation(frame), process, checks=own).findings()
    by = check(relation(frame), process, checks=some).by("owner")

    # A union with a part for each check takes DuckDB minutes to plan.
    assert "UNION" not in findings.explain() + by.explain()
    ours = (
        check(frame, process, checks=own).findings(),
        check(frame, process, checks=some).by("owner"),
    )
    assert same(findings.pl().rows(named=True)) == same(ours[0].rows(named=True))
    assert same(by.pl().rows(named=True)) == same(ours[1].rows(named=True))


def same(rows: list[Row]) -> list[str]:
    """Rows without an order."""
    return sorted(repr(sorted(row.items())) for row in rows)


def test_frames_that_are_made_later_are_of_what_was_checked(
    process: Playbook, deals: Deals
) -> None:
    frame = few(deals, {}, {}).to_pandas()
    report = check(frame, process)

    frame["owner"] = None
    frame.loc[0, "stage"] = "lost"

    assert set(report.wide["hygiene.owner_known"]) == {"yes"}
    by = report.by("stage")
    assert set(by["stage"]) == {"qualify"}


def test_the_message_of_unknown_values_names_the_fact_and_the_commonest_of_them(
    process: Playbook, deals: Deals
) -> None:
    """M5 of the data scientist: three facts were listed in one check, and no value."""
    wrong = [{"bant.budget": word} for word in ("maybe", "soon", "maybe", "x" * 99)]
    report = check(few(deals, {}, *wrong), process)

    assert report.message("hygiene.known_values.bant.budget") == (
        "“Budget?”, where it is given, is yes or no. Seen: 'maybe' (2), 'soon' (1), "
        f"'{'x' * 39}…' (1). If no: correct the value, or say what it stands for in values=: "
        "“Budget?” (bant.budget)."
    )
    assert report.message("hygiene.known_values.bant.budget", "zh").startswith(
        "“预算？”如已填写，应为是或否。出现的值：'maybe'（2）、'soon'（1）、"
    )
