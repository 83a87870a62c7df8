"""Lists and tables of values; see `_shape`."""

from __future__ import annotations

from collections.abc import Mapping

from salesflow.errors import closest
from salesflow.playbook._shape import Json, Log, Shape

__all__ = ["Field", "List", "Table"]


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
