"""Rows of a file that a person has to settle before it is checked, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.money import CURRENCIES
from salesflow.pipeline._files.opened import places_in, rows_without
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._frames.engines import engine_errors, here, rows_of, whole
from salesflow.pipeline._suggest.suggestion import KEY, STAGE, Suggestion
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame, blank, is_text, schema_of

Kind: TypeAlias = Literal["gap", "plain", "sum"]

_TOLD: Final = 5
_PLAIN: Final = f"^[{BLANK}(+-]*[0-9][0-9 ,.'’]*[万亿kKmM]?[{BLANK})]*$"
_SUM: Final = (
    f"(?i)^[{BLANK}]*(?:grand total|totals?|sub-?totals?|sum|合计|总计|小计|总和)[:：{BLANK}]*$"
)


@dataclass(frozen=True, slots=True)
class Noticed:
    """Rows of one kind.

    Attributes:
        kind: Rows without a key, in a column where most have one (`gap`); amounts without a
            currency, among ones in several (`plain`); rows that are named as sums (`sum`).
        column: The column that shows it.
        rows: How many there are.
        lines: The lines of the first of them; empty where the file has none.
        texts: What stands there, in the order of the lines.
        meant: The currency that amounts without one are most likely in.
    """

    kind: Kind
    column: str
    rows: int
    lines: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    meant: str = ""


def noticed(
    frame: Frame, found: Suggestion, own: str, path: Path, encoding: str = ""
) -> Iterator[Noticed]:
    """The rows of a file that somebody has to settle.

    Args:
        frame: The file as a frame.
        found: What is proposed of it.
        own: The currency of the playbook.
        path: The file.
        encoding: Its encoding; empty for UTF-8.

    Raises:
        FrameError: The engine refuses the frame.
    """
    with engine_errors(frame):
        look = _Look(frame, found.rows, path, encoding)
        may_be_keys = [it for it in found.columns if any(c.target == KEY for c in it.candidates)]
        for it in may_be_keys:
            if it.reason == "missing_keys":
                yield from look.gap(it.column)
        has_currency = any(it.target == "amount.currency" for it in found.columns)
        for reader in found.readers:
            codes = [it for it in reader.currencies if it in CURRENCIES]
            if reader.fact == "amount" and len(reader.currencies) > 1 and not has_currency:
                meant = own if own in codes or not codes else codes[0]
                yield from look.like("plain", reader.column, _PLAIN, meant=meant)
        stages = [it.column for it in found.columns if it.target == STAGE]
        for it in may_be_keys:
            yield from look.like("sum", it.column, _SUM, without=stages)


class _Look:
    """Questions about the rows of one file."""

    def __init__(self, frame: Frame, rows: int, path: Path, encoding: str) -> None:
        self._frame = frame
        self._schema = schema_of(frame)
        self._rows = rows
        self._path = path
        self._encoding = encoding

    def gap(self, column: str) -> Iterator[Noticed]:
        """Rows with nothing in a column, where less than half are so."""
        number = self._number(self._frame.filter(self._is_missing(column)))
        if 0 < number * 2 < self._rows:
            lines = rows_without(self._path, column, (), self._encoding)
            first = tuple(f"{line:,}" for line in islice(lines or (), _TOLD))
            yield Noticed("gap", column, number, first)

    def like(
        self,
        kind: Kind,
        column: str,
        pattern: str,
        *,
        without: Iterable[str] = (),
        meant: str = "",
    ) -> Iterator[Noticed]:
        """Rows with such texts in a column, and with nothing in some others."""
        if not is_text(self._schema[column]):
            return
        text = here(self._frame, column)
        rows = self._frame.filter(text.str.contains(pattern).fill_null(value=False))
        for other in without:
            rows = rows.filter(self._is_missing(other))
        if number := self._number(rows):
            texts = [str(it["value"]).strip(BLANK) for it in most_of(counted(rows, text), _TOLD)]
            where = places_in(self._path, self._encoding)
            places = {} if where is None else where(column, texts)
            found = {it: places.get(it, "").removeprefix("line ") for it in texts}
            first = sorted(found, key=lambda it: (len(found[it]), found[it]))
            lines = tuple(found[it] for it in first if found[it])
            yield Noticed(kind, column, number, lines, tuple(first), meant)

    def _is_missing(self, column: str) -> nw.Expr:
        values = here(self._frame, column)
        return (
            values.is_null() | blank(values) if is_text(self._schema[column]) else values.is_null()
        )

    def _number(self, rows: Frame) -> int:
        return whole(rows_of(rows.select(nw.len().alias("n")))[0]["n"])
