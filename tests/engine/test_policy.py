"""What a playbook lets people do to a deal: who, when, with which reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import lint

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
owner_role = "rep"
roles = [{{ key = "rep", title = "Rep" }}, {{ key = "boss", title = "Boss" }}]
reasons = [
  {{ key = "price", title = "Price", outcome = "lost" }},
  {{ key = "rival", title = "A rival", outcome = "lost", rule = "known(lost_to)", asks = "Who" }},
  {{ key = "frozen", title = "Frozen", outcome = "lost", stages = ["sign"], roles = ["boss"] }},
]
facts = [
  {{ name = "lost_to", kind = "text", title = "Who won" }},
  {{ name = "discount", kind = "number" }},
  {{ name = "quote_open", kind = "flag" }},
]
instruments = [{{ key = "plan", title = "Plan", by = "boss" }}]
[policy]
{policy}
[[stages]]
key = "plan"
title = "Plan"
[[stages]]
key = "build"
title = "Build"
[[stages]]
key = "sign"
title = "Sign"
wins = true
"""


def engine(policy: str = "") -> sf.StageEngine:
    return sf.StageEngine(sf.Playbook.from_toml(BOOK.format(policy=policy)))


def started(engine: sf.StageEngine, **fields: Any) -> sf.Opportunity:
    deal = sf.Opportunity.model_validate(
        {"id": "D-1", "name": "Works", "owner": "li", "team": {"wang": "boss"}, **fields}
    )
    return engine.decide(deal, sf.Start(by="li"), at=NOW).require()


def codes(
    engine: sf.StageEngine, deal: sf.Opportunity, command: sf.Command
) -> list[tuple[str, str]]:
    decision = engine.decide(deal, command, at=NOW + timedelta(hours=1))
    return [(blocker.code, blocker.key) for blocker in decision.blockers]


def test_without_a_policy_everybody_may_do_what_everybody_might() -> None:
    process = engine()
    deal = started(process)

    for command in (
        sf.Advance(by="stranger"),
        sf.Lose(by="stranger", reason="price"),
        sf.Hold(by="stranger", resume_when="Money", review_on=date(2026, 4, 1)),
        sf.Amend(by="stranger", changes={"next_step": "Call"}),
    ):
        assert codes(process, deal, command) == []


@pytest.mark.parametrize(
    ("policy", "by", "note", "expected"),
    [
        ('lose = "off"', "wang", "Sad", [("not_allowed", "lose")]),
        ('lose = ["boss"]', "wang", "Sad", []),
        ('lose = ["boss"]', "wang", None, [("why_missing", "lose")]),
        ('lose = ["boss"]', "li", None, [("role", "boss"), ("why_missing", "lose")]),
        ('lose = { roles = ["boss"] }', "wang", None, []),
        ("lose = { note = true }", "li", None, [("why_missing", "lose")]),
        ('lose = { stages = ["sign"] }', "li", None, [("not_from_here", "lose")]),
        ('lose = { stages = ["plan"] }', "li", None, []),
        ('lose = { rule = "not quote_open" }', "li", None, [("computed", "lose>")]),
    ],
)
def test_a_loss_is_for_those_whom_the_policy_names_when_it_says_so(
    policy: str, by: str, note: str | None, expected: list[tuple[str, str]]
) -> None:
    process = engine(policy)
    deal = started(process, facts={"quote_open": True})

    assert codes(process, deal, sf.Lose(by=by, reason="price", note=note)) == expected


def test_the_rule_of_a_permission_is_explained_by_its_own_words_and_values() -> None:
    process = engine('lose = { rule = "not quote_open", asks = "No quotation is open" }')
    deal = started(process, facts={"quote_open": True})
    (blocker,) = process.decide(deal, sf.Lose(by="li", reason="price"), at=NOW).blockers

    assert blocker.title.get("en") == "No quotation is open"
    assert dict(blocker.seen) == {"quote_open": True}
    closed = replaced(deal, facts={"quote_open": False})
    assert process.decide(closed, sf.Lose(by="li", reason="price"), at=NOW).accepted


def test_a_rule_about_what_is_not_known_blocks() -> None:
    process = engine('lose = { rule = "not quote_open" }')
    (blocker,) = process.decide(started(process), sf.Lose(by="li", reason="price"), at=NOW).blockers

    assert blocker.verdict is sf.Verdict.UNKNOWN


def test_a_reason_says_what_it_asks_for() -> None:
    process = engine()
    deal = started(process)

    assert codes(process, deal, sf.Lose(by="li", reason="price")) == []
    assert codes(process, deal, sf.Lose(by="li", reason="rival")) == [
        ("computed", "reasons.rival>")
    ]
    assert codes(process, deal, sf.Lose(by="li", reason="frozen")) == [
        ("role", "boss"),
        ("not_from_here", "reasons.frozen"),
    ]
    known = replaced(deal, facts={"lost_to": "Rival Ltd"})
    assert codes(process, known, sf.Lose(by="li", reason="rival")) == []


def test_only_the_owner_goes_on_and_the_review_says_so_of_each_person() -> None:
    process = engine('advance = { roles = ["rep"] }')
    deal = started(process)

    assert codes(process, deal, sf.Advance(by="li")) == []
    assert codes(process, deal, sf.Advance(by="wang")) == [("role", "rep")]
    assert process.review(deal, by="li", at=NOW).blockers == ()
    assert [item.code for item in process.review(deal, by="wang", at=NOW).blockers] == ["role"]
    assert process.review(deal, at=NOW).blockers == ()  # of nobody in particular
    assert [item.code for item in process.review(deal, by="li", role="boss", at=NOW).blockers] == [
        "role"
    ]


FIELDS = """
amend_closed = ["boss"]
fields = [
  { name = "amount", roles = ["boss"] },
  { name = "discount", rule = "discount < 0.2", asks = "The discount was small" },
]
"""


def amend(by: str, note: str | None = None, **changes: object) -> sf.Amend:
    return sf.Amend.model_validate({"by": by, "note": note, "changes": changes})


def test_single_fields_are_for_some_and_locked_by_rules() -> None:
    process = engine(FIELDS)
    deal = started(process, amount=sf.Money("100", "USD"), facts={"discount": 0.3})
    less = {"amount": "90", "currency": "USD"}

    assert codes(process, deal, amend("li", next_step="Call")) == []
    assert codes(process, deal, amend("li", amount=less)) == [("role", "boss")]
    assert codes(process, deal, amend("wang", amount=less)) == []
    same = {"amount": "100", "currency": "USD"}
    assert codes(process, deal, amend("li", amount=same)) == []  # nothing changes
    assert codes(process, deal, amend("li", facts={"discount": 0.4})) == [
        ("computed", "fields.discount>")
    ]
    both = amend("li", amount=less, facts={"discount": 0.4})
    assert codes(process, deal, both) == [("role", "boss"), ("computed", "fields.discount>")]


def test_a_condition_says_where_a_permission_asks_for_anything() -> None:
    process = engine('lose = { roles = ["boss"], note = true, when = "discount > 0.2" }')
    lose = sf.Lose(by="li", reason="price")

    assert codes(process, started(process, facts={"discount": 0.1}), lose) == []
    assert codes(process, started(process, facts={"discount": 0.3}), lose) == [
        ("role", "boss"),
        ("why_missing", "lose"),
    ]
    (blocker,) = process.decide(started(process), lose, at=NOW).blockers
    assert (blocker.key, blocker.verdict) == ("lose>", sf.Verdict.UNKNOWN)
    assert blocker.because[0].key == "discount"
    assert codes(process, started(process), sf.Lose(by="wang", reason="price", note="Sad")) == []


def test_a_condition_goes_before_the_rule_of_its_permission() -> None:
    process = engine('lose = { rule = "known(lost_to)", when = "not quote_open" }')
    lose = sf.Lose(by="li", reason="price")
    found = {
        name: codes(process, started(process, facts=facts), lose)
        for name, facts in {
            "open": {"quote_open": True},
            "closed": {"quote_open": False},
            "not known": dict[str, bool](),
        }.items()
    }

    shut = [("computed", "lose>")]
    assert found == {"open": [], "closed": shut, "not known": shut}
    rival = started(process, facts={"lost_to": "Acme"})
    assert codes(process, rival, lose) == []  # whether it applies or not


THREE: list[bool | None] = [True, False, None]


@pytest.mark.parametrize(("applies", "open_"), list(product(THREE, THREE)))
@pytest.mark.parametrize("kind", ["lose", "fields", "reasons"])
def test_a_permission_asks_for_all_it_says_unless_it_certainly_does_not_apply(
    kind: str, applies: bool | None, open_: bool | None
) -> None:
    said = 'roles = ["boss"], rule = "not quote_open", when = "discount > 0.2"'
    process = engine(f'fields = [{{ name = "next_step", {said} }}]\nlose = {{ {said} }}')
    if kind == "reasons":
        text = BOOK.format(policy="").replace('rule = "known(lost_to)", asks = "Who"', said)
        process = sf.StageEngine(sf.Playbook.from_toml(text))
    facts: dict[str, object] = {} if applies is None else {"discount": 0.3 if applies else 0.1}
    facts |= {} if open_ is None else {"quote_open": open_}
    deal = started(process, facts=facts)

    for by in ("li", "wang"):
        command: sf.Command = sf.Lose(by=by, reason="rival" if kind == "reasons" else "price")
        if kind == "fields":
            command = amend(by, next_step="Call")
        found = process.decide(deal, command, at=NOW).blockers
        assert (found == ()) is (applies is False or (by == "wang" and open_ is False))
        if found and applies is None:
            (blocker,) = found
            assert [part.key for part in blocker.because] == ["discount"]
    listed = process.available(deal, by="li", at=NOW)
    if kind == "lose":
        (loss,) = [item for item in listed if item.fields == {"reason": "price"}]
        assert loss.allowed is (applies is False)


BY_LIMIT = """
fields = [
  { name = "discount", roles = ["boss"], when = "discount > 0.2" },
  { name = "discount", rule = "discount <= 0.4 or not known(discount)", asks = "At most 40 %" },
  { name = "amount", roles = ["boss"], when = "amount < before.amount" },
]
"""


def test_the_rules_of_a_field_read_the_new_value_and_the_one_before() -> None:
    process = engine(BY_LIMIT)
    deal = started(process, amount=sf.Money("100", "USD"), facts={"discount": 0.1})

    for by, discount, expected in (
        ("li", 0.2, []),
        ("li", 0.3, [("role", "boss")]),
        ("wang", 0.4, []),
        ("wang", 0.5, [("computed", "fields.discount[2]>")]),
        ("li", None, [("computed", "fields.discount>")]),
        ("wang", None, []),
    ):
        changed = amend(by, facts={} if discount is None else {"discount": discount})
        assert codes(process, deal, changed) == expected, (by, discount)
    for by, amount, expected in (
        ("li", "110", []),
        ("li", "90", [("role", "boss")]),
        ("wang", "90", []),
    ):
        changed = amend(by, amount={"amount": amount, "currency": "USD"})
        assert codes(process, deal, changed) == expected, (by, amount)


def test_a_value_before_the_change_is_called_so() -> None:
    policy = 'fields = [{ name = "lost_to", rule = "lost_to == before.lost_to" }]'
    process = engine(policy)
    deal = started(process, facts={"lost_to": "Acme"})
    decision = process.decide(deal, amend("li", facts={"lost_to": "Zenith"}), at=NOW)

    assert "before the change" in (decision.blockers[0].because[0].fix.en or "")
    assert "修改前的" in (decision.blockers[0].because[0].fix.zh or "")


def test_what_lapses_by_an_amendment_stands_while_it_is_asked_whether_it_may_be_made() -> None:
    book = """
    id = "seal"
    version = "1"
    title = "Seal"
    roles = [{ key = "boss", title = "Boss" }]
    policy.fields = [{ name = "amount", rule = "not done.sealed", asks = "It is not sealed" }]
    [[stages]]
    key = "plan"
    title = "Plan"
    exit = [{ key = "sealed", title = "It is sealed", by = "boss", lapses_on = ["amount"] }]
    """
    process = sf.StageEngine(sf.Playbook.from_toml(book))
    deal = started(process, amount=sf.Money("100", "USD"))
    less = amend("li", amount={"amount": "90", "currency": "USD"})
    sealed = process.decide(deal, sf.Attest(by="wang", criterion="sealed"), at=NOW).require()

    assert codes(process, deal, less) == [("computed", "fields.amount>")]  # nobody has said
    assert codes(process, sealed, less) == [("computed", "fields.amount>")]
    undone = process.decide(sealed, sf.Attest(by="wang", criterion="sealed", met=False), at=NOW)
    assert codes(process, undone.require(), less) == []


OLD = """
id = "old"
version = "1"
title = "Old"
facts = [{ name = "margin", kind = "number", unit = "percent" }]
policy.fields = [{ name = "amount", rule = "RULE", asks = "It was so" }]
stages = [{ key = "plan", title = "Plan" }]
"""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("before.margin > 0.2", []),  # it is read, so that it is not in vain
        ("before.margin > 2", ["this can never hold: before.margin is from 0 to 1"]),
        ("before.probability > 2", ["this can never hold: before.probability is from 0 to 1"]),
        ("amount > before.amount and amount < before.amount", ["this can never hold"]),
    ],
)
def test_the_lint_knows_what_a_value_was_before(rule: str, expected: list[str]) -> None:
    problems = lint(OLD.replace("RULE", rule))

    said = [problem.message for problem in problems if problem.code != "unused"]
    assert said == expected
    unused = [problem.path for problem in problems if problem.code == "unused"]
    assert unused == ([] if "margin" in rule else ["facts.margin"])


def test_no_fact_and_no_checklist_is_called_as_what_was_before() -> None:
    fact = OLD.replace("RULE", "amount > 5").replace('"margin"', '"before.amount"')
    (problem,) = lint(fact)

    assert (problem.path, problem.code) == ('facts."before.amount".name', "duplicate")


def test_only_the_policies_of_fields_know_what_was_before() -> None:
    with pytest.raises(InvalidPlaybook) as error:
        engine('lose = { rule = "amount == before.amount" }')
    assert error.value.problems[0].path == "policy.lose.rule"


def test_the_fields_of_a_closed_deal_are_amended_where_the_policy_lets_somebody() -> None:
    process = engine(FIELDS)
    lost = process.decide(started(process), sf.Lose(by="li", reason="price"), at=NOW).require()

    assert codes(process, lost, amend("wang", "A typing error", next_step="Call")) == []
    assert codes(process, lost, amend("wang", next_step="Call")) == [
        ("why_missing", "amend_closed")
    ]
    assert codes(engine(), lost_in(engine()), amend("wang", next_step="Call")) == [
        ("ended", "ended")
    ]


def test_single_fields_of_a_closed_deal_have_their_own_policies_too() -> None:
    policy = """
    amend_closed = { roles = ["boss", "rep"] }
    fields = [
      { name = "amount", roles = ["boss"] },
      { name = "expected_close_on", rule = "not ended", asks = "The deal is open" },
      { name = "discount", rule = "discount < 0.2", note = true },
    ]
    """
    process = engine(policy)
    deal = started(process, amount=sf.Money("100", "USD"), facts={"discount": 0.3})
    lost = process.decide(deal, sf.Lose(by="li", reason="price"), at=NOW).require()
    less = {"amount": "90", "currency": "USD"}
    later = amend("wang", expected_close_on="2026-09-01")

    assert codes(process, lost, amend("li", next_step="Ask again")) == []
    assert codes(process, lost, amend("stranger", next_step="Ask again")) == [("role", "boss")]
    assert codes(process, lost, amend("li", amount=less)) == [("role", "boss")]
    assert codes(process, lost, amend("stranger", amount=less)) == [("role", "boss")] * 2
    assert codes(process, lost, amend("wang", amount=less)) == []
    assert codes(process, deal, later) == []
    assert codes(process, lost, later) == [("computed", "fields.expected_close_on>")]
    assert codes(process, lost, amend("wang", facts={"discount": 0.4})) == [
        ("why_missing", "fields.discount"),
        ("computed", "fields.discount>"),
    ]
    assert codes(process, lost, amend("wang", facts={"discount": 0.3})) == []  # nothing changes


def test_what_is_amended_on_a_closed_deal_is_on_record_and_leaves_it_closed() -> None:
    process = engine('amend_closed = "on"')
    lost = lost_in(process)
    decision = process.decide(lost, amend("li", next_step="Ask again"), at=NOW)
    (row,) = sf.field_history(decision.events)
    progress = decision.opportunity.progress

    assert (row.field, row.old, row.new) == ("next_step", None, "Ask again")
    assert (progress.outcome, progress.reason, progress.ended) == ("lost", "price", True)
    assert process.evolve(lost, decision.events[0]) == decision.opportunity
    listed = process.available(lost, by="li", at=NOW)
    assert [item.allowed for item in listed if item.kind is sf.Amend] == [True]


def lost_in(process: sf.StageEngine) -> sf.Opportunity:
    return process.decide(started(process), sf.Lose(by="li", reason="price"), at=NOW).require()


def test_an_instrument_is_completed_by_its_role() -> None:
    process = engine()
    deal = started(process)

    assert codes(process, deal, sf.Complete(by="li", instrument="plan")) == [("role", "boss")]
    assert codes(process, deal, sf.Complete(by="wang", instrument="plan")) == []


def test_a_deal_is_adopted_by_those_whom_the_policy_names() -> None:
    process = engine('adopt = ["boss"]')
    deal = sf.Opportunity.model_validate(
        {"id": "D-1", "name": "Works", "owner": "li", "team": {"wang": "boss"}}
    )
    command = sf.Adopt(by="li", stage="build", entered_on=date(2026, 2, 1))

    assert codes(process, deal, command) == [("role", "boss"), ("why_missing", "adopt")]
    assert codes(process, deal, replaced(command, by="wang", note="From the old CRM")) == []


@pytest.mark.parametrize(
    ("policy", "path", "said"),
    [
        ('loose = "on"', "policy.loose", 'did you mean "lose"?'),
        ('lose = { role = ["boss"] }', "policy.lose.role", 'did you mean "roles"?'),
        ('lose = { roles = ["bos"] }', "policy.lose.roles[0]", 'did you mean "boss"?'),
        ('lose = { stages = ["sing"] }', "policy.lose.stages[0]", 'did you mean "sign"?'),
        ('lose = { rule = "amout > 5" }', "policy.lose.rule", "did you mean amount?"),
        (
            'fields = [{ name = "amout", roles = ["boss"] }]',
            "policy.fields.amout.name",
            'did you mean "amount"?',
        ),
        (
            'fields = [{ name = "amount" }, { name = "amount", rule = "amount < before.amuont" }]',
            "policy.fields[1].rule",
            "did you mean before.amount?",
        ),
    ],
)
def test_a_mistake_in_a_policy_is_told_where_it_is(policy: str, path: str, said: str) -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        engine(policy)

    (problem,) = caught.value.problems
    assert problem.path == path
    assert said in str(problem)


def test_a_policy_is_part_of_the_behaviour_and_survives_json() -> None:
    plain, strict = (engine(policy).playbook for policy in ("", 'lose = { stages = ["sign"] }'))

    assert plain.digest != strict.digest
    assert sf.Playbook.from_json(strict.to_json()).policy == strict.policy
    assert engine('lose = "on"').playbook.digest == plain.digest


@pytest.mark.parametrize(
    "command", [sf.Win(by="li"), sf.Advance(by="li"), sf.MoveTo(by="li", stage="ended")]
)
def test_a_deal_is_won_by_those_who_may_win_it_whatever_the_way(command: sf.Command) -> None:
    process = engine('skip = "on"\nwin = { roles = ["boss"] }')
    deal = process.decide(started(process), sf.MoveTo(by="li", stage="sign"), at=NOW).require()

    assert codes(process, deal, command) == [("role", "boss")]
    assert codes(process, deal, replaced(command, by="wang")) == []


def test_a_judgement_that_only_a_permission_reads_is_not_refused() -> None:
    process = engine('lose = { rule = "approval.boss", asks = "The boss agrees" }')
    deal = started(process)
    agreed = process.decide(deal, sf.Judge(by="wang", role="boss", verdict="go"), at=NOW).require()

    assert codes(process, deal, sf.Lose(by="li", reason="price")) == [("computed", "lose>")]
    assert codes(process, agreed, sf.Lose(by="li", reason="price")) == []
    process = engine('fields = [{ name = "next_step", rule = "before.approval.boss" }]')
    go = sf.Judge(by="wang", role="boss", verdict="go")
    agreed = process.decide(started(process), go, at=NOW).require()
    assert codes(process, agreed, amend("li", next_step="Call")) == []


def test_a_later_start_is_only_where_the_policy_says() -> None:
    limited = engine('start_later = { stages = ["build"] }')
    new = sf.Opportunity(id="D-1", name="Works", owner="li")
    assert codes(limited, new, sf.Start(by="li", stage="sign")) == [
        ("not_from_here", "start_later")
    ]
    assert codes(limited, new, sf.Start(by="li", stage="build")) == []
    assert codes(limited, new, sf.Start(by="li")) == []
    offered = {
        item.fields.get("stage", ""): item.allowed
        for item in limited.available(new, by="li", at=NOW)
        if item.kind is sf.Start
    }
    assert offered == {"": True, "build": True, "sign": False}
