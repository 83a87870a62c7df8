"""The currencies that texts of amounts name, in columns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.facts import CURRENCY, Fact, FactKind
from salesflow.money._signs import currency_meant
from salesflow.pipeline._frames.engines import here
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline.exports._beside import joined
from salesflow.pipeline.exports._numbers import Numbered
from salesflow.pipeline.exports._texts import new_name
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame, is_text, schema_of


class Currencies:
    """What the texts of amounts say of their currencies, so that it is not lost with the texts.

    Attributes:
        columns: By column of amounts, the column that takes the currencies.
    """

    def __init__(
        self,
        playbook: Playbook,
        mapping: FrameMapping,
        schema: Mapping[str, nw.dtypes.DType],
        texts: Sequence[str],
        facts: Iterable[Fact],
    ) -> None:
        """Of the columns of numbers that are `texts`, those that hold amounts."""
        self._playbook = playbook
        self._mapping = mapping
        self._said: dict[str, str] = {}
        self._facts: dict[str, Fact] = {}
        self.columns: dict[str, str] = {}
        taken = dict(schema)
        for fact in facts:
            column = mapping.columns.get(fact.name, fact.name)
            if fact.kind is not FactKind.MONEY or column not in texts or column in self.columns:
                continue
            says = fact.currency if fact.currency and not fact.currency.isupper() else None
            for name in (f"{fact.name}{CURRENCY}", says):
                named = None if name is None else mapping.columns.get(name, name)
                if named is not None and named in schema:
                    if is_text(schema[named]):
                        self._said.setdefault(column, named)
                    break
            own = f"{fact.name}{CURRENCY}"
            self.columns[column] = new_name(taken, "currency") if own in taken else own
            taken[self.columns[column]] = nw.String()
            self._facts[column] = fact

    def told(self, found: Numbered, problems: list[Problem]) -> Frame:
        """The frame with the currencies that its amounts are in, where it is worth a word.

        What contradicts a column of currencies is added to the problems.
        """
        frame = found.frame
        if found.problems or not self.columns:
            return frame
        codes: dict[str, dict[str, str]] = {}
        is_plain = not self._said
        for column in self.columns:
            plain = self._plain(column)
            likely = plain, self._mapping.currency or plain, self._playbook.currency
            labels = found.currencies.get(column, ())
            told = self._mapping.values.get(self._own(column), {})
            codes[column] = {
                it: it if it in tuple(told) else currency_meant(it, *likely) for it in labels
            }
            is_plain = is_plain and {plain}.issuperset(codes[column].values())
        for column, meant in codes.items():
            if meant and not is_plain:
                frame = self._taken(frame, column, meant, problems)
        left = schema_of(frame)
        kept = {
            self._own(column)
            for column, meant in codes.items()
            if meant and not is_plain and column not in self._said
        }
        unread = [it for it in self.columns.values() if it in left and it not in kept]
        return frame.drop(*unread) if unread else frame

    def _own(self, column: str) -> str:
        """The fact that says what its amounts are in."""
        return f"{self._facts[column].name}{CURRENCY}"

    def _plain(self, column: str) -> str:
        """What its amounts count as where nothing is said of them."""
        said = self._facts[column].currency
        if said is not None and said.isupper():
            return said
        return self._mapping.currency or self._playbook.currency

    def _taken(
        self, frame: Frame, column: str, meant: Mapping[str, str], problems: list[Problem]
    ) -> Frame:
        name, said, codes = self.columns[column], self._said.get(column), {*meant.values()}
        named = nw.col(name)
        for label, code in meant.items():
            if label != code:
                named = nw.when(nw.col(name) == nw.lit(label)).then(nw.lit(code)).otherwise(named)
        if len(codes) == 1:  # then what names none is in it, too
            named = nw.when(~here(frame, column).is_null()).then(nw.lit(codes.pop()))
        frame = frame.with_columns(named.alias(name))
        if said is None:
            return frame
        return joined(frame, column, nw.col(name), said, problems)
