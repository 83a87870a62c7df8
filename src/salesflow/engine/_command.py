"""What every command carries, and what an amendment may change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pydantic import NonNegativeInt
from pydantic_core import PydanticCustomError

from salesflow.domain import Opportunity
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Instant
from salesflow.domain.deal.opportunity import AMENDABLE


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
    """

    kind: str

    by: Label
    role: Label | None = None
    command_id: Label | None = None
    expected_version: NonNegativeInt | None = None
    occurred_at: Instant | None = None
    note: Note | None = None

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


def amendable(changes: object) -> object:
    """The changes as JSON, if an Opportunity could have them."""
    if not isinstance(changes, Mapping) or not changes:
        raise PydanticCustomError("changes", "changes are a mapping of fields to new values")
    unknown = sorted(ascii(name) for name in changes if name not in AMENDABLE)
    if unknown:
        raise PydanticCustomError(
            "changes_unknown",
            "{unknown} cannot be amended; what can: {known}",
            {"unknown": ", ".join(unknown), "known": ", ".join(sorted(AMENDABLE))},
        )
    # Problems of single fields come up as this command's own, with their paths.
    deal = Opportunity.model_validate({"id": "-", "name": "-", **changes})
    return deal.model_dump(mode="json", include=set(changes))
