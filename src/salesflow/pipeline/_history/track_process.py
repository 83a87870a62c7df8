"""A track as a process of its own, so that its log is read like a log of stages."""

from __future__ import annotations

import json

from salesflow.errors import UnknownName
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook


def process_of(playbook: Playbook, track: str) -> Playbook:
    """The states of a track as stages, with their ways, their limits, and no criteria.

    A deal may end while a track is anywhere, so each of its states may be the last.

    Raises:
        UnknownName: The playbook has no such track.
    """
    asked: object = track
    if not isinstance(asked, str) or asked not in playbook.tracks:
        raise UnknownName("track", track, playbook.tracks)
    return _process(playbook, track)


@kept_with_playbook
def _process(playbook: Playbook, key: str) -> Playbook:
    track = playbook.tracks[key]
    document = {
        "id": track.key,
        "version": playbook.version,
        "languages": list(playbook.languages),
        "title": track.title.model_dump(exclude_none=True),
        "policy": {
            "back": "on" if track.back.allowed else "off",
            "pause_on_hold": playbook.policy.pause_on_hold,
        },
        "stages": [
            {
                "key": state.key,
                "title": state.title.model_dump(exclude_none=True),
                "final": True,
                **({} if state.max_days is None else {"max_days": state.max_days}),
            }
            for state in track.states
        ],
        "moves": [
            {"from": state.key, "to": to} for state in track.states for to in track.ways(state.key)
        ],
    }
    return Playbook.from_json(json.dumps(document))
