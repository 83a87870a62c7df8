"""salesflow: sales processes as values that any program can load, ask, test and run.

Importing this package is cheap: each name is imported when it is first used. What type checkers
and editors see of it stands in `__init__.pyi`; a test holds the two together.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Final

__version__: Final = "0.1.0"

_PACKAGES: Final = (
    "documents",
    "domain",
    "engine",
    "errors",
    "facts",
    "fitting",
    "money",
    "pipeline",
    "playbook",
    "plots",
    "plugins",
    "qualify",
    "records",
    "rules",
    "schedule",
    "text",
)
_HOMES: Final = {
    **{package: package for package in _PACKAGES},
    **{
        name: home
        for home, names in {
            "domain": "Account Contact HostDeal NewOpportunity Opportunity Progress TeamMember",
            "engine": (
                "Adopt Advance Amend Annotation Answer AnyCommand Attest CallForecast Command "
                "Complete Decision Delegate Disqualify Engines Event Hold Judge Lose Migrate "
                "MoveTo MoveTrack Reopen Request Resume Retract Review StageEngine Start Veto "
                "Waive Win Withdraw facts_of field_history read_command read_events "
                "stage_history write_events"
            ),
            "errors": "SalesflowError",
            "facts": "Fact FactKind Facts",
            "fitting": "PlaybookFit fitting_playbooks fitting_questions",
            "money": "Money Rates",
            "pipeline": "PipelineReport check_pipeline",
            "playbook": "Playbook",
            "plugins": "PlaybookInfo available_playbooks load_playbook",
            "qualify": "Score",
            "records": "AnyRecord record_facts",
            "rules": "Blocker Finding Rule Verdict",
            "text": "Text",
        }.items()
        for name in names.split()
    },
}

_EXTRAS: Final = ("pipeline", "plots")
"""The packages that need more than the core."""

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salesflow' has no attribute {name!r}")
    package = name in _PACKAGES
    try:
        module = _import_module(f"salesflow.{_HOMES[name]}")
    except ImportError as error:
        if _HOMES[name] not in _EXTRAS:
            raise
        return _import_module("salesflow._extras").stand_in(name, error, package=package)
    value: object = module if package else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
