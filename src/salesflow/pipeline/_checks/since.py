"""What a report says that an earlier one did not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar, cast

import narwhals.stable.v2 as nw
from pydantic import PrivateAttr

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result, keeping
from salesflow._show import Html, aligned, line, table
from salesflow._show import key as shown_key
from salesflow._shown import spoken
from salesflow.domain import PlaybookStamp
from salesflow.errors import ArgumentError, Problem
from salesflow.pipeline._checks.findings import one_of
from salesflow.pipeline._frames.engines import engine_errors, kind_of_frame, native, rows_of, whole
from salesflow.pipeline._reports.report import Report
from salesflow.rules.columns import is_text
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport
    from salesflow.pipeline._checks.views import Views

FrameT = TypeVar("FrameT")

_MESSAGE: Final = "These reports cannot be compared."
_WHAT: Final = ("resolved", "still", "new")
"""By the least and the greatest of a finding's marks, 1 in the earlier report and 2 in the later
one, added up: from `_FIRST` on. A key that several rows share may have a mark several times."""
_FIRST: Final = 2


class CheckChanges(Result):
    """What became of the findings of a check.

    Attributes:
        new: Deals that have a finding now, and had none.
        resolved: Deals that had one and have none now; those that are there no more, too.
        still: Deals that have one in both reports, be it NO in one and UNKNOWN in the other.
    """

    new: int
    resolved: int
    still: int


class ReportChanges(Report, Generic[FrameT]):
    """What a report of `check_pipeline` says since an earlier one.

    Attributes:
        checks: By check that both reports made.
        not_compared: The checks that only one of them made, or that ask something else in one than
            in the other, or want other columns.
        titles: By check, what ought to hold.
    """

    checks: Annotated[Mapping[str, CheckChanges], Frozen]
    not_compared: tuple[str, ...]
    titles: Annotated[Mapping[str, Text], Frozen]
    _made: Callable[[], object] = PrivateAttr()

    def findings(self) -> FrameT:
        """One row per deal and check, in a frame of the caller's kind.

        Columns: the key under its own name; `check`; `what`, which is "new", "resolved" or "still".
        The order of rows means nothing; that of lazy frames is lazy.
        """
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_made")())

    def records(self) -> list[dict[str, str | int]]:
        """A row per check, for a table or a frame of your choice.

        Keys: `check`, and how many findings are `new`, `resolved` and `still` there.
        """
        return [{"check": check, **found.model_dump()} for check, found in self.checks.items()]

    def summary(self, lang: Language | None = None) -> str:
        """The changes as a table for people: the checks with most new findings first.

        Raises:
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        words = in_language(lang, _PHRASES)
        head, *rows = self._rows(lang)
        table = [(*cells, f"{ought}  [{key}]") for *cells, ought, key in rows]
        lines = aligned([head[:-1], *table], left=(-1,)) if rows else [words["clean"]]
        if self.not_compared:
            lines += ["", words["not_compared"].format(n=len(self.not_compared))]
            lines += [f"  {key}" for key in self.not_compared]
        return "\n".join(lines)

    def _rows(self, lang: Language) -> list[tuple[str, ...]]:
        """A head, and a row for each check with any finding."""
        words = in_language(lang, _PHRASES)
        found = {key: it for key, it in self.checks.items() if it.new or it.resolved or it.still}
        order = sorted(found, key=lambda key: (-found[key].new, -found[key].still, key))
        rows = [tuple(words[name] for name in ("new", "resolved", "still", "ought", "check"))]
        for key in order:
            it = found[key]
            numbers = (f"{number:,}" for number in (it.new, it.resolved, it.still))
            rows.append((*numbers, self.titles[key].get(lang), key))
        return rows

    def _name(self, lang: Language) -> str:
        return _PHRASES["name"].get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        words = in_language(lang, _PHRASES)
        head, *rows = self._rows(lang)
        if rows:
            cells = [(*numbers, ought, shown_key(key)) for *numbers, ought, key in rows]
            yield table(head, cells, {0, 1, 2})
        else:
            yield line(words["clean"])
        if self.not_compared:
            told = words["not_compared"].format(n=len(self.not_compared))
            yield line(told, *map(shown_key, self.not_compared))

    def __repr__(self) -> str:
        sums = {what: sum(getattr(it, what) for it in self.checks.values()) for what in _WHAT}
        return (
            f"<ReportChanges: {sums['new']} new findings, {sums['resolved']} resolved, "
            f"{sums['still']} still there>"
        )


def changes_since(
    report: PipelineReport[FrameT], earlier: PipelineReport[FrameT]
) -> ReportChanges[FrameT]:
    """What `report` says since the `earlier` one.

    Raises:
        ArgumentError: `problems` lists in what they differ so that they cannot be compared.
        FrameError: The engine refuses to put their frames together.
    """
    was: Views = earlier._kept("_views")  # noqa: SLF001 - siblings
    now: Views = report._kept("_views")  # noqa: SLF001
    problems = [*of_another_playbook(report.playbook, earlier.playbook), *_unfit(now, was)]
    if earlier.as_of > report.as_of:
        message = f"it is of {earlier.as_of.isoformat()}, after {report.as_of.isoformat()}"
        problems.append(Problem("as_of", message, "ask the later report since the earlier one"))
    asked = [
        {
            check.key: (check.rule, check.scopes, check.waivers, check.when, check.members)
            for check in it.checks
        }
        for it in (was, now)
    ]
    made = list(dict.fromkeys([*report.counts, *earlier.counts]))
    common = [
        key
        for key in made
        if key in report.counts
        and key in earlier.counts
        and asked[0][key] == asked[1][key]
        and report.partly_checked.get(key) == earlier.partly_checked.get(key)
    ]
    if not common and not problems:
        message = "no check was made in both reports"
        problems.append(Problem("counts", message, "make both with the same columns"))
    if problems:
        raise ArgumentError(_MESSAGE, problems=problems)
    name, engine = now.plan.deals.key.name, now.plan.deals.columns.whole
    with engine_errors(engine):
        parts = [
            _marked(views, source, common, mark)
            for views, source, mark in ((was, earlier, 1), (now, report, 2))
        ]
        both_frames = nw.concat(parts)
        found = both_frames.group_by("key", "check").agg(
            nw.col("mark").min().alias("first"), nw.col("mark").max().alias("last")
        )
        found = found.select("key", "check", mark=nw.col("first") + nw.col("last"))
        if now.plan.deals.columns.eager and isinstance(found, nw.LazyFrame):
            found = cast("Any", found.collect())
        rows = rows_of(found.group_by("check", "mark").agg(nw.len().alias("n")))
    counts = {(row["check"], whole(row["mark"])): whole(row["n"]) for row in rows}

    def made_frame() -> object:
        mark = nw.col("mark").cast(nw.Int64())
        with engine_errors(engine):
            told = found.select(
                nw.col("key").alias(name),
                "check",
                one_of(mark, _WHAT, nw.lit, _FIRST).alias("what"),
            )
            return native(told, eager=now.plan.deals.columns.eager)

    checks = {
        key: CheckChanges(
            **{what: counts.get((key, mark), 0) for mark, what in enumerate(_WHAT, start=_FIRST)}
        )
        for key in common
    }
    return keeping(
        ReportChanges(
            checks=FrozenDict(checks),
            not_compared=tuple(key for key in made if key not in checks),
            titles=FrozenDict({key: report.titles[key] for key in common}),
        ),
        _made=made_frame,
        _playbook=report._process,  # noqa: SLF001 - siblings
    )


def _marked(
    views: Views, report: PipelineReport[Any], common: list[str], mark: int
) -> nw.LazyFrame[Any]:
    key = views.plan.deals.key.name
    found: Any = views.plan.findings({check: report.counts[check] for check in common})
    said = nw.col(key)
    dtype = views.plan.deals.columns.schema[key]
    if is_text(dtype):
        said = said.cast(nw.String())
    elif dtype.is_integer():
        said = said.cast(nw.Int64())
    return cast(
        "nw.LazyFrame[Any]",
        found.select(said.alias("key"), "check", nw.lit(mark).cast(nw.Int64()).alias("mark")),
    )


def of_another_playbook(
    now: PlaybookStamp, was: PlaybookStamp, path: str = "playbook"
) -> Iterator[Problem]:
    """That the earlier of two reports is of a playbook that asks something else."""
    if now.digest != was.digest:
        books = now, was
        names = [f"{book.id} {book.version}" for book in books]
        if names[0] == names[1]:
            names = [f"{name} ({book.digest})" for name, book in zip(names, books, strict=True)]
        message = (
            f"it was checked with the playbook {names[0]}, and the earlier one with {names[1]}"
        )
        yield Problem(path, message, "check both frames with one", "playbook")


def _unfit(now: Views, was: Views) -> list[Problem]:
    """In what two reports differ, so that they cannot be compared."""
    deals, earlier = now.plan.deals, was.plan.deals
    problems = []
    if deals.key.name != earlier.key.name:
        message = f"it is {deals.key.name!r}, and of the earlier report {earlier.key.name!r}"
        problems.append(Problem("key", message, "check both frames with one key", "key"))
    columns = deals.columns, earlier.columns
    kinds = [(it.whole.implementation, it.eager) for it in columns]
    types = [it.columns.schema[it.key.name] for it in (deals, earlier)]
    if kinds[0] != kinds[1]:
        here, there = (kind_of_frame(it.whole, eager=it.eager) for it in columns)
        message = f"it is {here}, and of the earlier report {there}"
        problems.append(Problem("frame", message, "check two frames of one kind", "kind"))
    elif types[0] != types[1] and not (
        all(map(is_text, types)) or all(dtype.is_integer() for dtype in types)
    ):
        message = f"its values are {types[0]}, and those of the earlier report {types[1]}"
        problems.append(Problem("key", message, "give both one type", "kind"))
    return problems


_PHRASES: Final[Mapping[str, Text]] = {
    "name": both(en="Findings since the last report", zh="与上次报告相比的检查结果"),
    "check": both(en="check", zh="检查项"),
    "new": both(en="new", zh="新发现"),
    "resolved": both(en="resolved", zh="已解决"),
    "still": both(en="still there", zh="仍存在"),
    "ought": both(en="what ought to hold", zh="应当满足的要求"),
    "clean": both(en="Neither report found anything.", zh="两份报告都没有发现问题。"),
    "not_compared": both(
        en="Checks that the reports do not share: {n}.", zh="两份报告不共有的检查：{n} 项。"
    ),
}
