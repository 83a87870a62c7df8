"""From a CRM's export to the names and scales of our facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias, TypeVar, cast

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
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline._wording import amount_of
from salesflow.pipeline.exports._beginnings import (
    problems_of_deals,
    problems_of_pair,
    with_beginnings,
)
from salesflow.pipeline.exports._dates import DateFormat, dated
from salesflow.pipeline.exports._tables import ExportTable, Layout, layouts, normal_name
from salesflow.rules.columns import Frame, among, blank, schema_of

FrameT = TypeVar("FrameT")
ExportKind = Literal["opportunities", "history", "stages"]
Index: TypeAlias = Mapping[str, list[str]]

_TRUE: Final = ("true", "True", "TRUE", "1", "yes", "Yes")
_FALSE: Final = ("false", "False", "FALSE", "0", "no", "No")


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
        found, problems = self._found(table, _index(opened(frame).collect_schema()))
        self._refuse(problems)
        return found

    def opportunities(
        self,
        frame: FrameT,
        *,
        format: DateFormat = None,  # noqa: A002 - the word for it
        scale: Literal[1, 100] | None = None,
    ) -> FrameT:
        """Deals, ready for `check_pipeline(frame, playbook, key="id", stages=…)`.

        Columns, where the export has what they need: `id`, `stage` (the CRM's own label), and the
        facts `amount`, `amount.currency`, `probability` (0 to 1), `created_on`,
        `expected_close_on`, `closed_on` (the close date of deals that are over), `outcome`,
        `entered_stage_on`, `last_activity_on`, `owner`, `source`, `next_step`,
        `close_date_pushes`, `contacts.total`, `account.name`, `account.industry`.

        Args:
            frame: The export.
            format: The form of dates, as for `read_days`, by the names of the export.
            scale: What a certainty is called in this file, if not as usual.

        Raises:
            FrameError: `problems` lists everything: columns that are not there, dates that cannot
                be read or could be read in two ways, texts with a time of another zone than UTC
                (the day could be another one), probabilities of the other scale, flags that are
                neither true nor false, columns that would have one name.
            ArgumentError: `format` or `scale` is wrong; `problems` lists the same.
        """
        return self._own("opportunities", frame, format, scale)

    def history(
        self,
        frame: FrameT,
        *,
        created: FrameT | None = None,
        format: DateFormat = None,  # noqa: A002
        scale: Literal[1, 100] | None = None,
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
            scale: What a certainty is called in this file, if not as usual.

        Raises:
            FrameError: As for `opportunities`; also deals in `created` that are there twice, or
                have no day of creation.
            ArgumentError: `format` or `scale` is wrong; `problems` lists the same.

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
            return self._own("history", frame, format, scale)
        data, deals = opened(frame), opened(created)
        self._refuse(problems_of_pair(data, deals))
        with engine_errors(data):
            forms = [
                _form_for(each, format, other) for each, other in ((data, deals), (deals, data))
            ]
            history = self._turned(self._layout.tables["history"], data, forms[0], scale)
            began = self._turned(self._layout.beginnings, deals, forms[1], None)
            self._refuse(problems_of_deals(history, began))
            # narwhals gives back the kind of frame that it was given; its types cannot say so.
            return cast("FrameT", with_beginnings(history, began).to_native())

    def stages(self, frame: FrameT, *, scale: Literal[1, 100] | None = None) -> FrameT:
        """The CRM's stages: `stage`, `probability` (0 to 1), `position`, and `outcome`.

        Takes and raises the same as `opportunities`.
        """
        return self._own("stages", frame, None, scale)

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
            message = f"no column says which stages are over: {', '.join(self._layout.closed)}"
            self._refuse([Problem("columns", message, "add the flags of the stages", "no_column")])
        rows = rows_of(turned.select("stage", "outcome"))
        ended = {str(row["stage"]): str(row["outcome"]) for row in rows}
        return {stage: end for stage, end in ended.items() if end in {"won", "lost"}}

    def _table(self, kind: ExportKind) -> ExportTable:
        if kind not in tuple(self._layout.tables):  # not by its hash, which it may not have
            raise UnknownName("kind of export", kind, self._layout.tables)
        return self._layout.tables[kind]

    def _own(self, kind: ExportKind, frame: FrameT, form: DateFormat, scale: object) -> FrameT:
        table, data = self._table(kind), opened(frame)
        with engine_errors(data):
            turned = self._turned(table, data, form, scale)
            # narwhals gives back the kind of frame that it was given; its types cannot say so.
            return cast("FrameT", turned.to_native())

    def _turned(self, table: ExportTable, data: Frame, form: DateFormat, scale: object) -> Frame:
        schema, given = schema_of(data), Arguments()
        index = _index(schema)
        found, problems = self._found(table, index)
        flags = {
            name: column
            for name, names in (("won", self._layout.won), ("closed", self._layout.closed))
            if (column := _column(names, index, problems)) is not None
        }
        problems += self._lacking(table, found, index)
        if scale not in (None, 1, 100) or isinstance(scale, bool):
            given.problems.append(Problem("scale", f"must be 1 or 100, not {scale!r}"))
        if table.only is not None and normal_name(found.get("stage", "")) in table.only.of:
            # A history of all properties: the rows of the stage.
            column = next((index[name][0] for name in table.only.column if name in index), None)
            if column is not None and schema[column] == nw.String:
                data = data.filter(expr_of(among(here(data, column), table.only.names)))
        data, more = dated(
            given,
            data,
            schema,
            days=[found[name] for name in table.days if name in found],
            moments=[found[name] for name in table.moments if name in found],
            format=form,
        )
        problems += more + _problems_of_flags(data, flags.values(), schema)
        probability = found.get("probability")
        if probability is not None:
            problems += self._problems_of_scale(data, probability, schema[probability], scale)
        self._refuse(problems, given)

        exprs = {name: here(data, column) for name, column in found.items()}
        if probability is not None and schema[probability] != nw.String:
            exprs["probability"] = exprs["probability"].cast(nw.Float64()) / (
                scale if isinstance(scale, int) else self._layout.scale
            )
        exprs |= _endings(data, exprs, flags, schema)
        names = _names_of_others(schema, found, exprs)
        self._refuse(_problems_of_names(names))
        others = (here(data, name).alias(new) for name, new in names.items())
        return data.select(*(expr.alias(name) for name, expr in exprs.items()), *others)

    def _found(self, table: ExportTable, index: Index) -> tuple[dict[str, str], list[Problem]]:
        problems: list[Problem] = []
        found = {
            name: column
            for name, names in table.names.items()
            if (column := _column(names, index, problems)) is not None
        }
        return found, problems

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

    def _problems_of_scale(
        self, data: Frame, column: str, dtype: nw.dtypes.DType, scale: object
    ) -> list[Problem]:
        if not dtype.is_numeric():
            filled = _filled(here(data, column), dtype)
            if not sums_of(data, {"n": filled})["n"]:
                return []
            message = f"a column of type {dtype} holds no probabilities"
            return [Problem(column, message, "convert the texts to numbers first", "kind")]
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


def _form_for(data: Frame, form: DateFormat, other: Frame) -> DateFormat:
    """What is said of a frame's own columns, and of those that neither of the two has."""
    if not isinstance(form, Mapping):
        return form
    mine, others = schema_of(data), schema_of(other)
    return {name: text for name, text in form.items() if name in mine or name not in others}


def _index(columns: Iterable[str]) -> Index:
    """The columns by their names as they are compared."""
    found: dict[str, list[str]] = {}
    for column in columns:
        found.setdefault(normal_name(column), []).append(column)
    return found


def _column(names: tuple[str, ...], index: Index, problems: list[Problem]) -> str | None:
    columns = next((index[name] for name in names if name in index), [])
    if len(columns) > 1:
        message = f"{' and '.join(map(repr, columns))} have one name"
        problems.append(Problem("columns", message, "keep one", "duplicate_column"))
    return columns[0] if columns else None


def _endings(
    data: Frame,
    exprs: Mapping[str, nw.Expr],
    flags: Mapping[str, str],
    schema: Mapping[str, nw.dtypes.DType],
) -> dict[str, nw.Expr]:
    """How deals ended, and when, where the flags say so."""
    if set(flags) != {"won", "closed"}:
        return {}
    won, _ = _flag(data, flags["won"], schema[flags["won"]])
    closed, open_ = _flag(data, flags["closed"], schema[flags["closed"]])
    ended = nw.when(closed).then(nw.lit("lost")).otherwise(nw.lit(None, dtype=nw.String()))
    ended = nw.when(open_).then(nw.lit("none")).otherwise(ended)
    found = {"outcome": nw.when(won).then(nw.lit("won")).otherwise(ended)}
    if "expected_close_on" in exprs:
        found["closed_on"] = nw.when(won | closed).then(exprs["expected_close_on"])
    return found


def _flag(data: Frame, column: str, dtype: nw.dtypes.DType) -> tuple[nw.Expr, nw.Expr]:
    """Where it is true, and where it is false."""
    value = here(data, column)
    if dtype == nw.String:
        return expr_of(among(value, _TRUE)), expr_of(among(value, _FALSE))
    if dtype == nw.Object:
        value = value.cast(nw.Float64())
    is_number = dtype == nw.Object or dtype.is_numeric()
    yes, no = (1, 0) if is_number else (True, False)
    return expr_of(among(value, (yes,))), expr_of(among(value, (no,)))


def _problems_of_flags(
    data: Frame, columns: Iterable[str], schema: Mapping[str, nw.dtypes.DType]
) -> list[Problem]:
    problems, asked = [], {}
    for column in columns:
        dtype = schema[column]
        if dtype == nw.String or dtype.is_numeric():
            yes, no = _flag(data, column, dtype)
            asked[column] = _filled(here(data, column), dtype) & ~yes & ~no
        elif dtype not in {nw.Boolean, nw.Object, nw.Unknown}:
            message = f"a column of type {dtype} cannot be a flag"
            problems.append(Problem(column, message, "it should hold true and false", "kind"))
    for column, n in sums_of(data, asked).items():
        if n:
            values = amount_of(n, "value is", "values are")
            message = f"{values} neither true nor false"
            problems.append(Problem(column, message, "correct it", "flag"))
    return problems


def _filled(column: nw.Expr, dtype: nw.dtypes.DType) -> nw.Expr:
    there = ~column.is_null()
    return there & ~blank(column) if dtype == nw.String else there


def _names_of_others(
    columns: Iterable[str], found: Mapping[str, str], ours: Iterable[str]
) -> dict[str, str]:
    """The new names of the columns that hold no fact."""
    # Some engines do not tell capitals from small letters.
    taken = {name.casefold() for name in ours}
    return {
        name: f"{name}_original" if name.casefold() in taken else name
        for name in columns
        if name not in found.values()
    }


def _problems_of_names(names: Mapping[str, str]) -> list[Problem]:
    """Columns that would have one name, as one of them gets another name than it has."""
    held = {name.casefold(): name for name, new in names.items() if name == new}
    problems = []
    for name, new in names.items():
        if name != new and (other := held.get(new.casefold())):
            message = f"its new name is {new}, and there is a column {other} too"
            problems.append(Problem(name, message, "rename one of the two", "duplicate_column"))
    return problems
