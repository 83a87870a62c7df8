"""Rulings on what changes a deal without moving it: amend, waive, hold, resume, migrate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from salesflow.domain import Opportunity
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine import events
from salesflow.engine._context import Case, Ruling, accept, refuse, sub_stage_key
from salesflow.engine._facts.readers import check_given
from salesflow.engine._wording import blocked, not_mapped
from salesflow.engine.commands import Amend, Hold, Migrate, Resume, Waive
from salesflow.money import Money
from salesflow.playbook import Migration


def amend(case: Case, command: Amend) -> Ruling:
    """New values for fields of the deal; pushed dates and cut amounts are counted."""
    deal = case.opportunity
    missing = case.not_running()
    if not missing and not isinstance(deal, Opportunity):
        missing = (blocked("kept_by_host", "facts"),)
    if missing or not isinstance(deal, Opportunity):
        return refuse(*missing)
    after = _changed(deal, command.changes)
    if "facts" in command.changes:
        check_given(after, case.playbook)
    # Compared with the last value known: emptying a field in between hides nothing.
    close_on = deal.expected_close_on or case.progress.last_close_on
    amount = deal.amount or case.progress.last_amount
    return accept(
        events.Amended(
            changes=command.changes,
            pushed=_pushed(close_on, after.expected_close_on),
            cut=_cut(case, amount, after.amount),
            close_on=after.expected_close_on or close_on,
            amount=after.amount or amount,
        )
    )


def amended(deal: Deal, payload: events.Amended) -> Deal:
    """The deal with the changes of an event."""
    return _changed(deal, payload.changes) if isinstance(deal, Opportunity) else deal


def _changed(deal: Opportunity, changes: Mapping[str, object]) -> Opportunity:
    # Validated alone: the other fields are the host's and were valid when it made the deal.
    values = Opportunity.model_validate({"id": deal.id, "name": deal.name, **changes})
    return deal.replaced(**{name: getattr(values, name) for name in changes})


def _pushed(old: date | None, new: date | None) -> bool:
    return old is not None and new is not None and new > old


def _cut(case: Case, old: Money | None, new: Money | None) -> bool:
    if old is None or new is None:
        return False
    if old.currency == new.currency:
        return new.amount < old.amount
    if case.rates is None:
        return False  # which of two currencies is more is not for the deal to know
    into = case.playbook.currency
    return case.rates.amount_in(into, new) < case.rates.amount_in(into, old)


def waive(case: Case, command: Waive) -> Ruling:
    """A required criterion is let pass, by those who may, with a reason."""
    criterion = case.criterion(command.criterion)
    missing = case.not_running()
    if not missing and criterion.advisory:
        missing = (blocked("advisory", criterion.key),)
    missing = missing or case.not_permitted(criterion.waive, "waive", note=command.reason)
    if missing:
        return refuse(*missing)
    return accept(events.CriterionWaived(criterion=criterion.key, reason=command.reason))


def hold(case: Case, command: Hold) -> Ruling:
    """The deal rests."""
    missing = case.not_running() or case.resting() or case.looks_back(command.review_on)
    if missing:
        return refuse(*missing)
    return accept(events.Held(resume_when=command.resume_when, review_on=command.review_on))


def resume(case: Case, _command: Resume) -> Ruling:
    """The deal goes on."""
    missing = case.not_running()
    if not missing and case.progress.hold is None:
        missing = (blocked("not_on_hold", "on_hold"),)
    return refuse(*missing) if missing else accept(events.Resumed())


def migrate(case: Case, _command: Migrate) -> Ruling:
    """From another version of this playbook into this one, by the playbook's own map."""
    stamp, playbook = case.progress.playbook, case.playbook
    if stamp is None:
        return refuse(blocked("not_started", "stage"))
    if stamp.digest == playbook.digest:
        return refuse(blocked("already_migrated", "playbook"))
    migrations = {item.from_version: item for item in playbook.migrations}
    migration = migrations.get(stamp.version)
    if stamp.id != playbook.id or migration is None:
        return refuse(not_mapped(stamp.id, f"{stamp.id} {stamp.version}", sorted(migrations)))
    place = case.progress.position or ""
    target = migration.stages.get(place, place)
    positions = {position.key: position for position in playbook.positions}
    if target not in positions:
        return refuse(not_mapped(place, place, sorted(positions)))
    position = positions[target]
    renamed, unmapped = _mapped(case, migration)
    return accept(
        events.Migrated(
            before=stamp,
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            renamed=renamed,
            unmapped=unmapped,
        )
    )


def _mapped(case: Case, migration: Migration) -> tuple[dict[str, str], tuple[str, ...]]:
    """New names of what is on record, and the names that the new version does not have."""
    progress, playbook = case.progress, case.playbook
    questions = {
        f"{checklist.key}.{question.key}"
        for checklist in playbook.checklists.values()
        for question in checklist.questions
    }
    criteria = {*case.compiled.criteria, *playbook.instruments}
    old_criteria = [
        *(item.criterion for item in progress.attestations),
        *(item.criterion for item in progress.waivers),
        *(item.instrument for item in progress.completions),
        *(item.point for item in progress.judgements if item.point),
    ]
    renamed: dict[str, str] = {}
    unmapped: dict[str, None] = {}
    for old, names, known in (
        *((old, migration.criteria, criteria) for old in old_criteria),
        *((item.question, migration.questions, questions) for item in progress.answers),
    ):
        new = names.get(old, old)
        if new not in known:
            unmapped[old] = None
        elif new != old:
            renamed[old] = new
    return renamed, tuple(unmapped)
