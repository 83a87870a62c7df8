"""Decision tables: the first row that fits what is known of a case gives the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Annotated, Final, Self

from pydantic import Field

from salesflow._arguments import mapping
from salesflow._frozen import Frozen, FrozenDict
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Record
from salesflow.errors import UnknownName
from salesflow.text import Text

# Every case is tried once when a table is made, so that each of them has a result.
_MOST_CASES: Final = 20_000
_GAP: Final = -1

_Choices = Annotated[tuple[Label, ...], Field(min_length=1, max_length=50)]


class TableInput(Record):
    """One thing that a table asks about a case.

    Attributes:
        key: Its name.
        title: Its name for people.
        choices: The answers that it may have.
    """

    key: Label
    title: Text
    choices: _Choices


class DecisionRow(Record):
    """One row: where every named input has one of the given choices, the result holds.

    Attributes:
        when: For each input that matters, the choices that fit; where it is empty the row
            always fits.
        result: The result of the row.
        why: The reason, for people.
    """

    when: Annotated[Mapping[Label, _Choices], Frozen] = Field(default_factory=FrozenDict)
    result: Label
    why: Text


class TableResult(Record):
    """What a table says of a case.

    Attributes:
        result: The result; None while a missing answer can still change it.
        possible: Every result that is still possible, in the order of the rows.
        missing: Keys of the inputs that are not known and could change the result.
        why: The reason of the result; None while the result is open.
    """

    result: Label | None
    possible: tuple[Label, ...]
    missing: tuple[Label, ...] = ()
    why: Text | None = None


class DecisionTable(CheckedRecord):
    """A table of rows, of which the first that fits decides. Every case has a result.

    Where answers are missing, a result is given only when it holds whatever they are.

    Attributes:
        title: The topic of the table.
        inputs: What it asks about a case; they allow at most 20,000 different cases.
        rows: The rows, in order.

    Example:
        >>> table = DecisionTable(
        ...     title=Text(en="Visit first"),
        ...     inputs=(
        ...         TableInput(key="size", title=Text(en="Size"), choices=("big", "small")),
        ...         TableInput(key="near", title=Text(en="Near"), choices=("yes", "no")),
        ...     ),
        ...     rows=(
        ...         DecisionRow(when={"size": ("big",)}, result="visit", why=Text(en="It is big")),
        ...         DecisionRow(when={"near": ("yes",)}, result="visit", why=Text(en="It is near")),
        ...         DecisionRow(result="call", why=Text(en="Small and far")),
        ...     ),
        ... )
        >>> table.decide({"size": "big", "near": None}).result
        'visit'
        >>> open_case = table.decide({"size": "small"})
        >>> open_case.result, open_case.possible, open_case.missing
        (None, ('visit', 'call'), ('near',))
    """

    title: Text
    inputs: Annotated[
        tuple[TableInput, ...],
        Field(min_length=1, max_length=20),
        Unique("key", "input_twice", "this input is there already"),
    ]
    rows: Annotated[tuple[DecisionRow, ...], Field(min_length=1, max_length=200)]

    @classmethod
    def of(
        cls,
        title: Text,
        questions: Mapping[str, Text],
        choices: Iterable[str],
        rows: Iterable[DecisionRow],
    ) -> Self:
        """A table whose inputs all have the same choices; `questions` are their titles by key.

        Raises:
            ValidationError: The table has gaps, or rows that never decide.
        """
        listed = tuple(choices)
        inputs = [{"key": key, "title": text, "choices": listed} for key, text in questions.items()]
        return cls.model_validate({"title": title, "inputs": inputs, "rows": tuple(rows)})

    def _check(self, problems: Problems) -> None:
        known = {item.key: set(item.choices) for item in self.inputs}
        for number, row in enumerate(self.rows):
            for key, choices in row.when.items():
                path = ("rows", number, "when", key)
                if key not in known:
                    problems.add(path, "input_unknown", "the table has no such input")
                elif strange := sorted(set(choices) - known[key]):
                    problems.add(
                        path,
                        "choice_unknown",
                        "{choice} is not an answer to it; it has {known}",
                        choice=strange[0],
                        known=", ".join(sorted(known[key])),
                    )
        cases = prod(len(set(item.choices)) for item in self.inputs)
        if cases > _MOST_CASES:
            problems.add(("inputs",), "table_big", "{n} cases are too many", n=cases)
        problems.refuse(self)  # cases are tried only where all inputs and answers are known
        self._check_cases(problems)

    def _check_cases(self, problems: Problems) -> None:
        first = dict[int, dict[str, str]]()  # the first case of each row
        for case in self._cases({}):
            first.setdefault(self._row_of(case), case)
        if _GAP in first:
            described = ", ".join(f"{key} {value}" for key, value in first[_GAP].items())
            problems.add(
                ("rows",), "case_open", "no row decides {case}; add a last row", case=described
            )
        for number in range(len(self.rows)):
            if number not in first:
                problems.add(
                    ("rows", number), "row_unused", "rows before it decide all its cases already"
                )

    def decide(self, known: Mapping[str, str | None]) -> TableResult:
        """What the table says of a case; an input that is absent or None is not known.

        Raises:
            ArgumentError: `known` is not a mapping.
            UnknownName: The table does not have an input, or an answer to one.
        """
        known = mapping(known, "known")
        choices = {item.key: item.choices for item in self.inputs}
        for key, value in known.items():
            if key not in choices:
                raise UnknownName("input", key, choices)
            if value is not None and value not in choices[key]:
                raise UnknownName(f"answer to {key}", value, choices[key])
        found = {self._row_of(case) for case in self._cases(known)}
        results = {self.rows[number].result for number in found}
        if len(results) > 1:
            listed = dict.fromkeys(row.result for row in self.rows if row.result in results)
            missing = tuple(self._missing(known))
            return TableResult(result=None, possible=tuple(listed), missing=missing)
        # Where several rows agree, the first one's reason is as good as the others'.
        row = self.rows[min(found)]
        return TableResult(result=row.result, possible=(row.result,), why=row.why)

    def _missing(self, known: Mapping[str, str | None]) -> Iterator[str]:
        # An input matters where some answers to all the others leave the result to it.
        for item in self.inputs:
            if known.get(item.key) is not None:
                continue
            others = tuple(other for other in self.inputs if other.key != item.key)
            for case in self._cases(known, others):
                rows = {self._row_of({**case, item.key: answer}) for answer in item.choices}
                results = {self.rows[number].result for number in rows}
                if len(results) > 1:
                    yield item.key
                    break

    def _cases(
        self, known: Mapping[str, str | None], inputs: tuple[TableInput, ...] | None = None
    ) -> Iterator[dict[str, str]]:
        """Every case that fits what is known, over all inputs or over some of them."""
        free = self.inputs if inputs is None else inputs
        answers = [
            item.choices if (answer := known.get(item.key)) is None else (answer,) for item in free
        ]
        for case in product(*answers):
            yield dict(zip((item.key for item in free), case, strict=True))

    def _row_of(self, case: Mapping[str, str]) -> int:
        """The first row that fits a case; _GAP where no row does."""
        for number, row in enumerate(self.rows):
            if all(case[key] in choices for key, choices in row.when.items()):
                return number
        return _GAP
