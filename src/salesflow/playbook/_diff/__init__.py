"""Two versions of a playbook side by side: what changes for people, and for deals under way."""

from salesflow.playbook._diff.values import (
    ComparedPlaybook,
    Effect,
    KeyMatch,
    PlaybookChange,
    PlaybookDiff,
    diff,
)

__all__ = ["ComparedPlaybook", "Effect", "KeyMatch", "PlaybookChange", "PlaybookDiff", "diff"]
