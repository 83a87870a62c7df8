"""What somebody says that a deal counts as in the forecast, whatever its stage."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Instant
from salesflow.facts import ForecastCategory


class ForecastCall(Record):
    """The latest call of the owner, or of a manager. It stands until another one, or the end.

    Attributes:
        caller: The deal's `"owner"`, or their substitute; or a `"manager"`, which is anybody else
            whom the playbook's policy lets call.
        category: What they say that the deal counts as.
        reason: Why.
        by: The person who called.
        role: The role that they claimed.
        at: When they did so.
        stage: Key of the stage where the deal stood then.
    """

    caller: Literal["owner", "manager"]
    category: ForecastCategory
    reason: Note
    by: Label
    role: Label | None = None
    at: Instant
    stage: Label
