"""What came of a check: counts, findings on demand, and a text for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from salesflow.errors import Severity
from salesflow.text import Language, Text

__all__ = ["Counts", "PipelineReport"]

FrameT = TypeVar("FrameT")

_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Counts:
    """How the rows that a check applies to are divided.

    Attributes:
        yes: It holds.
        no: It does not.
        unknown: What is missing decides.
    """

    yes: int
    no: int
    unknown: int

    @property
    def rows(self) -> int:
        """The rows that the check applies to."""
        return self.yes + self.no + self.unknown


class PipelineReport(Generic[FrameT]):
    """What `check_pipeline` found.

    Attributes:
        counts: By check.
        not_checked: By check, the facts without a column for want of which no row can be decided.
        titles: By check, what ought to hold.
        severities: By check, `error` or `warning`.
        rows: The rows of the frame.
        as_of: The day of the check.
    """

    def __init__(
        self,
        *,
        counts: Mapping[str, Counts],
        not_checked: Mapping[str, tuple[str, ...]],
        titles: Mapping[str, Text],
        severities: Mapping[str, Severity],
        rows: int,
        as_of: date,
        findings: Callable[[], FrameT],
    ) -> None:
        self.counts = counts
        self.not_checked = not_checked
        self.titles = titles
        self.severities = severities
        self.rows = rows
        self.as_of = as_of
        self._make: Callable[[], FrameT] = findings
        self._findings: list[FrameT] = []

    @property
    def findings(self) -> FrameT:
        """One row per deal and check that is not YES, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, the key of the stage, sub-stage or outcome;
        `check`; `severity`; `verdict`, which is "no" or "unknown". The order of rows means
        nothing. It is made on first access; that of a lazy frame is lazy.
        """
        if not self._findings:
            self._findings.append(self._make())
        return self._findings[0]

    def summary(self, lang: Language = "en") -> str:
        """The report as a table for people: what is wrong most often comes first."""
        words = _WORDS[lang]
        lines = [words["head"].format(rows=self.rows, day=self.as_of.isoformat()), ""]
        wrong = sorted(
            (key for key, count in self.counts.items() if count.no or count.unknown),
            key=lambda key: (
                self.severities[key] != "error",
                -self.counts[key].no,
                -self.counts[key].unknown,
                key,
            ),
        )
        if wrong:
            table = [("", words["no"], words["unknown"], words["yes"], words["check"])]
            table += [
                (
                    words[self.severities[key]],
                    f"{self.counts[key].no:,}",
                    f"{self.counts[key].unknown:,}",
                    f"{self.counts[key].yes:,}",
                    f"{self.titles[key].get(lang)}  [{key}]",
                )
                for key in wrong
            ]
            lines += _aligned(table)
        else:
            lines.append(words["clean"])
        fine = len(self.counts) - len(wrong)
        lines += ["", words["fine"].format(n=fine)]
        if self.not_checked:
            lines += ["", words["not_checked"].format(n=len(self.not_checked))]
            lines += [f"  {line}" for line in self._lacking(words["facts"])]
        return "\n".join(lines)

    def _lacking(self, many: str) -> list[str]:
        """The facts without a column; families of them in one line."""
        families: dict[str, list[str]] = {}
        for fact in sorted({fact for facts in self.not_checked.values() for fact in facts}):
            families.setdefault(fact.partition(".")[0], []).append(fact)
        return [
            line
            for head, facts in families.items()
            for line in ([many.format(head=head, n=len(facts))] if len(facts) > _FEW else facts)
        ]

    def __repr__(self) -> str:
        wrong = sum(count.no + count.unknown for count in self.counts.values())
        return (
            f"<PipelineReport: {self.rows} rows, {len(self.counts)} checks, {wrong} findings, "
            f"{len(self.not_checked)} not checked>"
        )


_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "head": "{rows:,} deals on {day}",
        "no": "no",
        "unknown": "unknown",
        "yes": "yes",
        "check": "what ought to hold",
        "error": "error",
        "warning": "warning",
        "clean": "Nothing was found.",
        "fine": "{n} more checks hold for every deal.",
        "not_checked": "{n} checks could not be made, for want of columns for these facts:",
        "facts": "{head}.… ({n} of them)",
    },
    "zh": {
        "head": "{day}，共 {rows:,} 个项目",
        "no": "不符合",
        "unknown": "未知",
        "yes": "符合",
        "check": "应当满足的要求",
        "error": "错误",
        "warning": "提醒",
        "clean": "没有发现问题。",
        "fine": "另有 {n} 项检查全部符合。",
        "not_checked": "有 {n} 项检查无法进行，缺少以下数据列：",
        "facts": "{head}.…（共 {n} 个）",
    },
}


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Columns under each other; all but the first and the last to the right."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    last = len(widths) - 1
    lines = []
    for row in table:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            left = number in {0, last}
            cells.append(cell + space if left else space + cell)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    # A Chinese character is two columns wide on a terminal.
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
