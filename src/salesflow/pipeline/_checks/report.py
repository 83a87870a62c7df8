"""What came of a check: counts, findings on demand, and a text for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, ClassVar, Generic, TypeVar, cast

from pydantic import PrivateAttr

from salesflow._arguments import language
from salesflow._frozen import Frozen
from salesflow._result import Result
from salesflow.errors import ArgumentError, Problem, Severity, UnknownName
from salesflow.pipeline._checks.check_plan import Counts
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.show import view, worst_first, written
from salesflow.pipeline._checks.thresholds import (
    DEFAULT,
    FailedCheck,
    FailIf,
    PipelineFailed,
    failed_checks,
    problems_of_limits,
)
from salesflow.pipeline._checks.views import Views
from salesflow.text import Language, Text

FrameT = TypeVar("FrameT")


class PipelineReport(Result, Generic[FrameT]):
    """What `check_pipeline` found.

    Attributes:
        counts: By check.
        not_checked: By check, the facts whose missing columns leave every row undecided.
        titles: By check, what ought to hold.
        severities: By check, `error` or `warning`.
        groups: By check, what sort it is: `entry`, `exit`, `track`, `size`, `hygiene` or `own`.
        rows: The rows of the frame that do not lie after the day.
        later: Those that do: created or closed after it, or come later to where they are. Nothing
            is asked of them but the three checks that look for such dates.
        as_of: The day of the check.

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

    _local: ClassVar[bool] = True

    counts: Annotated[Mapping[str, Counts], Frozen]
    not_checked: Annotated[Mapping[str, tuple[str, ...]], Frozen]
    titles: Annotated[Mapping[str, Text], Frozen]
    severities: Annotated[Mapping[str, Severity], Frozen]
    groups: Annotated[Mapping[str, str], Frozen]
    rows: int
    later: int
    as_of: date
    _fail_if: FailIf | None = PrivateAttr()
    _views: Views = PrivateAttr()
    _messages: Messages = PrivateAttr()
    _lang: Language = PrivateAttr()  # of the notebook view: the language of the playbook

    @cached_property
    def findings(self) -> FrameT:
        """One row per deal and check that is not YES, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, the key of the stage, sub-stage or outcome;
        `check`; `severity`; `verdict`, which is "no" or "unknown". The order of rows means
        nothing. It is made on first access; that of a lazy frame is lazy.
        """
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_views").findings(self.counts))

    @cached_property
    def wide(self) -> FrameT:
        """One row per deal, in a frame of the caller's kind.

        Columns: the key under its own name; `stage`, as in `findings`; and one for every check in
        `counts`, under its name, with "yes", "no", "unknown", or nothing where the check does not
        apply. Names of checks have dots; Spark reads such a name where it is in backticks.

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
            name: A fact that has a column, or a column of the frame, whose values are taken as
                they are; or "stage", for the places as in `findings`.

        Raises:
            FrameError: There is no such column, or none that can be grouped by.
        """
        return cast("FrameT", self._kept("_views").by(name, self.counts))

    def message(self, check: str, lang: Language | None = None) -> str:
        """What a check asks for, and what to do where it is NO or UNKNOWN, in sentences.

        Args:
            check: One of `counts` or `not_checked`.
            lang: The language of the titles, by default the `main_language` of the playbook; the
                sentences are in Chinese or in English.

        Raises:
            UnknownName: There is no such check, or no such language.
        """
        if check not in tuple(self.titles):  # not by its hash, which it may not have
            raise UnknownName("check", check, self.titles)
        messages: Messages = self._kept("_messages")
        lang = language(messages.language if lang is None else lang)
        return messages.of(check, self.not_checked.get(check, ()), lang)

    def messages(self, lang: Language | None = None) -> dict[str, str]:
        """The message of every check that found something, the worst first.

        Raises:
            UnknownName: There is no such language.
        """
        lang = None if lang is None else language(lang)
        return {check: self.message(check, lang) for check in worst_first(self)}

    def failed(self, fail_if: FailIf | None = None) -> tuple[FailedCheck, ...]:
        """The checks that have more findings than they may; see `raise_for`."""
        limits: FailIf = self._kept("_fail_if") or DEFAULT
        if fail_if is not None:
            limits, problems = problems_of_limits(fail_if, self.groups, self.severities)
            if problems:
                raise ArgumentError("The pipeline has no such limits.", problems=problems)
        return failed_checks(self, limits, self._kept("_views").examples)

    def raise_for(self, fail_if: FailIf | None = None) -> None:
        """Raise where checks have more findings than they may, so that a script stops.

        Findings are both NO and UNKNOWN. The limit of a check is that by its own name, or else
        that of its group, or else that of its severity; without any of them it may have as many
        as it likes. A whole number is a number of findings, 0 for none at all; a float from 0 to
        1 is a share of the rows that the check applies to. More than the limit fails.

        What cannot be checked does not pass: a check that is named, and a group or severity none
        of whose checks could be made, fails. Other checks in `not_checked` do not fail; where they
        should, say `missing="error"` to `check_pipeline`.

        Args:
            fail_if: Limit by check, by group (`entry`, `exit`, `track`, `size`, `hygiene`, `own`)
                or by severity (`error`, `warning`). By default that given to `check_pipeline`;
                without one `{"error": 0}`, so that any finding of a check whose severity is
                `error` fails.

        Raises:
            PipelineFailed: Some checks fail; `failed` has all of them.
            ArgumentError: A limit is not a count or a share, or is for an unknown check.

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
        """
        failed = self.failed(fail_if)
        if failed:
            raise PipelineFailed(failed)

    def summary(self, lang: Language = "en", *, top: int | None = None) -> str:
        """The report as a table for people: what is wrong most often comes first.

        Args:
            lang: The language of the titles; everything else is in Chinese or in English.
            top: How many checks to show at most; all by default.

        Raises:
            UnknownName: There is no such language.
            ArgumentError: `top` is not a number of checks.
        """
        if top is not None and (type(top) is not int or top < 1):
            message = f"must be a number of checks, 1 or more, not {top!r}"
            raise ArgumentError.of(Problem("top", message))
        return written(self, language(lang), top)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        wrong = sum(count.no + count.unknown for count in self.counts.values())
        return (
            f"<PipelineReport: {self.rows} rows, {len(self.counts)} checks, {wrong} findings, "
            f"{len(self.not_checked)} not checked>"
        )

    def _repr_html_(self) -> str:
        return view(self, self._kept("_lang"))
