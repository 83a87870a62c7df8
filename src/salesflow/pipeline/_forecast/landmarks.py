"""Landmarks: days after which what still stands in a place is told apart from all that came there.

Most deals that are still open long after they came to a place have moved on from it, and are won
more often than those that still stand there. So the deals that stand there on the day of a landmark
are followed from that day on by themselves, whatever way they then take. Sources: J. R. Anderson,
K. C. Cain and R. D. Gelber, "Analysis of survival by tumor response", Journal of Clinical Oncology
1 (1983), 710-719; H. C. van Houwelingen, "Dynamic prediction by landmarking in event history
analysis", Scandinavian Journal of Statistics 34 (2007), 70-85; for shares where deals need not
forget where they were, H. Putter and C. Spitoni, "Non-parametric estimation of transition
probabilities in non-Markov multi-state models: the landmark Aalen-Johansen estimator", Statistical
Methods in Medical Research 27 (2018), 2081-2092.
"""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import stepped

LANDMARKS: Final = (
    *(0, 1, 3, 7, 10, 14, 21, 30, 40, 50, 60, 75, 90, 120, 150, 180),
    *(225, 270, 365, 450, 540, 730),
)
"""In days since a deal came to a place; few, so that what engines count stays small."""


def reached(days: nw.Expr) -> nw.Expr:
    """The last landmark that is not after so many days; 0 where these are missing."""
    steps = [(float(day), nw.lit(day)) for day in LANDMARKS[1:]]
    return stepped(days, nw.lit(LANDMARKS[0]), steps).cast(nw.Int64())
