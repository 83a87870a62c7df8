"""A column of numbers as a file has them: what its texts are, and how they become numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._unseen import quoted
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import expr_of, here, rows_of, sums_of
from salesflow.pipeline._wording import amount_of
from salesflow.pipeline.exports._number_shapes import (
    DIGITS,
    LIKELY,
    DecimalMark,
    NumberShape,
    around,
    digits_pattern,
    number_shape,
    shape_of,
    text_pattern,
)
from salesflow.pipeline.exports._texts import (
    Seen,
    Where,
    aside,
    listed,
    new_name,
    some_values,
    to_be_missing,
    with_rows,
)
from salesflow.rules.columns import Frame, among, blank, schema_of

_CALLED: Final[Mapping[DecimalMark, str]] = {".": "a decimal point", ",": "a decimal comma"}
_SIGNS: Final = " '"
_OTHER: Final[Mapping[DecimalMark, str]] = {".": ",", ",": "."}
_MOST_SHAPES: Final = 2_000
_NO_SHAPE: Final = "none"
# Signs of other keyboards, and what they are read as.
_SPACES: Final = {
    "[\u00a0\u2000-\u200a\u202f\u205f\u3000]": " ",
    "[\u2018\u2019\u02bc\u2032`]": "'",
}
_WIDE: Final = dict(zip("．，０１２３４５６７８９", ".,0123456789", strict=True))
_HAS_WIDE: Final = "[０-９．，]"


def narrow(frame: Frame, columns: Iterable[str]) -> Frame:
    """The frame with spaces, apostrophes and digits of other keyboards as those of ASCII."""
    names, asked = list(columns), {}
    for name in names:
        asked[name, "spaces"] = _fits(here(frame, name), "|".join(_SPACES))
        asked[name, "wide"] = _fits(here(frame, name), _HAS_WIDE)
    counts = sums_of(frame, {f"{name} {kind}": expr for (name, kind), expr in asked.items()})
    for name in names:
        if counts[f"{name} wide"]:
            text = here(frame, name)
            for sign, plain in _WIDE.items():
                text = text.str.replace_all(sign, plain, literal=True)
            frame = frame.with_columns(text.alias(name))
        if counts[f"{name} spaces"]:
            text = here(frame, name)
            for pattern, plain in _SPACES.items():
                text = text.str.replace_all(pattern, plain)
            frame = frame.with_columns(text.alias(name))
            text = here(frame, name)
            stripped = text.str.strip_chars_start(" ").str.strip_chars_end(" ")
            frame = frame.with_columns(nw.when(~blank(text)).then(stripped).alias(name))
    return frame


def narrowed(text: str) -> str:
    """The same of one text."""
    for pattern, plain in _SPACES.items():
        text = re.sub(pattern, plain, text)
    return text.translate({ord(sign): plain for sign, plain in _WIDE.items()}).strip(" ")


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of texts that are numbers.

    Attributes:
        name: The column.
        mark: The decimal mark of its numbers.
        shapes: What stands around their digits.
        problems: What is wrong with it.
        signs: What may stand between digits, beside decimal marks.
    """

    name: str
    mark: DecimalMark
    shapes: Mapping[str, NumberShape]
    problems: Sequence[Problem] = ()
    signs: str = _SIGNS

    @property
    def percent(self) -> bool:
        """The numbers are shares in percent."""
        return any(shape.percent for shape in self.shapes.values())

    @property
    def currencies(self) -> list[str]:
        """The currencies that it names."""
        return list(dict.fromkeys(one.currency for one in self.shapes.values() if one.currency))

    @property
    def has_units(self) -> bool:
        """Some of its texts name a unit such as 万 themselves."""
        return any(one.power > 0 for one in self.shapes.values())

    @classmethod
    def of(
        cls,
        frame: Frame,
        name: str,
        *,
        mark: DecimalMark | None,
        where: Where | None,
        keeps: bool,
        may_be_aside: bool,
    ) -> NumberColumn:
        """Look at a column.

        Args:
            frame: The frame.
            name: The column.
            mark: Its decimal mark, where it is said.
            where: Says where its texts stand, in place of rows.
            keeps: Its currencies are kept.
            may_be_aside: The caller can have what is no number put aside.
        """
        look = _Look(frame, name, where, may_be_aside=may_be_aside)
        return look.found(mark, keeps=keeps)

    @classmethod
    def readable(cls, frame: Frame, name: str, said: DecimalMark | None) -> nw.Expr | None:
        """Where a text is a number, with the decimal mark that is said or with either.

        None where there are so many shapes that not all of them were looked at.
        """
        return _Look(frame, name).readable(here(frame, name), said)

    @classmethod
    def uniform(
        cls, frame: Frame, name: str, said: DecimalMark | None, signs: str = ""
    ) -> NumberColumn | None:
        """The column, where all its texts have the shape of the first and one mark fits them.

        That is said of most columns, at a fraction of what a look at all shapes costs. Between the
        digits there may be the decimal marks, and these `signs`.
        """
        text = nw.col("text")
        frame = frame.select(here(frame, name).alias("text"))
        first = rows_of(frame.filter(~text.is_null()).head(1))
        if not first:
            return cls(name, said or ".", {})
        shape = shape_of(str(first[0]["text"]))
        one = number_shape(shape)
        if one is None or one.scientific or one.led:
            return None
        before, behind = (_literal(part) for part in around(shape))
        patterns: dict[DecimalMark, str] = {
            mark: f"^{before}{digits_pattern(mark, signs)}{behind}$"
            for mark in _CALLED
            if said in {None, mark}
        }
        value = str(first[0]["text"])
        likely: list[DecimalMark] = [
            mark for mark in _CALLED if re.match(patterns.get(mark, "(?!)"), value)
        ]
        asked = {str(mark): _fits(text, patterns[mark]) for mark in likely}
        if len(likely) > 1:
            asked["unclear"] = asked["."] & asked[","] & _fits(text, "[0-9][.,][0-9]")
        counts = sums_of(frame, {"filled": ~text.is_null(), **asked}) if likely else {}
        fitting: list[DecimalMark] = [mark for mark in likely if counts[mark] == counts["filled"]]
        if not fitting or (len(fitting) > 1 and counts["unclear"]):
            return None
        return cls(name, fitting[0], {shape: one}, signs=signs)

    def read(self, frame: Frame, currency: str | None, unit: str | None = None) -> Frame:
        """The frame with this column read, and with those for its currencies and its units."""
        groups = dict[tuple[bool, int, bool, bool], list[str]]()
        for shape, one in self.shapes.items():
            key = one.negative, one.power, one.scientific, bool(one.led)
            groups.setdefault(key, []).append(shape)
        named = {
            label: [shape for shape, one in self.shapes.items() if one.currency == label]
            for label in dict.fromkeys(one.currency for one in self.shapes.values())
        }
        schema, text = schema_of(frame), here(frame, self.name)
        shape, digits = new_name(schema, "shape"), new_name(schema, "digits")
        powers = dict[int, list[str]]()
        for name, one in self.shapes.items():
            powers.setdefault(max(one.power, 0), []).append(name)
        mixed = len(groups) > 1 or (currency is not None and len(named) > 1)
        if mixed:
            frame = frame.with_columns(_shape(text).alias(shape))
        frame = frame.with_columns(self._digits(text).alias(digits))
        number = nw.col(digits)
        for (negative, power, scientific, led), shapes in groups.items():
            found = self._scientific(text) if scientific else nw.col(digits)
            if power or negative or led:
                start, end = "-" * negative + "0" * led, f"e{power}" if power else ""
                found = nw.concat_str(nw.lit(start), found, nw.lit(end))
            there = _among(nw.col(shape), shapes) if mixed else None
            number = found if there is None else nw.when(there).then(found).otherwise(number)
        exprs = {self.name: number.cast(nw.Float64())}
        if currency is not None:
            label = nw.lit(None, dtype=nw.String())
            for code, shapes in named.items():
                if code:
                    there = _among(nw.col(shape), shapes) if mixed else ~text.is_null()
                    label = nw.when(there).then(nw.lit(code)).otherwise(label)
            exprs[currency] = label
        if unit is not None:
            size = nw.lit(None, dtype=nw.Float64())
            for power, shapes in powers.items():
                if power:
                    there = _among(nw.col(shape), shapes) if mixed else ~text.is_null()
                    size = nw.when(there).then(nw.lit(float(10**power))).otherwise(size)
            exprs[unit] = size
        read = frame.with_columns(*(expr.alias(name) for name, expr in exprs.items()))
        return read.drop(digits, shape) if mixed else read.drop(digits)

    def _digits(self, text: nw.Expr) -> nw.Expr:
        """The digits of numbers, with a point where they have decimals."""
        shape, one = next(iter(self.shapes.items()), ("0", NumberShape()))
        if len(self.shapes) <= 1 and not (one.scientific or one.led):
            # What is known need not be looked for.
            before, behind = around(shape)
            text = text.str.slice(len(before)) if before else text
            text = text.str.strip_chars_end(behind) if behind else text
            for sign in (_OTHER[self.mark], *self.signs):
                text = text.str.replace_all(sign, "", literal=True)
        else:
            if self.mark == "." and any(shape.pointed for shape in self.shapes.values()):
                text = text.str.replace_all("[A-Za-z][.]", "")
            text = text.str.replace_all(f"[^0-9{self.mark}]", "")
        return text.str.replace_all(",", ".", literal=True) if self.mark == "," else text

    def _scientific(self, text: nw.Expr) -> nw.Expr:
        """The same with the exponent that is written."""
        number = text.str.replace_all("^[^0-9.,]+|[^0-9]+$", "")
        number = number.str.replace_all(f"[^0-9{self.mark}eE+-]", "")
        return number.str.replace_all(",", ".", literal=True)


class _Look:
    """What a column holds, as one query tells it: shapes, and which decimal marks go with them."""

    def __init__(
        self,
        frame: Frame,
        name: str,
        where: Where | None = None,
        *,
        may_be_aside: bool = False,
    ) -> None:
        self._name = name
        self._may_be_aside = may_be_aside
        self._where = where
        text = nw.col("text")
        frame = with_rows(frame.select(here(frame, name).alias("text"))).filter(~text.is_null())
        exprs = _parts(text)
        frame = frame.with_columns(*(expr.alias(key) for key, expr in exprs.items()))
        likely = _fits(nw.col("shape"), LIKELY)
        shape = nw.when(likely).then(nw.col("shape")).otherwise(nw.lit(_NO_SHAPE))
        self._frame = frame.with_columns(shape.alias("shape"))
        counted = self._frame.group_by(*exprs).agg(nw.len().alias("n"))
        rows = rows_of(counted.sort("n", "shape", descending=[True, False]).head(_MOST_SHAPES))
        self._counts = [
            (str(row["shape"]), (bool(row["point"]), bool(row["comma"]), bool(row["inside"])), n)
            for row, n in ((row, int(row["n"])) for row in rows)
        ]
        self._filled = sum(n for *_, n in self._counts)
        self._whole = len(rows) < _MOST_SHAPES
        if not self._whole:  # there may be more
            self._filled = int(rows_of(frame.select(nw.len().alias("n")))[0]["n"])
        found = {shape: number_shape(shape) for shape, *_ in self._counts}
        self._shapes = {shape: one for shape, one in found.items() if one is not None}

    def found(self, said: DecimalMark | None, *, keeps: bool) -> NumberColumn:
        """The column, or what is wrong with it."""
        counts: dict[DecimalMark, int] = {mark: self._fitting(mark) for mark in _CALLED}
        unclear = sum(n for shape, digits, n in self._counts if all(digits) and self._of(shape))
        mark: DecimalMark = "," if counts[","] > counts["."] else "."
        mark = said or mark
        problems = []
        if counts[mark] < self._filled:
            problems.append(self._unfit(mark, counts, said=said is not None))
        elif said is None and unclear and len(set(counts.values())) == 1:
            problems.append(self._ambiguous())
        problems += self._mixed(keeps=keeps)
        return NumberColumn(self._name, mark, self._shapes, tuple(problems))

    def readable(self, text: nw.Expr, said: DecimalMark | None) -> nw.Expr | None:
        """Where a text is a number; None where not all shapes are known."""
        if not self._whole:
            return None
        parts = _parts(text)
        marks = _CALLED if said is None else (said,)
        return reduce(or_, (self._rows(mark, parts) for mark in marks)).fill_null(value=False)

    def _rows(self, mark: DecimalMark, parts: Mapping[str, nw.Expr]) -> nw.Expr:
        """Where a text is a number with a decimal mark, by what is asked of it."""
        fits = parts["point" if mark == "." else "comma"]
        alike = parts["point"] & parts["comma"] & ~parts["inside"]
        good = [shape for shape, one in self._shapes.items() if one.fits(mark, alike=False)]
        led = [shape for shape, one in self._shapes.items() if one.led == mark]
        return (_among(parts["shape"], good) & fits) | (_among(parts["shape"], led) & alike)

    def _some(self, rows: nw.Expr) -> list[Seen]:
        return some_values(self._frame, "text", rows, of=self._name, where=self._where)

    def _of(self, shape: str) -> NumberShape | None:
        return self._shapes.get(shape)

    def _fitting(self, mark: DecimalMark) -> int:
        """How many values are numbers with this decimal mark."""
        return sum(
            n
            for shape, (point, comma, inside), n in self._counts
            if (one := self._of(shape)) is not None
            and (point if mark == "." else comma)
            and one.fits(mark, alike=point and comma and not inside)
        )

    def _unfit(
        self, mark: DecimalMark, counts: Mapping[DecimalMark, int], *, said: bool
    ) -> Problem:
        values = self._some(~self._rows(mark, {name: nw.col(name) for name in _parts(nw.col(""))}))
        # Where the others have no decimals, nothing is to be said of a mark.
        which = f" with {_CALLED[mark]}" if said or len(set(counts.values())) > 1 else ""
        others = "others are numbers{}, and these are not: " if counts[mark] else ""
        message = (others or "these are not numbers{}: ").format(which) + listed(values)
        hint = "correct them"
        marks = tuple(_CALLED) if not said else (mark,)
        if self._may_be_aside and not all(_reads(it.value, marks) for it in values):
            hint = aside(self._name, hint)
        return Problem(self._name, message, to_be_missing(values, hint), "no_number")

    def _ambiguous(self) -> Problem:
        both = nw.col("point") & nw.col("comma") & nw.col("inside")
        ways = " and ".join(f"with {name}" for name in _CALLED.values())
        examples = listed(self._some(both))
        hints = " or ".join(f'decimal={{{quoted(self._name)}: "{mark}"}}' for mark in _CALLED)
        message = f"these are numbers in two ways, {ways}: {examples}"
        return Problem(self._name, message, f"say which: {hints}", "ambiguous_number")

    def _mixed(self, *, keeps: bool) -> list[Problem]:
        """What makes the numbers of one column numbers of several kinds."""
        problems = []
        plain = [shape for shape, one in self._shapes.items() if not one.percent]
        if 0 < len(plain) < len(self._shapes):
            values = self._some(_among(nw.col("shape"), plain))
            message = f"others are percentages, and these are not: {listed(values)}"
            hint = "a column has one scale; write all of them in percent, or none"
            problems.append(Problem(self._name, message, hint, "percent"))
        rows = dict[str, int]()
        for shape, _, n in self._counts:
            if (one := self._of(shape)) is not None and one.currency:
                rows[one.currency] = rows.get(one.currency, 0) + n
        if len(rows) > 1 and not keeps:
            order = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
            message = f"these are amounts in {amount_of(len(rows), 'currency', 'currencies')}"
            hint = 'take them into a column: currency_column="amount.currency"'
            shown = f"{message}: {listed(Seen(*row, '') for row in order)}"
            problems.append(Problem(self._name, shown, hint, "currencies"))
        return problems


def _reads(text: str, marks: Iterable[DecimalMark]) -> bool:
    """Whether one text is a number with one of these decimal marks."""
    is_number = number_shape(shape_of(text)) is not None
    return is_number and any(re.match(text_pattern(mark), text) for mark in marks)


def _parts(text: nw.Expr) -> dict[str, nw.Expr]:
    """What is asked of a text: its shape, and which decimal marks its digits go with."""
    return {
        "shape": _shape(text),
        "point": _fits(text, text_pattern(".")),
        "comma": _fits(text, text_pattern(",")),
        "inside": _fits(text, "[0-9][.,][0-9]"),
    }


def _among(column: nw.Expr, shapes: Sequence[str]) -> nw.Expr:
    return expr_of(among(column, shapes))


def _literal(words: str) -> str:
    """The pattern of what stands around digits; engines differ on what may be escaped."""
    return re.sub(r"[^\w ]", lambda sign: f"[{sign[0]}]", words)


def _shape(text: nw.Expr) -> nw.Expr:
    return text.str.replace_all(DIGITS, "0")


def _fits(text: nw.Expr, pattern: str) -> nw.Expr:
    return text.str.contains(pattern).fill_null(value=False)
