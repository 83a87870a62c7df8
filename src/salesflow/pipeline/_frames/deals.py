"""The caller's frame of deals, opened: what every function needs that takes one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import FrameError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.amounts import check_scale, converted_amounts
from salesflow.pipeline._frames.engines import engine_errors, expr_of, rows_of, whole
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import KeyColumn, StageColumn
from salesflow.pipeline._frames.labels import labels_of, problems_of_labels
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.stages import (
    Places,
    read_labels,
    stage_reader,
    sub_stage_reader,
)
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import CONVERTIBLE, GIVEN, LISTED, hygiene_facts
from salesflow.rules.ast import REACHED
from salesflow.rules.columns import Frame, Rail


def _is_listed(fact: Fact) -> bool:
    """A column may hold what is no value of it: another word, or what is outside its limits."""
    return fact.kind is FactKind.FLAG or bool(fact.choices) or fact.enforced


class Deals:
    """A frame with one row per deal, and what the caller says of it.

    Attributes:
        playbook: The process.
        options: What the caller says.
        facts: The playbook's, those of a pipeline, and those that the caller's rules read.
        columns: Of the frame, with every problem so far.
        key: The column of the key.
        stage: The column of the stage.
        labels: The code of the place for every label.
        converted: The amounts that may be in another currency than the playbook's.
        message: The refusal, where something is wrong.
    """

    def __init__(
        self,
        given: Arguments,
        playbook: Playbook,
        options: FrameOptions,
        *,
        message: str,
        more: Iterable[Fact] = (),
        reserved: Collection[str] = (),
        hidden: Callable[[str], bool] | None = None,
        needs_stage: Callable[[FrameColumns], bool] | None = None,
    ) -> None:
        """Open the frame, which may hold `more` facts than those of the playbook.

        `reserved` are the columns that the result has beside the key; facts that are `hidden` are
        read from no column; `needs_stage` says whether the column of the stage is looked at where
        nobody named it.
        """
        self.playbook, self.options, self.message = playbook, options, message
        self.facts: Facts = hygiene_facts(playbook).extended(more)
        self.columns = FrameColumns(given, self.facts, options, hidden=hidden)
        self.facts = self.columns.facts
        self.columns.readers["sub_stage"] = sub_stage_reader(playbook)
        self.key = KeyColumn(self.columns, options.key, reserved=reserved)
        named = options.names_stage or needs_stage is None or needs_stage(self.columns)
        self.stage = StageColumn(self.columns, options.stage if named else None)
        self.columns.explain_signs(playbook.currency)
        check_scale(self.columns, self.facts, options)
        self.converted = converted_amounts(self.columns, self.facts, options, playbook.currency)
        self.facts = self.facts.extended(
            Fact(f"{name}{end}", FactKind.FLAG)
            for name in self.converted
            for end in (GIVEN, CONVERTIBLE)
        )
        self._places = Places(playbook)
        self.labels, problems = read_labels(self._places, options.stages, stage_reader(playbook))
        self.columns.problems += problems

    def add_listed(self, names: Iterable[str]) -> list[str]:
        """The facts among these that cannot have any value, and that have a column.

        Each gets a fact of its own, which says whether its value is one that it can have.
        """
        listed = [
            name
            for name in names
            if (_is_listed(self.facts[name]) or self.columns.unexplained(name) is not None)
            and self.columns.column_of(name) is not None
            and not name.startswith(REACHED)  # no rule can name what would say so of these
        ]
        self.facts = self.facts.extended(Fact(f"{LISTED}.{name}", FactKind.FLAG) for name in listed)
        return listed

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Whatever an engine raises becomes a FrameError; known problems may be its reason."""
        try:
            with engine_errors(self.columns.whole):
                yield
        except FrameError as error:
            if error.problems or not self.columns.problems:
                raise
            raise self.columns.refusal(self.message) from error

    def refuse_without_columns(self) -> NoReturn:
        """Raise the error for a frame without a usable key or stage: the other one is looked at.

        Raises:
            ArgumentError: Something is wrong with the arguments, too.
            FrameError: `problems` lists everything that is wrong.
        """
        with self.asking():
            if self.key.usable:
                lacking = self.key.is_missing().cast(nw.Int64).sum()
                keys, frame = self.key.expr().n_unique(), self.columns.frame
                row = rows_of(frame.select(rows=nw.len(), keys=keys, keyless=lacking))[0]
                counts = {name: whole(value) for name, value in row.items()}
                self.note_content(frame, counts, unplaced=False)
            if self.stage.usable:
                label = self.stage.label()
                unknown = ~label.is_in(list(self.labels)).fill_null(value=False)
                self._read_stages(self.columns.frame, unknown)
        raise self.columns.refusal(self.message)

    def note_content(self, frame: Frame, counts: Mapping[str, int], unplaced: Rail) -> None:
        """Note what is wrong with keys and labels, where the counts say that something is.

        These are of `rows`, `keys` that are distinct, `keyless` and `unplaced` rows.
        """
        columns, keyless = self.columns, counts["keyless"]
        # A missing key counts as one of the distinct ones.
        if keyless or (counts["keys"] < counts["rows"] and not self.key.may_repeat):
            columns.problems += self.key.problems(frame, missing=keyless)
        if counts.get("unplaced"):
            self._read_stages(frame, unplaced)

    def _read_stages(self, frame: Frame, rows: Rail) -> None:
        """Read the labels of these rows; those that are no clear stage are noted."""
        reader, read = stage_reader(self.playbook), self.columns.labels
        found = labels_of(frame.filter(expr_of(rows)), self.stage.label())
        places = self._places.by_key
        said = {label: key for label, key in self.options.stages.items() if key in tuple(places)}
        left = read.read("stage", found, reader, said)
        # Of a label that the caller took for a stage that is none, that was told already.
        left = {label: number for label, number in left.items() if label not in self.options.stages}
        self.labels |= {label: places[str(key)].code for label, key in read.of("stage").items()}
        self.columns.problems += problems_of_labels(self.stage.name, left, reader)
