"""What a playbook says of another one that it extends, as a frozen record."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from dataclasses import dataclass, field
from typing import Final

from salesflow.playbook._edits import MAX_EDITS
from salesflow.playbook._model_process import KEY, VERSION
from salesflow.playbook._parts import steps
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._records import RecordShape, in_file
from salesflow.playbook._shape import Json, Shape, WordsShape
from salesflow.playbook._tables import List

_DIGEST: Final = WordsShape("a digest", r"[0-9a-f]{64}", 64)
_PATHS: Final = List(WordsShape("the path of a part"), 5_000)
_FILE: Final = WordsShape('an id, or a file such as "base.toml"')
_EDIT_PATH: Final = r'[a-z][a-z0-9_]*(?:\.(?:[a-z][a-z0-9_]*|"[^"]+"))*'
_ANCHORS: Final = {"before": "right before", "after": "right behind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The playbook that another one extends, and what that one does to it.

    Attributes:
        id: Its id.
        version: Its version.
        digest: Digest of its behaviour.
        content_digest: Digest of everything in it.
        added: The paths of what only the other one has, by keys: `stages.pilot`.
        changed: The paths of what the other one says otherwise: `stages.demo.max_days`.
        removed: The paths of what the other one leaves out.
    """

    id: str = field(metadata=in_file(KEY, "The id of the playbook that was extended."))
    version: str = field(metadata=in_file(VERSION, "Its version."))
    digest: str = field(metadata=in_file(_DIGEST, "Digest of its behaviour."))
    content_digest: str = field(metadata=in_file(_DIGEST, "Digest of everything in it."))
    added: tuple[str, ...] = field(
        default=(), metadata=in_file(_PATHS, "The paths of what only this playbook has.")
    )
    changed: tuple[str, ...] = field(
        default=(), metadata=in_file(_PATHS, "The paths of what this playbook says otherwise.")
    )
    removed: tuple[str, ...] = field(
        default=(), metadata=in_file(_PATHS, "The paths of what this playbook leaves out.")
    )

    def is_own(self, *place: str) -> bool:
        """Whether a part was added, or something that it says itself was changed.

        Args:
            place: The list, or the end of its path, and the key of the part: `"stages", "demo"`.
        """
        paths = map(steps, (*self.added, *self.changed))
        return any(place in (path[-len(place) :], path[-len(place) - 1 : -1]) for path in paths)


EXTENDED: Final = RecordShape("what it extends", Extended, whole=True)


class ExtendsShape(Shape):
    """Whom a playbook extends.

    A file says an id or another file. Of a whole playbook it is a table that says what it was.
    """

    __slots__ = ()
    as_is = False

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, dict):
            return EXTENDED.read(value, path, log)
        return _FILE.read(value, path, log)

    def value(self, value: object) -> object:
        return EXTENDED.value(value)

    def write(self, value: object, *, behaviour: bool) -> Json:
        return EXTENDED.write(value, behaviour=behaviour)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [_FILE.schema(), EXTENDED.schema()]}


EXTENDS: Final = ExtendsShape()


class EditsShape(Shape):
    """What a variant does to parts of the playbook that it extends, by their paths.

    A playbook that is read has none any more: they were done.
    """

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:  # noqa: ARG002 - as its base
        message = "only a playbook that extends another one has something to edit"
        return log.add(path, message, "say which: extends = …", "conflict")

    def schema(self) -> dict[str, Json]:
        forms: list[Json] = [{"enum": ["remove", "replace"]}]
        for anchor in _ANCHORS:
            key: dict[str, Json] = {"type": "string", "minLength": 1}
            said = f"The key of the entry {_ANCHORS[anchor]} which this one stands."
            placed: dict[str, Json] = {anchor: {**key, "description": said}}
            form: dict[str, Json] = {"type": "object", "properties": placed, "required": [anchor]}
            forms.append({**form, "additionalProperties": False})
        return {
            "type": "object",
            "propertyNames": {"type": "string", "pattern": f"^{_EDIT_PATH}$"},
            "additionalProperties": {"anyOf": forms},
            "maxProperties": MAX_EDITS,
        }
