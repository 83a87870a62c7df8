"""The report of a check as JUnit XML: each check a test case, each group of checks a suite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeVar
from xml.etree import ElementTree as ET

from salesflow._show import plain
from salesflow.pipeline._checks.catalogue import FAMILIES
from salesflow.pipeline._checks.thresholds import FailedCheck

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_LONGEST: Final = 1_000


def suites(report: PipelineReport[FrameT], failed: Sequence[FailedCheck]) -> str:
    """The whole document, in the form that the common readers share.

    Args:
        report: What was found.
        failed: The checks that fail; a group or severity none of whose checks could be made is
            one of them, and a case of a suite of its own.
    """
    failing: dict[str, list[FailedCheck]] = {}
    for each in failed:  # once for each limit that is exceeded
        failing.setdefault(each.check, []).append(each)
    root = ET.Element("testsuites", name="salesflow")
    members: dict[str, list[str]] = {
        group: [check for check in report.titles if report.groups[check] == group]
        for group in FAMILIES
    }
    members["limits"] = [name for name in failing if name not in report.titles]
    for group, checks in members.items():
        if checks:
            suite = ET.SubElement(root, "testsuite", name=f"pipeline.{group}")
            suite.set("timestamp", f"{report.as_of.isoformat()}T00:00:00")
            suite.extend([_case(report, group, check, failing.get(check, ())) for check in checks])
            _count(suite)
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(
    report: PipelineReport[FrameT], group: str, check: str, failed: Sequence[FailedCheck]
) -> ET.Element:
    case = ET.Element("testcase", name=_text(check), classname=f"pipeline.{group}", time="0")
    if failed:
        kind = "not_checked" if failed[0].not_checked else "findings"
        said = _text("; ".join(it.problem.message for it in failed))
        told = ET.SubElement(case, "failure", message=said, type=kind)
        told.text = _text(f"{failed[0].title.get('en')}: {said}; {failed[0].problem.hint}")
    elif check in report.not_checked:
        lacking = ", ".join(report.not_checked[check])
        ET.SubElement(case, "skipped", message=_text(f"no column holds {lacking}"))
    return case


def _count(parent: ET.Element) -> None:
    """Says of a suite, or of all of them, how many cases there are and what came of them."""
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        parent.set(name, str(len(parent.findall(f".//{tag}"))))
    parent.set("errors", "0")  # a check that cannot be made at all raises
    parent.set("time", "0")


def _text(said: str) -> str:
    """What XML may hold, on one line."""
    return plain(said, _LONGEST)
