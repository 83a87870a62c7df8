"""Of which rows a stage's criteria are asked again: the deals that came there only through them."""

from __future__ import annotations

from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.qualify._passed import WON, Asked, Ways


class Passed:
    """What every deal of a playbook has met, by where it stands and how it ended."""

    def __init__(self, playbook: Playbook) -> None:
        self._ways = Ways(playbook)
        self._won = self._ways.numbers([WON])
        self._places = [
            (
                place,
                self._ways.numbers([(it.key, "standing") for it in place.positions]),
                self._ways.numbers([(it.key, "ended") for it in place.positions]),
            )
            for place in Places(playbook)
        ]

    def scopes(self, asked: Asked) -> tuple[Scope, ...]:
        """The rows of the deals that have met what a position asks for on the way in or out.

        They may be open, won, lost or disqualified: to stand somewhere, each had to come there. A
        deal that is won has been through what winning asks for, and one that ended as won through
        what asks for it where it stands; one that was lost has left nothing but what lies behind.
        """
        position, side = asked.position, asked.side
        anew = self._ways.judged_anew_in(asked)
        standing = []
        ended = []
        for place, here, over in self._places:
            if place.stage in anew:
                continue
            if self._ways.lead_through(position, side, here):
                standing.append(place.code)
            elif self._ways.lead_through(position, side, over):
                ended.append(place.code)
        scopes = [Scope("all", tuple(standing))] if standing else []
        if self._ways.lead_through(position, side, self._won):
            scopes.append(Scope("won"))
        elif ended:
            scopes.append(Scope("won", tuple(ended), flag="ended"))
        return tuple(scopes)
