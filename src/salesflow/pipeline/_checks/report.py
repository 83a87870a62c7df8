"""What came of a check: counts, findings on demand, and a text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from os import PathLike
from typing import Annotated, Any, Final, Generic, TypeVar, cast

from pydantic import Field, PrivateAttr, computed_field

from salesflow._arguments import Arguments, instance, language, whole_number
from salesflow._frozen import Frozen, FrozenDict
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.domain import PlaybookStamp
from salesflow.errors import ArgumentError, Problem, Severity, UnknownName
from salesflow.pipeline._checks.check_plan import Counts
from salesflow.pipeline._checks.junit import suites
from salesflow.pipeline._checks.limits import (
    NOT_WORSE,
    FailIf,
    Limit,
    parts_of,
    problems_of_limits,
)
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.page import whole
from salesflow.pipeline._checks.show import blocks, worst_first, written
from salesflow.pipeline._checks.since import ReportChanges, changes_since, of_another_playbook
from salesflow.pipeline._checks.thresholds import FailedCheck, PipelineFailed, failed_checks
from salesflow.pipeline._checks.views import Views
from salesflow.pipeline._reports.report import Report, file_of, saved
from salesflow.pipeline._wording import amount_of, some_of
from salesflow.text import Language, Text, both

FrameT = TypeVar("FrameT")

_COMPARES: Final = "is by how many more findings it has than before"
_EARLIER: Final = "pass an earlier report; in the first run, this one"


class PipelineReport(Report, Generic[FrameT]):
    """What `check_pipeline` found.

    Attributes:
        counts: By check.
        not_checked: By check, the facts whose missing columns leave every row undecided.
        partly_checked: By check in `counts`, those that it reads and that have no column. Rows of
            which nothing else could decide are its `unchecked`, and no findings.
        titles: By check, what ought to hold.
        severities: By check, `error` or `warning`.
        groups: By check, what sort it is: `entry`, `exit`, `track`, `size`, `hygiene`, `unique` or
            `own`.
        rows: The rows of the frame that do not lie after the day.
        later: Those that do: created or closed after it, or come later to where they are. Nothing
            is asked of them but the three checks that look for such dates.
        as_of: The day of the check.
        limits: How many findings are too many, by check, group or severity, as `raise_for` says.
        warn_limits: The same for `warned`.
        labels: By fact, and under `stage` for its column, what labels were read as that are no keys
            and that nobody explained: `{"stage": {"Closed Won": "won"}}`.
        unscaled: By amount, the column whose heading names a unit such as 万元, where no `scale` is
            said: its numbers were taken as they stand.
        before: By check, the counts of the earlier report that was given; None without one.
        playbook: What was checked.
        by_default: Whether nobody said when errors fail.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook, check_pipeline
        >>> deals = pl.DataFrame(
        ...     {"id": ["D-1", "D-2"], "stage": "demand_generation", "owner": ["li.wei", None]}
        ... )
        >>> report = check_pipeline(
        ...     deals,
        ...     load_playbook("optimized_sales_process"),
        ...     key="id",
        ...     as_of=date(2026, 1, 31),
        ... )
        >>> report.wide.select("id", "hygiene.owner_known").rows()
        [('D-1', 'yes'), ('D-2', 'no')]
        >>> by_owner = report.by("owner").filter(check="hygiene.owner_known").sort("owner")
        >>> by_owner.select("owner", "yes", "no", "unknown").rows()
        [(None, 0, 1, 0), ('li.wei', 1, 0, 0)]
        >>> print(report.message("hygiene.owner_known"))
        Somebody owns the deal. If no: fill in the owner (owner).
        >>> print(report.message("hygiene.owner_known", "zh"))
        已有负责人。若不符合：请填写负责人（owner）。
    """

    counts: Annotated[Mapping[str, Counts], Frozen]
    not_checked: Annotated[Mapping[str, tuple[str, ...]], Frozen]
    titles: Annotated[Mapping[str, Text], Frozen]
    severities: Annotated[Mapping[str, Severity], Frozen]
    groups: Annotated[Mapping[str, str], Frozen]
    rows: int
    later: int
    as_of: date
    limits: Annotated[Mapping[str, Limit], Frozen]
    warn_limits: Annotated[Mapping[str, Limit], Frozen]
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)
    partly_checked: Annotated[Mapping[str, tuple[str, ...]], Frozen] = Field(
        default_factory=FrozenDict
    )
    unscaled: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)
    before: Annotated[Mapping[str, Counts], Frozen] | None = None
    by_default: bool = False
    playbook: PlaybookStamp
    _views: Views = PrivateAttr()
    _messages: Messages = PrivateAttr()

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it over a property
    @property
    def failing(self) -> tuple[str, ...]:
        """The names of what `failed()` has: more findings than `limits`, or not checked at all."""
        failed = failed_checks(self, self.limits, self.before)
        return tuple(dict.fromkeys(it.check for it in failed))

    def findings(self, *, values: bool = False, lang: Language | None = None) -> FrameT:
        """One row per deal and check that is not YES, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, the key of the stage, sub-stage or outcome;
        `check`; `severity`; `verdict`, which is "no" or "unknown". The order of rows means
        nothing. It is made when it is asked for first; that of a lazy frame is lazy.

        Args:
            values: Say what was seen, too: a row for each fact that the check reads, and further
                columns. `fact` is its name, or that of the column where no fact is compared;
                `value` is what stands there, as a text, missing where nothing does, of an amount
                whose column has a scale in ones; `expected` is what ought to hold, in words; `age`
                is how many days before `as_of` the day of the fact lies, below 0 for one that lies
                ahead, and missing where the fact is no day.
            lang: The language of `expected`, as for `message`.

        Raises:
            FrameError: The key has the name of one of the other columns.
            UnknownName: There is no such language.
        """
        views: Views = self._kept("_views")
        if not values:
            found = views.findings(self.counts)
        else:
            messages: Messages = self._kept("_messages")
            lang = language(messages.language if lang is None else lang)
            expected = {check: messages.ought(check, lang) for check in self.counts}
            found = views.findings_seen(self.counts, expected)
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", found)

    def sample(self, check: str, n: int = 10) -> FrameT:
        """Some deals of which a check is not YES, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, as in `findings`; `verdict`; and each fact
        that the check reads, under its name, as it stands in the frame or follows from it; an
        amount whose column has a scale in ones. Of what no two deals may share, those that share it
        come one after the other. That of a lazy frame is lazy.

        Args:
            check: One of `counts`.
            n: How many deals at most.

        Raises:
            UnknownName: There is no such check.
            ArgumentError: It was not made, or `n` is not a number of deals.
            FrameError: Two names are the same, maybe but for capital letters that the engine does
                not tell apart.
        """
        self._made(check)
        return cast("FrameT", self._kept("_views").sample(check, whole_number(n, "n", least=1)))

    def seen(self, check: str, top: int = 5) -> dict[str, dict[str, int]]:
        """By fact that a check reads, what stands there most often where the check is NO.

        Args:
            check: One of `counts`.
            top: How many values of a fact at most.

        Returns:
            By fact, values as texts and the number of deals with each, most of them first.

        Raises:
            UnknownName: There is no such check.
            ArgumentError: It was not made, or `top` is not a number of values.
        """
        self._made(check)
        views: Views = self._kept("_views")
        return views.seen(check, whole_number(top, "top", least=1))

    def _made(self, check: str) -> None:
        if check in tuple(self.not_checked):
            message = f"{check} was not made: no column holds {some_of(self.not_checked[check])}"
            raise ArgumentError.of(Problem("check", message, "name it with columns="))
        if check not in tuple(self.counts):  # not by its hash, which it may not have
            raise UnknownName("check", check, self.counts)

    @cached_property
    def wide(self) -> FrameT:
        """One row per deal, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, as in `findings`; and one for every check in
        `counts`, under its name, with "yes", "no", "unknown", or nothing where the check does not
        apply or what decides has no column. Names of checks have dots; Spark reads such a name
        where it is in backticks.

        The order of rows means nothing. It is made on first access; that of a lazy frame is lazy.

        Raises:
            FrameError: Two names differ in capital letters only, and the engine does not tell
                them apart.
        """
        return cast("FrameT", self._kept("_views").wide(self.counts))

    def by(self, name: str) -> FrameT:
        """The counts of every check by group, in a frame of the caller's kind.

        Columns: the group under `name`; `check`; `severity`; `yes`, `no` and `unknown`, numbers of
        deals, whose sums over the groups are those of `counts`. Deals without a value are a group,
        too. The order of rows means nothing. That of a lazy frame is lazy.

        Args:
            name: A fact that has a column, whose values are what checks read: labels of a list as
                its words, a flag in words as "yes", "no" and "unknown", and others as `values=`
                says; or a column of the frame, whose values are taken as they are; or "stage", for
                the places as in `findings`.

        Raises:
            FrameError: There is no such column, or none that can be grouped by.
        """
        return cast("FrameT", self._kept("_views").by(name, self.counts))

    def since(self, earlier: PipelineReport[FrameT]) -> ReportChanges[FrameT]:
        """Which findings are new since an earlier report, which are resolved or still there.

        Findings are told apart by the key of the deal and the check. One aggregate query runs over
        both frames, which have to be of one kind.

        Args:
            earlier: A report of the same playbook, with the same key, of an earlier or the same
                day.

        Raises:
            ArgumentError: It is no report, or one that cannot be compared: `problems` lists in what
                the two differ.
            FrameError: The engine refuses to put the two frames together.
            SalesflowError: One of them was read back, from JSON or a pickle.

        Example:
            >>> import polars as pl
            >>> from salesflow import load_playbook, check_pipeline
            >>> book, at = load_playbook("optimized_sales_process"), "demand_generation"
            >>> owners = {"may": ["li.wei", None, None], "june": [None, None, "li.wei"]}
            >>> may, june = (
            ...     check_pipeline(
            ...         pl.DataFrame({"id": ["D-1", "D-2", "D-3"], "stage": at, "owner": names}),
            ...         book,
            ...         key="id",
            ...         as_of=date(2026, 6, 30),
            ...     )
            ...     for names in owners.values()
            ... )
            >>> june.since(may).checks["hygiene.owner_known"]
            CheckChanges(new=1, resolved=1, still=1)
        """
        instance(earlier, PipelineReport, "earlier", "pass that of check_pipeline")
        return changes_since(self, earlier)

    def message(self, check: str, lang: Language | None = None) -> str:
        """What a check asks for, and what to do where it is NO or UNKNOWN, in sentences.

        Where values stand for nothing, or are no currencies, it names those that occur most often.

        Args:
            check: One of `counts` or `not_checked`.
            lang: The language of the titles, by default the `main_language` of the playbook; the
                sentences are in Chinese or in English.

        Raises:
            UnknownName: There is no such check, or no such language.
            FrameError: The engine cannot look at the values.
        """
        if check not in tuple(self.titles):  # not by its hash, which it may not have
            raise UnknownName("check", check, self.titles)
        messages: Messages = self._kept("_messages")
        lang = language(messages.language if lang is None else lang)
        wrong: dict[str, int] = {}
        told = messages.told(check)
        if told is not None and check in self.counts and self.counts[check].no:
            wrong = self.seen(check).get(told, {})
        return messages.of(
            check,
            self.not_checked.get(check, ()),
            lang,
            wrong,
            partly=self.partly_checked.get(check, ()),
        )

    def messages(self, lang: Language | None = None) -> dict[str, str]:
        """The message of every check that found something, the worst first.

        Raises:
            UnknownName: There is no such language.
        """
        lang = None if lang is None else language(lang)
        return {check: self.message(check, lang) for check in worst_first(self)}

    @property
    def _samples(self) -> Callable[[Iterable[str]], Mapping[str, tuple[object, ...]]] | None:
        """Gives by check keys of some deals; of a report that was read back, nothing does."""
        views: Views | None = self._kept_or_none("_views")
        return None if views is None else views.examples

    def failed(
        self, fail_if: FailIf | None = None, *, before: PipelineReport[Any] | None = None
    ) -> tuple[FailedCheck, ...]:
        """The checks that have more findings than they may; see `raise_for`."""
        return self._beyond("fail_if", fail_if, before)

    def warned(
        self, warn_if: FailIf | None = None, *, before: PipelineReport[Any] | None = None
    ) -> tuple[FailedCheck, ...]:
        """The checks that have more findings than `warn_if` allows, which fails nothing.

        Args:
            warn_if: Limits as those of `raise_for`, by default those given to `check_pipeline` and
                those of its checks; without any, nothing is listed.
            before: An earlier report, as in `raise_for`.

        Raises:
            ArgumentError: A limit is none, or is for an unknown check, or asks for an earlier
                report that is not given; or that is of another playbook.
        """
        return self._beyond("warn_if", warn_if, before)

    def _beyond(
        self, name: str, given: FailIf | None, before: PipelineReport[Any] | None
    ) -> tuple[FailedCheck, ...]:
        arguments = Arguments()
        limits = self.limits if name == "fail_if" else self.warn_limits
        if given is not None:
            read, arguments.problems = problems_of_limits(given, self.groups, self.severities, name)
            limits = read
        earlier = self.before
        if before is not None:
            report = arguments.read(instance, before, PipelineReport, "before", _EARLIER)
            earlier = {} if report is None else report.counts
            if report is not None:
                arguments.problems += of_another_playbook(self.playbook, report.playbook, "before")
            if limits is self.limits and self.by_default:
                limits = {**limits, **NOT_WORSE}
        if earlier is None:
            arguments.problems += [
                Problem("before", f"is needed: the limit of {check} {_COMPARES}", _EARLIER)
                for check, limit in limits.items()
                if parts_of(limit).max_increase is not None
            ]
        arguments.refuse("These limits cannot be used.")
        return failed_checks(self, limits, earlier, self._samples)

    def raise_for(
        self, fail_if: FailIf | None = None, *, before: PipelineReport[Any] | None = None
    ) -> None:
        """Raise where checks have more findings than they may, so that a script stops.

        Findings are both NO and UNKNOWN. The limit of a check is that by its own name, or else
        that of its group, or else that of its severity; without any of them it may have as many
        as it likes. A whole number is a number of findings, 0 for none at all; a float from 0 to
        1 is a share of the rows that the check applies to. More than the limit fails.

        A limit may also be by how many more findings there are than in an earlier report, or by how
        much their share is greater: `{"max_increase": 0}` is no more than before, and
        `{"max": 10, "max_increase": 0}` at most ten besides. A check that was not made before had
        none; one that was, and could not be made now, fails.

        What cannot be checked does not pass: a check that is named, and a group or severity none
        of whose checks could be made, fails; so does a check that is named and that some rows
        could not be asked, for want of a column. Other checks in `not_checked` and
        `partly_checked` do not fail; where they should, say `missing="error"` to `check_pipeline`.

        Args:
            fail_if: Limit by check, by group (`entry`, `exit`, `track`, `size`, `hygiene`,
                `unique`, `own`) or by severity (`error`, `warning`). By default `limits`: those
                given to `check_pipeline`, or `{"error": 0}`, so that any finding of a check whose
                severity is `error` fails; and those of its own checks.
            before: An earlier report of the same playbook, such as that of the last run, which may
                have been read back from JSON; by default that given to `check_pipeline`. Where
                nothing else says when errors fail, they do where there are more than before.

        Raises:
            PipelineFailed: Some checks fail; `failed` has all of them.
            ArgumentError: A limit is not a count or a share, or is for an unknown check, or asks
                for an earlier report that is not given; or that is of another playbook.

        Example:
            >>> import polars as pl
            >>> from salesflow import load_playbook, check_pipeline
            >>> deals = pl.DataFrame(
            ...     {"id": ["D-1", "D-2"], "stage": "demand_generation", "owner": ["li.wei", None]}
            ... )
            >>> report = check_pipeline(
            ...     deals,
            ...     load_playbook("optimized_sales_process"),
            ...     key="id",
            ...     as_of=date(2026, 1, 31),
            ...     fail_if={"hygiene.owner_known": 0.1},
            ... )
            >>> report.raise_for()
            Traceback (most recent call last):
            ...
            salesflow.pipeline.PipelineFailed: 1 check of the pipeline failed.
              - hygiene.owner_known: 1 finding in 2 deals, the limit is 10 % (Somebody owns the \
deal); for instance 'D-2'
            >>> report.raise_for({"hygiene.owner_known": 1})
            >>> report.raise_for({"hygiene.owner_known": {"max_increase": 0}}, before=report)
        """
        failed = self.failed(fail_if, before=before)
        if failed:
            raise PipelineFailed(failed)

    def summary(self, lang: Language | None = None, *, top: int | None = None) -> str:
        """The report as a table for people: what is wrong most often comes first.

        Args:
            lang: The language of the titles, by default that of the playbook; everything else is in
                Chinese or in English.
            top: How many checks to show at most; all by default.

        Raises:
            UnknownName: There is no such language.
            ArgumentError: `top` is not a number of checks.
        """
        top = None if top is None else whole_number(top, "top", least=1)
        return written(self, spoken(lang, self), top, self._over())

    def _over(self) -> dict[str, tuple[str, ...]]:
        """The checks beyond the limits that somebody gave, by the name of the argument."""
        limits = {"fail_if": self.limits, "warn_if": self.warn_limits}
        if self.by_default:
            limits["fail_if"] = {
                it: limits["fail_if"][it] for it in limits["fail_if"] if it != "error"
            }
        found = {name: failed_checks(self, given, self.before) for name, given in limits.items()}
        return {
            name: tuple(dict.fromkeys(each.check for each in failed))
            for name, failed in found.items()
        }

    def __repr__(self) -> str:
        wrong = sum(count.no + count.unknown for count in self.counts.values())
        return (
            f"<PipelineReport: {amount_of(self.rows, 'row')}, "
            f"{amount_of(len(self.counts), 'check')}, {amount_of(wrong, 'finding')}, "
            f"{len(self.not_checked)} not checked>"
        )

    def records(self, lang: Language | None = None) -> list[dict[str, str | int | bool | None]]:
        """A row per check, for a table or a frame of your choice.

        Keys: `check`, `group`, `severity`; `title`, in words; `rows`, `yes`, `no`, `unknown` and
        `unchecked`, numbers of deals, None where it could not be made; `not_checked`, the facts
        without a column, which leave some of these deals unchecked or all, else None; `failing`,
        whether it has more findings than its limit.

        Args:
            lang: The language of the titles; by default that of the playbook.

        Raises:
            UnknownName: There is no such language.
        """
        lang, failing, found = spoken(lang, self), set(self.failing), []
        lacking = {**self.not_checked, **self.partly_checked}
        for check, title in self.titles.items():
            counts = self.counts.get(check)
            row: dict[str, str | int | bool | None] = {
                "check": check,
                "group": self.groups[check],
                "severity": self.severities[check],
                "title": title.get(lang),
                **dict.fromkeys(("rows", *Counts.model_fields)),
                "not_checked": ", ".join(lacking.get(check, ())) or None,
                "failing": check in failing,
            }
            if counts is not None:
                row |= {"rows": counts.rows, **counts.model_dump()}
            found.append(row)
        return found

    def to_junit(
        self,
        path: str | PathLike[str] | None = None,
        *,
        fail_if: FailIf | None = None,
        before: PipelineReport[Any] | None = None,
        lang: Language | None = None,
    ) -> str:
        """The report as JUnit XML, which systems for continuous integration show as tests.

        Each check is a test case, each group of checks a suite. A case fails where `raise_for`
        would say so; one that could not be made is skipped.

        Args:
            path: The file to write it to, in UTF-8; an older one is overwritten. None writes none.
            fail_if: As in `raise_for`.
            before: As in `raise_for`.
            lang: The language of what is said of the checks; by default that of the playbook.

        Returns:
            The XML.

        Raises:
            ArgumentError: The file cannot be written; or of the limits, as of `raise_for`.
            UnknownName: There is no such language.
        """
        lang, file = spoken(lang, self), file_of(path)
        return saved(suites(self, self.failed(fail_if, before=before), lang), file)

    def _name(self, lang: Language) -> str:
        return _NAME.get(lang) + (f" · {self._process.title.get(lang)}" if self._process else "")

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        return whole(
            self,
            lang,
            warned=self._over()["warn_if"],
            messages=self._kept_or_none("_messages"),
            views=self._kept_or_none("_views"),
            places=self._places(lang),
        )


_NAME: Final = both(en="Check of the pipeline", zh="项目检查")
