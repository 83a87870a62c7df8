"""What is worked out of a playbook once, and kept as long as the playbook itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar, TypeVarTuple

from salesflow.playbook.playbook import Playbook

T = TypeVar("T")
Others = TypeVarTuple("Others")
_KEPT: Final = "_kept"


def kept_with_playbook(
    work: Callable[[Playbook, *Others], T],
) -> Callable[[Playbook, *Others], T]:
    """Works something out once for each playbook, and for each of the few other arguments.

    It goes with the playbook, so that whoever reads the playbooks of a thousand strangers, each
    once, keeps none of them. The other arguments are names of the playbook itself, or choices: no
    stranger may have as many of them as they like.
    """

    @wraps(work)
    def kept(playbook: Playbook, *others: *Others) -> T:
        found: dict[object, T] = vars(playbook).setdefault(_KEPT, {})
        asked = (work, *others)
        if asked not in found:
            # Threads that race for it make it twice, and all get the same one.
            return found.setdefault(asked, work(playbook, *others))
        return found[asked]

    return kept
