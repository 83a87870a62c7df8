"""salesflow: sales processes as values that any program can load, ask, test and run.

Importing this package is cheap: each name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from salesflow import pipeline
    from salesflow.domain import Account, Contact, HostDeal, Opportunity, Progress, TeamMember
    from salesflow.engine import (
        Adopt,
        Advance,
        Amend,
        Answer,
        Attest,
        Command,
        Complete,
        Decision,
        Disqualify,
        Event,
        Hold,
        Judge,
        Lose,
        Migrate,
        MoveTo,
        Reopen,
        Resume,
        Review,
        StageEngine,
        Start,
        Waive,
        Win,
        facts_of,
        read_events,
        write_events,
    )
    from salesflow.errors import SalesflowError
    from salesflow.facts import Fact, FactKind, Facts
    from salesflow.money import Money, Rates
    from salesflow.pipeline import PipelineReport, check_pipeline
    from salesflow.playbook import Playbook
    from salesflow.plugins import PlaybookInfo, available_playbooks, load_playbook
    from salesflow.qualify import Score
    from salesflow.rules import Blocker, Finding, Rule, Verdict
    from salesflow.text import Text

__version__: Final = "0.1.0"

__all__ = [
    "Account",
    "Adopt",
    "Advance",
    "Amend",
    "Answer",
    "Attest",
    "Blocker",
    "Command",
    "Complete",
    "Contact",
    "Decision",
    "Disqualify",
    "Event",
    "Fact",
    "FactKind",
    "Facts",
    "Finding",
    "Hold",
    "HostDeal",
    "Judge",
    "Lose",
    "Migrate",
    "Money",
    "MoveTo",
    "Opportunity",
    "PipelineReport",
    "Playbook",
    "PlaybookInfo",
    "Progress",
    "Rates",
    "Reopen",
    "Resume",
    "Review",
    "Rule",
    "SalesflowError",
    "Score",
    "StageEngine",
    "Start",
    "TeamMember",
    "Text",
    "Verdict",
    "Waive",
    "Win",
    "available_playbooks",
    "check_pipeline",
    "facts_of",
    "load_playbook",
    "pipeline",
    "read_events",
    "write_events",
]

_HOMES: Final[dict[str, str]] = {
    name: module
    for module, names in {
        "domain": ("Account", "Contact", "HostDeal", "Opportunity", "Progress", "TeamMember"),
        "engine": (
            "Adopt",
            "Advance",
            "Amend",
            "Answer",
            "Attest",
            "Command",
            "Complete",
            "Decision",
            "Disqualify",
            "Event",
            "Hold",
            "Judge",
            "Lose",
            "Migrate",
            "MoveTo",
            "Reopen",
            "Resume",
            "Review",
            "StageEngine",
            "Start",
            "Waive",
            "Win",
            "facts_of",
            "read_events",
            "write_events",
        ),
        "errors": ("SalesflowError",),
        "facts": ("Fact", "Facts", "FactKind"),
        "money": ("Money", "Rates"),
        "pipeline": ("PipelineReport", "check_pipeline"),
        "playbook": ("Playbook",),
        "plugins": ("PlaybookInfo", "available_playbooks", "load_playbook"),
        "qualify": ("Score",),
        "rules": ("Blocker", "Finding", "Rule", "Verdict"),
        "text": ("Text",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> object:
    if name == "pipeline":
        return import_module("salesflow.pipeline")
    if name not in _HOMES:
        raise AttributeError(f"module 'salesflow' has no attribute {name!r}")
    value: object = getattr(import_module(f"salesflow.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
