"""Facts of contracts, and of the review of a deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow.errors import ScheduleError
from salesflow.records._group import (
    Declares,
    Names,
    Pile,
    RecordGroup,
    greatest,
    latest,
    named,
    newest,
    the_latest,
)
from salesflow.text import both

if TYPE_CHECKING:
    from datetime import date

    from salesflow.domain import Contract, NegotiationMinutes, WinLossReview
    from salesflow.money import Money

_PARTS_OF_A_CONTRACT: Final = (
    "payment",
    "main_terms",
    "duties",
    "liability",
    "confidentiality",
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """The contract, and the minutes that it follows."""

    contract: Contract
    minutes: NegotiationMinutes | None

    def differences(self) -> Names | None:
        """What differs from the minutes; None where there are none."""
        if self.minutes is None:
            return None
        return named(*self.contract.differs_from(self.minutes))

    def instalments_sum(self) -> Money | None:
        """What its payments sum to; None where none are agreed, or their days cannot be."""
        try:
            parts = self.contract.instalments()
        except ScheduleError:
            return None
        return sum((it.amount for it in parts[1:]), start=parts[0].amount) if parts else None

    def delivery_due_on(self) -> date | None:
        """The day of delivery, as far as it can be worked out."""
        try:
            return self.contract.delivery_due_on
        except ScheduleError:
            return None

    def signed_by_both(self) -> bool | None:
        """Whether both have signed; signed by whom may not be known."""
        if self.contract.signed_on is None:
            return False
        names = (self.contract.signed_by_us, self.contract.signed_by_customer)
        return None if None in names else True


def _contract(pile: Pile) -> _Signed | None:
    contract: Contract | None = newest(
        pile.all("Contract"),
        lambda one: one.signed_on or greatest(review.on for review in one.reviews),
    )
    if contract is None:
        return None
    minutes: tuple[NegotiationMinutes, ...] = pile.all("NegotiationMinutes")
    if contract.minutes is not None:  # it says which it follows, and they may not be on record
        minutes = tuple(one for one in minutes if one.number == contract.minutes)
    return _Signed(contract, newest(minutes, lambda one: one.held_on))


_signed: Final[Declares[_Signed]] = Declares("contract")

CONTRACT: Final = RecordGroup(
    "contract",
    both(en="contract", zh="合同"),
    ("Contract",),
    the_latest("`signed_on`, or its last review", "`signed_on` 或评审日期"),
    _contract,
    (
        _signed.choice(
            "filing",
            both(en="the filing status of the contract", zh="合同归档状态"),
            terms.FILING,
            lambda it: it.contract.filing,
        ),
        _signed.money(
            "amount",
            both(en="the amount of the contract", zh="合同金额"),
            lambda it: it.contract.amount,
        ),
        _signed.text(
            "currency",
            both(en="the currency of the contract", zh="合同币种"),
            lambda it: it.contract.amount.currency,
        ),
        _signed.day(
            "signed_on",
            both(en="the day the contract was signed", zh="合同签订日期"),
            lambda it: it.contract.signed_on,
        ),
        _signed.flag(
            "signed_by_both",
            both(en="whether both sides signed the contract", zh="双方是否已签署合同"),
            _Signed.signed_by_both,
        ),
        _signed.none_of(
            "agrees_with_minutes",
            both(en="whether the contract agrees with the minutes", zh="合同与谈判纪要是否一致"),
            _Signed.differences,
            unsaid=lambda _: named("negotiation_minutes"),
        ),
        _signed.none_of(
            "reviewed_by_all",
            both(en="whether all reviewers agree to the contract", zh="合同是否通过全部评审"),
            lambda it: named(*it.contract.missing_reviews),
        ),
        _signed.flag(
            "drafter_named",
            both(en="whether the contract says who drafted it", zh="合同是否注明拟定人"),
            lambda it: it.contract.drafted_by is not None,
        ),
        _signed.count(
            "missing",
            both(en="the number of parts missing in the contract", zh="合同的缺项数"),
            lambda it: named(
                *(part for part in _PARTS_OF_A_CONTRACT if not getattr(it.contract, part))
            ),
        ),
        _signed.money(
            "instalments_sum",
            both(en="the sum of the contract's instalments", zh="合同分期付款合计"),
            _Signed.instalments_sum,
        ),
        _signed.count(
            "instalments_undated",
            both(
                en="the number of instalments with neither a day nor an event",
                zh="既无日期也无付款条件的分期数",
            ),
            lambda it: (
                tuple(
                    part.name
                    for part in it.contract.payment
                    if part.due is None and part.on is None
                )
                if it.contract.payment
                else None
            ),
        ),
        _signed.day(
            "delivery_due_on",
            both(en="the day delivery is due by the contract", zh="合同约定的交付日期"),
            _Signed.delivery_due_on,
        ),
    ),
)


_lessons: Final[Declares[WinLossReview]] = Declares("win_loss_review")

WIN_LOSS_REVIEW: Final = RecordGroup(
    "win_loss_review",
    both(en="review of the won or lost deal", zh="赢输单复盘"),
    ("WinLossReview",),
    the_latest("`reviewed_on`", "`reviewed_on`"),
    latest("WinLossReview", lambda review: review.reviewed_on),
    (
        _lessons.day(
            "done_on",
            both(en="the day the deal was reviewed", zh="复盘日期"),
            lambda review: review.reviewed_on,
        ),
        _lessons.choice(
            "outcome",
            both(en="the outcome that was reviewed", zh="复盘的结果"),
            {word: terms.OUTCOMES[word] for word in ("won", "lost")},
            lambda review: review.outcome,
        ),
        _lessons.count(
            "missing",
            both(en="the number of parts missing in the review of the deal", zh="复盘的缺项数"),
            lambda review: named(*review.missing),
        ),
        _lessons.flag(
            "customer_asked",
            both(en="whether the customer was asked for the reasons", zh="是否向客户了解过原因"),
            lambda review: review.asked_customer is not None or review.customer_view is not None,
        ),
    ),
)


OF_CONTRACTS: Final = (CONTRACT, WIN_LOSS_REVIEW)
