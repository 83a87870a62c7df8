"""Single values of a file that are nearly right: what is told, and what to write."""

from __future__ import annotations

import json

import pytest

from salesflow.money import CURRENCIES
from salesflow.playbook import Playbook, lint

HEAD = 'id = "mine"\nversion = "1"\ntitle = "Mine"\n'
STAGE = '[[stages]]\nkey = "only"\ntitle = "Only"\n'


def told(text: str) -> list[str]:
    return [f"{problem.message}; {problem.hint}" for problem in lint(text)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("RMB", "CNY"), ("人民币", "CNY"), ("¥", "CNY"), ("cny", "CNY"), ("元", "CNY")),
        *(("NTD", "TWD"), ("新台币", "TWD"), ("NT$", "TWD"), ("UKP", "GBP"), ("£", "GBP")),
        *(("usd", "USD"), ("$", "USD"), ("美元", "USD"), ("US$", "USD"), ("Dollar", "USD")),
        *(("港币", "HKD"), ("日元", "JPY"), ("€", "EUR"), ("Euro", "EUR"), ("EUX", "EUR")),
        *((" GBP", "GBP"), ("韩元", "KRW"), ("新加坡元", "SGD"), ("瑞士法郎", "CHF")),
    ],
)
def test_a_currency_by_its_everyday_name_is_told_its_code(written: str, code: str) -> None:
    expected = [f'there is no currency of ISO 4217 "{written}"; did you mean "{code}"?']
    assert told(f'{HEAD}currency = "{written}"\n{STAGE}') == expected
    fact = f'[[facts]]\nname = "deposit"\nkind = "money"\ntitle = "D"\ncurrency = "{written}"\n'
    assert told(f"{HEAD}{fact}{STAGE}") == expected


def test_what_nobody_knows_as_a_currency_is_told_what_a_code_is() -> None:
    assert told(f'{HEAD}currency = "gold"\n{STAGE}') == [
        'there is no currency of ISO 4217 "gold"; write its code, as in "EUR"'
    ]


def test_the_schema_lists_the_currencies() -> None:
    properties = json.loads(json.dumps(Playbook.json_schema()))["properties"]
    assert properties["currency"]["enum"] == sorted(CURRENCIES)
    assert properties["facts"]["items"]["properties"]["currency"]["enum"][0] == "amount"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("probability = 20", "this must be from 0 to 1, not 20; did you mean 0.2?"),
        ("probability = 7.5", "this must be from 0 to 1, not 7.5; did you mean 0.075?"),
        ("probability = 200", "this must be from 0 to 1, not 200; "),
        ("probability = -0.1", "this must be from 0 to 1, not -0.1; "),
        ("max_days = 0", "this must be from 1 to 3,650, not 0; "),
    ],
)
def test_a_number_out_of_its_range_is_told_the_range_and_what_was_meant(
    line: str, expected: str
) -> None:
    assert told(f"{HEAD}{STAGE}{line}\n") == [expected]


def test_points_can_be_taken_away() -> None:
    item = '{ key = "i", title = "I", rule = "ended" }, '
    bad = '{ key = "r", title = "R", rule = "on_hold", weight = -4 }'
    bands = '{ key = "all", title = "All", min = 0 }'
    card = '[[scorecards]]\nkey = "fit"\ntitle = "Fit"\n'
    card += f"items = [{item}{bad}]\nbands = [{bands}]\n"
    card += '[[stages.exit]]\nkey = "go"\ntitle = "Go"\nrule = "score.fit.low >= 1"\n'
    assert told(f"{HEAD}{STAGE}{card}") == []


def test_a_file_may_say_where_its_schema_is() -> None:
    text = f'"$schema" = "./playbook.json"\n{HEAD}{STAGE}'
    assert told(text) == []
    playbook = Playbook.from_toml(text)
    assert playbook == Playbook.from_toml(f"{HEAD}{STAGE}")
    assert "$schema" not in playbook.to_json()
    as_json = json.dumps({"$schema": "./playbook.json", **json.loads(playbook.to_json())})
    assert Playbook.from_json(as_json) == playbook
    assert told(f'"$schema" = 5\n{HEAD}{STAGE}') == [
        "this must be the address of a schema, a text, not 5; "
    ]


def test_a_file_that_is_too_big_is_told_what_is_possible() -> None:
    hint = "shorten its texts, leave out what nobody uses, or make two processes of it"
    assert told(f"{HEAD}{STAGE}#{'x' * (1 << 20)}") == [
        f"the text is longer than 1,048,576 bytes; {hint}"
    ]
    assert told(f"{HEAD}{STAGE}x = [{'1,' * 110_000}]") == [f"more than 100,000 values; {hint}"]
