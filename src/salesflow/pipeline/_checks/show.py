"""The report of a check for people: as a text, and as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from salesflow._show import Html, aligned, badge, key, line, plain, table, title
from salesflow.pipeline._wording import counted
from salesflow.terms import SEVERITIES, and_more
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")

Lacking: TypeAlias = Mapping[str, tuple[str, ...]]
"""By check, the facts without a column."""

_CHECKS: Final = 12
_FACTS: Final = 8
_FEW: Final = 4
_CELL: Final = 60


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


def written(
    report: PipelineReport[FrameT],
    lang: Language,
    top: int | None,
    over: Mapping[str, Sequence[str]],
) -> str:
    """The report as a table: at most `top` of the checks with findings.

    `over` are the checks beyond their limits, by the argument that gave these.
    """
    words, wrong = in_language(lang, _PHRASES), worst_first(report)
    lines = [counted(words, "head", report.rows, day=report.as_of.isoformat())]
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
        lines.append(_of_some(report, words) if report.not_checked else words["clean"])
    if len(shown) < len(wrong):
        lines.append(counted(words, "hidden", len(wrong) - len(shown)))
    lines += ["", counted(words, "fine", _held(report))]
    for name, checks in over.items():
        if checks:
            lines += [words[name].format(n=len(checks), checks=", ".join(checks[:_CHECKS]))]
            lines[-1] += and_more(len(checks) - _CHECKS, lang)
    lines += ["", *map("".join, _unscaled(report, words))] if report.unscaled else []
    for name, unasked in _unasked(report):
        lines += ["", counted(words, name, len(unasked))]
        lines += [f"  {told}" for told in _by_family(unasked, words["facts"], lang, top)]
    return "\n".join(lines)


def _of_some(report: PipelineReport[FrameT], words: Mapping[str, str]) -> str:
    """That nothing was found, and by how many of the checks: none of them is no good news."""
    if not report.counts:
        return words["unasked"]
    asked, skipped = len(report.counts), len(report.not_checked)
    return words["clean_of_some"].format(n=asked, all=asked + skipped)


def _counted(report: PipelineReport[FrameT], check: str) -> tuple[str, str, str]:
    count = report.counts[check]
    return f"{count.no:,}", f"{count.unknown:,}", f"{count.yes:,}"


def _held(report: PipelineReport[FrameT]) -> int:
    """How many checks hold for every deal that they apply to."""
    return sum(count.yes == count.rows for count in report.counts.values())


def _unasked(report: PipelineReport[FrameT]) -> Iterator[tuple[str, Lacking]]:
    """The checks that lack some of their columns, or all, with the facts without one."""
    named = {"partly_checked": report.partly_checked, "not_checked": report.not_checked}
    yield from ((name, checks) for name, checks in named.items() if checks)


def _unscaled(
    report: PipelineReport[FrameT], words: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """The columns whose heading names a unit that nobody said, in a sentence each."""
    before, behind = words["unscaled"].split("{column}")
    for fact, column in report.unscaled.items():
        yield before, plain(column, _CELL), behind.format(fact=fact)


def _lacking(checks: Lacking) -> list[str]:
    """The facts without a column."""
    return sorted({fact for facts in checks.values() for fact in facts})


def _by_family(checks: Lacking, many: str, lang: Language, top: int | None) -> Iterator[str]:
    """The facts without a column, families of them in one line; at most `top` lines of them."""
    families: dict[str, list[str]] = {}
    for fact in _lacking(checks):
        families.setdefault(fact.partition(".")[0], []).append(fact)
    told: list[tuple[str, int]] = []
    for head, facts in families.items():
        if len(facts) > _FEW:
            told.append((many.format(head=head, n=len(facts)), len(facts)))
        else:
            told += [(fact, 1) for fact in facts]
    yield from (line for line, _ in told[:top])
    if top is not None and (left := sum(number for _, number in told[top:])):
        yield and_more(left, lang).strip()


def blocks(
    report: PipelineReport[FrameT], lang: Language, *, most: int | None = _CHECKS
) -> Iterator[Html]:
    """How many deals, and what is wrong, most often first: at most so many checks."""
    words = in_language(lang, _PHRASES)
    wrong = worst_first(report)
    failed = sum(report.counts[check].no for check in wrong)
    asked, skipped = len(report.counts), len(report.not_checked)
    none = words["none_of_some"].format(n=asked, all=asked + skipped)
    state = badge(none if skipped else words["none"], "good" if asked else "open")
    if failed:
        state = badge(counted(words, "violations", failed), "bad")
    head = counted(words, "head", report.rows, day=report.as_of.isoformat())
    yield line(title(head), state)
    if wrong:
        yield _table(report, wrong, lang, most)
    if report.later:
        yield line(words["later"].format(n=report.later))
    yield line(words["others"].format(n=_held(report)))
    for before, name, behind in _unscaled(report, words):
        yield line(before, key(name), behind)
    for name, checks in _unasked(report):
        facts = _lacking(checks)
        yield line(
            words[f"{name}_line"].format(n=len(checks)),
            *map(key, facts[:_FACTS]),
            and_more(len(facts) - _FACTS, lang),
        )


def _table(
    report: PipelineReport[FrameT], wrong: list[str], lang: Language, most: int | None
) -> Html:
    words = in_language(lang, _PHRASES)
    shown = wrong[:most]
    rows = []
    for check in shown:
        ought = report.titles[check].get(lang)
        rows.append((grave(report, check, lang), ought, key(check), *_counted(report, check)))
    head = ("", *(words[name] for name in ("ought", "check", "no", "unknown", "yes")))
    return table(head, rows, {3, 4, 5}, more=and_more(len(wrong) - len(shown), lang))


def grave(report: PipelineReport[FrameT], check: str, lang: Language) -> Html:
    """How grave a finding of a check is."""
    severity = report.severities[check]
    return badge(SEVERITIES[severity].get(lang), "bad" if severity == "error" else "open")


_PHRASES: Final[Mapping[str, Text]] = {
    "head": both(en="{n:,} deals on {day}", zh="{day}，共 {n:,} 个项目"),
    "head_one": both(en="{n} deal on {day}", zh="{day}，共 {n} 个项目"),
    "later": both(
        en="Rows that lie after the day, of which only their dates are checked: {n:,}.",
        zh="晚于该日的行：{n:,}，仅检查其日期。",
    ),
    "unscaled": both(
        en="The heading {column} names a unit, and no scale is said of {fact}: its numbers are "
        "taken as they stand.",
        zh="列名 {column} 含单位，而 {fact} 没有指定 scale：数值按原样计。",
    ),
    "no": both(en="no", zh="不符合"),
    "unknown": both(en="unknown", zh="未知"),
    "yes": both(en="yes", zh="符合"),
    "check": both(en="check", zh="检查"),
    "ought": both(en="what ought to hold", zh="应当满足的要求"),
    "clean": both(en="Nothing was found.", zh="没有发现问题。"),
    "clean_of_some": both(
        en="Nothing was found by the {n} of {all} checks that have their columns.",
        zh="{all} 项检查中只有 {n} 项具备所需的数据列，这些检查没有发现问题。",
    ),
    "unasked": both(en="Nothing could be checked.", zh="没有一项检查能够进行。"),
    "hidden": both(en="… and {n} more checks with findings", zh="……另有 {n} 项检查有问题"),
    "hidden_one": both(en="… and {n} more check with findings", zh="……另有 {n} 项检查有问题"),
    "fine": both(en="{n} more checks hold for every deal.", zh="另有 {n} 项检查全部符合。"),
    "fine_one": both(en="{n} more check holds for every deal.", zh="另有 {n} 项检查全部符合。"),
    "fail_if": both(
        en="More findings than fail_if allows: {checks}", zh="超过 fail_if 所允许的数量：{checks}"
    ),
    "warn_if": both(
        en="More findings than warn_if allows: {checks}", zh="超过 warn_if 所允许的数量：{checks}"
    ),
    "partly_checked": both(
        en="{n} checks lack some of their columns, and may leave deals unchecked:",
        zh="有 {n} 项检查缺少部分数据列，可能有项目未检查：",
    ),
    "partly_checked_one": both(
        en="{n} check lacks some of its columns, and may leave deals unchecked:",
        zh="有 {n} 项检查缺少部分数据列，可能有项目未检查：",
    ),
    "not_checked_one": both(
        en="{n} check was skipped; these facts have no column:",
        zh="有 {n} 项检查未进行，缺少以下数据列：",
    ),
    "not_checked": both(
        en="{n} checks were skipped; these facts have no column:",
        zh="有 {n} 项检查未进行，缺少以下数据列：",
    ),
    "facts": both(en="{head}.… ({n} of them)", zh="{head}.…（共 {n} 个）"),
    "violations": both(en="{n:,} violations", zh="{n:,} 处不符合"),
    "violations_one": both(en="{n} violation", zh="{n} 处不符合"),
    "none": both(en="no violations", zh="没有不符合"),
    "none_of_some": both(
        en="no violations in {n} of {all} checks", zh="{all} 项检查已做 {n} 项，没有不符合"
    ),
    "others": both(
        en="Other checks, which hold for every deal: {n}.", zh="其他检查全部符合：{n} 项。"
    ),
    "partly_checked_line": both(
        en="Checks that lack some of their columns, and may leave deals unchecked: {n};",
        zh="缺少部分数据列、可能有项目未检查的检查：{n} 项；",
    ),
    "not_checked_line": both(
        en="Checks that were skipped: {n}; these facts have no column:",
        zh="未进行的检查：{n} 项；以下数据项没有对应的列：",
    ),
}
