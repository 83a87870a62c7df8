"""A script in CI stops where checks have more findings than they may."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, SalesflowError
from salesflow.pipeline import PipelineFailed, PipelineReport, check_pipeline
from tests.frame_engines import ENGINES
from tests.pipeline.conftest import AS_OF

Deals = Callable[..., pl.DataFrame]

COLUMNS = ("id", "stage", "owner", "contacts.total", "entered_stage_on", "probability", "amount")


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


@pytest.fixture
def report(process: Playbook, deals: Deals) -> PipelineReport[Any]:
    """Three of four deals without an owner, one of them with an unknown number of contacts."""
    frame = deals({"owner": None}, {"owner": " "}, {"owner": None, "contacts.total": None}, {})
    own = {"rich": Rule.parse("amount >= 40_000", process.facts)}
    return check(frame.select(COLUMNS), process, checks=own)


def names(report: PipelineReport[Any], fail_if: Mapping[str, Any] | None = None) -> list[str]:
    return [each.check for each in report.failed(fail_if)]


def test_without_limits_any_finding_of_an_error_fails(report: PipelineReport[Any]) -> None:
    assert names(report) == ["hygiene.owner_known", "hygiene.contact_known"]
    assert report.severities["hygiene.several_contacts"] == "warning"
    assert names(report, {"warning": 0}) == ["hygiene.several_contacts"]


@pytest.mark.parametrize(
    ("limit", "fails"),
    [
        (0, True),
        (1, True),
        (2, True),
        (3, False),
        (4, False),
        (0.0, True),
        (0.7, True),
        (0.75, False),
        (1.0, False),
    ],
)
def test_more_than_the_limit_fails_be_it_a_count_or_a_share(
    limit: float, fails: bool, report: PipelineReport[Any]
) -> None:
    assert bool(report.failed({"hygiene.owner_known": limit})) is fails


def test_the_nearest_limit_counts(report: PipelineReport[Any]) -> None:
    assert names(report, {"hygiene": 1}) == ["hygiene.owner_known"]
    assert names(report, {"hygiene": 1, "hygiene.owner_known": 3}) == []
    assert names(report, {"error": 9, "hygiene": 0, "hygiene.contact_known": 1}) == [
        "hygiene.owner_known",
        "hygiene.several_contacts",
    ]
    assert names(report, {"own": 0, "error": 0}) == ["hygiene.owner_known", "hygiene.contact_known"]


def test_both_no_and_unknown_are_findings(report: PipelineReport[Any]) -> None:
    (failed,) = report.failed({"hygiene.contact_known": 0})

    assert (failed.findings, failed.rows, failed.limit) == (1, 4, 0)
    assert failed.examples == ("D-3",)
    assert str(failed) == (
        "hygiene.contact_known: 1 finding in 4 deals, the limit is 0 (At least one contact is on "
        "record); for instance 'D-3'"
    )


def test_raising_lists_everything_that_failed(report: PipelineReport[Any]) -> None:
    with pytest.raises(PipelineFailed) as caught:
        report.raise_for({"hygiene": 0.1})

    error = caught.value
    assert [each.check for each in error.failed] == [
        "hygiene.owner_known",
        "hygiene.contact_known",
        "hygiene.several_contacts",
    ]
    assert set(error.failed[0].examples) <= {"D-1", "D-2", "D-3"}
    assert str(error).startswith(
        "3 checks of the pipeline failed.\n  - hygiene.owner_known: 3 find"
    )
    assert [problem.severity for problem in error.problems] == ["error", "error", "warning"]
    assert isinstance(error, SalesflowError)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert copy.failed == error.failed
    assert str(copy) == str(error)


def test_limits_given_to_the_check_are_kept_for_the_report(process: Playbook, deals: Deals) -> None:
    frame = deals({"owner": None}, {}).select(COLUMNS)

    report = check(frame, process, fail_if={"hygiene.owner_known": 0.4})

    with pytest.raises(PipelineFailed):
        report.raise_for()
    report.raise_for({"hygiene.owner_known": 0.5})
    check(frame, process, fail_if={"error": 1}).raise_for()


def test_what_could_not_be_checked_does_not_pass(report: PipelineReport[Any]) -> None:
    (failed,) = report.failed({"hygiene.next_step_known": 1.0, "hygiene.owner_known": 4})

    assert (failed.check, failed.not_checked) == ("hygiene.next_step_known", ("next_step",))
    assert "could not be checked: no column holds next_step" in str(failed)


def test_a_group_none_of_whose_checks_could_be_made_does_not_pass(
    report: PipelineReport[Any], process: Playbook, deals: Deals
) -> None:
    assert names(report, {"size": 4}) == []
    bare = check(deals({"stage": "sign"}).select("id", "stage"), process)

    (failed,) = bare.failed({"size": 9, "hygiene": 9})

    assert failed.check == "size"
    assert failed.not_checked == ("amount", "done.plan", "done.questions")
    assert failed.title.zh == "size 类检查"


def test_a_deal_age_without_a_won_deal_does_not_pass_by_name(
    process: Playbook, deals: Deals
) -> None:
    report = check(deals({}), process)

    (failed,) = report.failed({"hygiene.deal_age": 1.0})

    assert failed.not_checked == ("longest_won_cycle",)


def test_no_rows_are_no_findings(process: Playbook, deals: Deals) -> None:
    assert names(check(deals().select(COLUMNS), process), {"error": 0.0, "warning": 0}) == []


@pytest.mark.parametrize(
    ("fail_if", "message"),
    [
        ({"hygeine": 0}, 'there is no such check, group or severity; did you mean "hygiene"?'),
        ({"hygiene.owner_know": 0}, 'did you mean "hygiene.owner_known"?'),
        (
            {"xxxxxxxx": 0},
            "there are entry, exit, track, size, hygiene, unique, own, error, warning, and every",
        ),
        ({3: 0}, "fail_if[3]: there is no such check"),
        ({"error": True}, "a bool is not a limit; write a count such as 10, or a share"),
        ({"error": None}, "None is not a limit"),
        ({"error": "0"}, "a str is not a limit"),
        ({"error": -1}, "-1 is below 0"),
        ({"error": -0.1}, "-0.1 is below 0"),
        ({"error": float("nan")}, "NaN is not a limit"),
        ({"error": 1.01}, "1.01 is not a share, which is from 0 to 1"),
        ({"error": float("inf")}, "inf is not a share"),
        ({}, "it has no limit, so that nothing would ever fail"),
        ([("error", 0)], "must be a mapping, not a list"),
        (0.1, "must be a mapping, not a float"),
    ],
)
def test_limits_that_are_none_are_refused_at_once(
    fail_if: Any, message: str, report: PipelineReport[Any], process: Playbook, deals: Deals
) -> None:
    with pytest.raises(ArgumentError) as caught:
        report.raise_for(fail_if)
    assert message in str(caught.value)
    with pytest.raises(ArgumentError) as caught:
        check(deals({}), process, fail_if=fail_if)
    assert message in str(caught.value)


def test_everything_that_is_wrong_with_limits_comes_at_once(report: PipelineReport[Any]) -> None:
    with pytest.raises(ArgumentError) as caught:
        report.failed({"eror": -1, "hygiene": 2.0, "warning": True})

    assert len(caught.value.problems) == 4


def test_limits_are_looked_at_with_everything_else(process: Playbook, deals: Deals) -> None:
    with pytest.raises(ArgumentError) as caught:
        check(deals({}), process, key="di", fail_if={"eror": 0})

    assert {problem.path for problem in caught.value.problems} == {"key", "fail_if['eror']"}


def test_a_group_without_checks_is_refused(process: Playbook, deals: Deals) -> None:
    with pytest.raises(ArgumentError, match="there is no check of this group; leave it out"):
        check(deals({}), process, fail_if={"own": 0})


def test_a_check_that_is_called_like_a_group_cannot_be_meant(
    process: Playbook, deals: Deals
) -> None:
    own = {"size": Rule.parse("amount > 1", process.facts)}
    report = check(deals({}), process, checks=own)

    with pytest.raises(
        ArgumentError, match="this is a check of yours and a group or severity, too"
    ):
        report.failed({"size": 0})


@pytest.mark.parametrize("engine", ["pandas", "pyarrow", "polars lazy", "duckdb", "ibis"])
def test_frames_of_every_kind_tell_what_failed(
    engine: str, process: Playbook, deals: Deals
) -> None:
    frame = deals({"owner": None}, {}).select("id", "stage", "owner")

    (failed,) = check(ENGINES[engine](frame), process).failed()

    assert (failed.check, failed.findings, failed.rows) == ("hygiene.owner_known", 1, 2)
    assert failed.examples == ("D-1",)


@given(
    findings=st.integers(0, 12),
    fine=st.integers(0, 12),
    limit=st.one_of(st.integers(0, 14), st.fractions(0, 1, max_denominator=12).map(float)),
)
def test_a_limit_is_exact(
    findings: int, fine: int, limit: float, process: Playbook, deals: Deals
) -> None:
    rows = findings + fine
    frame = deals(*[{"owner": None}] * findings, *[{}] * fine).select("id", "stage", "owner")

    failed = check(frame, process, fail_if={"hygiene.owner_known": limit}).failed()

    share = findings / rows if rows else 0
    assert bool(failed) is (findings > limit if isinstance(limit, int) else share > limit)


@pytest.mark.parametrize("limit", [10**400, 10**5000], ids=["400", "5000"])
def test_a_limit_may_be_larger_than_any_float(limit: int, report: PipelineReport[Any]) -> None:
    assert names(report, {"error": limit}) == []


@pytest.mark.parametrize("limit", [-(10**5000), Fraction(10**5000, 3)], ids=["int", "fraction"])
def test_a_limit_that_is_too_long_to_write_down_is_refused(
    limit: Any, report: PipelineReport[Any]
) -> None:
    with pytest.raises(ArgumentError, match=r"this is (below 0|not a share)"):
        report.failed({"error": limit})


def test_a_limit_of_minus_zero_is_zero(report: PipelineReport[Any]) -> None:
    (failed,) = report.failed({"hygiene.contact_known": -0.0})

    assert "the limit is 0 % (" in str(failed)
