"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError.
"""

from salesflow.domain.account import Account, Attitude, BuyingRole, Contact, Influence, Tier
from salesflow.domain.opportunity import FactValue, Opportunity, TeamMember
from salesflow.domain.progress import (
    Answered,
    AppliedCommand,
    Attestation,
    Completion,
    Judgement,
    JudgementVerdict,
    Mark,
    Outcome,
    PlaybookStamp,
    Progress,
    Visit,
)

__all__ = [
    "Account",
    "Answered",
    "AppliedCommand",
    "Attestation",
    "Attitude",
    "BuyingRole",
    "Completion",
    "Contact",
    "FactValue",
    "Influence",
    "Judgement",
    "JudgementVerdict",
    "Mark",
    "Opportunity",
    "Outcome",
    "PlaybookStamp",
    "Progress",
    "TeamMember",
    "Tier",
    "Visit",
]
