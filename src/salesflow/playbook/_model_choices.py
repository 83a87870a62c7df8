"""The words of a choice: each by itself, or as a table with the title that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._shape import Json, Shape, WordsIn, WordsShape
from salesflow.playbook._tables import Field, List, Table
from salesflow.text import Text

_WORD: Final = WordsShape("a word")
_TITLED: Final = Table(
    "a word",
    {
        "key": Field(_WORD, "What rules and answers say.", required=True),
        "title": Field(WordsIn(), required=True),
    },
)


class ChoiceShape(Shape):
    """A word, or a table of a word and its title; the canonical form is the one or the other."""

    __slots__ = ()
    as_is = False
    holds = _TITLED.holds

    @property
    def table(self) -> Table:
        return _TITLED

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, dict):
            return _TITLED.read(value, path, log)
        if isinstance(value, str):
            return _WORD.read(value, path, log)
        return log.wrong_type(path, 'a word, or { key = "…", title = … }', value)

    def leaves(self, value: object, path: str, what: str) -> Iterator[tuple[str, str, object]]:
        yield from _TITLED.leaves(value, path, what)

    def value(self, value: object) -> object:
        return value["key"] if isinstance(value, RawTable) else value

    def write(self, value: object, *, behaviour: bool) -> Json:
        if isinstance(value, RawTable) and not behaviour:
            return _TITLED.write(value, behaviour=behaviour)
        return str(self.value(value))

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [_WORD.schema(), _TITLED.schema()]}


CHOICE: Final = ChoiceShape()


class Choices(List):
    """The words of a choice."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(CHOICE, unique="key")
        # A variant that lists words means these and no others.
        self.named_by = ()

    def schema(self) -> dict[str, Json]:
        return {**super().schema(), "uniqueItems": True}


CHOICES: Final = Choices()


def choices_of(part: RawTable) -> tuple[str, ...]:
    """The words that a fact or a question of a document lists."""
    return tuple(word for word in map(CHOICE.value, _entries(part)) if isinstance(word, str))


def choice_titles_of(part: RawTable) -> Mapping[str, Text]:
    """What people call these words, where a file says it."""
    tables = (entry for entry in _entries(part) if isinstance(entry, RawTable))
    titled = ((entry.name("key"), entry.text("title")) for entry in tables)
    return FrozenDict({word: title for word, title in titled if word and title is not None})


def _entries(part: RawTable) -> tuple[object, ...]:
    listed = part["choices"]
    return listed if isinstance(listed, tuple) else ()
