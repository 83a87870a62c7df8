"""Playbooks by id: the built-in ones, and those of installed distributions.

A playbook may extend another by its id, so they are found here; `salesflow.plugins` offers it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from salesflow._entry_points import Offer, entry_of, offered_by, owner, unusable
from salesflow.playbook._parents import following
from salesflow.playbook.playbook import Playbook
from salesflow.playbooks import BUILT_IN, playbook_source

PLAYBOOKS: Final = Offer("salesflow.playbooks", "playbook", "a Playbook", BUILT_IN)


def installed_playbook(playbook_id: str) -> Playbook:
    """What `salesflow.plugins.load_playbook` gives."""
    is_text = isinstance(playbook_id, str)  # anything else need not even be hashable
    if is_text and playbook_id in BUILT_IN:
        return _built_in(playbook_id)
    entry = entry_of(PLAYBOOKS, playbook_id)
    return _from_plugin(playbook_id, entry.value, owner(entry)[0])


@cache
def _built_in(playbook_id: str) -> Playbook:
    return Playbook.from_bytes(playbook_source(playbook_id))


@cache
def _from_plugin(playbook_id: str, value: str, distribution: str) -> Playbook:
    with following(playbook_id):
        offered = offered_by(PLAYBOOKS, playbook_id, value, distribution, (Playbook,))
    if not isinstance(offered, Playbook) or offered.id != playbook_id:
        held = offered.id if isinstance(offered, Playbook) else ""
        why = f'it holds the playbook "{held}".'
        hint = "The entry point must be named as the playbook's id."
        raise unusable(PLAYBOOKS, playbook_id, distribution, why, hint)
    return offered
