"""The test kit for authors of playbooks: cases in sentences, checks, and strategies."""

from salesflow.testing._cases import Case, CaseFile, CaseResult, run_cases
from salesflow.testing._errors import CheckFailed, CheckSkipped, InvalidCases

__all__ = [
    "Case",
    "CaseFile",
    "CaseResult",
    "CheckFailed",
    "CheckSkipped",
    "InvalidCases",
    "run_cases",
]
