"""What is stored: one row per deal, and one row per event that ever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import IntegrityError, models, transaction
from django.utils import timezone

import salesflow as sf
from examples.django_host.problems import HostError

ATTEMPTS: Final = 50
ENGINES: Final = sf.Engines([sf.load_playbook("optimized_sales_process")])
"""Every version of every process that deals follow; one for the whole program."""


class Taken(Exception):
    """Somebody else was faster. Nothing was written."""


class Deal(models.Model):
    """A deal: its record as JSON, and beside it what is listed and searched for."""

    id = models.CharField(primary_key=True, max_length=200)
    version = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=20)
    record = models.TextField()

    def __str__(self) -> str:
        return str(self.name)

    @property
    def opportunity(self) -> sf.Opportunity:
        """The record, read."""
        return sf.Opportunity.model_validate_json(self.record)

    @property
    def engine(self) -> sf.StageEngine:
        """The engine of the process that the deal follows."""
        return ENGINES.of(self.opportunity)

    @property
    def now(self) -> datetime:
        """The present moment; the clock that stored the last event may be ahead of this one."""
        now = timezone.now()
        return max(now, self.opportunity.progress.last_event_at or now)


class Event(models.Model):
    """What happened to a deal, as salesflow wrote it."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    line = models.TextField()

    class Meta:
        """Of two decisions on the same version of a deal, the key lets only one in."""

        constraints = (models.UniqueConstraint("deal", "sequence", name="one_event_a_number"),)
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.deal_id}/{self.sequence}"


def found(deal_id: str) -> Deal:
    """A deal by its id."""
    try:
        return Deal.objects.get(pk=deal_id)
    except Deal.DoesNotExist:
        raise HostError(404, "no_such_deal", f"There is no deal {deal_id[:200]!r}.") from None


def opened(deal: sf.Opportunity) -> Deal:
    """A new deal, stored."""
    sf.facts_of(deal, ENGINES.of(deal).playbook, at=timezone.now())  # a wrong fact is told now
    try:
        return Deal.objects.create(id=deal.id, **_columns(deal))
    except IntegrityError:
        told = f"There is a deal {deal.id!r} already."
        raise HostError(409, "deal_exists", told, "Amend changes its fields.") from None


def give(deal_id: str, command: sf.Command) -> sf.Decision[sf.Opportunity]:
    """Decide a command and store what follows; overtaken by somebody else, decide again.

    Nothing is locked while a command is decided. Raises MoveBlocked when it is refused.
    """
    for _ in range(ATTEMPTS):
        deal = found(deal_id)
        # Read only for a retry that the deal itself does not remember.
        lines = deal.events.values_list("line", flat=True).iterator()
        earlier = (event for line in lines for event in sf.read_events(line))
        decision = ENGINES.decide(deal.opportunity, command, at=deal.now, events=earlier)
        after = decision.require()
        try:
            if decision.events:
                _append(deal, after, decision.events)
        except Taken:
            continue
        return decision
    raise HostError(503, "busy", "Many others work on this deal.", "Send the same again.")


def _append(deal: Deal, after: sf.Opportunity, events: Iterable[sf.Event]) -> None:
    """Store what happened, and the deal after it, both or nothing; raises Taken."""
    with transaction.atomic():
        # The version that was decided on is the lock: whoever comes second finds another one.
        row = Deal.objects.filter(pk=deal.pk, version=deal.version)
        if row.update(**_columns(after)) != 1:
            raise Taken
        Event.objects.bulk_create(
            Event(deal=deal, sequence=event.sequence, line=event.model_dump_json())
            for event in events
        )


def _columns(deal: sf.Opportunity) -> dict[str, object]:
    progress = deal.progress
    return {
        "version": progress.version,
        "name": deal.name,
        "owner": deal.owner or "",
        "stage": progress.position or "",
        "outcome": progress.outcome,
        "record": deal.model_dump_json(),
    }
