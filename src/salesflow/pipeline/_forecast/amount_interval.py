"""Between what amounts a sum will probably lie."""

from __future__ import annotations

from salesflow._result import Result


class Interval(Result):
    """Between what amounts a sum will probably lie.

    Attributes:
        p10: The sum that is not exceeded with a probability of 10 %: nine times in ten, more than
            this comes in.
        p50: The middle: as likely more as less.
        p90: The sum that is exceeded one time in ten.
        mean: The weighted sum: amount x chance, added up.
    """

    p10: float
    p50: float
    p90: float
    mean: float

    @property
    def width(self) -> float:
        """From P10 to P90; between them the sum lies with a probability of 80 %."""
        return self.p90 - self.p10

    def moved(self, amount: float) -> Interval:
        """The same where an amount more has come in for sure."""
        return Interval(
            p10=self.p10 + amount,
            p50=self.p50 + amount,
            p90=self.p90 + amount,
            mean=self.mean + amount,
        )
