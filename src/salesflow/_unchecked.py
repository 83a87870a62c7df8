"""Models filled without a check: what salesflow makes itself is right already, and made often."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


_put = object.__setattr__  # the model's own setter refuses


def fill(
    model: BaseModel,
    values: dict[str, object],
    names: set[str],
    extra: dict[str, object] | None = None,
) -> None:
    """Gives a frozen model all its fields, and tells pydantic which they are.

    It does what `model_construct` does, but does not look for defaults and aliases, which takes
    most of the time of folding an event. `names` may be one set for all models of a class: they
    are frozen, so it never changes.
    """
    _put(model, "__dict__", values)
    _put(model, "__pydantic_fields_set__", names)
    _put(model, "__pydantic_extra__", extra)
    _put(model, "__pydantic_private__", None)
