"""Which playbook fits: examples in sentences, and laws over every combination of answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Verdict, fitting_playbooks, fitting_questions
from salesflow.errors import ArgumentError, FactError, UnknownName
from salesflow.fitting._catalogue import catalogue
from salesflow.playbooks import BUILT_IN
from salesflow.rules import ast
from salesflow.text import LANGUAGES

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
RULES: Final = {it.id: it.rule for group in catalogue().groups for it in group.playbooks}
# Every number that a rule names, and one below and one above it.
LIMITS: Final = sorted(
    {
        operand.value
        for rule in RULES.values()
        for leaf in ast.leaves_of(rule.node)
        if isinstance(leaf, ast.Compare)
        for operand in leaf.operands
        if isinstance(operand, ast.Number)
    }
)
ANSWERS: Final[Mapping[str, tuple[object, ...]]] = {
    question.name: tuple(question.choices)
    or (
        (True, False)
        if question.kind == "flag"
        else tuple(sorted({near for limit in LIMITS for near in (limit - 1, limit, limit + 1)}))
    )
    for question in fitting_questions()
}
WHOLE: Final = [dict(zip(ANSWERS, case, strict=True)) for case in product(*ANSWERS.values())]


def verdicts(answers: Mapping[str, object]) -> dict[str, Verdict]:
    return {fit.id: fit.verdict for fit in fitting_playbooks(answers)}


def fitting(**answers: object) -> list[str]:
    return [fit.id for fit in fitting_playbooks(answers) if fit.verdict is YES]


def answered() -> st.SearchStrategy[dict[str, object]]:
    """Some of the answers, in some order."""
    whole = st.fixed_dictionaries({name: st.sampled_from(them) for name, them in ANSWERS.items()})
    names = st.lists(st.sampled_from(list(ANSWERS)), unique=True)
    return st.builds(lambda case, some: {name: case[name] for name in some}, whole, names)


# ------------------------------------------------------------------------------ the data file


def test_every_built_in_playbook_is_described_and_nothing_else() -> None:
    described = [it.id for group in catalogue().groups for it in group.playbooks]

    assert sorted(described) == sorted(BUILT_IN)


def test_every_text_is_in_every_language() -> None:
    known = catalogue()
    texts = [text for it in known.questions for text in (it.title, it.help, *it.choices.values())]
    texts += [text for group in known.groups for text in (group.title, group.differ)]
    texts += [
        text
        for group in known.groups
        for it in group.playbooks
        for text in (it.title, it.difference)
    ]

    assert [text for text in texts if text and text.languages != LANGUAGES] == []


def test_no_two_playbooks_are_set_apart_by_the_same_words() -> None:
    for lang in LANGUAGES:
        said = [it.difference.get(lang) for group in catalogue().groups for it in group.playbooks]
        assert len(set(said)) == len(said)


def test_no_rule_asks_whether_something_is_known_so_that_answers_only_decide() -> None:
    leaves = [leaf for rule in RULES.values() for leaf in ast.leaves_of(rule.node)]

    assert [leaf for leaf in leaves if isinstance(leaf, ast.Known)] == []


# ------------------------------------------------------------------------------ in sentences


def test_whoever_sells_large_deals_over_months_and_stays_with_the_customer_takes_eight_steps() -> (
    None
):
    found = fitting(work="selling", size="large", months=9, tender=True, after_signing="care")

    assert found == ["optimized_sales_process"]


def test_three_months_are_a_long_sale_and_less_is_not() -> None:
    long = {"work": "selling", "size": "large", "after_signing": "care"}

    assert verdicts({**long, "months": 3})["optimized_sales_process"] is YES
    assert verdicts({**long, "months": 2.9})["optimized_sales_process"] is NO


def test_a_bid_with_everything_up_to_the_acceptance_is_lead_to_cash() -> None:
    found = fitting(
        work="selling",
        size="large",
        tender=True,
        after_signing="delivery",
        departments=True,
        approval=True,
        new_customers=True,
    )

    assert found == ["ltc"]


def test_presales_people_who_write_bids_work_in_nine_phases_and_others_in_six() -> None:
    presales = {"work": "presales", "approval": False, "after_signing": "nothing"}

    assert fitting(**presales, tender=True) == ["presales_bid"]
    assert fitting(**presales, tender=False) == ["presales_six_phase"]


def test_one_team_and_several_departments_support_sales_in_different_ways() -> None:
    support = {"work": "support", "after_signing": "nothing"}

    assert fitting(**support, departments=True) == ["sales_support"]
    assert fitting(**support, departments=False) == ["sales_support_project"]


def test_a_campaign_is_a_project_and_an_opportunity_of_the_market_is_none() -> None:
    assert fitting(work="marketing", project=True) == ["marketing_project"]
    assert fitting(work="marketing", project=False) == ["marketing_management"]


def test_whoever_answers_nothing_may_take_any() -> None:
    assert set(verdicts({}).values()) == {UNKNOWN}
    assert verdicts({"tender": None, "work": "?"}) == verdicts({})


def test_what_fits_comes_first_and_what_less_stands_in_the_way_of_before_other_things() -> None:
    fits = fitting_playbooks({"work": "presales", "tender": True, "after_signing": "nothing"})

    order = [((YES, UNKNOWN, NO).index(fit.verdict), len(fit.blockers)) for fit in fits]
    assert order == sorted(order)
    assert [(fit.verdict, fit.id) for fit in fits][:2] == [
        (YES, "presales_bid"),
        (UNKNOWN, "presales_initiation"),
    ]


def test_a_fit_says_what_speaks_against_it_and_what_is_still_to_be_answered() -> None:
    fits = {fit.id: fit for fit in fitting_playbooks({"work": "presales", "tender": True})}

    assert fits["presales_bid"].open == ("after_signing",)
    assert fits["presales_six_phase"].open == ()
    against, missing = fits["presales_six_phase"].blockers
    assert (against.code, against.key) == ("no", "tender")
    assert against.fix.en == "whether customers buy by tender is yes; it must be no"
    assert against.fix.zh == "客户是否招标采购现为“是”，须为“否”"
    assert (missing.code, missing.key) == ("unknown", "after_signing")
    other = fits["marketing_project"].blockers[0].fix
    assert other.en == 'the work that the process is for is "presales"; it must be "marketing"'
    assert other.zh == "流程所服务的工作现为“售前”，须为“营销”"


def test_titles_are_those_of_the_playbooks() -> None:
    titles = {fit.id: fit.title for fit in fitting_playbooks({})}

    assert titles == {key: sf.load_playbook(key).title for key in BUILT_IN}


def test_no_playbook_is_loaded() -> None:
    code = (
        "import salesflow as sf; sf.fitting_playbooks({'tender': True})\n"
        "from salesflow.playbook._installed import _built_in\n"
        "print(_built_in.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "0\n"


# ------------------------------------------------------------------------------ bad answers


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(FactError) as caught:
        fitting_playbooks({"tendr": True, "size": "big", "months": -1, "tender": "yes", "work": 3})

    assert [(it.path, it.code) for it in caught.value.problems] == [
        ("tendr", "unknown_name"),
        ("size", "kind"),
        ("months", "kind"),
        ("tender", "kind"),
        ("work", "kind"),
    ]
    assert 'Did you mean "tender"?' in str(caught.value)
    assert "give one of small, medium, large" in str(caught.value)


def test_a_name_that_is_no_question_has_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="There is no question 'tendr'") as caught:
        fitting_playbooks({"tendr": True})

    assert caught.value.suggestion == "tender"


def test_who_answers_with_what_an_answer_is_called_is_told_the_answer() -> None:
    with pytest.raises(FactError, match=r'work: .*; did you mean "presales"') as caught:
        fitting_playbooks({"work": "售前", "size": "gross"})

    assert "size: this does not answer the question; give one of small" in str(caught.value)


@pytest.mark.parametrize("months", [-0.5, 120.5, float("inf"), 10**400, True, "9", object()])
def test_what_is_no_number_of_months_is_refused(months: object) -> None:
    with pytest.raises(FactError, match="months"):
        fitting_playbooks({"months": months})


@pytest.mark.parametrize("answers", [None, [], "tender", {"tender"}])
def test_answers_are_a_mapping(answers: object) -> None:
    with pytest.raises(ArgumentError, match="answers must be a mapping"):
        fitting_playbooks(answers)  # type: ignore[arg-type]  # what a caller may give by mistake


# ------------------------------------------------------------------------------ laws


@given(answered(), answered())
def test_more_answers_decide_what_was_open_and_change_nothing_that_was_decided(
    some: dict[str, object], more: dict[str, object]
) -> None:
    before, after = verdicts(some), verdicts({**more, **some})

    assert {key: after[key] for key in before if before[key] is not UNKNOWN} == {
        key: verdict for key, verdict in before.items() if verdict is not UNKNOWN
    }


@given(answered())
def test_the_order_of_answers_does_not_matter(some: dict[str, object]) -> None:
    assert fitting_playbooks(dict(sorted(some.items()))) == fitting_playbooks(some)


@given(answered())
def test_what_fits_lacks_nothing_and_what_may_fit_says_which_answers_it_waits_for(
    some: dict[str, object],
) -> None:
    for fit in fitting_playbooks(some):
        assert (fit.blockers == ()) is (fit.verdict is YES)
        assert (fit.open != ()) is (fit.verdict is UNKNOWN)
        assert not set(fit.open) & set(some)


def test_whoever_answers_everything_is_told_of_every_playbook_yes_or_no() -> None:
    assert {rule.verdict(case) for rule in RULES.values() for case in WHOLE} == {YES, NO}


def test_every_playbook_fits_somebody_and_no_two_fit_exactly_the_same() -> None:
    whom = {
        key: frozenset(at for at, case in enumerate(WHOLE) if rule.verdict(case) is YES)
        for key, rule in RULES.items()
    }

    assert [key for key, cases in whom.items() if not cases] == []
    assert len(set(whom.values())) == len(whom)


def test_presales_support_and_marketing_always_have_a_playbook() -> None:
    for case in WHOLE:
        if case["work"] != "selling":
            assert any(rule.verdict(case) is YES for rule in RULES.values()), case


@pytest.mark.parametrize("name", ANSWERS)
def test_every_question_and_every_answer_matters_to_somebody(name: str) -> None:
    found = {
        answer: frozenset(
            (key, at)
            for at, case in enumerate(WHOLE)
            if case[name] == ANSWERS[name][0]
            for key, rule in RULES.items()
            if name in rule.facts and rule.verdict({**case, name: answer}) is YES
        )
        for answer in ANSWERS[name]
    }

    assert len(set(found.values())) > 1
    if name != "months":
        assert len(set(found.values())) == len(found)
