"""Why a deal cannot come from another version, or from another playbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.domain import PlaybookStamp
from salesflow.engine._wording import told
from salesflow.playbook import Playbook
from salesflow.rules import Blocker, Verdict
from salesflow.text import both


def not_mapped(key: str, name: str, known: Iterable[str]) -> Blocker:
    """The playbook's migration says nothing of where this goes."""
    return Blocker(
        code="unmapped",
        key=key,
        title=told(
            both(en="The playbook has a migration for {name}", zh="流程定义了{name}的迁移"),
            name=name,
        ),
        verdict=Verdict.NO,
        seen=FrozenDict({"from": name}),
        fix=told(
            both(
                en="Add it to the playbook's migrations; it knows: {known}",
                zh="请在流程的migrations中补充；现有：{known}",
            ),
            known=", ".join(known) or "-",
        ),
    )


def no_migration(stamp: PlaybookStamp, playbook: Playbook) -> Blocker:
    """The playbook does not say how it takes over deals of this version, or of this playbook."""
    if stamp.id == playbook.id:
        known = sorted(it.from_version for it in playbook.migrations if it.playbook is None)
        return not_mapped(stamp.id, f"{stamp.id} {stamp.version}", known)
    adopt = _OR_ADOPT if playbook.policy.adopt.allowed else both(en="", zh="")
    return Blocker(
        code="unmapped",
        key=stamp.id,
        title=told(
            both(
                en="The playbook has a migration from the playbook {id} {version}",
                zh="流程定义了从流程{id} {version}的迁移",
            ),
            id=stamp.id,
            version=stamp.version,
        ),
        verdict=Verdict.NO,
        seen={"from": f"{stamp.id} {stamp.version}"},
        fix=told(
            both(
                en='Add a migration with playbook = "{id}" and from = "{version}" to the '
                "playbook{adopt}",
                zh='请在流程中补充一条playbook = "{id}"、from = "{version}"的migrations{adopt}',
            ),
            id=stamp.id,
            version=stamp.version,
            adopt=adopt,
        ),
    )


_OR_ADOPT: Final = both(
    en="; or Adopt the deal, which starts it afresh in a stage",
    zh="；或用Adopt接管该项目，使其在某一阶段重新开始",
)
