"""Findings that say what was seen: the fact, its value, what was expected, and how old it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import PipelineReport, check_pipeline
from tests.frame_engines import EVERY
from tests.hostile import TEXTS
from tests.pipeline.conftest import AS_OF
from tests.pipeline.deals_sample import rows_of

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]

ALL = ["id", "stage", "check", "severity", "verdict", "fact", "value", "expected", "age"]


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


def seen(report: PipelineReport[Any], name: str) -> list[tuple[Any, ...]]:
    """Of a check: deal, verdict, fact, value and age."""
    rows = [row for row in rows_of(report.findings(values=True)) if row["check"] == name]
    columns = ("id", "verdict", "fact", "value", "age")
    found = [tuple(row[column] for column in columns) for row in rows]
    return sorted(found, key=lambda row: row[:3])


WRONG: tuple[Mapping[str, Any], ...] = (
    {"expected_close_on": date(2026, 1, 1), "amount": -0.5, "bant.need": "maybe"},
    {"closed_on": date(2026, 1, 20), "stage": "lost", "created_on": date(2026, 1, 30)},
    {"owner": None, "contacts.total": 0, "done.plan": True, "expected_close_on": None},
    {"amount": -200_000.0, "created_on": date(2024, 2, 29), "probability": 0.35},
    {"stage": "won", "created_on": date(2025, 12, 1), "closed_on": date(2025, 12, 11)},
)


def test_a_finding_names_each_fact_that_its_check_reads_with_what_stands_there(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    """M5 of the data scientist: a finding did not say which value."""
    rule = Rule.parse('done.plan and score.fit.low >= 3 and stage == "sign"', process.facts)
    report = check(every(deals(*WRONG)), process, checks={"own": rule})

    assert seen(report, "hygiene.close_date_not_past") == [
        ("D-1", "no", "expected_close_on", "2026-01-01", 30),
        ("D-3", "unknown", "expected_close_on", None, None),
    ]
    assert seen(report, "hygiene.amount_not_negative") == [
        ("D-1", "no", "amount", "-0.5", None),
        ("D-4", "no", "amount", "-200000", None),
    ]
    assert seen(report, "hygiene.closed_after_created") == [
        ("D-2", "no", "closed_on", "2026-01-20", 11),
        ("D-2", "no", "created_on", "2026-01-30", 1),
    ]
    assert seen(report, "hygiene.known_values.bant.need") == [
        ("D-1", "no", "bant.need", "maybe", None)
    ]
    assert seen(report, "hygiene.owner_known") == [("D-3", "no", "owner", None, None)]
    assert seen(report, "hygiene.contact_known") == [("D-3", "no", "contacts.total", "0", None)]
    # Ages and scores are what follows from what people wrote.
    assert ("D-4", "no", "created_on", "2024-02-29", 702) in seen(report, "hygiene.deal_age")
    assert ("D-4", "no", "longest_won_cycle", "10", None) in seen(report, "hygiene.deal_age")
    assert [row for row in seen(report, "own") if row[0] == "D-3"] == [
        ("D-3", "no", "done.plan", "true", None),
        ("D-3", "no", "score.fit.low", "2.5", None),
        ("D-3", "no", "stage", "qualify", None),
    ]


def test_what_was_expected_is_said_in_the_language_that_is_asked(
    deals: Deals, process: Playbook
) -> None:
    report = check(deals({"owner": None, "bant.need": "maybe"}, {"stage": "sign",
                         "bant.budget": "-"}), process)  # fmt: skip

    def expected(lang: str | None) -> dict[str, str]:
        rows = report.findings(values=True, lang=lang)
        return dict(rows.select("check", "expected").rows())

    english, chinese = expected(None), expected("zh")
    assert english["hygiene.owner_known"] == "Somebody owns the deal."
    assert chinese["hygiene.owner_known"] == "已有负责人。"
    assert english["hygiene.known_values.bant.need"] == "“Need?”, where it is given, is yes or no."
    assert english["exit.qualify.budget_confirmed"].startswith(
        "Qualify: The budget is confirmed. That is: "
    )
    with pytest.raises(UnknownName):
        expected("klingon!")


def test_the_other_columns_are_those_of_the_findings(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = every(deals(*WRONG))
    report = check(frame, process)

    with_values = report.findings(values=True)

    assert type(with_values) is type(frame)
    rows, plain = rows_of(with_values), rows_of(report.findings())
    assert list(rows[0]) == ALL
    assert {tuple(row[name] for name in ALL[:5]) for row in rows} == {
        tuple(row[name] for name in ALL[:5]) for row in plain
    }


def test_nothing_found_has_the_columns_all_the_same(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    report = check(every(deals({}).select("id", "stage", "owner")), process)

    assert rows_of(report.findings(values=True)) == []
    assert rows_of(report.sample("hygiene.owner_known")) == []
    assert report.seen("hygiene.owner_known") == {"owner": {}}


def test_moments_are_shown_by_their_day_in_the_zone(deals: Deals, process: Playbook) -> None:
    late = datetime(2026, 1, 29, 18, 30, tzinfo=UTC)  # the 30th in Shanghai
    frame = deals({}).with_columns(expected_close_on=pl.Series([late]))

    report = check(frame, process, tz="Asia/Shanghai")

    assert seen(report, "hygiene.close_date_not_past") == [
        ("D-1", "no", "expected_close_on", "2026-01-30", 1)
    ]


def test_a_rule_that_reads_nothing_has_no_fact_to_show(deals: Deals, process: Playbook) -> None:
    report = check(deals({}), process, checks={"never": Rule.parse("False", process.facts)})

    assert seen(report, "never") == [("D-1", "no", None, None, None)]
    assert report.sample("never").columns == ["id", "stage", "verdict"]
    assert report.seen("never") == {}


def test_a_key_may_not_be_called_like_what_is_told(deals: Deals, process: Playbook) -> None:
    report = check(deals({}).rename({"id": "value"}), process, key="value")

    assert report.findings().columns[0] == "value"
    with pytest.raises(FrameError, match="this is the same name as 'value'"):
        report.findings(values=True)


def test_findings_of_a_lazy_frame_are_lazy(deals: Deals, process: Playbook) -> None:
    report = check(deals({"owner": None}).lazy(), process)

    assert isinstance(report.findings(values=True), pl.LazyFrame)
    assert isinstance(report.sample("hygiene.owner_known"), pl.LazyFrame)


# ---------------------------------------------------------------------------------------- samples


def test_a_sample_has_the_facts_that_a_check_reads_as_they_stand(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    frame = every(deals(*WRONG, {"amount": -1.0}))

    sample = check(frame, process).sample("hygiene.closed_after_created")

    assert type(sample) is type(frame)
    assert rows_of(sample) == [
        {
            "id": "D-2",
            "stage": "lost",
            "verdict": "no",
            "closed_on": date(2026, 1, 20),
            "created_on": date(2026, 1, 30),
        }
    ]


def test_a_sample_has_as_many_deals_as_are_asked_for(deals: Deals, process: Playbook) -> None:
    report = check(deals(*[{"owner": None}] * 15, {}), process)

    assert len(report.sample("hygiene.owner_known")) == 10
    assert len(report.sample("hygiene.owner_known", 12)) == 12
    assert len(report.sample("hygiene.owner_known", n=99)) == 15
    assert report.sample("hygiene.stage_known").columns == ["id", "stage", "verdict"]


@pytest.mark.parametrize("n", [0, -1, 1.5, "3", None, True])
def test_a_sample_of_no_number_of_deals_is_refused(n: Any, deals: Deals, process: Playbook) -> None:
    report = check(deals({"owner": None}), process)

    with pytest.raises(ArgumentError, match="n must be a whole number from 1"):
        report.sample("hygiene.owner_known", n)
    with pytest.raises(ArgumentError, match="top must be a whole number from 1"):
        report.seen("hygiene.owner_known", n)


def test_checks_that_there_are_not_have_no_sample(deals: Deals, process: Playbook) -> None:
    report = check(deals({}, without=["owner"]), process)

    for function in (report.sample, report.seen):
        with pytest.raises(UnknownName, match=r"There is no check 'hygiene\.owner_knwn'"):
            function("hygiene.owner_knwn")
        with pytest.raises(ArgumentError, match="was not made: no column holds owner"):
            function("hygiene.owner_known")
        with pytest.raises(UnknownName):
            function([])  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- seen


def test_the_commonest_wrong_values_are_counted(
    every: Engine, deals: Deals, process: Playbook
) -> None:
    words = ["cat", "wolf", "cat", "+", "ant", None, "?"]
    frame = every(deals(*({"bant.need": word} for word in words)))

    report = check(frame, process)

    name = "hygiene.known_values.bant.need"
    assert report.seen(name) == {"bant.need": {"cat": 2, "ant": 1, "wolf": 1}}
    assert list(report.seen(name)["bant.need"]) == ["cat", "ant", "wolf"]
    assert report.seen(name, 1) == {"bant.need": {"cat": 2}}
    assert "Seen: 'cat' (2), 'ant' (1), 'wolf' (1)." in report.message(name)


def test_values_outside_their_limits_are_named_too(deals: Deals, process: Playbook) -> None:
    report = check(deals({"discount": 20.0}, {"discount": 0.2}, {"discount": -0.1}), process)

    assert " Seen: '-0.1' (1), '20' (1)." in report.message("hygiene.allowed.discount")


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_values_are_data_and_sentences_stay_on_one_line(
    text: str, deals: Deals, process: Playbook
) -> None:
    report = check(deals({"bant.need": text}), process)

    if report.counts["hygiene.known_values.bant.need"].no:
        assert list(report.seen("hygiene.known_values.bant.need")["bant.need"]) == [text]
        assert report.message("hygiene.known_values.bant.need").isprintable()


# -------------------------------------------------------------------------------------------- law

VALUES = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["qualify", "draft", "won", "lost", None]),
        "amount": st.sampled_from([None, -1.0, 0.5, 60_000.0, float("nan")]),
        "owner": st.sampled_from(["li", " ", None]),
        "created_on": st.dates(date(2025, 1, 1), date(2026, 2, 9)) | st.none(),
        "bant.need": st.sampled_from(["+", "?", "odd", None]),
        "done.plan": st.sampled_from([True, False, None]),
    }
)


@given(engine=st.sampled_from(["polars", "pandas", "pyarrow"]), data=st.lists(VALUES, max_size=6))
def test_what_was_seen_is_what_the_row_has(
    engine: str, data: list[dict[str, Any]], process: Playbook, deals: Deals
) -> None:
    frame = deals(*data) if data else deals()

    report = check(EVERY[engine](frame), process)

    rows = {row["id"]: row for row in frame.rows(named=True)}
    found = rows_of(report.findings(values=True))
    facts = ("owner", "amount", "created_on", "bant.need", "done.plan")
    for row in (it for it in found if it["fact"] in facts):
        given_ = rows[row["id"]][row["fact"]]
        assert row["value"] == _as_text(given_), row
        is_day = isinstance(given_, date)
        assert row["age"] == ((AS_OF - given_).days if is_day else None)
    plain = {tuple(row.values()) for row in rows_of(report.findings())}
    assert plain == {tuple(row[name] for name in ALL[:5]) for row in found}


def _as_text(value: Any) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
