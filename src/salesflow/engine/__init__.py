"""The stage engine: commands in, decisions and events out."""

from salesflow.engine import events
from salesflow.engine._available import AvailableCommand
from salesflow.engine._facts.fact_plan import facts_of
from salesflow.engine._jsonl import read_events, write_events
from salesflow.engine.commands import (
    Adopt,
    Advance,
    Amend,
    Answer,
    Attest,
    Command,
    Complete,
    Disqualify,
    Hold,
    Judge,
    Lose,
    Migrate,
    MoveTo,
    MoveTrack,
    Reopen,
    Resume,
    Start,
    Waive,
    Win,
)
from salesflow.engine.decision import Decision, MoveBlocked
from salesflow.engine.engine import StageEngine
from salesflow.engine.events import Event
from salesflow.engine.hooks import Annotation, Hook, Proposal, Veto
from salesflow.engine.review import (
    CriterionStatus,
    InstrumentStatus,
    PossibleMove,
    Review,
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
    "Attest",
    "AvailableCommand",
    "BlockerCode",
    "Command",
    "Complete",
    "CriterionStatus",
    "Decision",
    "Disqualify",
    "Event",
    "Hold",
    "Hook",
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
    "Resume",
    "Review",
    "StageEngine",
    "Start",
    "TrackMove",
    "TrackStatus",
    "Veto",
    "Waive",
    "Win",
    "events",
    "facts_of",
    "read_events",
    "write_events",
]
