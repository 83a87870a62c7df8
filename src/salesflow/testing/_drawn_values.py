"""What is drawn for the facts of a playbook: the values that its rules name, and some around."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from salesflow.facts import Fact, FactKind
from salesflow.money import Money
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.rules._satisfiability import pools_of
from salesflow.testing._course import FIRST_DAY, START
from salesflow.testing._frames import rules_of
from salesflow.testing._witness import example_of

DAYS: Final = st.dates(FIRST_DAY - timedelta(days=400), FIRST_DAY + timedelta(days=400))
SOON: Final = st.dates(FIRST_DAY - timedelta(days=6), FIRST_DAY + timedelta(days=6))
WORDS: Final = st.sampled_from(["As agreed", "Later", "客户坚持"])


@kept_with_playbook
def values_of(book: Playbook) -> Mapping[str, st.SearchStrategy[Any]]:
    """For each fact the values that the rules of the playbook name, and some around these."""
    named: dict[str, dict[object, None]] = {}
    for rule in rules_of(book).values():
        core = rule.core(FIRST_DAY)
        for name, pool in pools_of(core, dict(rule.reads)).items():
            fitting = (it for it in pool if it is not None and rule.reads[name].admits(it))
            named.setdefault(name, {}).update(dict.fromkeys(fitting))
    return {name: _of_fact(fact, [*named.get(name, ())]) for name, fact in book.facts.items()}


def _of_fact(fact: Fact, named: list[object]) -> st.SearchStrategy[Any]:
    match fact.kind:
        case FactKind.FLAG:
            return st.booleans()
        case FactKind.CHOICE if fact.choices:
            return st.sampled_from(fact.choices)
        case FactKind.CHOICE | FactKind.TEXT:
            form = [] if fact.pattern is None else [example_of(fact.pattern)]
            return st.sampled_from([*(form or named), *(["As agreed"] if not form else [])])
        case FactKind.DAY:
            return DAYS
        case FactKind.INSTANT:
            return DAYS.map(lambda day: datetime.combine(day, START.timetz()))
        case FactKind.NUMBER | FactKind.MONEY:
            low = fact.low if fact.low is not None else 0.0
            high = fact.high if fact.high is not None else max(low, 0.0) + 1_000_000.0
            plain = st.sampled_from([low, high])
            return plain | st.sampled_from(named) if named else plain


def money_of(book: Playbook) -> st.SearchStrategy[Money]:
    """Amounts around the limits that the playbook names, in its currency."""
    return (
        values_of(book)["amount"]
        .filter(lambda amount: amount >= 0)
        .map(lambda amount: Money(f"{amount:.2f}", book.currency))
    )


def declared_of(book: Playbook) -> st.SearchStrategy[dict[str, Any]]:
    """Values of the facts that the playbook declares, as a deal keeps them."""
    values = values_of(book)
    return st.fixed_dictionaries({}, optional={name: values[name] for name in book.declared_facts})
