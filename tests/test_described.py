"""Every field of every record, command, event and value is described where schemas are shown."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import salesflow as sf
from salesflow._described import Described, descriptions


def models(parent: type[Described] = Described) -> Iterator[type[BaseModel]]:
    """Every public model of salesflow: records, commands, payloads, results, money and text."""
    for info in pkgutil.walk_packages(sf.__path__, "salesflow."):
        if not info.name.endswith("__main__"):
            importlib.import_module(info.name)
    seen, left = set[type](), [parent]
    while left:
        cls = left.pop()
        left += [child for child in cls.__subclasses__() if child not in seen]
        seen |= {cls}
        public = cls.__module__.startswith("salesflow.") and not cls.__name__.startswith("_")
        if public and issubclass(cls, BaseModel) and "[" not in cls.__name__:
            yield cls


@pytest.mark.parametrize("cls", sorted(set(models()), key=repr), ids=lambda cls: cls.__name__)
def test_every_field_is_described_in_the_schema_of_its_model(cls: type[BaseModel]) -> None:
    words = descriptions(cls)
    assert [name for name in cls.model_fields if not words.get(name)] == []

    schema = cls.model_json_schema()
    if "$ref" in schema:  # a model that holds others of its kind
        schema = schema["$defs"][cls.__name__]
    shown = schema.get("properties", {})
    assert {name: shown[name].get("description") for name in cls.model_fields} == {
        name: words[name] for name in cls.model_fields
    }


@pytest.mark.parametrize("cls", sorted(set(models()), key=repr), ids=lambda cls: cls.__name__)
def test_nothing_is_described_that_a_model_does_not_have(cls: type[BaseModel]) -> None:
    told = {name for name in descriptions(cls) if not name.startswith("_")}  # pydantic's has some
    assert {name for name in told - cls.model_fields.keys() if not hasattr(cls, name)} == set()
