"""Does a deal follow the playbook of the engine, or may the engine take it over?"""

from __future__ import annotations

from salesflow.domain import PlaybookStamp
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine import commands
from salesflow.engine._gates import Compiled
from salesflow.engine._handlers import migrate
from salesflow.engine._visits import broken
from salesflow.engine.commands import Command
from salesflow.errors import PlaybookMismatch
from salesflow.playbook import Playbook


def takes_over(compiled: Compiled, opportunity: Deal, command: Command) -> bool:
    """Whether a command is for deals that do not follow this playbook yet."""
    if isinstance(command, commands.Migrate):
        return True
    stamp = opportunity.progress.playbook
    foreign = stamp is not None and stamp.id != compiled.playbook.id
    return foreign and isinstance(command, commands.Adopt)


def check_playbook(compiled: Compiled, opportunity: Deal) -> None:
    """Raise PlaybookMismatch for a deal of another playbook, or in a place that it lacks."""
    progress = opportunity.progress
    stamp = progress.playbook
    if stamp is None:
        return
    playbook = compiled.playbook
    if (stamp.id, stamp.digest) != (playbook.id, playbook.digest):
        message = (
            f"Deal {opportunity.id!r} follows {stamp.id} {stamp.version} "
            f"(digest {stamp.digest[:12]}); this engine has {playbook.id} {playbook.version} "
            f"(digest {playbook.digest[:12]})."
        )
        hint = _ways_over(playbook, stamp)
        if (stamp.id, stamp.version) == (playbook.id, playbook.version):
            message = (
                f"Deal {opportunity.id!r} follows {stamp.id} {stamp.version}, and so does this "
                f"engine, but its content is another: it was edited without a new version "
                f"(digest {stamp.digest[:12]} then, {playbook.digest[:12]} now)."
            )
            hint = (
                f"Take the edit back, or give it a version of its own and a migration from "
                f'"{stamp.version}", and Migrate the deal.'
            )
        raise PlaybookMismatch(
            message,
            hint=hint,
            data={
                "deal": {"id": stamp.id, "version": stamp.version, "digest": stamp.digest},
                "engine": {
                    "id": playbook.id,
                    "version": playbook.version,
                    "digest": playbook.digest,
                },
            },
        )
    if progress.position not in compiled.gates:
        raise broken(opportunity)
    for key, track in playbook.tracks.items():
        stay = progress.track(key)
        if stay is None or track.state(stay.state) is None:
            raise broken(opportunity)


def _ways_over(playbook: Playbook, stamp: PlaybookStamp) -> str:
    """How a deal that follows another version, or another playbook, comes under this one."""
    if stamp.id == playbook.id:
        return "Decide with the playbook the deal was started under, or Migrate it."
    migration = ""
    if migrate.migration_from(stamp, playbook) is None:
        source = f'playbook = "{stamp.id}" and from = "{stamp.version}"'
        migration = f", once this playbook has a migration with {source}"
    adopt = ", or Adopt it, which starts it afresh" if playbook.policy.adopt.allowed else ""
    return f"Decide with the playbook that it follows; or Migrate it{migration}{adopt}."
