"""The report of a check for people: as a text, and as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from salesflow._show import Html, badge, html, key, line, table, title
from salesflow.pipeline._wording import aligned
from salesflow.terms import SEVERITIES, VERDICTS, and_more
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_CHECKS: Final = 12
_FACTS: Final = 8
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
    lines = [words["head"].format(n=report.rows, day=report.as_of.isoformat())]
    lines += [words["later"].format(n=report.later)] if report.later else []
    lines.append("")
    shown = wrong[:top]
    if wrong:
        rows = [("", words["no"], words["unknown"], words["yes"], words["ought"])]
        for check in shown:
            severity = SEVERITIES[report.severities[check]].get(lang)
            said = f"{report.titles[check].get(lang)}  [{check}]"
            rows.append((severity, *_counted(report, check), said))
        lines += aligned(rows)
    else:
        lines.append(words["clean"])
    if len(shown) < len(wrong):
        lines.append(words["hidden"].format(n=len(wrong) - len(shown)))
    fine = len(report.counts) - len(wrong)
    lines += ["", words["fine"].format(n=fine)]
    if report.not_checked:
        lines += ["", words["not_checked"].format(n=len(report.not_checked))]
        lines += [f"  {facts}" for facts in _by_family(report, words["facts"])]
    return "\n".join(lines)


def _counted(report: PipelineReport[FrameT], check: str) -> tuple[str, str, str]:
    count = report.counts[check]
    return f"{count.no:,}", f"{count.unknown:,}", f"{count.yes:,}"


def _lacking(report: PipelineReport[FrameT]) -> list[str]:
    """The facts without a column."""
    return sorted({fact for facts in report.not_checked.values() for fact in facts})


def _by_family(report: PipelineReport[FrameT], many: str) -> Iterator[str]:
    """The facts without a column; families of them in one line."""
    families: dict[str, list[str]] = {}
    for fact in _lacking(report):
        families.setdefault(fact.partition(".")[0], []).append(fact)
    for head, facts in families.items():
        yield from [many.format(head=head, n=len(facts))] if len(facts) > _FEW else facts


def view(report: PipelineReport[FrameT], lang: Language) -> str:
    """How many deals, and what is wrong, most often first."""
    return html(*_blocks(report, lang))


def _blocks(report: PipelineReport[FrameT], lang: Language) -> Iterator[Html]:
    words = in_language(lang, _PHRASES)
    wrong = worst_first(report)
    failed = sum(report.counts[check].no for check in wrong)
    state = badge(words["none"], "good")
    if failed:
        word = words["violation" if failed == 1 else "violations"]
        state = badge(word.format(n=failed), "bad")
    yield line(title(words["head"].format(n=report.rows, day=report.as_of.isoformat())), state)
    if wrong:
        yield _table(report, wrong, lang)
    if report.later:
        yield line(words["later"].format(n=report.later))
    yield line(words["others"].format(n=len(report.counts) - len(wrong)))
    if report.not_checked:
        facts = _lacking(report)
        yield line(
            words["skipped"].format(n=len(report.not_checked)),
            *map(key, facts[:_FACTS]),
            and_more(len(facts) - _FACTS, lang),
        )


def _table(report: PipelineReport[FrameT], wrong: list[str], lang: Language) -> Html:
    words, verdicts = in_language(lang, _PHRASES), in_language(lang, VERDICTS)
    rows = []
    for check in wrong[:_CHECKS]:
        severity = report.severities[check]
        state = badge(SEVERITIES[severity].get(lang), "bad" if severity == "error" else "open")
        ought = report.titles[check].get(lang)
        rows.append((state, ought, key(check), *_counted(report, check)))
    columns = (verdicts["no"], verdicts["unknown"], verdicts["yes"])
    head = ("", words["ought"], words["check"], *columns)
    return table(head, rows, {3, 4, 5}, more=and_more(len(wrong) - _CHECKS, lang))


_PHRASES: Final[Mapping[str, Text]] = {
    "head": both(en="{n:,} deals on {day}", zh="{day}，共 {n:,} 个项目"),
    "later": both(
        en="Rows that lie after the day, of which only their dates are checked: {n:,}.",
        zh="晚于该日的行：{n:,}，仅检查其日期。",
    ),
    "no": both(en="no", zh="不符合"),
    "unknown": both(en="unknown", zh="未知"),
    "yes": both(en="yes", zh="符合"),
    "check": both(en="check", zh="检查"),
    "ought": both(en="what ought to hold", zh="应当满足的要求"),
    "clean": both(en="Nothing was found.", zh="没有发现问题。"),
    "hidden": both(en="… and {n} more checks with findings", zh="……另有 {n} 项检查有问题"),
    "fine": both(en="{n} more checks hold for every deal.", zh="另有 {n} 项检查全部符合。"),
    "not_checked": both(
        en="{n} checks were skipped; these facts have no column:",
        zh="有 {n} 项检查未进行，缺少以下数据列：",
    ),
    "facts": both(en="{head}.… ({n} of them)", zh="{head}.…（共 {n} 个）"),
    "violations": both(en="{n:,} violations", zh="{n:,} 处不符合"),
    "violation": both(en="{n} violation", zh="{n} 处不符合"),
    "none": both(en="no violations", zh="没有不符合"),
    "others": both(
        en="Other checks, which hold for every deal: {n}.", zh="其他检查全部符合：{n} 项。"
    ),
    "skipped": both(
        en="Checks that were skipped: {n}; these facts have no column:",
        zh="未进行的检查：{n} 项；以下数据没有对应的列：",
    ),
}
