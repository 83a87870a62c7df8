"""What ought to come in in a period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from math import fsum, inf
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from salesflow._arguments import Arguments, several
from salesflow._described import Described
from salesflow._wording import Worded
from salesflow.errors import ArgumentError, MissingRate, Problem
from salesflow.money import Money, Rates
from salesflow.pipeline._forecast.periods import Period
from salesflow.pipeline._frames.groups import GroupValue
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._wording import amount_of, near

Quotas: TypeAlias = Mapping[tuple[GroupValue, ...], Mapping[str, float]]
"""By group, `()` for all deals, and by the name of the period."""


def _period_name(given: object) -> object:
    return given.name if isinstance(given, Period) else given


def _amount(given: object) -> object:
    if isinstance(given, Money):
        return given
    try:
        if not isinstance(given, bool) and isinstance(given, int | float | Decimal):
            number = float(given)
            if 0 <= number < inf:
                return number
    except (ValueError, OverflowError):  # a signalling NaN, or a number beyond all floats
        pass
    raise PydanticCustomError("quota_amount", "a quota is a finite number or Money(…), from 0 on")


def _values(given: object) -> object:
    single = given is None or isinstance(given, str | int | float)
    return (given,) if single else given


class Quota(Described, Worded):
    """What ought to come in in a period, of all deals or of a group of them.

    Attributes:
        period: The period, or its name.
        amount: Money, or a number in the playbook's currency; from 0 on.
        group: Whose quota it is: what the deals of the group share, in the order of `by`; one value
            may stand alone. Empty: that of all.

    Example:
        >>> Quota("2026-Q3", Money(1_000_000, "USD"), group="li").group
        ('li',)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Annotated[str, BeforeValidator(_period_name)]
    amount: Annotated[Money | float, BeforeValidator(_amount)]
    group: Annotated[tuple[GroupValue, ...], BeforeValidator(_values)] = ()

    def __init__(
        self,
        period: Period | str | None = None,
        amount: Money | Decimal | float | None = None,
        group: Iterable[GroupValue] | GroupValue = (),
    ) -> None:
        given = {"period": period, "amount": amount}
        super().__init__(
            **{key: it for key, it in given.items() if it is not None},
            group=group,
        )

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def read_quotas(
    given: Arguments,
    quotas: object,
    periods: Collection[Period],
    by: Collection[str],
    options: FrameOptions,
    into: str,
) -> Quotas:
    """The quotas in a currency; what is wrong with them is noted."""
    said = given.read(several, quotas, Quota, "quotas", 'write [Quota("2026-Q3", 1_000_000)]')
    names = [it.name for it in periods]
    found: dict[tuple[GroupValue, ...], dict[str, float]] = {}
    for at, quota in enumerate(said or ()):
        path = f"quotas[{at}]"
        of_group = found.setdefault(quota.group, {})
        if names and quota.period not in names:
            message = f"there is no period {quota.period!r:.80}"
            hint = near(quota.period, names)
            given.problems.append(Problem(f"{path}.period", message, hint, "unknown_period"))
        elif quota.period in of_group:
            message = f"there is another one for {quota.period!r:.80} and the same deals"
            given.problems.append(Problem(path, message, "give one for each", "duplicate"))
        if quota.group and len(quota.group) != len(by):
            many = f"by {', '.join(by)}" if by else "no groups"
            values = amount_of(len(quota.group), "value")
            message = f"it names {values}, and there are {many}"
            hint = "name one value for each name in by="
            given.problems.append(Problem(f"{path}.group", message, hint, "no_group"))
        amount = given.read(_in, quota.amount, options, into, f"{path}.amount")
        of_group.setdefault(quota.period, amount or 0.0)
    if () not in found and found:
        found[()] = {
            name: fsum(it[name] for it in found.values() if name in it)
            for name in names
            if any(name in it for it in found.values())
        }
    return found


def _in(amount: object, options: FrameOptions, into: str, path: str) -> float:
    if not isinstance(amount, Money):
        return float(amount)  # type: ignore[arg-type]  # Quota has looked at it
    rates = options.rates or Rates(into)
    try:
        return rates.amount_in(into, amount, options.day)
    except MissingRate as error:
        message = f"there is no rate from {amount.currency} into {into}"
        hint = f'add it: rates=Rates("{into}", {{"{amount.currency}": …}})'
        problem = Problem(path, message, hint, "no_rate")
        raise ArgumentError.of(problem) from error
