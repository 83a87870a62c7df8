"""Slips beside others: what stands before and behind one tells what it stands for."""

from __future__ import annotations

from typing import Final

import pytest

from salesflow.facts import Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules._slips import mended
from tests.rules.test_slips import FACTS, problems_of

# What was written, and what it means.
CONSTRUCTIONS: Final = [
    ("owner == '李伟' and amount between 5 and 10", 'owner == "李伟" and 5 <= amount <= 10'),
    ("amount not between 5 and 10", "not 5 <= amount <= 10"),
    ("if\n ended then\n on_hold", "not ended or on_hold"),
    ("owner != null", "known(owner)"),
    ("owner is not None", "known(owner)"),
    ("owner is  not  null", "known(owner)"),
    ("owner is None", "not known(owner)"),
]


@pytest.mark.parametrize(("written", "meant"), CONSTRUCTIONS, ids=[it[0] for it in CONSTRUCTIONS])
def test_a_construction_is_told_as_a_whole(written: str, meant: str) -> None:
    assert len(problems_of(written)) == 1
    assert Rule.parse(mended(written, FACTS).text, FACTS) == Rule.parse(meant, FACTS)


def test_a_word_of_a_construction_that_names_a_fact_is_that_fact() -> None:
    facts = FACTS.extended([Fact("unless", FactKind.FLAG)])
    found = mended("unless = True and ended UNLESS on_hold", facts)
    assert found.text == "unless == True and ended or on_hold"
    assert [problem.path for problem in found.problems] == ["column 8", "column 25"]


def test_the_end_of_a_mended_rule_is_the_end_of_what_was_written() -> None:
    assert problems_of("金额 >")[1:] == [
        "5: the rule ends too early; a fact or a value is missing here"
    ]
