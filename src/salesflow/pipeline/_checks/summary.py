"""A report as a text for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from salesflow.pipeline._wording import aligned
from salesflow.terms import SEVERITIES
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_FEW: Final = 4


def worst_first(report: PipelineReport[FrameT]) -> list[str]:
    """The checks with findings: errors first, and then those that fail most often."""
    return sorted(
        (key for key, count in report.counts.items() if count.no or count.unknown),
        key=lambda key: (
            report.severities[key] != "error",
            -report.counts[key].no,
            -report.counts[key].unknown,
            key,
        ),
    )


def written(report: PipelineReport[FrameT], lang: Language, top: int | None) -> str:
    """The report as a table: at most `top` of the checks with findings."""
    words, wrong = in_language(lang, _PHRASES), worst_first(report)
    lines = [words["head"].format(rows=report.rows, day=report.as_of.isoformat()), ""]
    shown = wrong[:top]
    if wrong:
        table = [("", words["no"], words["unknown"], words["yes"], words["check"])]
        table += [
            (
                SEVERITIES[report.severities[key]].get(lang),
                f"{report.counts[key].no:,}",
                f"{report.counts[key].unknown:,}",
                f"{report.counts[key].yes:,}",
                f"{report.titles[key].get(lang)}  [{key}]",
            )
            for key in shown
        ]
        lines += aligned(table)
    else:
        lines.append(words["clean"])
    if len(shown) < len(wrong):
        lines.append(words["hidden"].format(n=len(wrong) - len(shown)))
    fine = len(report.counts) - len(wrong)
    lines += ["", words["fine"].format(n=fine)]
    if report.not_checked:
        lines += ["", words["not_checked"].format(n=len(report.not_checked))]
        lines += [f"  {line}" for line in _lacking(report, words["facts"])]
    return "\n".join(lines)


def _lacking(report: PipelineReport[FrameT], many: str) -> list[str]:
    """The facts without a column; families of them in one line."""
    families: dict[str, list[str]] = {}
    for fact in sorted({fact for facts in report.not_checked.values() for fact in facts}):
        families.setdefault(fact.partition(".")[0], []).append(fact)
    return [
        line
        for head, facts in families.items()
        for line in ([many.format(head=head, n=len(facts))] if len(facts) > _FEW else facts)
    ]


_PHRASES: Final[Mapping[str, Text]] = {
    "head": both(en="{rows:,} deals on {day}", zh="{day}，共 {rows:,} 个项目"),
    "no": both(en="no", zh="不符合"),
    "unknown": both(en="unknown", zh="未知"),
    "yes": both(en="yes", zh="符合"),
    "check": both(en="what ought to hold", zh="应当满足的要求"),
    "clean": both(en="Nothing was found.", zh="没有发现问题。"),
    "hidden": both(en="… and {n} more checks with findings", zh="……另有 {n} 项检查有问题"),
    "fine": both(en="{n} more checks hold for every deal.", zh="另有 {n} 项检查全部符合。"),
    "not_checked": both(
        en="{n} checks were skipped; these facts have no column:",
        zh="有 {n} 项检查未进行，缺少以下数据列：",
    ),
    "facts": both(en="{head}.… ({n} of them)", zh="{head}.…（共 {n} 个）"),
}
