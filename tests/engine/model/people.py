"""Who may do something, and when; and who may not vouch for what is their own."""

from __future__ import annotations

from dataclasses import dataclass

import salesflow as sf
from salesflow.playbook import Criterion, Permission
from tests.engine.model.knowledge import Facts, Knowledge
from tests.engine.model.ways import Point

Code = tuple[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody who gives a command."""

    know: Knowledge
    by: str
    role: str | None
    note: str | None

    def own(self, person: str, deal: sf.Opportunity | None = None) -> set[str]:
        """The roles that somebody has in the deal's team."""
        deal = deal or self.know.deal
        found = {role for member in deal.team if member.person == person for role in member.roles}
        owner_role = self.know.book.owner_role
        return found | {owner_role} if owner_role and person == deal.owner else found

    @property
    def stands_in(self) -> list[Code]:
        """The roles that they have as somebody's substitute today, and whose these are."""
        return [
            (role, by)
            for (role, by, to), item in self.know.record.standing("delegated").items()
            if to == self.by and str(item.value) >= str(self.know.day) and role in self.own(by)
        ]

    @property
    def theirs(self) -> set[str]:
        """The roles that they have."""
        return self.own(self.by) | {role for role, _ in self.stands_in}

    @property
    def acting(self) -> set[str]:
        """The roles in which they act: the one that they claim, or all that they have."""
        return self.theirs if self.role is None else {self.role}

    def behalf(self, role: str) -> str | None:
        """Whose substitute they are in a role that is not their own."""
        whose = [by for name, by in self.stands_in if name == role]
        return whose[-1] if whose and role not in self.own(self.by) else None

    def claims(self) -> list[Code]:
        """Whether the role that they claim is theirs, where the playbook looks at that."""
        claimed = self.know.book.policy.roles == "claimed" or self.role in {None, *self.theirs}
        return [] if claimed else [("role_not_held", str(self.role))]

    def lacks(self, role: str | None) -> list[Code]:
        """Whether they do not act in the role that something takes."""
        return [] if role is None or role in self.acting else [("role", role)]

    def may(
        self,
        permission: Permission,
        what: str,
        condition: str = "",
        *,
        note: str | None = None,
        facts: Facts | None = None,
        into: str | None = None,
    ) -> list[Code]:
        """What keeps them from what the playbook permits."""
        know, asked = self.know, (condition or what) + ">"
        if not permission.allowed:
            return [("not_allowed", what)]
        applies = permission.when and know.verdict(permission.when, facts)
        if applies is sf.Verdict.NO:
            return []
        missing: list[Code] = []
        if permission.roles and self.acting.isdisjoint(permission.roles):
            missing.append(("role", permission.roles[0]))
        if permission.note and not (note or self.note):
            missing.append(("why_missing", what))
        here = know.record.names_here if into is None else {into, know.ways.places[into].stage.key}
        if permission.stages and here and here.isdisjoint(permission.stages):
            missing.append(("not_from_here", what))
        if missing and applies is sf.Verdict.UNKNOWN:
            return [("computed", asked)]  # it decides whether any of this is asked
        if permission.rule and know.verdict(permission.rule, facts) is not sf.Verdict.YES:
            missing.append(("computed", asked))
        return missing

    def barred(self, criterion: Criterion) -> list[Code]:
        """Nobody vouches for what is their own, nor as the substitute of who may not."""
        record, missing = self.know.record, list[Code]()
        themselves = {self.by, *(by for _, by in self.stands_in)}
        if "owner" in criterion.not_by and self.know.deal.owner in themselves:
            missing.append(("own_deal", criterion.key))
        makers = [
            it.by for name, it in record.standing("requested").items() if name == (criterion.key,)
        ]
        makers += [by for fact, by in record.amended.items() if fact in criterion.lapses_on]
        makers += [
            item.by
            for (question, about), item in record.standing("answered").items()
            if about == "us" and question in criterion.lapses_on
        ]
        if "requester" in criterion.not_by and not themselves.isdisjoint(makers):
            missing.append(("own_request", criterion.key))
        return missing

    def spoke_for_another(self, role: str, point: Point) -> bool:
        """Whether they, or whom they stand in for, spoke for another role already."""
        themselves = {self.by, *(by for name, by in self.stands_in if name == role)}
        others = [word for name, word in self.know.words(point).items() if name != role]
        return any(not themselves.isdisjoint({word.by, word.behalf}) for word in others)
