"""What every command carries."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from salesflow.domain._base.record import Count, Label, Note, Record
from salesflow.domain._base.times import Instant

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class Command(Record):
    """What every command carries.

    Attributes:
        kind: The name of its class, which says what JSON of it is.
        by: The person who gives it. Not authenticated; recorded as claimed.
        role: The role they act in; None stands for every role that they have in the deal's team
            (the owner also has the playbook's `owner_role`).
        command_id: Chosen by the host. The same id with the same content is decided only once.
        expected_version: Refuse with VersionConflict when the deal has moved on meanwhile.
        occurred_at: When it happened, if that was earlier than when it is recorded.
        note: In a few words why, or anything else that is worth keeping; it is kept with the
            events. Some policies and reasons ask for it.
    """

    kind: str

    by: Label
    role: Label | None = None
    command_id: Label | None = None
    expected_version: Count | None = None
    occurred_at: Instant | None = None
    note: Note | None = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # A command that is made of its class may leave its kind out; one that travels may not.
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        found = handler.resolve_ref_schema(schema)
        found["required"] = ["kind", *(name for name in found["required"] if name != "kind")]
        return schema

    @property
    def digest(self) -> str:
        """A digest of the content, by which a repeated command is known from a changed one.

        A retry that expects another version of the deal asks for the same thing. What is left at
        its default does not count, so that a command keeps its digest when it gets new fields.
        """
        apart = {"command_id", "kind", "expected_version"}
        fields = self.model_dump(mode="json", exclude=apart, exclude_defaults=True)
        content = f"{self.kind}{json.dumps(fields, sort_keys=True)}"
        return hashlib.sha256(content.encode()).hexdigest()[:32]
