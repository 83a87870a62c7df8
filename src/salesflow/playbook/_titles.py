"""What people call the roles and the places of a playbook, for views that know their keys."""

from __future__ import annotations

from collections.abc import Mapping

from salesflow._frozen import FrozenDict
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook.playbook import Playbook
from salesflow.text import Text


@kept_with_playbook
def role_titles(playbook: Playbook) -> Mapping[str, Text]:
    """What people call each role."""
    return FrozenDict({key: role.title for key, role in playbook.roles.items()})


@kept_with_playbook
def place_titles(playbook: Playbook) -> Mapping[str, Text]:
    """What people call each stage, followed by its sub-stages."""
    titles: dict[str, Text] = {}
    for stage in playbook.stages:
        titles[stage.key] = stage.title
        titles |= {sub.key: sub.title for sub in stage.sub_stages}
    return FrozenDict(titles)
