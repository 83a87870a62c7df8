"""What the reference shows of a record or a result: every field, and those of the classes above it.

An extension of griffe, which reads the package for mkdocstrings. griffe knows nothing of pydantic:
to it a record is made with `**data`, and has the fields that stand in its own class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import griffe

ROOTS = {
    "salesflow.domain._base.record.Record",
    "salesflow._result.Result",
    "salesflow.text.Text",
}
ATTRIBUTES = re.compile(r"^Attributes:\n((?:(?:    .*)?\n)*(?:    .*)?)", re.MULTILINE)
ENTRY = re.compile(r"^    (?=\w+: )", re.MULTILINE)


class Fields(griffe.Extension):
    """Gives each model a signature with its fields, and a docstring that describes all of them."""

    def on_package(self, *, pkg: griffe.Module, **_: object) -> None:
        """Once the whole package is read: fields come from classes in other modules."""
        models = [cls for cls in classes(pkg) if is_model(cls)]
        described = {cls.path: (signature(cls), docstring(cls)) for cls in models}
        for cls in models:
            made, text = described[cls.path]
            if "__init__" not in cls.members:
                cls.set_member("__init__", made)
            if cls.docstring is not None:
                cls.docstring.value = text


def classes(parent: griffe.Module | griffe.Class) -> Iterator[griffe.Class]:
    """Every class of a module and of the modules in it."""
    for member in parent.members.values():
        if not member.is_alias and isinstance(member, griffe.Class):
            yield member
        elif not member.is_alias and isinstance(member, griffe.Module):
            yield from classes(member)


def is_model(cls: griffe.Class) -> bool:
    """Whether its fields are pydantic's."""
    return any(each.path in ROOTS for each in (cls, *cls.mro()))


def signature(cls: griffe.Class) -> griffe.Function:
    """The `__init__` that pydantic gives a model: each field by its name."""
    fields = {
        name: member
        for each in reversed((cls, *cls.mro()))
        for name, member in each.members.items()
        if isinstance(member, griffe.Attribute) and is_field(member)
    }
    init = griffe.Function("__init__")
    init.parameters = griffe.Parameters(
        griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword),
        *(
            griffe.Parameter(
                name,
                annotation=field.annotation,
                kind=griffe.ParameterKind.keyword_only,
                default=field.value,
            )
            for name, field in fields.items()
        ),
    )
    return init


def is_field(member: griffe.Attribute) -> bool:
    """Whether an attribute is given when a model is made: no constant, no property."""
    # griffe takes the ClassVar off, and leaves this label off instead.
    kept = {"instance-attribute"} <= member.labels and "property" not in member.labels
    return kept and not member.name.startswith("_") and member.annotation is not None


def docstring(cls: griffe.Class) -> str:
    """The docstring of a model, in which the inherited fields are described as well."""
    text = cls.docstring.value if cls.docstring else ""
    entries = dict[str, str]()
    for each in reversed((cls, *cls.mro())):
        found = ATTRIBUTES.search(each.docstring.value if each.docstring else "")
        for entry in ENTRY.split(found[1])[1:] if found else ():
            entries[entry.partition(":")[0]] = f"    {entry.rstrip()}"
    if not entries:
        return text
    section = "\n".join(["Attributes:", *entries.values(), ""])
    if ATTRIBUTES.search(text):
        return ATTRIBUTES.sub(lambda _: section, text, count=1)
    before, example, after = text.partition("\nExample:\n")
    return f"{before.rstrip()}\n\n{section}{example}{after}"
