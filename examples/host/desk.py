"""The function that every host has around the engine: load, decide, append; if overtaken, again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import salesflow as sf
from examples.host.store import RaceLost, Store

__all__ = ["Busy", "Desk"]

ATTEMPTS: Final = 50


class Busy(Exception):
    """So many others appended to the deal that a command never got its turn."""


class Desk:
    """Where commands are handed in.

    Args:
        engine: The process, with rates and hooks if there are any.
        store: Where deals are kept.
        clock: The present moment in UTC. salesflow has no clock; the host does.
    """

    def __init__(self, engine: sf.StageEngine, store: Store, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.store = store
        self._clock = clock

    def open(self, deal: sf.Opportunity) -> None:
        """Store a new deal."""
        self._check_facts(deal, self._clock())
        self.store.create(deal)

    def give(self, deal_id: str, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        """Decide a command and store what follows from it.

        When somebody else was faster, the deal is loaded and the command decided again, on what
        the deal has become. A command with `expected_version` then raises VersionConflict; one
        whose twin was faster comes back as its duplicate; any other gets its turn.
        """
        for _ in range(ATTEMPTS):
            deal = self.store.load(deal_id)
            at = self._now(deal)
            decision = self.engine.decide(deal, command, at=at, events=self._earlier(deal, command))
            if not decision.events:
                return decision
            self._check_facts(decision.opportunity, at)
            try:
                self.store.append(decision.opportunity, decision.events)
            except RaceLost:
                continue
            return decision
        raise Busy(deal_id)

    def review(self, deal_id: str) -> sf.Review:
        """Where a deal stands now."""
        deal = self.store.load(deal_id)
        return self.engine.review(deal, at=self._now(deal))

    def _earlier(self, deal: sf.Opportunity, command: sf.Command) -> Iterator[sf.Event]:
        # A deal remembers its newest commands only. The store is asked for an older one when the
        # engine begins to read, which it hardly ever does.
        if command.command_id is not None:
            yield from sf.read_events(self.store.lines(deal.id, command_id=command.command_id))

    def _now(self, deal: sf.Opportunity) -> datetime:
        # The clock of the machine that stored the last event may be ahead of this one's.
        last = deal.progress.last_event_at
        return max(self._clock(), last) if last else self._clock()

    def _check_facts(self, deal: sf.Opportunity, at: datetime) -> None:
        # Raises for a fact of the wrong kind or an amount without a rate: now, to whoever brings
        # it, instead of later, to everybody who looks at the deal.
        sf.facts_of(deal, self.engine.playbook, at=at)
