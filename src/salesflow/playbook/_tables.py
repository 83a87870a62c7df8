"""Lists and tables of values; see `_shape`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from salesflow.errors import closest
from salesflow.playbook._shape import Choice, Json, Key, Log, Number, Shape

_SWITCH: Final = ("off", "on")
_MAX_RENAMED: Final = 500
_MAX_NAME: Final = 121


class List(Shape):
    """A bounded list; canonical form is a tuple."""

    __slots__ = ("_item", "_least", "_most", "prose")

    def __init__(self, item: Shape, most: int = 100, *, least: int = 0) -> None:
        self._item = item
        self._most = most
        self._least = least
        self.prose = item.prose

    def read(self, value: object, path: str, log: Log) -> object:
        if not isinstance(value, list):
            return log.wrong_type(path, "a list", value)
        if len(value) > self._most:
            log.add(path, f"{len(value):,} entries, more than {self._most}", "", "too_many")
            # The rest would only cost time; what depends on it is not reported either.
            value = value[: self._most]
        if len(value) < self._least:
            log.add(path, "the list is empty", f"give at least {self._least}", "empty")
        read = self._item.read
        items = [read(item, f"{path}[{i}]", log) for i, item in enumerate(value)]
        return tuple(items)

    def write(self, value: object, *, behaviour: bool) -> Json:
        if not isinstance(value, tuple):
            return []
        return [self._item.write(item, behaviour=behaviour) for item in value]

    def schema(self) -> dict[str, Json]:
        schema: dict[str, Json] = {
            "type": "array",
            "items": self._item.schema(),
            "maxItems": self._most,
        }
        return {**schema, "minItems": self._least} if self._least else schema


class Field:
    """One key of a table."""

    __slots__ = ("default", "note", "prose", "required", "shape")

    def __init__(
        self,
        shape: Shape,
        note: str = "",
        *,
        required: bool = False,
        default: object = None,
        prose: bool | None = None,
    ) -> None:
        self.shape = shape
        self.note = note
        self.required = required
        self.default = () if default is None and isinstance(shape, List) else default
        self.prose = shape.prose if prose is None else prose


class Table(Shape):
    """A table of known keys; canonical form is a dict in which every key is present."""

    __slots__ = ("_defaults", "_fields", "_required", "_title")

    def __init__(self, title: str, fields: Mapping[str, Field]) -> None:
        self._title = title
        self._fields = dict(fields)
        self._required = tuple(name for name, field in fields.items() if field.required)
        self._defaults = {name: field.default for name, field in fields.items()}

    def read(self, value: object, path: str, log: Log) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, f"a table ({self._title})", value)
        fields = self._fields
        table = self._defaults.copy()
        prefix = f"{path}." if path else ""
        for name, given in value.items():
            field = fields.get(name)
            if field is None:
                self._unknown(name, prefix, log)
                continue
            found = field.shape.read(given, prefix + name, log)
            if found is not None:
                table[name] = found
        for name in self._required:
            if name not in value:
                log.add(prefix + name, f"{self._title} needs it and it is missing", code="missing")
        return table

    def _unknown(self, name: str, prefix: str, log: Log) -> None:
        near = closest(name, self._fields)
        known = ", ".join(self._fields)
        hint = f'did you mean "{near}"?' if near else f"known: {known}"
        log.add(f"{prefix}{name[:80]}", f"{self._title} has no such key", hint, "unknown_key")

    def write(self, value: object, *, behaviour: bool) -> Json:
        table: dict[str, Json] = {}
        if isinstance(value, dict):
            for name, field in self._fields.items():
                given = value[name]
                is_default = given == field.default and not field.required
                if is_default or given is None or (behaviour and field.prose):
                    continue
                written = field.shape.write(given, behaviour=behaviour)
                if written or not isinstance(field.shape, Table):
                    table[name] = written
        return table

    def schema(self) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        for name, field in self._fields.items():
            described = field.shape.schema()
            if field.note:
                described = {**described, "description": field.note}
            properties[name] = described
        schema: dict[str, Json] = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        return {**schema, "required": list(self._required)} if self._required else schema


class Permit(Shape):
    """Who may do something: "off", "on", or a list of roles; canonical form is as given."""

    __slots__ = ("_roles",)

    def __init__(self) -> None:
        self._roles = List(Key(), 50, least=1)

    def read(self, value: object, path: str, log: Log) -> object:
        if isinstance(value, list):
            return self._roles.read(value, path, log)
        if isinstance(value, str):
            if value in _SWITCH:
                return value
            hint = f'roles are a list: ["{value[:60]}"]'
            return log.add(path, 'this is neither "off" nor "on"', hint, "choice")
        return log.wrong_type(path, '"off", "on" or a list of roles', value)

    def write(self, value: object, *, behaviour: bool) -> Json:
        if isinstance(value, tuple):
            return self._roles.write(value, behaviour=behaviour)
        return str(value)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [{"enum": list(_SWITCH)}, self._roles.schema()]}


class Quorum(Shape):
    """How many of several roles: "all", "any" or a number."""

    __slots__ = ("_count", "_word")

    def __init__(self) -> None:
        self._word = Choice("all", "any")
        self._count = Number(1, 50, whole=True)

    def read(self, value: object, path: str, log: Log) -> object:
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

    def __init__(self, what: str, pattern: str) -> None:
        self._what = what
        self._pattern = re.compile(pattern)

    def read(self, value: object, path: str, log: Log) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, "a table of old and new names", value)
        if len(value) > _MAX_RENAMED:
            return log.add(path, f"more than {_MAX_RENAMED} names", "", "too_many")
        pairs: list[tuple[str, str]] = []
        for old, new in value.items():
            at = f"{path}.{old[:80]}"
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
