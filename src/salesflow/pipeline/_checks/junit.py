"""The report of a check as JUnit XML: each check a test case, each group of checks a suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar
from xml.etree import ElementTree as ET

from salesflow._show import plain
from salesflow._translation import words_in, written
from salesflow.pipeline._checks.catalogue import FAMILIES
from salesflow.pipeline._checks.thresholds import FailedCheck, said_in
from salesflow.text import Language, both

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_LONGEST: Final = 1_000
_AND: Final = both(en="; ", zh="；")


def suites(report: PipelineReport[FrameT], failed: Sequence[FailedCheck], lang: Language) -> str:
    """The whole document, in the form that the common readers share.

    Args:
        report: What was found.
        failed: The checks that fail; a group or severity none of whose checks could be made is
            one of them, and a case of a suite of its own.
        lang: The language of what is said of them.
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
            suite.extend(
                _case(report, group, check, failing.get(check, ()), lang) for check in checks
            )
            _count(suite)
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(
    report: PipelineReport[FrameT],
    group: str,
    check: str,
    failed: Sequence[FailedCheck],
    lang: Language,
) -> ET.Element:
    case = ET.Element("testcase", name=_text(check), classname=f"pipeline.{group}", time="0")
    if failed:
        kind = "not_checked" if failed[0].not_checked else "findings"
        problems = [said_in(it, lang) for it in failed]
        said = _AND.get(lang).join(it.message for it in problems)
        whole = replace(problems[0], path=failed[0].title.get(lang), message=said)
        told = ET.SubElement(case, "failure", message=_text(said), type=kind)
        told.text = _text(written(whole, lang))
    elif check in report.not_checked:
        lacking = ", ".join(report.not_checked[check])
        ET.SubElement(case, "skipped", message=_text(words_in(f"no column holds {lacking}", lang)))
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
