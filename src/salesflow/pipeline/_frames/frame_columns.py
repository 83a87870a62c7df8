"""The columns of the caller's frame: which one holds which fact, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeGuard, TypeVar

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, describe
from salesflow._labels import LabelReader
from salesflow.errors import Problem, SalesflowError
from salesflow.facts import CURRENCY, NOT_APPLICABLE, Fact, FactKind, Facts
from salesflow.money._signs import SIGNS, currency_meant
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import cause, expr_of, here, opened_for_queries, rows_of
from salesflow.pipeline._frames.labels import (
    MARKS,
    SKIPS,
    FrameLabels,
    flag_word,
    labels_of,
    read_as,
    reader_of,
)
from salesflow.pipeline._frames.options import FrameOptions, refusal
from salesflow.pipeline._frames.value_maps import (
    numbers_of,
    problem_of_keys,
    read_values,
    to_do,
    unknown_fact,
    unsupported_value,
)
from salesflow.pipeline._wording import amount_of, near, some_of
from salesflow.playbook._parts import CATEGORY
from salesflow.qualify._hygiene_facts import UNREAD, unread_facts
from salesflow.rules.columns import (
    Frame,
    Nothing,
    Numbers,
    Rail,
    Source,
    among,
    blank,
    engine_of,
    is_text,
    read,
    schema_of,
)

T = TypeVar("T")

UNIT: Final = ".unit"
"""What ends the name of the column with the units that texts of another one named themselves."""

_NAMELESS: Final = "no column of the frame has a text for a name"
_NAMED: Final = 20
_SHORT: Final = 80
_NO_COLUMN: Final = "\0"  # not even as the caller meant it


class FrameColumns:
    """The columns of a frame, and every problem with what was said about them.

    Attributes:
        facts: What its columns may hold: also texts that were put aside as unread, if it has such.
        problems: Everything that is wrong so far, with the arguments and with the frame.
        whole: The caller's frame.
        eager: It is not lazy.
        engine: The engine behind it, by its name, and what it can do.
        labels: What labels in it were read as.
        readers: By fact, what reads its labels where the fact alone does not say it.
    """

    def __init__(
        self,
        given: Arguments,
        facts: Facts,
        options: FrameOptions,
        *,
        hidden: Callable[[str], bool] | None = None,
    ) -> None:
        """Open the frame, which may hold these facts; those `hidden` are read from no column."""
        self.whole, self.eager = opened_for_queries(options.frame)
        self.engine = engine_of(self.whole)
        self.schema = columns_named(self.whole)
        self._given = given
        beside = {
            end: {
                f"{fact}{end}": f"{name}{end}"
                for fact, name in options.columns.items()
                if f"{name}{end}" in self.schema
            }
            for end in (UNREAD, CURRENCY)
        }
        aside = beside[UNREAD]
        unread = unread_facts((*self.schema, *options.columns, *aside), facts)
        self.facts = facts = facts.extended(unread) if unread else facts
        self._hidden = hidden or (lambda _: False)
        self._zone = options.zone
        self._plain = options.currency
        self._names: dict[str, str] = {}
        self._converted: dict[str, nw.Series[Any]] = {}
        self._columns = {fact: name for fact, name in aside.items() if fact in facts}
        own = {fact: it for fact, it in beside[CURRENCY].items() if fact not in self.schema}
        self._columns |= own
        self.labels = FrameLabels()
        self.readers: dict[str, LabelReader] = {}
        self._values, wrong = read_values(options.values, facts)
        self.problems: list[Problem] = [*given.problems, *wrong]
        for fact, column in options.columns.items():
            self.hold(fact, column, f"columns[{fact!r}]")

    def hold(self, fact: str, column: object, path: str) -> None:
        """Take a column for that of a fact, if there are such a fact and such a column."""
        if fact not in self.facts:
            self.problems.append(unknown_fact(path, fact, self.facts))
        elif fact == CATEGORY:
            message = "this follows from the stage, and no column holds it"
            hint = "leave it out, or map what people call it: forecast.owner_call"
            self.problems.append(Problem(path, message, hint, "derived"))
        self._columns[fact] = _NO_COLUMN
        if self.is_there(column, path):
            self._columns[fact] = column

    def refusal(self, message: str) -> SalesflowError:
        """The error with everything that is wrong, with the arguments and with the frame."""
        return refusal(self._given, message, self.problems)

    def refuse(self, message: str) -> None:
        """Raise that error, if anything is wrong."""
        if self.problems:
            raise self.refusal(message)

    def asked(self, message: str, ask: Callable[[], T]) -> T:
        """What comes of asking the frame: once more where labels in it were read on the way.

        Raises:
            SalesflowError: Anything is wrong.
        """
        found = ask()
        self.refuse(message)
        if self.settled():
            found = ask()
            self.refuse(message)
        return found

    def settled(self) -> bool:
        """Read no more labels, and say whether some were read, so that all is to be asked again."""
        again = self.labels.are_new
        self.labels.settle()
        return again

    def read_labels(self, frame: Frame, strange: Mapping[str, tuple[Rail, int]]) -> None:
        """Read the labels in rows where that of a fact is none that is known; so many rows."""
        for name, (rows, number) in strange.items():
            column = self.column_of(name)
            if isinstance(rows, bool) or column is None or not number:
                continue
            label = self.taken(column).cast(nw.String())
            reader, meant = self._reader(name)
            found = labels_of(frame.filter(rows), label)
            self.labels.read(name, found, reader, self._values.get(name, {}), meant)

    def read_labels_of(self, fact: str) -> None:
        """Read the labels of a fact whose values have a list, by a query of its own.

        So that deals can be grouped by it where nothing else asks for it.
        """
        column, found = self.column_of(fact), self.facts.get(fact)
        if column is None or found is None or not is_text(self.schema[column]):
            return
        if found.kind is not FactKind.FLAG and not found.choices and fact not in self.readers:
            return
        label, said = self._label(column), self.said_of(fact)
        known = [*found.choices, *MARKS, *self.labels.of(fact), *said]
        rest = self.frame.filter(~expr_of(among(label, [it for it in known if _is_word(it)])))
        reader, meant = self._reader(fact)
        self.labels.note(fact, read_as(labels_of(rest, label), reader, said, meant))

    def note_values(self, frame: Frame, wrong: Rail, fact: str, said: str, code: str) -> None:
        """Note the values of a fact in the `wrong` rows, the commonest first, and what to do.

        Those that were read as labels in the meantime are not wrong.
        """
        column = self.column_of(fact)
        if isinstance(wrong, bool) or column is None:
            return
        value = self.taken(column)
        rows = frame.filter(wrong)
        read = list(self.labels.of(fact))
        if read:
            rows = rows.filter(~value.cast(nw.String()).is_in(read))
        reader, _ = self._reader(fact)
        found = most_of(counted(rows, value), _NAMED + 1)
        for row in found[:_NAMED]:
            seen = row["value"].item() if hasattr(row["value"], "item") else row["value"]
            nearest = reader.nearest(str(seen))
            meant = f'"{nearest}"' if nearest else "…"
            hint = f'say what it stands for: values={{"{fact}": {{{seen!r:.{_SHORT}}: {meant}}}}}'
            message = f"{seen!r:.{_SHORT}} {said} ({amount_of(row['n'], 'row')})"
            self.note(column, message, f"{hint}; None for what is missing", code)
        if len(found) > _NAMED:
            message = f"there are more such values than these {_NAMED}"
            self.note(column, message, "is this the right column?", code)

    def _reader(self, fact: str) -> tuple[LabelReader, Mapping[str, object]]:
        reader, meant = reader_of(self.facts[fact], may_skip=self._may_skip(fact))
        return self.readers.get(fact, reader), meant

    @property
    def frame(self) -> Frame:
        """Only the columns that were asked for, under names that are safe on every engine."""
        found = self.whole.select(
            *(here(self.whole, name).alias(safe) for name, safe in self._names.items())
        )
        return found.with_columns(**self._converted) if self._converted else found

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does."""
        if fact == "stage" or self._hidden(fact):
            return None
        column = self._columns.get(fact, fact)
        return column if column in self.schema else None

    def said_of(self, fact: str) -> Mapping[object, object]:
        """What the caller says that values of the fact's column stand for."""
        return self._values.get(fact, {})

    def words_of(self, fact: str) -> dict[object, str | None]:
        """What labels of the fact's column stand for, in words, where it is not what they are."""
        said: dict[object, object] = dict(self.labels.of(fact).items())
        said |= self.said_of(fact)
        if self.facts[fact].kind is not FactKind.FLAG:
            return {label: None if value is None else str(value) for label, value in said.items()}
        dtype = self.type_of(fact)
        in_words = dtype is not None and is_text(dtype)
        own: Mapping[Any, str] = MARKS if in_words else {True: "yes", False: "no"}
        words = {label: flag_word(value) for label, value in said.items()}
        return {**own, **words} if words or in_words else {}

    def share_a_column(self, fact: str, other: str) -> bool:
        """Whether one column holds both facts."""
        column = self.column_of(fact)
        return column is not None and column == self.column_of(other)

    @property
    def groups(self) -> list[str]:
        """What a report can be grouped by: the facts that have a column, and the columns."""
        facts = [fact for fact in self._columns if self.column_of(fact) is not None]
        return list(dict.fromkeys(("stage", *facts, *self.schema)))

    def is_nested(self, column: str) -> bool:
        """A column holds lists, structures or objects that no engine can compare."""
        dtype = self.schema[column]
        is_object = dtype == nw.Object and self.whole.implementation.is_polars()
        return dtype.is_nested() or is_object

    @property
    def asks_apart(self) -> bool:
        """Whether what looks at all rows together is asked by queries of its own.

        Beside the longest of all cycles every row passes through one task of Spark, and polars
        keeps every row of a lazy frame until it is known. Beside distinct keys Spark keeps every
        other sum once for each key. Dask is asked by parts, which know of no other rows.
        """
        implementation = self.whole.implementation
        is_lazy = implementation.is_polars() and not self.eager
        return is_lazy or implementation.is_spark_like() or implementation.is_dask()

    def number(self, value: float) -> nw.Expr:
        """A float to calculate with: Ibis writes a decimal, and decimals add up otherwise."""
        if self.whole.implementation.is_ibis():
            return nw.lit(repr(float(value))).cast(nw.Float64())
        return nw.lit(value)

    def type_of(self, fact: str) -> nw.dtypes.DType | None:
        """The type of the fact's column, if any column holds it."""
        column = self.column_of(fact)
        return None if column is None else self.schema[column]

    def unit_of(self, fact: str) -> nw.Expr | None:
        """Where the texts of an amount named a unit themselves; None where nothing says it."""
        unit = f"{self.column_of(fact)}{UNIT}"
        if unit not in self.schema or not self.schema[unit].is_numeric():
            return None
        return (self.taken(unit) > self.number(0.0)).fill_null(value=False)

    def explain_signs(self, currency: str) -> None:
        """Take signs that several currencies have for the one that is meant, where one fits.

        That is what amounts are in of which nothing is said, or else the playbook's `currency`.
        What somebody says of a sign counts more.
        """
        for name, fact in self.facts.items():
            own = f"{name}{CURRENCY}"
            column = self.column_of(own) if fact.kind is FactKind.MONEY else None
            if column is None or own not in self.facts or not is_text(self.schema[column]):
                continue
            said = fact.currency if fact.currency and fact.currency.isupper() else None
            likely = said or self._plain or currency, self._plain or currency, currency
            meant = {sign: currency_meant(sign, *likely) for sign in SIGNS}
            known: dict[object, object] = {it: code for it, code in meant.items() if code != it}
            self._values[own] = {**known, **self._values.get(own, {})}

    def taken(self, column: str) -> nw.Expr:
        """A column of the caller's frame, as it is called in `frame`."""
        return nw.col(self._names.setdefault(column, f"c{len(self._names)}"))

    def missing_in(self, column: str) -> nw.Expr:
        """Where nothing stands in a column, or a blank text."""
        expr, dtype = self.taken(column), self.schema[column]
        missing = expr.is_null()
        if is_text(dtype):
            return missing | blank(expr if dtype == nw.String else expr.cast(nw.String()))
        if dtype.is_float():
            # NaN is missing in pandas, and is to be so everywhere.
            return missing | expr.is_nan().fill_null(value=False)
        return missing

    def source(self, fact: Fact) -> Source | None:
        """How a fact is read, or None where no column holds it; problems are noted."""
        column = self.column_of(fact.name)
        if column is None:
            return None
        dtype = self.schema[column]
        self.taken(column)
        mapped = self._values.get(fact.name)
        as_read: dict[object, object] = dict(self.labels.of(fact.name).items())
        if self._may_skip(fact.name):
            # It says that nobody need know, and so is no label that nobody explained.
            nothing = None if fact.kind is FactKind.TEXT else "?"
            as_read |= dict.fromkeys(self.labels_of_skips(fact.name), nothing)
        as_read |= mapped or {}
        zone, engine = self._zone, self.engine
        name = self._names[column]
        source: Source | None
        if fact.kind is FactKind.NUMBER and mapped and (is_text(dtype) or dtype.is_numeric()):
            found = numbers_of(self._label(column), mapped, dtype)
            limits = (fact.low, fact.high) if fact.enforced else (None, None)
            source = Numbers(found, low=limits[0], high=limits[1])
        else:
            source = read(fact, name, dtype, zone=zone, values=as_read, engine=engine)
        objection = ""
        if source is not None:
            source, objection = self._tried(source, column, dtype, fact.kind)
        wrong = problem_of_keys(fact, column, dtype, mapped) if mapped and not objection else None
        if wrong is None and (source is None or objection):
            message = f"a column of type {dtype} cannot be the {fact.kind} {fact.name}"
            wrong = Problem(column, message + quoted(objection), to_do(fact, column, dtype), "kind")
        if source is not None and wrong is None:
            return source
        if wrong is not None and not self.is_empty(column, dtype):
            self.problems.append(wrong)
        return Nothing()

    def _label(self, column: str) -> nw.Expr:
        """A column of labels; texts as such."""
        taken, dtype = self.taken(column), self.schema[column]
        return taken.cast(nw.String()) if is_text(dtype) and dtype != nw.String else taken

    def unexplained(self, fact: str) -> nw.Expr | None:
        """Where a text stands for no number, of a fact whose texts stand for some; else None."""
        column, mapped = self.column_of(fact), self._values.get(fact)
        if column is None or not mapped or self.facts[fact].kind is not FactKind.NUMBER:
            return None
        if not is_text(self.schema[column]):
            return None
        text = self._label(column)
        known = among(text, [label for label in mapped if isinstance(label, str)])
        return ~text.is_null() & ~blank(text) & ~expr_of(known)

    def _may_skip(self, fact: str) -> bool:
        return f"{NOT_APPLICABLE}{fact}" in self.facts

    def labels_of_skips(self, fact: str) -> list[str]:
        """The labels that say that a question does not apply."""
        return [SKIPS, *(label for label, it in self.labels.of(fact).items() if it == SKIPS)]

    def _tried(
        self, source: Source, column: str, dtype: nw.dtypes.DType, kind: FactKind
    ) -> tuple[Source, str]:
        """The source, and what the engine says against reading a column so; nothing if it can."""
        canonical = source.canonical()
        if dtype != nw.Object or canonical is None:
            return source, ""
        if self.whole.implementation.is_polars():
            return source, "it holds objects"
        # Only pandas can calculate with such columns, and only trying tells what is in them.
        # Its one column alone: the whole frame would be copied for each of them.
        alone = self.whole.select(here(self.whole, column).alias(self._names[column]))
        try:
            found = alone.select(canonical.alias("c"))
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return source, cause(error)
        if isinstance(found, nw.LazyFrame):
            return source, ""
        objection = unsupported_value(alone[self._names[column]].to_list(), kind)
        if objection:
            return source, objection
        # Objects are slow to convert: once is enough.
        name = f"{self._names[column]}_converted"
        self._converted[name] = found["c"]
        return source.at(nw.col(name)), ""

    def objection(self, expr: nw.Expr) -> str:
        """What the engine says against an expression over the caller's frame; nothing if it can."""
        try:
            self.whole.select(expr)
        except Exception as error:  # noqa: BLE001 - there is no telling what an engine raises
            return cause(error)
        return ""

    def is_empty(self, column: str, dtype: nw.dtypes.DType) -> bool:
        """Nothing stands in a column."""
        values = here(self.whole, column)
        there = ~values.is_null()
        if dtype == nw.String:
            there = there & ~blank(values)
        try:
            found = rows_of(self.whole.select(there.cast(nw.Int64).sum().alias("n")))
        except Exception:  # noqa: BLE001 - what cannot be looked at is not nothing
            return False
        return not found[0]["n"]

    def is_there(self, column: object, path: str) -> TypeGuard[str]:
        """Whether the frame has such a column; that it has none is noted."""
        if _is_word(column):
            if column in self.schema:
                return True
            hint = near(column, self.schema, "" if self.schema else _NAMELESS)
            self.note(path, f"there is no column {column!r}", hint, "no_column")
        else:
            self.note(path, f"{describe(column)} names no column", "write its name, a text")
        return False

    def note(self, path: str, message: str, hint: str, code: str = "invalid") -> None:
        """Note a problem."""
        self.problems.append(Problem(path, message, hint, code))


def columns_named(frame: Frame) -> dict[str, nw.dtypes.DType]:
    """The columns with a text for a name: others cannot be named by the caller either."""
    return {name: kind for name, kind in schema_of(frame).items() if _is_word(name)}


def problems_of_nameless(path: str, columns: Iterable[object]) -> list[Problem]:
    """Columns without a text for a name, where a result is to have all columns of a frame.

    pandas numbers the columns of a file without a header, and narwhals cannot give them back.
    """
    nameless = [f"{name!r:.{_SHORT}}" for name in columns if not _is_word(name)]
    if not nameless:
        return []
    have = amount_of(len(nameless), "column has", "columns have")
    message = f"{have} no text for a name: {some_of(nameless)}"
    return [Problem(path, message, "give every column a text for a name", "kind")]


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def quoted(objection: str) -> str:
    """What an engine says, behind a message of ours."""
    return f" ({objection})" if objection else ""
