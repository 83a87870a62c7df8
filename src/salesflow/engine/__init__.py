"""The stage engine: commands in, decisions and events out."""

from salesflow.engine import events
from salesflow.engine._any_command import AnyCommand, read_command
from salesflow.engine._available import AvailableCommand
from salesflow.engine._facts.fact_plan import facts_of
from salesflow.engine._histories import FieldChange, StageStep, field_history, stage_history
from salesflow.engine._jsonl import read_events, write_events
from salesflow.engine.commands import (
    Adopt,
    Advance,
    Amend,
    Answer,
    Attest,
    Command,
    Complete,
    Delegate,
    Disqualify,
    Hold,
    Judge,
    Lose,
    Migrate,
    MoveTo,
    MoveTrack,
    Reopen,
    Request,
    Resume,
    Retract,
    Start,
    Waive,
    Win,
    Withdraw,
)
from salesflow.engine.decision import Decision, MoveBlocked
from salesflow.engine.engine import StageEngine
from salesflow.engine.engines import Engines
from salesflow.engine.events import Event
from salesflow.engine.hooks import Annotation, Hook, Proposal, Veto
from salesflow.engine.review import (
    CriterionStatus,
    FormStatus,
    HygieneFinding,
    InstrumentStatus,
    PossibleMove,
    Review,
    StageAge,
    TrackMove,
    TrackStatus,
)
from salesflow.rules import BlockerCode

__all__ = [
    "Adopt",
    "Advance",
    "Amend",
    "Annotation",
    "Answer",
    "AnyCommand",
    "Attest",
    "AvailableCommand",
    "BlockerCode",
    "Command",
    "Complete",
    "CriterionStatus",
    "Decision",
    "Delegate",
    "Disqualify",
    "Engines",
    "Event",
    "FieldChange",
    "FormStatus",
    "Hold",
    "Hook",
    "HygieneFinding",
    "InstrumentStatus",
    "Judge",
    "Lose",
    "Migrate",
    "MoveBlocked",
    "MoveTo",
    "MoveTrack",
    "PossibleMove",
    "Proposal",
    "Reopen",
    "Request",
    "Resume",
    "Retract",
    "Review",
    "StageAge",
    "StageEngine",
    "StageStep",
    "Start",
    "TrackMove",
    "TrackStatus",
    "Veto",
    "Waive",
    "Win",
    "Withdraw",
    "events",
    "facts_of",
    "field_history",
    "read_command",
    "read_events",
    "stage_history",
    "write_events",
]
