"""The stage engine: commands in, decisions and events out."""

from salesflow.engine import events
from salesflow.engine._decide import Decision
from salesflow.engine._facts import facts_of
from salesflow.engine._jsonl import read_events, write_events
from salesflow.engine.commands import (
    Adopt,
    Advance,
    Answer,
    Attest,
    Command,
    Complete,
    Judge,
    Lose,
    Start,
    Win,
)
from salesflow.engine.engine import StageEngine
from salesflow.engine.events import Event
from salesflow.engine.review import CriterionStatus, InstrumentStatus, PossibleMove, Review

__all__ = [
    "Adopt",
    "Advance",
    "Answer",
    "Attest",
    "Command",
    "Complete",
    "CriterionStatus",
    "Decision",
    "Event",
    "InstrumentStatus",
    "Judge",
    "Lose",
    "PossibleMove",
    "Review",
    "StageEngine",
    "Start",
    "Win",
    "events",
    "facts_of",
    "read_events",
    "write_events",
]
