"""The report of a check as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeVar

from salesflow._show import Html, badge, html, key, line, table, title
from salesflow.pipeline._checks.summary import worst_first
from salesflow.terms import SEVERITIES, VERDICTS, and_more
from salesflow.text import Language, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_CHECKS: Final = 12
_FACTS: Final = 8


def view(report: PipelineReport[FrameT], lang: Language) -> str:
    """How many deals, and what is wrong, most often first."""
    return html(*_blocks(report, lang))


def _blocks(report: PipelineReport[FrameT], lang: Language) -> Iterator[Html]:
    words = in_language(lang, _PHRASES)
    wrong = worst_first(report)
    failed = sum(report.counts[check].no for check in wrong)
    state = badge(words["clean"], "good")
    if failed:
        word = words["violation" if failed == 1 else "violations"]
        state = badge(word.format(n=failed), "bad")
    yield line(title(words["head"].format(n=report.rows, day=report.as_of.isoformat())), state)
    if wrong:
        yield _table(report, wrong, lang)
    yield line(words["fine"].format(n=len(report.counts) - len(wrong)))
    if report.not_checked:
        facts = sorted({fact for facts in report.not_checked.values() for fact in facts})
        yield line(
            words["skipped"].format(n=len(report.not_checked)),
            *map(key, facts[:_FACTS]),
            and_more(len(facts) - _FACTS, lang),
        )


def _table(report: PipelineReport[FrameT], wrong: list[str], lang: Language) -> Html:
    words, verdicts = in_language(lang, _PHRASES), in_language(lang, VERDICTS)
    rows = []
    for check in wrong[:_CHECKS]:
        count, severity = report.counts[check], report.severities[check]
        rows.append(
            (
                badge(SEVERITIES[severity].get(lang), "bad" if severity == "error" else "open"),
                report.titles[check].get(lang),
                key(check),
                f"{count.no:,}",
                f"{count.unknown:,}",
                f"{count.yes:,}",
            )
        )
    columns = (verdicts["no"], verdicts["unknown"], verdicts["yes"])
    head = ("", words["ought"], words["check"], *columns)
    return table(head, rows, {3, 4, 5}, more=and_more(len(wrong) - _CHECKS, lang))


_PHRASES: Final = {
    "head": both(en="{n:,} deals on {day}", zh="{day}，共 {n:,} 个项目"),
    "violations": both(en="{n:,} violations", zh="{n:,} 处不符合"),
    "violation": both(en="{n} violation", zh="{n} 处不符合"),
    "clean": both(en="no violations", zh="没有不符合"),
    "ought": both(en="what ought to hold", zh="应当满足的要求"),
    "check": both(en="check", zh="检查"),
    "fine": both(
        en="Other checks, which hold for every deal: {n}.", zh="其他检查全部符合：{n} 项。"
    ),
    "skipped": both(
        en="Checks that were skipped: {n}; these facts have no column:",
        zh="未进行的检查：{n} 项；以下数据没有对应的列：",
    ),
}
