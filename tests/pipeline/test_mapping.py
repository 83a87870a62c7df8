"""What is said of a frame is a value: checked, laid over another, kept in a file and read again."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Verdict
from salesflow.errors import ArgumentError
from salesflow.pipeline import FrameMapping, InvalidMapping
from tests.hostile import SEVERAL_LINES, UNSEEN, VISIBLE

NAMES = st.text(min_size=1, max_size=12) | st.sampled_from([*VISIBLE, *SEVERAL_LINES, *UNSEEN])
NAMES = NAMES.filter(lambda name: name != "stage")
LABELS = NAMES | st.integers(-(2**60), 2**60) | st.booleans() | st.floats(-1e9, 1e9)
VALUES = NAMES | st.booleans() | st.none()
FACTORS = (
    st.integers(1, 10**12)
    | st.floats(1e-6, 1e9)
    | st.decimals(Decimal("0.0001"), 10**6, allow_nan=False)
)
MAPPINGS = st.builds(
    FrameMapping,
    key=st.none() | NAMES,
    stage=st.none() | NAMES,
    columns=st.dictionaries(NAMES, NAMES, max_size=4),
    stages=st.dictionaries(NAMES, NAMES, max_size=4),
    values=st.dictionaries(NAMES, st.dictionaries(LABELS, VALUES, min_size=1), max_size=3),
    currency=st.sampled_from([None, "EUR", "CNY"]),
    scale=st.dictionaries(NAMES, FACTORS, max_size=3),
    tz=st.sampled_from([None, "UTC", "Asia/Shanghai"]),
)


@pytest.mark.law
@given(MAPPINGS)
def test_a_mapping_is_the_same_when_it_was_written_and_read(mapping: FrameMapping) -> None:
    for back in (
        FrameMapping.from_toml(mapping.to_toml()),
        FrameMapping.from_json(mapping.to_json()),
        pickle.loads(pickle.dumps(mapping)),  # noqa: S301 - our own
    ):
        assert back == mapping
        assert hash(back) == hash(mapping)
        kinds = [[type(label) for label in labels] for labels in back.values.values()]
        assert kinds == [[type(label) for label in labels] for labels in mapping.values.values()]


@pytest.mark.law
@given(MAPPINGS, MAPPINGS)
def test_the_upper_one_wins_and_what_it_does_not_say_stays(
    under: FrameMapping, over: FrameMapping
) -> None:
    both = under | over

    assert both.key == (under.key if over.key is None else over.key)
    assert both.columns == {**under.columns, **over.columns}
    below: dict[str, Any] = dict(under.values)
    above: dict[str, Any] = dict(over.values)
    for fact in {*below, *above}:
        assert both.values[fact] == {**below.get(fact, {}), **above.get(fact, {})}
    assert under | FrameMapping() == under == FrameMapping() | under


@given(MAPPINGS)
def test_nothing_in_the_file_is_unseen(mapping: FrameMapping) -> None:
    from salesflow._unseen import UNSEEN as PATTERN

    assert all(PATTERN.search(line) is None for line in mapping.to_toml().split("\n"))


def test_the_file_reads_like_one_that_a_person_wrote() -> None:
    mapping = FrameMapping(
        key="商机编号",
        stage="阶段",
        columns={"amount": "金额（万元）", "account.name": "客户名称"},
        stages={"赢单": "won"},
        values={"bant.budget": {1: True, 0: Verdict.NO}, "owner": {"N/A": None}},
        currency="CNY",
        scale={"amount": 10_000},
        tz="Asia/Shanghai",
    )

    assert (
        mapping.to_toml()
        == """\
key = "商机编号"
stage = "阶段"
currency = "CNY"
tz = "Asia/Shanghai"

[columns]
amount = "金额（万元）"
"account.name" = "客户名称"

[stages]
"赢单" = "won"

[[values."bant.budget"]]
label = 1
value = true

[[values."bant.budget"]]
label = 0
value = false

[[values.owner]]
label = "N/A"

[scale]
amount = 10000
"""
    )


def test_a_dotted_key_without_quotes_means_the_same() -> None:
    plain = """
    [columns]
    account.name = "Company"
    account.tier = "Class"
    [values.account.tier]
    A = "strategic"
    [[values.bant.budget]]
    label = 1
    value = "+"
    [scale]
    paid.amount = 1000
    """

    assert FrameMapping.from_toml(plain) == FrameMapping(
        columns={"account.name": "Company", "account.tier": "Class"},
        values={"account.tier": {"A": "strategic"}, "bant.budget": {1: "+"}},
        scale={"paid.amount": 1_000},
    )


def test_everything_wrong_with_a_file_is_told_at_once_with_its_line() -> None:
    text = """\
kee = "id"
key = 3
currency = "EURO"
tz = "Mars"
[columns]
amount = 4
[stages]
Won = true
[values.owner]
An = 2026-01-01
[[values.source]]
label = "a"
[[values.source]]
label = "a"
[[values.source]]
lable = "b"
[scale]
amount = 0
"""
    with pytest.raises(InvalidMapping) as caught:
        FrameMapping.from_toml(text)

    assert [(it.line, it.path) for it in caught.value.problems] == [
        (1, "kee"),
        (2, "key"),
        (3, "currency"),
        (4, "tz"),
        (6, "columns.amount"),
        (8, "stages.Won"),
        (10, "values.owner.An"),
        (13, "values.source[1]"),
        (15, "values.source[2]"),
        (18, "scale.amount"),
    ]
    assert 'did you mean "key"' in str(caught.value)
    assert 'did you mean "EUR"' in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key = ", "line 1"),
        ("key = 'a'\nkey = 'b'", "line 2"),
        ("columns = 3", "must be a mapping"),
        ("columns = ['amount']", "must be a mapping"),
        ("values = { owner = 3 }", "must be a mapping"),
        ("columns = { stage = 'a' }\nstage = 'b'", "name it once"),
        (f"key = '{'a' * (1 << 20)}'", "longer than"),
        ("a." * 40 + "b = 1", "parts"),
        ("[" * 200, "levels of nesting"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidMapping, match=words):
        FrameMapping.from_toml(text)


@pytest.mark.parametrize("text", ["[]", "{", '{"key": NaN}', '{"key": 1, "key": 2}', '{"key": {}}'])
def test_a_json_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidMapping):
        FrameMapping.from_json(text)


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    mapping = FrameMapping(key="Id", columns={"amount": "金额"})
    (tmp_path / "map.toml").write_text(mapping.to_toml(), encoding="utf-8")
    (tmp_path / "map.json").write_text(mapping.to_json(), encoding="utf-8")
    (tmp_path / "old.toml").write_bytes('key = "金额"'.encode("gb18030"))

    assert FrameMapping.from_file(tmp_path / "map.toml") == mapping
    assert FrameMapping.from_file(str(tmp_path / "map.json")) == mapping
    with pytest.raises(InvalidMapping, match="not UTF-8"):
        FrameMapping.from_file(tmp_path / "old.toml")
    with pytest.raises(InvalidMapping, match="cannot be read"):
        FrameMapping.from_file(tmp_path / "none.toml")
    with pytest.raises(InvalidMapping, match="neither"):
        FrameMapping.from_file(tmp_path / "map.yaml")


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ({"key": 3, "columns": []}, ["columns", "key"]),
        ({"columns": {"amount": 3, 4: "x"}}, ["columns['amount']", "columns[4]"]),
        ({"values": {"owner": {None: "x", float("nan"): "y"}}}, None),
        ({"values": {"owner": {"x": [1]}}}, ["values['owner']['x']"]),
        ({"stage": "a", "columns": {"stage": "b"}}, ["columns['stage']"]),
        ({"scale": {"amount": True}, "tz": 3}, ["scale['amount']", "tz"]),
        ({"key": "a\ud800"}, ["key"]),
    ],
)
def test_what_no_frame_can_have_is_refused(said: dict[str, Any], paths: list[str] | None) -> None:
    with pytest.raises(ArgumentError) as caught:
        FrameMapping(**said)

    told = sorted(problem.path for problem in caught.value.problems)
    assert told == paths if paths else len(told) > 1


def test_the_column_of_the_stage_may_stand_with_the_others() -> None:
    assert FrameMapping(columns={"stage": "Phase"}) == FrameMapping(stage="Phase")
