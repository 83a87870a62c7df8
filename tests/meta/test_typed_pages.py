"""What is documented type-checks, and a typo in it does not: with mypy and with pyright."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

import salesflow as sf
from tests.meta.typed_pages import PAGES, Complaint, module_of, mypy, pyright

START: Final = """\
from __future__ import annotations
from datetime import UTC, date, datetime
from decimal import Decimal
import salesflow as sf
from salesflow.engine import Proposal, Veto
now = datetime(2026, 3, 2, 9, tzinfo=UTC)
engine = sf.StageEngine(sf.load_playbook("milestone_selling"))
deal = sf.Opportunity(id="D-1", name="Core")
"""

RIGHT: Final = (
    'sf.Opportunity(id="D-1", name="Core", team={"x": "role"})',
    'sf.Opportunity(id="D-1", name="Core", team={"x": ("role", "another")})',
    'sf.Opportunity(id="D-1", name="Core", team=[sf.TeamMember(person="x", roles=("role",))])',
    'sf.Opportunity(id="D-1", name="Core", contacts=[], competitors=["Rival"], partners=["Ally"])',
    'sf.HostDeal(id="D-1", team={"x": "role"}, facts={"d": date(2026, 3, 2), "on": True, "n": 5})',
    'sf.HostDeal(id="D-1", facts={"amount": Decimal(5), "at": now, "text": "words"})',
    'sf.Amend(by="x", changes={"team": [{"person": "x", "roles": ["role"]}]})',
    'sf.Amend(by="x", changes={"created_on": date(2026, 3, 2), "amount": sf.Money(5, "USD")})',
    "engine.decide(deal, sf.Advance(by='x'), at=now).require().name.upper()",
    "engine.decide(sf.HostDeal(id='D-1'), sf.Advance(by='x'), at=now).require().facts['n']",
    """\
def hook(proposal: Proposal) -> list[str]:
    return [each.stage for each in proposal.payloads if each.kind == "stage_entered"]
""",
    """\
def read(event: sf.Event) -> str | None:
    return event.payload.reason if event.payload.kind == "lost" else None
""",
    """\
class Mine(sf.Opportunity):
    region: str
Mine(id="D-1", name="Core", region="north").region.upper()
""",
)

WRONG: Final = (
    'sf.Advence(by="x")',
    'sf.Lose(by="x", raeson="p")',
    'sf.Lose(by="x", reason=5)',
    'sf.Lose(by="x")',
    'sf.Judge(by="x", role="y", verdict="maybe")',
    'sf.Answer(by="x", question="q", mark="plus")',
    'sf.Opportunity(id="D-1", nmae="Core")',
    'sf.Opportunity(id="D-1", name="Core", team={"x": 5})',
    'sf.Opportunity(id="D-1", name="Core", amount=5)',
    'sf.Opportunity(id="D-1", name="Core").amuont',
    'sf.HostDeal(id="D-1", facts={"d": object()})',
    'sf.HostDeal(id="D-1", name="Core")',
    'sf.Account(name="Acme", tier="gold")',
    'sf.Account(name="Acme", teir="named")',
    'sf.errors.SalesflowEror("x")',
    "engine.decide(deal, sf.Advance(by='x'))",
    "engine.decide(deal, 'advance', at=now)",
    "engine.decide(deal, sf.Advance(by='x'), at=now).evnets",
    "engine.decide(deal, sf.Advance(by='x'), at=now).require().facts_of()",
    "engine.decide(deal, sf.Advance(by='x'), at=now).blockers[0].code == 5 + 'x'",
    "engine.review(deal, at=now).stage.key",
    "engine.review(deal, at='now')",
    "def hook(it: Proposal) -> str:\n    return it.payloads[0].stage",
    "Veto(key='x', titel=sf.Text(en='x'), fix=sf.Text(en='y'))",
    "def read(it: sf.Event) -> str:\n    return it.payload.how if it.payload.kind == 'won' else ''",
    "sf.check_pipeline([], engine.playbook, key='id', as_off=now)",
    "sf.Text(en='x').get(5)",
    "sf.Money('5', 'USD').amount.currency",
    "sf.read_command({'kind': 'Start'}).stage_of()",
)


@pytest.fixture(scope="module")
def found() -> Mapping[str, Mapping[str, list[Complaint]]]:
    """What each checker says of every line of the tables, by the name of its module."""
    modules = {f"right_{at}": f"{START}{code}\n" for at, code in enumerate(RIGHT)}
    modules |= {f"wrong_{at}": f"{START}{code}\n" for at, code in enumerate(WRONG)}
    checkers: dict[str, Callable[[Mapping[str, str]], list[Complaint]]] = {
        "mypy": mypy,
        "pyright": pyright,
    }
    by_checker = {name: checker(modules) for name, checker in checkers.items()}
    return {
        name: {key: [each for each in said if each.module == key] for key in modules}
        for name, said in by_checker.items()
    }


CHECKERS: Final = pytest.mark.parametrize("checker", ["mypy", "pyright"])


@CHECKERS
@pytest.mark.parametrize("at", range(len(RIGHT)), ids=RIGHT.__getitem__)
def test_what_may_be_given_is_what_a_checker_lets_through(
    found: Mapping[str, Mapping[str, list[Complaint]]], checker: str, at: int
) -> None:
    assert found[checker][f"right_{at}"] == []


@CHECKERS
@pytest.mark.parametrize("at", range(len(WRONG)), ids=WRONG.__getitem__)
def test_a_wrong_line_is_a_complaint_about_that_line(
    found: Mapping[str, Mapping[str, list[Complaint]]], checker: str, at: int
) -> None:
    first = START.count("\n")
    assert [each for each in found[checker][f"wrong_{at}"] if each.line > first] != []
    assert [each for each in found[checker][f"wrong_{at}"] if each.line <= first] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_of_the_module_of_a_page_stands_on_the_same_line_of_the_page(
    page: Path,
) -> None:
    text = page.read_text(encoding="utf-8")
    lines, shown = module_of(text).split("\n"), text.split("\n")
    astray = [at for at, line in enumerate(lines) if line and line.strip() not in shown[at]]

    assert astray == []
    assert bool("".join(lines)) is ("```python" in text)


def test_a_prompt_that_is_shown_to_raise_is_left_out_and_its_neighbours_are_not() -> None:
    page = (
        "Words\n\n```python\n>>> a = 1\n>>> a.b\nTraceback (most recent call last):\n"
        "AttributeError: b\n>>> if a:\n...     a\n1\n```\n\n```python\nb = 2\n```\n"
    )
    assert module_of(page).rstrip("\n").split("\n") == [
        *["", "", ""],
        *["a = 1", "", "", "", "if a:", "    a", "", "", "", "", "b = 2"],
    ]


@pytest.mark.parametrize("cls", [sf.Opportunity, sf.HostDeal])
def test_the_fields_that_a_checker_is_told_are_those_of_the_record(
    cls: type[sf.Opportunity | sf.HostDeal],
) -> None:
    tree = ast.parse(inspect.getsource(cls))
    (init,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    ]
    told = dict(zip([arg.arg for arg in init.args.kwonlyargs], init.args.kw_defaults, strict=True))

    assert told.keys() == cls.model_fields.keys()
    assert {name for name, default in told.items() if default is None} == {
        name for name, field in cls.model_fields.items() if field.is_required()
    }
