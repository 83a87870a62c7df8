"""The report of a check as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from salesflow._show import Badge, Block, Heading, Key, Line, Part, Table
from salesflow.pipeline._checks.summary import worst_first

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_CHECKS: Final = 12
_FACTS: Final = 8


def blocks(report: PipelineReport[FrameT]) -> list[Block]:
    """How many deals, and what is wrong, most often first."""
    wrong = worst_first(report)
    failed = sum(report.counts[key].no for key in wrong)
    state = Badge(f"{failed:,} not so", "bad") if failed else Badge("nothing broken", "good")
    found: list[Block] = [
        Heading(f"{report.rows:,} deals on {report.as_of.isoformat()}", (state,)),
    ]
    if wrong:
        found.append(_table(report, wrong))
    fine = len(report.counts) - len(wrong)
    found.append(Line((f"Other checks, which hold for every deal: {fine}.",)))
    if report.not_checked:
        facts = sorted({fact for facts in report.not_checked.values() for fact in facts})
        parts: list[Part] = [
            f"Checks that could not be made: {len(report.not_checked)}, for want of these facts:"
        ]
        parts += map(Key, facts[:_FACTS])
        if len(facts) > _FACTS:
            parts.append("…")
        found.append(Line(tuple(parts)))
    return found


def _table(report: PipelineReport[FrameT], wrong: list[str]) -> Table:
    rows: list[tuple[Part, ...]] = []
    for key in wrong[:_CHECKS]:
        count, severity = report.counts[key], report.severities[key]
        rows.append(
            (
                Badge(severity, "bad" if severity == "error" else "open"),
                report.titles[key].get("en"),
                Key(key),
                f"{count.no:,}",
                f"{count.unknown:,}",
                f"{count.yes:,}",
            )
        )
    if len(wrong) > _CHECKS:
        rows.append(("", f"… and {len(wrong) - _CHECKS} more", "", "", "", ""))
    head = ("", "what ought to hold", "check", "no", "unknown", "yes")
    return Table(head, rows, frozenset({3, 4, 5}))
