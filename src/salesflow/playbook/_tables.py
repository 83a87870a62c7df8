"""Lists and tables of values; see `_shape`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.facts import Facts
from salesflow.playbook._key_words import USUAL_MEANING, is_word_for_others, meant_by
from salesflow.playbook._parts import NAMING, RawTable, step
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._shape import Choice, Json, NumberShape, Shape

_MAX_RENAMED: Final = 500
_MAX_NAME: Final = 121


class List(Shape):
    """A bounded list; canonical form is a tuple."""

    __slots__ = ("_least", "_most", "_unique", "as_is", "holds", "item", "named_by", "prose")

    def __init__(
        self,
        item: Shape,
        most: int = 100,
        *,
        least: int = 0,
        unique: str | None = None,
        named_by: tuple[str, ...] = (),
    ) -> None:
        """A list; `unique` names the key whose values differ, "" where whole entries do.

        `named_by` are the keys that tell its tables apart, where that is neither `unique` nor
        their `key`.
        """
        self.item = item
        self._most = most
        self._least = least
        self._unique = unique
        usual = unique or ("key" if isinstance(item, Table) and "key" in item.fields else "")
        self.named_by = named_by or ((usual,) if usual else ())
        self.prose = item.prose
        self.holds = item.holds
        self.as_is = item.as_is

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, list):
            log.hide(path)
            return log.wrong_type(path, "a list", value)
        if len(value) > self._most:
            log.hide(path)
            log.add(path, f"{len(value):,} entries, more than {self._most}", "", "too_many")
            # The rest would only cost time; what depends on it is not reported either.
            value = value[: self._most]
        if len(value) < self._least:
            log.add(path, "the list is empty", f"give at least {self._least}", "empty")
        read, steps = self.item.read, self._steps(value)
        items = tuple([read(item, path + steps[i], log) for i, item in enumerate(value)])
        if self.table is not None and None in items:
            # A table knows its path, so its place in the list is not needed.
            log.hide(path)
            items = tuple(item for item in items if item is not None)
        if self._unique is not None and len(items) > 1:
            self._check_unique(items, path, log)
        return items

    @property
    def table(self) -> Table | None:
        return self.item.table

    def _steps(self, value: list[object]) -> list[str]:
        """The step of a path to each entry: its key, or its number where it has none of its own."""
        numbers = [f"[{i}]" for i in range(len(value))]
        naming = "" if self.table is None else self.table.naming
        if not naming:
            return numbers
        names = [item.get(naming) if isinstance(item, dict) else None for item in value]
        counts = Counter(name for name in names if isinstance(name, str))
        return [
            f".{step(name)}" if isinstance(name, str) and name and counts[name] == 1 else number
            for name, number in zip(names, numbers, strict=True)
        ]

    def _check_unique(self, items: tuple[object, ...], path: str, log: ProblemLog) -> None:
        seen: dict[object, str] = {}
        for i, item in enumerate(items):
            if isinstance(item, RawTable) and self._unique:
                name, at = item[self._unique], item.at(self._unique)
            else:
                name, at = item, f"{path}[{i}]"
            if name is None:
                continue
            if name not in seen:
                seen[name] = at
            elif (
                isinstance(item, RawTable)
                and self.table is not None
                and self.table.is_named_by(self._unique or "")
            ):
                log.taken(at, self.table.noun, str(name), seen[name])
            else:
                log.add(at, f'"{str(name)[:60]}" is listed twice', "keep one", "duplicate")

    def name_of(self, entry: object) -> str | None:
        """What tells an entry of a file from the others, whatever its place; None where nothing.

        Of several keys that name it a text counts, and a flag where it is set: `a->b->new_deal`.
        """
        if not isinstance(entry, dict):
            return None
        given = [(key, entry.get(key)) for key in self.named_by]
        said = [key if value is True else value for key, value in given]
        return "->".join(part for part in said if isinstance(part, str)) or None

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> object:
        if not isinstance(value, tuple):
            return value
        parsed = self.item.with_rules
        return tuple(
            item and parsed(item, f"{path}[{i}]", facts, log) for i, item in enumerate(value)
        )

    def leaves(self, value: object, path: str, what: str) -> Iterator[tuple[str, str, object]]:
        if what in self.holds and isinstance(value, tuple):
            for i, item in enumerate(value):
                if item is not None:
                    yield from self.item.leaves(item, f"{path}[{i}]", what)

    def value(self, value: object) -> object:
        return tuple(map(self.item.value, value)) if isinstance(value, tuple) else ()

    def write(self, value: object, *, behaviour: bool) -> Json:
        if not isinstance(value, tuple):
            return []
        return [self.item.write(item, behaviour=behaviour) for item in value]

    def schema(self) -> dict[str, Json]:
        schema: dict[str, Json] = {
            "type": "array",
            "items": self.item.schema(),
            "maxItems": self._most,
        }
        if self._unique == "":
            schema["uniqueItems"] = True
        return {**schema, "minItems": self._least} if self._least else schema


class Field:
    """One key of a table.

    Attributes:
        shape: What its value may be.
        note: What it means, for the JSON Schema.
        default: Its canonical form where a file does not give it.
        prose: Read by people only: no part of the behaviour.
        attribute: The attribute of the record that it becomes, where the file calls it otherwise.
    """

    __slots__ = ("attribute", "default", "note", "prose", "required", "shape")

    def __init__(
        self,
        shape: Shape,
        note: str = "",
        *,
        required: bool = False,
        default: object = None,
        prose: bool | None = None,
        attribute: str = "",
    ) -> None:
        self.shape = shape
        self.note = note
        self.required = required
        self.default = () if default is None and isinstance(shape, List) else default
        self.prose = shape.prose if prose is None else prose
        self.attribute = attribute


class Table(Shape):
    """A table of known keys; canonical form is a RawTable, in which every key is present."""

    __slots__ = (
        "_defaults",
        "_having",
        "_one_of",
        "_required",
        "fields",
        "holds",
        "title",
        "whole",
    )

    def __init__(
        self,
        title: str,
        fields: Mapping[str, Field],
        *,
        one_of: Sequence[Json] = (),
        whole: bool = False,
    ) -> None:
        """A table of these `fields`; `one_of` tells editors what excludes each other.

        `whole`: its keys together are one value, such as a span of time.
        """
        self.title = title
        self.whole = whole
        self._one_of = tuple(one_of)
        self.fields = dict(fields)
        self._required = tuple(name for name, field in fields.items() if field.required)
        self._defaults = {name: field.default for name, field in fields.items()}
        self.holds = frozenset[str]().union(*(field.shape.holds for field in fields.values()))
        self._having = {
            what: [(name, key.shape) for name, key in fields.items() if what in key.shape.holds]
            for what in self.holds
        }

    def read(self, value: object, path: str, log: ProblemLog) -> RawTable | None:
        if not isinstance(value, dict):
            log.wrong_type(path, f"a table ({self.title})", value)
            return None
        fields = self.fields
        table = self._defaults.copy()
        prefix = f"{path}." if path else ""
        meant: set[str] = set()
        for name, given in value.items():
            field = fields.get(name)
            if field is None:
                meant |= self._unknown(name, prefix, value, log)
                continue
            found = field.shape.read(given, prefix + name, log)
            if found is not None:
                table[name] = found
        for name in self._required:
            if name not in value and name not in meant:
                log.add(prefix + name, f"{self.title} needs it and it is missing", code="missing")
        if self.naming and table[self.naming] is None:
            log.hide(re.sub(r"\[[0-9]+\]$", "", path))
        return RawTable(table, path)

    def filled(self, path: str, **values: object) -> RawTable:
        """A table that stands in no file: of its keys these have values, in canonical form."""
        return RawTable({**self._defaults, **values}, path)

    def is_named_by(self, key: str) -> bool:
        """Whether that key names the tables, and does not refer to something else."""
        return "reference" not in self.fields[key].shape.holds

    @property
    def table(self) -> Table | None:
        return self

    @property
    def tables_in(self) -> dict[str, tuple[Table, bool]]:
        """Of its keys those of tables, each with the table, and whether it is a list of such."""
        return {
            name: (table, isinstance(field.shape, List))
            for name, field in self.fields.items()
            if (table := field.shape.table) is not None
        }

    @property
    def naming(self) -> str:
        """The key that says what such a table is called; empty where none does."""
        return next((key for key in NAMING if key in self.fields and self.is_named_by(key)), "")

    @property
    def noun(self) -> str:
        """Its title without the article."""
        return self.title.partition(" ")[2]

    def _unknown(
        self, name: str, prefix: str, given: Mapping[str, object], log: ProblemLog
    ) -> set[str]:
        """Note a key that does not exist; the key that was meant, where that can be said."""
        near = meant_by(name, self.fields, given)
        if near is None and not is_word_for_others(name):
            near = log.suggestions.closest(name, self.fields)
        known = ", ".join(self.fields)
        hint = f'did you mean "{near}"?' if near else f"known: {known}"
        log.add(f"{prefix}{step(name)}", f"{self.title} has no such key", hint, "unknown_key")
        if not near or near in given:
            return set()
        log.pass_over(prefix + near)
        log.hide(prefix + near)
        return {near}

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> RawTable:
        if not isinstance(value, RawTable):
            return RawTable(self._defaults, path)
        if "rule" not in self.holds:
            return value
        parsed = {
            name: shape.with_rules(given, value.at(name), facts, log)
            for name, shape in self._having["rule"]
            if (given := value[name]) is not None and given != ()
        }
        return RawTable({**value, **parsed}, value.path) if parsed else value

    def leaves(self, value: object, path: str, what: str) -> Iterator[tuple[str, str, object]]:  # noqa: ARG002 - a table knows its path
        if isinstance(value, RawTable):
            for name, shape in self._having.get(what, ()):
                if value[name] is not None:
                    yield from shape.leaves(value[name], value.at(name), what)

    def write(self, value: object, *, behaviour: bool) -> dict[str, Json]:
        table: dict[str, Json] = {}
        if isinstance(value, RawTable):
            for name, field in self.fields.items():
                given = value[name]
                is_default = given == field.default and not field.required
                if is_default or given is None or (behaviour and field.prose):
                    continue
                written = field.shape.write(given, behaviour=behaviour)
                says_nothing = isinstance(field.shape, Table) or (
                    behaviour and field.shape.nothing_where_empty
                )
                if written or not says_nothing:
                    table[name] = written
        return table

    def schema(self) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        for name, field in self.fields.items():
            note = field.note or USUAL_MEANING.get(name, "")
            properties[name] = {**field.shape.schema(), **({"description": note} if note else {})}
        schema: dict[str, Json] = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        if self._required:
            schema["required"] = list(self._required)
        return {**schema, "oneOf": [*self._one_of]} if self._one_of else schema


class Quorum(Shape):
    """How many of several roles: "all", "any" or a number."""

    __slots__ = ("_count", "_word")

    def __init__(self) -> None:
        self._word = Choice("all", "any")
        self._count = NumberShape(1, 50, whole=True)

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, str):
            return self._word.read(value, path, log)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return log.wrong_type(path, '"all", "any" or a number', value)
        return self._count.read(value, path, log)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [self._word.schema(), self._count.schema()]}


class KeyMap(Shape):
    """Old names and their new ones; canonical form is sorted pairs."""

    __slots__ = ("_pattern", "_what")
    as_is = False

    def __init__(self, what: str, pattern: str) -> None:
        self._what = what
        self._pattern = re.compile(pattern)

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, "a table of old and new names", value)
        if len(value) > _MAX_RENAMED:
            return log.add(path, f"more than {_MAX_RENAMED} names", "", "too_many")
        pairs: list[tuple[str, str]] = []
        for old, new in value.items():
            at = f"{path}.{step(old)}"
            if isinstance(new, dict):
                hint = 'a name with a dot is written in quotes: "old.name" = "new.name"'
                log.add(at, f"this must be {self._what}, not a table", hint, "type")
            elif not isinstance(new, str):
                log.wrong_type(at, self._what, new)
            elif not self._is_name(old) or not self._is_name(new):
                wrong = new if self._is_name(old) else old
                log.add(at, f'"{wrong[:40]}" is not {self._what}', code="key")
            else:
                pairs.append((old, new))
        return tuple(sorted(pairs))

    def _is_name(self, name: str) -> bool:
        return len(name) <= _MAX_NAME and self._pattern.fullmatch(name) is not None

    def value(self, value: object) -> object:
        return FrozenDict(dict(value) if isinstance(value, tuple) else {})

    def write(self, value: object, *, behaviour: bool) -> Json:  # noqa: ARG002 - as its base
        return dict(value) if isinstance(value, tuple) else {}

    def schema(self) -> dict[str, Json]:
        name: dict[str, Json] = {
            "type": "string",
            "pattern": f"^{self._pattern.pattern}$",
            "maxLength": _MAX_NAME,
        }
        return {
            "type": "object",
            "propertyNames": dict(name),
            "additionalProperties": name,
            "maxProperties": _MAX_RENAMED,
        }
