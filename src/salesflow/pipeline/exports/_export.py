"""From a CRM's export to the names and scales of our facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import Problem, UnknownName, closest
from salesflow.pipeline._frames.engines import (
    engine_errors,
    expr_of,
    here,
    opened,
    rows_of,
    sums_of,
)
from salesflow.pipeline._frames.frame_columns import UNIT, problems_of_nameless
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline.exports._beginnings import (
    problems_of_deals,
    problems_of_pair,
    with_beginnings,
)
from salesflow.pipeline.exports._dates import DateFormat, DatesSaid, dated
from salesflow.pipeline.exports._endings import read_endings, with_endings
from salesflow.pipeline.exports._merged import problems_of_merged, with_merged
from salesflow.pipeline.exports._names import (
    Index,
    by_name,
    columns_of,
    names_of_others,
    problems_of_names,
)
from salesflow.pipeline.exports._numbers import DecimalMarks, numbered
from salesflow.pipeline.exports._tables import Ends, ExportTable, Layout, layouts, normal_name
from salesflow.pipeline.exports._texts import new_columns, new_name, read_missing
from salesflow.qualify._hygiene_facts import UNREAD
from salesflow.rules.columns import Frame, among, is_text, schema_of

FrameT = TypeVar("FrameT")
ExportKind = Literal["opportunities", "history", "stages", "merged"]

# What is a number, whatever the CRM calls it.
_NUMBERS: Final = ("amount", "probability", "close_date_pushes", "contacts.total", "position")
_CURRENCY: Final = "amount.currency"


class Export:
    """The exports of one CRM, turned into frames whose columns are named like our facts.

    The frames are the caller's, of any kind that narwhals knows, and so is what comes back: no
    row is dropped (a history of all properties keeps those of the stage), and columns that are
    no facts stay as they are. One that has the name of a fact, in capitals or small letters, and
    is another one gets `_original` behind its name.

    Example:
        >>> import polars as pl
        >>> from salesflow.pipeline.exports import salesforce
        >>> deals = pl.DataFrame(
        ...     {
        ...         "Id": ["006A", "006B"],
        ...         "StageName": ["Proposal", "Closed Won"],
        ...         "Probability": [65, 100],
        ...         "CloseDate": ["2026-09-30", "2026-06-01"],
        ...         "IsClosed": [False, True],
        ...         "IsWon": [False, True],
        ...     }
        ... )
        >>> for deal in salesforce.opportunities(deals).to_dicts():
        ...     print(deal["id"], deal["probability"], deal["outcome"], deal["closed_on"])
        006A 0.65 none None
        006B 1.0 won 2026-06-01
    """

    def __init__(self, crm: str) -> None:
        self._crm = crm

    def __repr__(self) -> str:
        return f"<Export of {self._crm}>"

    @property
    def _layout(self) -> Layout:
        return layouts()[self._crm]

    @property
    def scale(self) -> Literal[1, 100]:
        """What the CRM calls a certainty: 100 or 1. Ours is always 1."""
        return self._layout.scale

    def columns(self, frame: object, kind: ExportKind = "opportunities") -> dict[str, str]:
        """Which column holds which fact, by our names.

        Raises:
            FrameError: It is not a data frame, or two of its columns have one name but for case
                and spaces.
            UnknownName: There is no such kind of export.
        """
        table = self._table(kind)
        found, problems = columns_of(table.names, by_name(opened(frame).collect_schema()))
        self._refuse(problems)
        return found

    def opportunities(
        self,
        frame: FrameT,
        *,
        format: DateFormat = None,  # noqa: A002 - the word for it
        decimal: DecimalMarks = None,
        missing: str | Iterable[str] = (),
        unread_column: Mapping[str, str] | None = None,
        scale: Literal[1, 100] | None = None,
        merged: FrameT | None = None,
    ) -> FrameT:
        """Deals, ready for `check_pipeline(frame, playbook, key="id", stages=…)`.

        Columns, where the export has what they need: `id`, `stage` (the CRM's own label), and the
        facts `amount`, `amount.currency`, `probability` (0 to 1), `created_on`,
        `expected_close_on`, `closed_on` (where a CRM has one close date, the former of deals that
        go on and the latter of those that are over), `outcome`, `entered_stage_on`,
        `last_activity_on`, `owner`, `source`, `next_step`, `next_step_on`, `close_date_pushes`,
        `contacts.total`, `account.name`, `account.industry`.

        The outcome is what a column of outcomes says, or flags for won and closed; without these,
        the word of the stage, such as `Closed Won`, or a probability of 0 or 1 of what is closed.
        Where nothing says it, it is missing. Whole numbers that name stages become texts.

        Dates and numbers that are texts are read as `read_days` and `read_numbers` do. Where no
        column says the currency and the texts of the amount do, it is in `amount.currency`: the
        code, or what is written (`$`) where that is one of several.

        Args:
            frame: The export.
            format: The form of dates, as for `read_days`, by the names of the export.
            decimal: The decimal mark of numbers that are texts, as for `read_numbers`.
            missing: Texts that stand for nothing in the columns of dates and of numbers.
            unread_column: By column, a new one for what can be read as no date or no number, as
                for `read_numbers`; by the names of the export. Where a column becomes a fact, its
                `<column>.unread` becomes `<fact>.unread`.
            scale: What a certainty is called in this file, if not as usual. What has a percent
                sign says it itself.
            merged: Of HubSpot, the table of merged deals (`deal_id`, `merged_deal_id`), in a frame
                of the same kind. Then `merged_into` is the deal that another became a part of;
                such rows are to be left out, for the deal that remains has their values.

        Raises:
            FrameError: `problems` lists everything: columns that are not there, dates and numbers
                that cannot be read or could be read in two ways, texts with a time of another zone
                than UTC (the day could be another one), probabilities of the other scale, flags
                that are neither true nor false, outcomes that are none, columns that would have
                one name.
            ArgumentError: `format`, `decimal`, `missing`, `unread_column` or `scale` is wrong;
                `problems` lists the same.
            UnknownName: With `merged`, where the CRM has no such table.
        """
        unread = {} if unread_column is None else unread_column
        said = _Said(format, decimal, missing, scale, unread)
        return self._own("opportunities", frame, said, merged)

    def history(
        self,
        frame: FrameT,
        *,
        created: FrameT | None = None,
        format: DateFormat = None,  # noqa: A002
        decimal: DecimalMarks = None,
        missing: str | Iterable[str] = (),
        scale: Literal[1, 100] | None = None,
        merged: FrameT | None = None,
    ) -> FrameT:
        """Stages entered, one row each: `id`, `stage`, and `at`; of changes `previous`, too.

        Texts become moments of UTC without a zone. Columns of dates or of moments, with a zone or
        without, stay as they are. In a history of all properties or fields, only the rows of the
        stage stay.

        CRMs that keep old and new values have no row of how a deal began. Without `created`, name
        the column to `check_history(…, previous="previous")`, which tells how many deals begin
        unseen. With it every deal has a row of its beginning: where its first change leads from,
        or where it is if it never changed.

        Args:
            frame: The history.
            created: The CRM's export of deals, as for `opportunities` or as that turned it, in a
                frame of the same kind. Then the result has no other columns than those named
                above.
            format: The form of dates, as for `read_days`, by the names of the exports.
            decimal: The decimal mark of numbers that are texts, as for `read_numbers`.
            missing: Texts that stand for nothing in the columns of dates and of numbers.
            scale: What a certainty is called in this file, if not as usual.
            merged: As for `opportunities`.

        Raises:
            FrameError: As for `opportunities`; also deals in `created` that are there twice, or
                have no day of creation.
            ArgumentError: `format`, `decimal`, `missing` or `scale` is wrong; `problems` lists the
                same.
            UnknownName: With `merged`, where the CRM has no such table.

        Example:
            >>> import polars as pl
            >>> from salesflow.pipeline.exports import salesforce
            >>> changes = pl.DataFrame(
            ...     {
            ...         "OpportunityId": ["006A"],
            ...         "Field": ["StageName"],
            ...         "OldValue": ["Prospecting"],
            ...         "NewValue": ["Proposal"],
            ...         "CreatedDate": ["2026-02-03T09:00:00.000Z"],
            ...     }
            ... )
            >>> deals = pl.DataFrame(
            ...     {
            ...         "Id": ["006A", "006B"],
            ...         "StageName": ["Proposal", "Prospecting"],
            ...         "CreatedDate": ["2026-01-05T09:00:00.000Z", "2026-01-07T10:00:00.000Z"],
            ...     }
            ... )
            >>> log = salesforce.history(changes, created=deals).sort("id", "at")
            >>> for row in log.select("id", "at", "previous", "stage").rows():
            ...     print(*row)
            006A 2026-01-05 09:00:00 None Prospecting
            006A 2026-02-03 09:00:00 Prospecting Proposal
            006B 2026-01-07 10:00:00 None Prospecting
        """
        if created is None:
            return self._own("history", frame, _Said(format, decimal, missing, scale), merged)
        data, deals = opened(frame), opened(created)
        self._refuse(problems_of_pair("created", data, deals, "history"))
        with engine_errors(data):
            forms = [
                _form_for(each, format, other) for each, other in ((data, deals), (deals, data))
            ]
            said = _Said(forms[0], decimal, missing, scale)
            history = self._turned(self._layout.tables["history"], data, said)
            began = self._turned(self._layout.beginnings, deals, _Said(forms[1], missing=missing))
            self._refuse(problems_of_deals(history, began))
            found = self._with_merged(with_beginnings(history, began), merged, "history")
            # narwhals gives back the kind of frame that it was given; its types cannot say so.
            return cast("FrameT", found.to_native())

    def stages(self, frame: FrameT, *, scale: Literal[1, 100] | None = None) -> FrameT:
        """The CRM's stages: `stage`, `probability` (0 to 1), `position`, and `outcome`.

        Takes and raises the same as `opportunities`.
        """
        return self._own("stages", frame, _Said(scale=scale))

    def ends(self, frame: object) -> dict[str, str]:
        """The stages of deals that are over, each with `won` or `lost`.

        They are the beginning of the mapping `stages=` of `check_pipeline`.

        Args:
            frame: The export of the stages.

        Raises:
            FrameError: As for `stages`; also where it does not say which stages are over.
        """
        turned = opened(self.stages(frame))
        if "outcome" not in turned.collect_schema():
            ends = self._table("stages").ends or Ends()
            names = ", ".join([*ends.outcome, *ends.closed, *ends.won])
            message = f"nothing says which stages are over{names and f': {names}'}"
            self._refuse([Problem("columns", message, "add the flags of the stages", "no_column")])
        rows = rows_of(turned.select("stage", "outcome"))
        ended = {str(row["stage"]): str(row["outcome"]) for row in rows}
        return {stage: end for stage, end in ended.items() if end in {"won", "lost"}}

    def _table(self, kind: ExportKind) -> ExportTable:
        if kind not in tuple(self._layout.tables):  # not by its hash, which it may not have
            raise UnknownName("kind of export", kind, self._layout.tables)
        return self._layout.tables[kind]

    def _own(
        self, kind: ExportKind, frame: FrameT, said: _Said, merged: FrameT | None = None
    ) -> FrameT:
        table, data = self._table(kind), opened(frame)
        with engine_errors(data):
            turned = self._with_merged(self._turned(table, data, said), merged, kind)
            # narwhals gives back the kind of frame that it was given; its types cannot say so.
            return cast("FrameT", turned.to_native())

    def _with_merged(self, turned: Frame, merged: object, kind: ExportKind) -> Frame:
        if merged is None:
            return turned
        table, data = self._table("merged"), opened(merged)
        self._refuse(problems_of_pair("merged", turned, data, kind))
        pairs = self._turned(table, data, _Said())
        self._refuse(problems_of_merged(turned, pairs, kind))
        return with_merged(turned, pairs)

    def _turned(self, table: ExportTable, data: Frame, said: _Said) -> Frame:
        schema, given, scale = schema_of(data), Arguments(), said.scale
        index = by_name(schema)
        found, problems = columns_of(table.names, index)
        said_how = table.ends or Ends()
        held, more = columns_of(said_how.columns, index)
        problems += [*more, *problems_of_nameless("columns", schema)]
        problems += self._lacking(table, found, index)
        if scale not in (None, 1, 100) or isinstance(scale, bool):
            given.problems.append(Problem("scale", f"must be 1 or 100, not {scale!r}"))
        data = _of_stages(data, table, found, index)
        days, moments, numbers = (
            [found[name] for name in names if name in found]
            for names in (table.days, table.moments, _NUMBERS)
        )
        missing = read_missing(given, said.missing)
        aside = new_columns(
            *(given, said.unread, [*days, *moments, *numbers], schema, problems),
            argument="unread_column",
            what="what cannot be read",
            example="amount.unread",
        )
        dates = {it: name for it, name in aside.items() if it not in numbers}
        data, more = dated(
            *(given, data, schema),
            DatesSaid(said.format, missing, unread=None if said.unread is None else dates),
            days=days,
            moments=moments,
        )
        said_ends, wrong = read_endings(data, held, schema, said_how)
        currency = new_name((*schema, *aside.values()), "currency")
        read = numbered(
            *(given, data, schema, numbers),
            decimal=said.decimal,
            missing=missing,
            currencies={found["amount"]: currency} if "amount" in found else {},
            unread=None if said.unread is None else dict(aside.items() - dates.items()),
        )
        problems += more + wrong + read.problems
        data, probability = read.frame, found.get("probability")
        if probability is not None:
            if probability in read.percent:
                scale = 1
            problems += self._problems_of_scale(data, probability, scale)
        self._refuse(problems, given)

        exprs = {name: here(data, column) for name, column in found.items()}
        for name, column in found.items():  # what is put aside goes with its column
            if aside.get(column) == f"{column}{UNREAD}":
                exprs[f"{name}{UNREAD}"] = here(data, aside.pop(column))
        units = {name: read.units[it] for name, it in found.items() if it in read.units}
        exprs |= {f"{name}{UNIT}": nw.col(column) for name, column in units.items()}
        # Where a column says the currency, that of the texts is the same once more.
        if _CURRENCY not in found and found.get("amount") in read.currencies:
            exprs[_CURRENCY] = nw.col(currency)
        for name in ("stage", "previous"):  # some name them by numbers
            if name in found and schema[found[name]].is_integer():
                exprs[name] = exprs[name].cast(nw.String())
        chance = None
        if probability is not None and schema_of(data)[probability].is_numeric():
            chance = exprs["probability"].cast(nw.Float64()) / (
                scale if isinstance(scale, int) else self._layout.scale
            )
            exprs["probability"] = chance
        if table.ends is not None:
            kind = schema[found["stage"]]
            stage = exprs["stage"] if is_text(kind) or kind.is_integer() else None
            if (ended := with_endings(data, stage, chance, said_ends, said_how)) is not None:
                exprs["outcome"], over = ended
                for end in ("", UNREAD):
                    if (day := f"{said_how.day}{end}") in exprs:  # one column for both dates
                        both = exprs[day]
                        exprs[day] = nw.when(~over).then(both)
                        exprs[f"closed_on{end}"] = nw.when(over).then(both)
        names = names_of_others((*schema, *aside.values()), found, exprs)
        self._refuse(problems_of_names(names))
        others = (here(data, name).alias(new) for name, new in names.items())
        return data.select(*(expr.alias(name) for name, expr in exprs.items()), *others)

    def _lacking(self, table: ExportTable, found: Mapping[str, str], index: Index) -> list[Problem]:
        problems = []
        for name in table.needed:
            if name not in found:
                near = closest(table.names[name][0], index)
                hint = f"did you mean {index[near][0]!r}? " if near else ""
                hint += f"it is called one of {', '.join(table.names[name])}, in any spelling"
                message = f"{self._crm}'s column of the {name} is not there"
                problems.append(Problem("columns", message, hint, "no_column"))
        return problems

    def _problems_of_scale(self, data: Frame, column: str, scale: object) -> list[Problem]:
        if not schema_of(data)[column].is_numeric():
            return []  # nothing is in it, or it is refused as no number
        if scale is not None:
            return []
        number = here(data, column).cast(nw.Float64())
        above, some = (number > 1).fill_null(value=False), (number > 0).fill_null(value=False)
        counts = sums_of(data, {"above": above & ~number.is_nan(), "some": some & ~number.is_nan()})
        if self._layout.scale == 1 and counts["above"]:
            message = (
                f"{counts['above']:,} probabilities are above 1, and those of {self._crm} are not"
            )
            return [Problem(column, message, "say scale=100, or correct them", "scale")]
        if self._layout.scale == 100 and counts["some"] and not counts["above"]:  # noqa: PLR2004
            message = f"no probability is above 1, and those of {self._crm} go up to 100"
            return [Problem(column, message, "say scale=1, or scale=100 if they are so", "scale")]
        return []

    def _refuse(self, problems: list[Problem], given: Arguments | None = None) -> None:
        given = given or Arguments()
        if problems or given.problems:
            message = f"This export of {self._crm} cannot be read."
            raise refusal(given, message, problems)


def _of_stages(data: Frame, table: ExportTable, found: Mapping[str, str], index: Index) -> Frame:
    """Of a history of all properties, the rows of the stage."""
    if table.only is None or normal_name(found.get("stage", "")) not in table.only.of:
        return data
    if not table.only.column:
        return data.filter(~here(data, found["stage"]).is_null())
    column = next((index[name][0] for name in table.only.column if name in index), None)
    if column is None or schema_of(data)[column] != nw.String:
        return data
    return data.filter(expr_of(among(here(data, column), table.only.names)))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a caller says of an export."""

    format: DateFormat = None
    decimal: DecimalMarks = None
    missing: str | Iterable[str] = ()
    scale: object = None
    unread: object = None


def _form_for(data: Frame, form: DateFormat, other: Frame) -> DateFormat:
    """What is said of a frame's own columns, and of those that neither of the two has."""
    if not isinstance(form, Mapping):
        return form
    mine, others = schema_of(data), schema_of(other)
    return {name: text for name, text in form.items() if name in mine or name not in others}
