"""The rule language: parse, check, ask, explain.

One line of text says what ought to hold of a deal. This package knows nothing of sales but the
names of facts, and nothing of a rule is ever passed to `eval`.
"""

from salesflow.rules._findings import Blocker, BlockerCode, Finding
from salesflow.rules._rule import Rule
from salesflow.rules._satisfiability import can_be_yes, implies, possible
from salesflow.rules._tokenizer import RESERVED_WORDS
from salesflow.rules._values import Verdict, canonical

__all__ = [
    "RESERVED_WORDS",
    "Blocker",
    "BlockerCode",
    "Finding",
    "Rule",
    "Verdict",
    "can_be_yes",
    "canonical",
    "implies",
    "possible",
]
