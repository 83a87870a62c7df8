"""The report of a check as a page: what is wrong, where, of which deals, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from salesflow._show import Html, badge, heading, key, line, paragraph, table
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.show import blocks, grave, worst_first
from salesflow.pipeline._checks.views import Views
from salesflow.terms import and_more
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

_FACTS: Final = 12


def whole(
    report: PipelineReport[FrameT],
    lang: Language,
    *,
    warned: Sequence[str],
    messages: Messages | None,
    views: Views | None,
    places: Mapping[str, str],
) -> Iterator[Html]:
    """Everything that the report knows; of one that was read back, what its fields say.

    Args:
        report: What was found.
        lang: The language of the page.
        warned: The checks with more findings than their limits for warnings.
        messages: What to do, where it is known.
        views: The frame, for samples and stages, where it is there.
        places: What people call stages and outcomes, in the order of the process.
    """
    words = in_language(lang, _PHRASES)
    yield _judged(report, words)
    if warned:
        yield line(badge(words["warned"].format(n=len(warned)), "open"), *map(key, warned))
    yield from blocks(report, lang, most=None)
    if views is None:
        yield line(words["read_back"])
    else:
        yield heading(words["stages"])
        yield _stages(views.stages(report.counts), places, words)
    wrong = worst_first(report)
    examples = {} if views is None else views.examples(wrong)
    if wrong:
        yield heading(words["details"])
    for check in wrong:
        counts = report.counts[check]
        yield heading(grave(report, check, lang), report.titles[check].get(lang), level=3)
        yield line(key(check), words["counts"].format(counts=counts))
        if messages is not None:
            yield paragraph(report.message(check, lang))
        if views is not None:
            found = [str(name) for name in examples[check]]
            more = and_more(counts.no + counts.unknown - len(found), lang)
            yield line(words["deals"], *map(key, found), more)
    if report.not_checked or report.partly_checked:
        yield heading(words["not_checked"])
        yield _not_checked(report, lang)


def _judged(report: PipelineReport[FrameT], words: Mapping[str, str]) -> Html:
    """Whether there are more findings than there may be."""
    failing = len(report.failing)
    if not failing:
        return line(badge(words["passed"], "good"))
    return line(badge(words["failed"].format(n=failing), "bad"), *map(key, report.failing))


def _stages(
    found: Mapping[str | None, Mapping[str, int]],
    titles: Mapping[str, str],
    words: Mapping[str, str],
) -> Html:
    """Each place with deals, in the order of the process."""
    order: list[str | None] = [place for place in titles if place in found]
    order += [place for place in found if place not in titles]
    rows = [
        (
            words["nowhere"] if place is None else titles.get(place, place),
            key(place or ""),
            *(f"{found[place][what]:,}" for what in ("deals", "no", "unknown")),
        )
        for place in order
    ]
    head = tuple(words[name] for name in ("stage", "key", "number", "no", "unknown"))
    return table(head, rows, {2, 3, 4})


def _not_checked(report: PipelineReport[FrameT], lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows = [
        (
            report.titles[check].get(lang),
            key(check),
            words["all"]
            if check in report.not_checked
            else "{0.unchecked:,} / {0.rows:,}".format(report.counts[check]),
            line(*map(key, facts[:_FACTS]), and_more(len(facts) - _FACTS, lang)),
        )
        for check, facts in (*report.partly_checked.items(), *report.not_checked.items())
    ]
    return table((words["ought"], words["check"], words["number"], words["facts"]), rows, {2})


_PHRASES: Final[Mapping[str, Text]] = {
    "passed": both(en="within the limits", zh="未超出限度"),
    "failed": both(en="more findings than allowed: {n}", zh="超出限度：{n} 项"),
    "warned": both(en="more findings than wanted: {n}", zh="超出警告限度：{n} 项"),
    "stages": both(en="By stage", zh="各阶段情况"),
    "stage": both(en="stage", zh="阶段"),
    "key": both(en="key", zh="标识"),
    "number": both(en="deals", zh="项目数"),
    "no": both(en="findings: no", zh="不符合"),
    "unknown": both(en="findings: unknown", zh="未知"),
    "nowhere": both(en="(missing)", zh="（缺失）"),
    "details": both(en="What is wrong, and what to do", zh="问题与处理办法"),
    "counts": both(
        en="no {counts.no:,} · unknown {counts.unknown:,} · yes {counts.yes:,}",
        zh="不符合 {counts.no:,} · 未知 {counts.unknown:,} · 符合 {counts.yes:,}",
    ),
    "deals": both(en="For instance:", zh="例如："),
    "not_checked": both(en="What was not checked", zh="未进行的检查"),
    "ought": both(en="what ought to hold", zh="应当满足的要求"),
    "check": both(en="check", zh="检查"),
    "facts": both(en="facts without a column", zh="缺少的数据列"),
    "all": both(en="all", zh="全部"),
    "read_back": both(
        en="This report was read back: its deals, and what to do, are with the frame.",
        zh="此报告由文件读回：具体项目和处理办法需由原数据重新得出。",
    ),
}
