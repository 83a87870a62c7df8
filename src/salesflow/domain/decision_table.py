"""Decision tables: the first row that fits what is known of a case gives the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        cases = prod(len(_answers(item)) for item in self.inputs)
        if cases > _MOST_CASES:
            problems.add(("inputs",), "table_big", "{n} cases are too many", n=cases)
        problems.refuse(self)  # cases are tried only where all inputs and answers are known
        self._check_cases(problems)

    def _check_cases(self, problems: Problems) -> None:
        rows = self._rows_of({})
        if _GAP in rows:
            case = self._case(rows.index(_GAP))
            described = ", ".join(f"{key} {value}" for key, value in case.items())
            problems.add(
                ("rows",), "case_open", "no row decides {case}; add a last row", case=described
            )
        deciding = set(rows)
        for number in range(len(self.rows)):
            if number not in deciding:
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
        rows = self._rows_of(known)
        found = set(rows)
        results = {self.rows[number].result for number in found}
        if len(results) > 1:
            listed = dict.fromkeys(row.result for row in self.rows if row.result in results)
            missing = tuple(self._missing(known, rows))
            return TableResult(result=None, possible=tuple(listed), missing=missing)
        # Where several rows agree, the first one's reason is as good as the others'.
        row = self.rows[min(found)]
        return TableResult(result=row.result, possible=(row.result,), why=row.why)

    def _missing(self, known: Mapping[str, str | None], rows: Sequence[int]) -> Iterator[str]:
        """The inputs that matter: some answers to all the others leave the result to them."""
        results = [self.rows[number].result for number in rows]
        width = len(results)
        for item in self.inputs:
            if known.get(item.key) is not None:
                continue
            # The cases stand in blocks, one for each combination of the inputs before this one; in
            # a block they stand in as many runs as this one has answers.
            block, width = width, width // len(_answers(item))
            if any(
                results[at : at + width] != results[at + width : at + 2 * width]
                for start in range(0, len(results), block)
                for at in range(start, start + block - width, width)
            ):
                yield item.key

    def _rows_of(self, known: Mapping[str, str | None]) -> list[int]:
        """The first row that fits, for every case that fits what is known; _GAP where none does.

        The last input changes fastest.
        """
        # The rows that can still fit are the bits of a number: each input is asked once for each
        # case, however many rows there are.
        fitting = [(1 << len(self.rows)) - 1]
        for item in self.inputs:
            answer = known.get(item.key)
            answers = _answers(item) if answer is None else (answer,)
            masks = [self._fitting(item.key, choice) for choice in answers]
            fitting = [rows & mask for rows in fitting for mask in masks]
        return [(rows & -rows).bit_length() + _GAP for rows in fitting]

    def _fitting(self, key: str, choice: str) -> int:
        """The rows that fit an answer, as bits."""
        return sum(
            1 << number
            for number, row in enumerate(self.rows)
            if choice in row.when.get(key, (choice,))
        )

    def _case(self, number: int) -> dict[str, str]:
        """The answers of a case, by its number."""
        case = dict[str, str]()
        for item in reversed(self.inputs):
            answers = _answers(item)
            number, at = divmod(number, len(answers))
            case[item.key] = answers[at]
        return dict(reversed(case.items()))


def _answers(item: TableInput) -> tuple[str, ...]:
    """The different answers to an input: a choice may be listed twice."""
    return tuple(dict.fromkeys(item.choices))
