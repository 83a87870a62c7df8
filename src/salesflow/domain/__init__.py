"""The records of the trade: frozen pydantic models that go to JSON and back.

They know neither rules nor playbooks. A wrong value raises pydantic's ValidationError.
"""

from salesflow.domain.account import Account, Attitude, BuyingRole, Contact, Influence, Tier
from salesflow.domain.opportunity import FactValue, HostDeal, Opportunity, TeamMember
from salesflow.domain.progress import (
    Answered,
    AppliedCommand,
    Attestation,
    Completion,
    Judgement,
    JudgementVerdict,
    Mark,
    OnHold,
    Outcome,
    PlaybookStamp,
    Progress,
    Step,
    Visit,
    Waiver,
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
    "HostDeal",
    "Influence",
    "Judgement",
    "JudgementVerdict",
    "Mark",
    "OnHold",
    "Opportunity",
    "Outcome",
    "PlaybookStamp",
    "Progress",
    "Step",
    "TeamMember",
    "Tier",
    "Visit",
    "Waiver",
]
