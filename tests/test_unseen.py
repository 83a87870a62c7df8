"""Names with characters that nobody sees."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from salesflow._unseen import hidden
from salesflow.domain import Account
from salesflow.domain._base.record import Label

LABEL: TypeAdapter[str] = TypeAdapter(Label)
BARE: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(strip_whitespace=True)])
UNSEEN_ONES = "\x00\t\n\x7f\x9f\xad\u200b\u200c\u200d\u2028\ufe0f\ufeff\U000e0001\U000e0041"


@example("李\ufe0f\u200d伟")
@example("a\u200db")
@example("\u200d李")
@example("\ufdd0")
@given(st.text(st.characters(codec="utf-8") | st.sampled_from(UNSEEN_ONES), max_size=12))
def test_a_name_is_refused_exactly_where_something_in_it_is_hidden(text: str) -> None:
    name = BARE.validate_python(text)
    if not name:
        return
    if hidden(name):
        with pytest.raises(ValidationError) as caught:
            LABEL.validate_python(text)
        assert [it["type"] for it in caught.value.errors()] == ["text_unseen"]
    else:
        assert LABEL.validate_python(text) == name


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_a_name_says_nothing_of_how_it_is_checked(mode: str) -> None:
    schema = LABEL.json_schema(mode="validation" if mode == "validation" else "serialization")
    assert schema == {"type": "string", "minLength": 1, "maxLength": 200}


def test_the_error_says_which_character_it_is() -> None:
    with pytest.raises(ValidationError, match=r"character 3 is U\+200B, which nobody sees;"):
        Account(name=" us\u200b")
