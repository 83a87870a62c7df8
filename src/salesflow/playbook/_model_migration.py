"""How deals come from earlier versions and from other playbooks, as a frozen record."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from salesflow.playbook._model_process import KEY, VERSION
from salesflow.playbook._records import RecordShape, in_file
from salesflow.playbook._tables import KeyMap

_NEW_KEYS: Final = KeyMap("a key", r"[a-z][a-z0-9_]*")
_NEW_QUESTIONS: Final = KeyMap(
    'a question such as "tas.access"', r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"
)


_NEW_STATES: Final = KeyMap(
    'a track or a state such as "legal.signed"', r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How a deal of an earlier version, or of another playbook, goes on in this one.

    What is not named keeps its key; of another playbook it is left behind.

    Attributes:
        from_version: The version that the deal comes from.
        playbook: The id of the other playbook that it comes from; None: an earlier version of this.
        stages: Old key to new, of stages and sub-stages.
        criteria: Old key to new, of criteria and instruments.
        questions: Old to new, each `<checklist>.<question>`.
        tracks: Old to new, tracks as `<track>` and their states as `<track>.<state>`.
    """

    from_version: str = field(
        metadata=in_file(VERSION, "The version that the deal comes from.", name="from")
    )
    playbook: str | None = field(
        default=None,
        metadata=in_file(KEY, "The id of the other playbook that the deal comes from."),
    )
    stages: Mapping[str, str] = field(
        metadata=in_file(_NEW_KEYS, "Old key to new, sub-stages too.", default=())
    )
    criteria: Mapping[str, str] = field(
        metadata=in_file(_NEW_KEYS, "Old key to new, instruments too.", default=())
    )
    questions: Mapping[str, str] = field(
        metadata=in_file(_NEW_QUESTIONS, "Old checklist.question to new.", default=())
    )
    tracks: Mapping[str, str] = field(
        metadata=in_file(_NEW_STATES, "Old track or track.state to new.", default=())
    )


MIGRATION: Final = RecordShape("a migration", Migration)
