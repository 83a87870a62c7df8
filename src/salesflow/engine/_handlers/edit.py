"""Handlers that change a deal without moving it: amend, waive, hold, resume, migrate."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date

from salesflow.domain import Opportunity, Progress
from salesflow.domain.deal.opportunity import AMENDABLE, Deal
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse, sub_stage_key
from salesflow.engine._facts.fact_plan import lapsing
from salesflow.engine._facts.readers import check_given, outside
from salesflow.engine._facts.said import values_now
from salesflow.engine._wording import blocked, not_mapped
from salesflow.engine.commands import Amend, Hold, Migrate, Resume, Waive
from salesflow.money import Money
from salesflow.playbook import Migration
from salesflow.rules import Blocker


def amend(context: CommandContext, command: Amend) -> HandlerResult:
    """New values for fields of the deal; pushed dates and cut amounts are counted."""
    deal = context.opportunity
    missing = context.not_running()
    what = "amend"
    if context.progress.ended and context.playbook.policy.amend_closed.allowed:
        missing, what = (), "amend_closed"
    if not missing and not isinstance(deal, Opportunity):
        missing = (blocked("kept_by_host", "facts"),)
    if missing or not isinstance(deal, Opportunity):
        return refuse(*missing)
    after = _changed(deal, command.changes)
    missing = context.not_permitted(getattr(context.playbook.policy, what), what)
    missing += _fixed_fields(context, deal, after)
    if context.held(after) - context.held(deal):
        missing += (blocked("role_for_oneself", "team"),)
    if missing:
        return refuse(*missing)
    if "facts" in command.changes:
        check_given(after, context.playbook)
        changed = {k: v for k, v in after.facts.items() if deal.facts.get(k) != v}
        missing = outside(deal.replaced(facts=changed), context.playbook)
        if missing:
            return refuse(*missing)
    # Compared with the last value known: emptying a field in between hides nothing.
    close_on = deal.expected_close_on or context.progress.last_close_on
    amount = deal.amount or context.progress.last_amount
    return accept(
        events.Amended(
            changes=command.changes,
            before=deal.model_dump(mode="json", include=set(command.changes)),
            pushed=_pushed(close_on, after.expected_close_on),
            cut=_cut(context, amount, after.amount),
            close_on=after.expected_close_on or close_on,
            amount=after.amount or amount,
            revised=_revised(context, deal, after),
        )
    )


def _fixed_fields(
    context: CommandContext, deal: Opportunity, after: Opportunity
) -> tuple[Blocker, ...]:
    """Why fields that would change may not be changed by this person, or not now."""
    missing: tuple[Blocker, ...] = ()
    for item in context.playbook.policy.fields:
        is_fact = item.name not in AMENDABLE
        before, now = (
            it.facts.get(item.name) if is_fact else getattr(it, item.name) for it in (deal, after)
        )
        if before != now:
            missing += context.not_permitted(item, f"fields.{item.name}")
    return missing


def _revised(context: CommandContext, deal: Opportunity, after: Opportunity) -> tuple[str, ...]:
    """The facts that change of those on which somebody's word rests."""
    names = lapsing(context.playbook)
    if not names:
        return ()
    before, now = (values_now(it, context.playbook, names, context.tz) for it in (deal, after))
    return tuple(name for name in names if before[name] != now[name])


def amended(deal: Deal, payload: events.Amended) -> Deal:
    """The deal with the changes of an event."""
    return _changed(deal, payload.changes) if isinstance(deal, Opportunity) else deal


def _changed(deal: Opportunity, changes: Mapping[str, object]) -> Opportunity:
    # Validated alone: the other fields are the host's and were valid when it made the deal.
    values = Opportunity.model_validate({"id": deal.id, "name": deal.name, **changes})
    return deal.replaced(**{name: getattr(values, name) for name in changes})


def _pushed(old: date | None, new: date | None) -> bool:
    return old is not None and new is not None and new > old


def _cut(context: CommandContext, old: Money | None, new: Money | None) -> bool:
    if old is None or new is None:
        return False
    if old.currency == new.currency:
        return new.amount < old.amount
    if context.rates is None:
        return False  # which of two currencies is more is not for the deal to know
    into = context.playbook.currency
    return context.rates.amount_in(into, new) < context.rates.amount_in(into, old)


def waive(context: CommandContext, command: Waive) -> HandlerResult:
    """A required criterion is waived, by a role that may, with a reason."""
    criterion = context.criterion(command.criterion)
    missing = context.not_running()
    if not missing and criterion.advisory:
        missing = (blocked("advisory", criterion.key),)
    missing = missing or context.not_permitted(
        criterion.waive, "waive", note=command.reason, condition=f"waive.{criterion.key}"
    )
    if missing:
        return refuse(*missing)
    return accept(events.CriterionWaived(criterion=criterion.key, reason=command.reason))


def hold(context: CommandContext, command: Hold) -> HandlerResult:
    """The deal rests."""
    missing = context.not_running() or context.resting() or context.looks_back(command.review_on)
    if missing:
        return refuse(*missing)
    return accept(events.Held(resume_when=command.resume_when, review_on=command.review_on))


def resume(context: CommandContext, _command: Resume) -> HandlerResult:
    """The deal goes on."""
    missing = context.not_running()
    if not missing and context.progress.hold is None:
        missing = (blocked("not_on_hold", "on_hold"),)
    return refuse(*missing) if missing else accept(events.Resumed())


def migrate(context: CommandContext, _command: Migrate) -> HandlerResult:
    """From another version of this playbook into this one, by the playbook's own map."""
    stamp, playbook = context.progress.playbook, context.playbook
    if stamp is None:
        return refuse(blocked("not_started", "stage"))
    if stamp.digest == playbook.digest:
        return refuse(blocked("already_migrated", "playbook"))
    migrations = {item.from_version: item for item in playbook.migrations}
    migration = migrations.get(stamp.version)
    if stamp.id != playbook.id or migration is None:
        return refuse(not_mapped(stamp.id, f"{stamp.id} {stamp.version}", sorted(migrations)))
    place = context.progress.position or ""
    target = migration.stages.get(place, place)
    positions = {position.key: position for position in playbook.positions}
    if target not in positions:
        return refuse(not_mapped(place, place, sorted(positions)))
    position = positions[target]
    renamed, unmapped = _mapped(context, migration)
    return accept(
        events.Migrated(
            before=stamp,
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            renamed=renamed,
            unmapped=unmapped,
        )
    )


def _seen(progress: Progress, migration: Migration) -> Iterator[str]:
    """The questions with other names on whose answers somebody's word rests, answered or not."""
    said = [item.seen for item in progress.attestations]
    said += [item.seen for item in progress.judgements]
    yield from (name for seen in said for name in seen if name in migration.questions)


def _mapped(
    context: CommandContext, migration: Migration
) -> tuple[dict[str, str], tuple[str, ...]]:
    """New names of what is on record, and the names that the new version does not have."""
    progress, playbook = context.progress, context.playbook
    criteria = context.compiled.criteria
    attested = {key for key, item in criteria.items() if item.kind == "attested"}
    decided = {key for key, item in criteria.items() if item.roles}
    done = {*playbook.instruments, *(cadence.key for cadence in playbook.cadences)}
    # What is on record stands for something of its own kind only: a completed instrument is no
    # attestation, though the new version may call a criterion like the instrument of the old one.
    on_record: list[tuple[str, Mapping[str, str], Container[str]]] = [
        *((item.criterion, migration.criteria, attested) for item in progress.attestations),
        *((item.criterion, migration.criteria, criteria) for item in progress.waivers),
        *((item.instrument, migration.criteria, done) for item in progress.completions),
        *((it.point, migration.criteria, decided) for it in progress.judgements if it.point),
        *((item.point, migration.criteria, decided) for item in progress.requests),
        *((name, migration.questions, playbook.questions) for name in _seen(progress, migration)),
        *((item.question, migration.questions, playbook.questions) for item in progress.answers),
    ]
    # What was withdrawn stays so under its new name, but is not missed where it has none.
    withdrawn: list[tuple[str | None, Mapping[str, str], Container[str]]] = [
        row
        for item in progress.withdrawals
        for row in (
            (item.question, migration.questions, playbook.questions),
            (item.instrument, migration.criteria, done),
            (item.waiver, migration.criteria, criteria),
        )
    ]
    renamed: dict[str, str] = {}
    unmapped: dict[str, None] = {}
    for number, (old, names, known) in enumerate([*on_record, *withdrawn]):
        new = None if old is None else names.get(old, old)
        if old is None or new is None:
            continue
        if new in known:
            if new != old:
                renamed[old] = new
        elif number < len(on_record):
            unmapped[old] = None
    return renamed, tuple(unmapped)
