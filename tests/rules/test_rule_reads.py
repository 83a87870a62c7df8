"""What a rule reads: its facts, as the catalogue had them when it was parsed."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given

from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict
from salesflow.rules.ast import Flag, Node
from tests.rules.strategies import FACTS, trees

COLOURED = Facts([Fact("colour", FactKind.CHOICE, ("red", "blue")), Fact("size", FactKind.NUMBER)])


@given(tree=trees())
def test_a_rule_reads_the_facts_it_names_as_the_catalogue_has_them(tree: Node) -> None:
    rule = Rule.of(tree, FACTS)

    assert set(rule.reads) == rule.facts
    assert all(fact == FACTS[name] for name, fact in rule.reads.items())


def test_a_stage_that_was_reached_is_read_as_a_flag() -> None:
    assert dict(Rule.parse('reached("close")', FACTS).reads) == {
        "reached.close": Fact("reached.close", FactKind.FLAG)
    }


def test_what_a_rule_reads_cannot_be_changed() -> None:
    rule = Rule.parse('colour == "red" and size > 1', COLOURED)

    with pytest.raises(TypeError):
        rule.reads["size"] = Fact("size", FactKind.TEXT)  # type: ignore[index]
    with pytest.raises(AttributeError, match="a rule cannot be changed"):
        rule.reads = {}  # type: ignore[misc]
    assert rule.reads["size"].kind is FactKind.NUMBER


def test_a_copy_reads_the_same() -> None:
    rule = Rule.parse('colour == "red"', COLOURED)

    for other in (copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):  # noqa: S301 - our own
        assert other.reads == rule.reads
        assert other.reads["colour"].choices == ("red", "blue")


def test_a_rule_of_a_tree_has_no_choices_for_what_the_catalogue_does_not_name() -> None:
    rule = Rule.of(Rule.parse('colour == "red"', COLOURED).node)

    assert rule.reads["colour"] == Fact("colour", FactKind.CHOICE)


def test_a_fact_is_of_the_kind_that_the_tree_has() -> None:
    rule = Rule.of(Flag("size"), COLOURED)

    assert rule.reads["size"] == Fact("size", FactKind.FLAG)
    assert rule.verdict({"size": True}) is Verdict.YES
