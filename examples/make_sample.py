"""Makes the sample pipeline of the demo, `data/pipeline.csv`, with its log, `data/stages.csv`.

They have the same bytes on every run. Most deals are in order. Some are broken, each in one way
that people meet in their own CRM: `FLAWS`, at the end of the tables, says which.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")
Deal = dict[str, str]

TODAY: Final = date(2026, 6, 30)
DATA: Final = Path(__file__).parent / "data"


def words(text: str) -> tuple[str, ...]:
    """The words of a text; for tables of names."""
    return tuple(text.split())


INDUSTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "banking": ("Core banking renewal", "Fraud detection", "Branch network", "Data warehouse"),
    "insurance": ("Claims platform", "Policy archive", "Broker portal", "Actuarial computing"),
    "manufacturing": ("Plant monitoring", "Supply planning", "Quality records", "Design storage"),
    "energy": ("Grid control", "Meter data hub", "Field service", "Disaster recovery"),
    "health": ("Patient records", "Image archive", "Laboratory system", "Ward mobility"),
    "logistics": ("Fleet tracking", "Warehouse system", "Customs gateway", "Port operations"),
    "retail": ("Store systems", "Loyalty platform", "Price optimisation", "Online shop"),
    "public": ("Citizen portal", "Land register", "Tax archive", "City data centre"),
}
CUSTOMERS: Final[Mapping[str, tuple[str, ...]]] = {
    "banking": ("Harbourvane Bank", "Ostmere Savings", "Tallowgate Trust", "澜汐银行"),
    "insurance": ("Nordhelm Mutual", "Quillstone Insurance", "Ferrowick Life", "启禾保险"),
    "manufacturing": ("Brackendale Motors", "Vellmark Pumps", "Tinderholt Steel", "砺川重工"),
    "energy": ("Kestrelmoor Grid", "Solvane Power", "Grauwacke Gas", "朔原电力"),
    "health": ("Lindenfold Clinics", "Asterbrook Hospital", "Myrtlewen Labs", "仁溪医院"),
    "logistics": ("Portlevin Shipping", "Wayfare Northline", "Cobbleton Freight", "通衡物流"),
    "retail": ("Marrowby Stores", "Fennimore & Pike", "Tallgrain Foods", "悦里百货"),
    "public": ("Eastmarch County", "City of Velden Bay", "Harrowfen Council", "临河市信息中心"),
}
# Two of the four customers of an industry are served as something more than regular.
TIERS: Final = ("regular", "named", "regular", "strategic")
OWNERS: Final = (
    "li.wei",
    "wang.fang",
    "chen.jie",
    "zhao.min",
    "anna.berg",
    "tom.hale",
    "priya.nair",
)
SOURCES: Final = ("partner", "event", "referral", "existing customer", "web enquiry")
NEXT_STEPS: Final = (
    "Meet the head of IT",
    "Send the agenda of the workshop",
    "Review the plan with the manager",
    "Visit the reference customer together",
    "Present return on investment to the board",
    "Agree the acceptance test",
    "Call the inside supporter",
    "Send the revised quotation",
)

# Label in the CRM: how many deals, and the probability that the CRM shows.
OPEN: Final[Mapping[str, tuple[int, float]]] = {
    "Territory plan": (8, 0.05),
    "Demand": (27, 0.10),
    "Plan": (24, 0.20),
    "Sponsor": (20, 0.35),
    "Assessment": (17, 0.50),
    "Validation – technical win": (11, 0.60),
    "Validation – business agreement": (9, 0.70),
    "Negotiation": (7, 0.80),
    "Order": (5, 0.90),
    "Contract": (4, 0.95),
    "Booking": (3, 0.95),
}
CLOSED: Final[Mapping[str, int]] = {"Won": 41, "Lost": 27, "Disqualified": 7}
# In how many stages, at least and at most, such a deal has been before it was over.
REACHED: Final = {"Won": (11, 11), "Lost": (1, 8), "Disqualified": (1, 3)}
LOG: Final = ("deal_id", "stage", "entered_on")

# What people have said when a deal leaves the stage of this label.
CRITERIA: Final[Mapping[str, tuple[str, ...]]] = {
    "Territory plan": (),
    "Demand": words(
        """
        technical_lead_identified business_drivers_determined early_value_proposition
        forecast_fed key_projects_listed first_go_no_go
        """
    ),
    "Plan": words("first_technical_solution"),
    "Sponsor": words("project_and_funding_confirmed joint_study_supported"),
    "Assessment": words("short_listed solution_idea_agreed obstacles_confirmed second_go_no_go"),
    "Validation – technical win": words("technical_win_confirmed"),
    "Validation – business agreement": words(
        """
        solution_and_price_agreed purchase_time_committed executive_agrees_orally
        price_and_terms_confirmed
        """
    ),
    "Negotiation": words("negotiation_started"),
    "Order": words("order_received"),
    "Contract": (),
    "Booking": words("revenue_booked"),
}
# What its records say then: plans, maps and registers that the CRM keeps as fields of the deal.
RECORDED: Final[Mapping[str, Mapping[str, str]]] = {
    "Territory plan": dict.fromkeys(
        words(
            """
            territory.exceeds_target territory.strategy territory.accounts territory.approved
            """
        ),
        "true",
    ),
    "Demand": {"procurement.steps": "4", "procurement.budget_known": "true"},
    "Sponsor": {"procurement.criteria": "5", "people.inside_supporters": "1"},
    "Assessment": {"people.decision_makers_not_met": "0", "risks.unanswered": "0"},
    "Contract": {"contract.signed_by_both": "true"},
}
# What the plan to win says, of a deal that needs one.
PLANNED: Final = words(
    """
    plan.complete plan.solution_strategy plan.relationship_strategy plan.competitive_strategy
    plan.action_plan plan.approved
    """
)
QUESTIONS: Final = words(
    """
    customer_project business_profile financial_condition access_to_funds compelling_event
    formal_decision_criteria solution_fit sales_resource_requirements current_relationship
    unique_business_value inside_support executive_credibility cultural_compatibility
    informal_decision_criteria political_alignment short_term_revenue future_revenue
    profitability degree_of_risk strategic_value
    """
)
COLUMNS: Final = (
    *words(
        """
        deal_id deal customer account.industry account.tier stage amount owner source
        created_on entered_stage_on close_date closed_on last_activity_on next_step
        next_step_on probability close_date_pushes contacts.total contacts.technical_buyer
        contacts.business_lead contacts.inside_supporter
        """
    ),
    *(f"done.{key}" for keys in CRITERIA.values() for key in keys),
    *(name for said in RECORDED.values() for name in said),
    "procurement.decision_on",
    "plan.kind",
    *PLANNED,
    "done.tas_20",
    *(f"tas.{key}" for key in QUESTIONS),
)


class Dice:
    """Chance that is the same on every Python: all of it comes from `random()` alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - a sample, not a secret

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def one_of(self, items: Sequence[T]) -> T:
        """Any of them."""
        return items[self.number(0, len(items) - 1)]

    def happens(self, share: float) -> bool:
        """True for this share of the calls."""
        return self._random() < share


def days(count: int, start: date = TODAY) -> str:
    """The day that many days after `start`, in ISO form."""
    return (start + timedelta(days=count)).isoformat()


def amount(dice: Dice) -> str:
    """In USD, spread around the two sizes at which a deal needs more planning."""
    low, high, step = dice.one_of(
        (
            (8_000, 49_500, 500),
            (8_000, 49_500, 500),
            (50_000, 100_000, 1_000),
            (50_000, 100_000, 1_000),
            (101_000, 260_000, 1_000),
            (300_000, 1_400_000, 10_000),
        )
    )
    return str(low + step * dice.number(0, (high - low) // step))


def sound_deal(dice: Dice, number: int, label: str) -> Deal:
    """A deal with everything that its stage asks for."""
    industry = dice.one_of(tuple(INDUSTRIES))
    which = dice.number(0, 3)
    deal: Deal = dict.fromkeys(COLUMNS, "")
    deal |= {
        "deal_id": f"D-{number}",
        "deal": dice.one_of(INDUSTRIES[industry]),
        "customer": CUSTOMERS[industry][which],
        "account.industry": industry,
        "account.tier": TIERS[which],
        "stage": label,
        "amount": amount(dice),
        "owner": dice.one_of(OWNERS),
        "source": dice.one_of(SOURCES),
        "close_date_pushes": str(dice.number(0, 1)),
        "contacts.total": str(dice.number(3, 9)),
        "contacts.technical_buyer": str(dice.number(1, 2)),
    }
    if label in CLOSED:
        close(deal, dice, label)
    else:
        keep_open(deal, dice, label)
    return deal


def keep_open(deal: Deal, dice: Dice, label: str) -> None:
    """Dates in order, the next step planned, and proof for every stage that lies behind."""
    behind = list(OPEN).index(label)
    in_stage = dice.number(3, 40)
    created = -in_stage - sum(dice.number(8, 30) for _ in range(behind)) - dice.number(0, 5)
    deal |= {
        "created_on": days(created),
        "entered_stage_on": days(-in_stage),
        "close_date": days(dice.number(10, 40) + 15 * (len(OPEN) - behind)),
        "last_activity_on": days(-dice.number(0, min(in_stage, 18))),
        "next_step": dice.one_of(NEXT_STEPS),
        "next_step_on": days(dice.number(1, 21)),
        "probability": str(OPEN[label][1]),
        "contacts.business_lead": str(int(behind >= 3)),
        "contacts.inside_supporter": str(int(behind >= 3)),
    }
    prove(deal, dice, behind)


def close(deal: Deal, dice: Dice, label: str) -> None:
    """A deal that is over: won after the whole way, lost or given up somewhere on it."""
    closed = -dice.number(2, 270)
    cycle = dice.number(90, 330) if label == "Won" else dice.number(20, 150)
    deal |= {
        "created_on": days(closed - cycle),
        "entered_stage_on": days(closed),
        "close_date": days(closed),
        "closed_on": days(closed),
        "last_activity_on": days(closed),
        "probability": "1.0" if label == "Won" else "0.0",
        "contacts.business_lead": str(int(label == "Won")),
        "contacts.inside_supporter": str(int(label == "Won")),
    }
    prove(deal, dice, len(OPEN) if label == "Won" else dice.number(1, 4))


def prove(deal: Deal, dice: Dice, behind: int) -> None:
    """Mark what a deal shows that has left that many stages."""
    left = list(OPEN)[:behind]
    for label in left:
        for key in CRITERIA[label]:
            deal[f"done.{key}"] = "true"
        deal |= RECORDED.get(label, {})
    if "Sponsor" in left:
        deal["procurement.decision_on"] = deal["close_date"]
    if behind >= 2:
        answer(deal, dice)
    if behind >= 3 or dice.happens(0.6):
        instrument = needed(deal)
        if instrument == "tas_20":
            deal["done.tas_20"] = "true"
        elif instrument:
            deal |= {"plan.kind": instrument, **dict.fromkeys(PLANNED, "true")}


def needed(deal: Deal) -> str | None:
    """The instrument that a deal of this size and account has to show."""
    if deal["account.tier"] != "regular":
        return "tas_plan"
    size = int(deal["amount"])
    return "opportunity_plan" if size > 100_000 else "tas_20" if size >= 50_000 else None


def answer(deal: Deal, dice: Dice) -> None:
    """All twenty questions, mostly in our favour: the deal was found worth going on with."""
    for key in QUESTIONS:
        deal[f"tas.{key}"] = "+" if dice.happens(0.75) else dice.one_of("-?")
    for key in ("customer_project", "access_to_funds", "compelling_event"):
        deal[f"tas.{key}"] = "+"
    # A deal that needs the TAS 20 leaves none of them open, any other a few.
    most = 0 if needed(deal) == "tas_20" else 2
    for key in [key for key in QUESTIONS if deal[f"tas.{key}"] == "?"][most:]:
        deal[f"tas.{key}"] = "-"


def in_open(deal: Deal) -> bool:
    """Is the deal under way?"""
    return deal["stage"] in OPEN


def past(*labels: str) -> Callable[[Deal], bool]:
    """Is the deal under way, and behind each of these stages?"""
    order = list(OPEN)
    last = max(order.index(label) for label in labels)
    return lambda deal: in_open(deal) and order.index(deal["stage"]) > last


def labelled(label: str) -> Callable[[Deal], bool]:
    """Does the deal stand in this stage, or did it end this way?"""
    return lambda deal: deal["stage"] == label


def large(deal: Deal) -> bool:
    """Does the deal need one of the two plans, in a stage where it has to be there?"""
    return past("Plan")(deal) and needed(deal) in {"opportunity_plan", "tas_plan"}


def medium(deal: Deal) -> bool:
    """Does the deal need the TAS 20, in a stage where it has to be there?"""
    return past("Plan")(deal) and needed(deal) == "tas_20"


def without(*columns: str) -> dict[str, str]:
    """A record with nothing in these columns."""
    return dict.fromkeys(columns, "")


LONG_AGO: Final = {"created_on": days(-560), "entered_stage_on": days(-340)}
FORGOTTEN: Final = {
    "close_date": days(-61),
    "next_step_on": days(-75),
    "last_activity_on": days(-90),
    "close_date_pushes": "5",
    "contacts.total": "1",
    "plan.approved": "false",
}
HURRIED: Final = {
    "contacts.total": "1",
    "procurement.budget_known": "false",
    "done.project_and_funding_confirmed": "false",
    "done.second_go_no_go": "false",
    "next_step_on": days(-6),
}

# What is wrong, in how many deals, in which of them, and how the record then looks.
FLAWS: Final[Sequence[tuple[str, int, Callable[[Deal], bool], Mapping[str, str]]]] = (
    ("stage is missing", 1, in_open, without("stage")),
    ("close date has passed", 9, in_open, {"close_date": days(-24)}),
    ("no next step", 7, in_open, without("next_step", "next_step_on")),
    ("next step is overdue", 8, in_open, {"next_step_on": days(-11)}),
    ("nothing happened for weeks", 8, in_open, {"last_activity_on": days(-57)}),
    ("activity is not recorded", 2, in_open, without("last_activity_on")),
    ("amount is missing", 5, in_open, without("amount")),
    ("close date is missing", 4, in_open, without("close_date")),
    ("owner is missing", 3, in_open, without("owner")),
    ("no contact", 3, in_open, {"contacts.total": "0", "contacts.technical_buyer": "0"}),
    ("only one contact", 6, past("Demand"), {"contacts.total": "1"}),
    ("pushed again and again", 6, past("Demand"), {"close_date_pushes": "4"}),
    ("tier is no tier", 2, in_open, {"account.tier": "gold"}),
    ("entered the stage before it existed", 2, in_open, {"created_on": days(20)}),
    ("in the stage for a very long time", 3, in_open, LONG_AGO),
    ("won at less than 100 %", 3, labelled("Won"), {"probability": "0.9"}),
    ("lost at more than 0 %", 3, labelled("Lost"), {"probability": "0.35"}),
    ("closed in the future", 2, labelled("Won"), {"closed_on": days(19), "close_date": days(19)}),
    ("closed before it was created", 1, labelled("Lost"), {"created_on": days(-1)}),
    ("closed, nobody knows when", 2, labelled("Lost"), without("closed_on")),
    ("no plan for its size", 7, large, without("plan.kind", *PLANNED)),
    ("no TAS 20 for its size", 3, medium, {"done.tas_20": "false"}),
    ("no go/no-go", 6, past("Demand"), without("done.first_go_no_go")),
    ("budget not clear", 5, past("Demand"), {"procurement.budget_known": "false"}),
    (
        "questions not asked",
        4,
        labelled("Plan"),
        without("tas.political_alignment", "tas.inside_support", "tas.strategic_value"),
    ),
    ("plan to win not approved", 5, large, {"plan.approved": "false"}),
    ("funding not confirmed", 4, past("Sponsor"), {"done.project_and_funding_confirmed": "false"}),
    ("second go/no-go was against it", 1, past("Assessment"), {"done.second_go_no_go": "false"}),
    ("risks without countermeasures", 3, past("Assessment"), {"risks.unanswered": "2"}),
    (
        "technical win only hoped for",
        2,
        past("Validation – technical win"),
        without("done.technical_win_confirmed"),
    ),
    ("forgotten altogether", 2, past("Plan"), FORGOTTEN),
    ("hurried to the end", 1, past("Assessment"), HURRIED),
    ("probability in per cent", 2, past("Plan"), {"probability": "60"}),
    ("amount of a credit note", 1, past("Sponsor"), {"amount": "-4000"}),
    ("put off less than never", 1, past("Plan"), {"close_date_pushes": "-1"}),
    ("last activity is a plan", 2, past("Plan"), {"last_activity_on": days(9)}),
    ("entered the stage tomorrow", 1, past("Plan"), {"entered_stage_on": days(1)}),
    ("open with a day of closing", 2, past("Sponsor"), {"closed_on": days(-3)}),
)

# The deal that the demo looks at: a good one, in step 2, with four things missing.
DEMO: Final[Deal] = {
    "deal": "Claims platform",
    "customer": "Quillstone Insurance",
    "account.industry": "insurance",
    "account.tier": "regular",
    "stage": "Demand",
    "amount": "86000",
    "owner": "li.wei",
    "source": "partner",
    "created_on": days(-48),
    "entered_stage_on": days(-22),
    "close_date": days(122),
    "last_activity_on": days(-4),
    "next_step": "Ask the CIO why this year",
    "next_step_on": days(3),
    "probability": "0.1",
    "close_date_pushes": "0",
    "contacts.total": "3",
    "contacts.technical_buyer": "1",
    **RECORDED["Territory plan"],
    "procurement.steps": "3",
    "procurement.budget_known": "false",
    "done.technical_lead_identified": "true",
    "done.business_drivers_determined": "true",
    "done.early_value_proposition": "",
    "done.forecast_fed": "true",
    "done.key_projects_listed": "true",
    **{
        f"tas.{key}": mark
        for key, mark in zip(QUESTIONS, "++++ ++-+?-+?+ ?+-  ", strict=True)
        if mark != " "
    },
}


def sample() -> list[Deal]:
    """All deals, in the order of their numbers."""
    dice = Dice(20_260_630)
    labels = [label for label, (count, _) in OPEN.items() for _ in range(count)]
    labels += [label for label, count in CLOSED.items() for _ in range(count)]
    for last in range(len(labels) - 1, 0, -1):
        other = dice.number(0, last)
        labels[last], labels[other] = labels[other], labels[last]
    deals = [sound_deal(dice, number, label) for number, label in enumerate(labels, start=1001)]
    sound = list(deals)
    for _, count, fits, record in FLAWS:
        for _ in range(count):
            # One flaw each, as long as there are deals that it can happen to.
            candidates = [deal for deal in sound if fits(deal)]
            deal = dice.one_of(candidates or [deal for deal in deals if fits(deal)])
            deal |= record
            sound = [other for other in sound if other is not deal]
    chosen = next(deal for deal in deals if deal["stage"] == "Demand" and deal in sound)
    chosen |= dict.fromkeys(COLUMNS[1:], "") | DEMO
    return deals


def log(deals: Sequence[Deal]) -> list[Deal]:
    """When each deal came to each stage; only of deals whose own days are in order."""
    order = tuple(OPEN)
    rows: list[Deal] = []
    for deal in deals:
        label, begun, entered = deal["stage"], deal["created_on"], deal["entered_stage_on"]
        if label not in {*OPEN, *CLOSED} or not "" < begun <= entered <= days(0):
            continue
        dice = Dice(int(deal["deal_id"][2:]))
        if label in OPEN:
            way = order[: order.index(label) + 1]
        else:
            least, most = REACHED[label]
            way = (*order[: dice.number(least, most)], label)
        # Of its days, those before it came to each stage; one that never moved came there last.
        parts = [0] * (len(way) > 1) + [dice.number(3, 17) for _ in way[1:] or way]
        first = date.fromisoformat(begun)
        whole = (date.fromisoformat(entered) - first).days
        rows += [
            {
                "deal_id": deal["deal_id"],
                "stage": name,
                "entered_on": days(whole * sum(parts[:at]) // sum(parts), first),
            }
            for at, name in enumerate(way, start=1)
        ]
    return rows


def as_csv(rows: Sequence[Deal], columns: Sequence[str] = COLUMNS) -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def files() -> dict[str, str]:
    """What is written, by the name of its file."""
    deals = sample()
    return {"pipeline.csv": as_csv(deals), "stages.csv": as_csv(log(deals), LOG)}


if __name__ == "__main__":
    for file, content in files().items():
        (DATA / file).write_text(content, encoding="utf-8", newline="\n")
        print(f"{content.count(chr(10)) - 1} rows written to {DATA / file}")
