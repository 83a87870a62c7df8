"""The test kit for authors of playbooks: cases in sentences, checks, and strategies."""

from salesflow.testing._cases import Case, CaseFile, CaseResult, run_cases
from salesflow.testing._check_playbook import (
    CheckResult,
    PlaybookCheck,
    check_playbook,
    parametrize_with_playbook_checks,
    playbook_checks,
)
from salesflow.testing._errors import CheckFailed, CheckSkipped, Fault, InvalidCases

__all__ = [
    "Case",
    "CaseFile",
    "CaseResult",
    "CheckFailed",
    "CheckResult",
    "CheckSkipped",
    "Fault",
    "InvalidCases",
    "PlaybookCheck",
    "check_playbook",
    "parametrize_with_playbook_checks",
    "playbook_checks",
    "run_cases",
]
