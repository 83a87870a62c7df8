"""Every public name with its signature, a line each: what `docs/api/public.txt` says of the code.

`make api` writes that file anew. Public is what the pages of the reference show. griffe reads the
package as it does for them, without running it: annotations and defaults stand as they are written,
on any Python.

griffe has a check of breaking changes as well, between two trees. A listing needs no second tree:
it shows what a change does in the diff of that change, and what a release does in the diff since
the tag of the last one.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

import griffe

ROOT: Final = Path(__file__).parents[2]
LISTING: Final = ROOT / "docs" / "api" / "public.txt"
_SHOWN: Final = re.compile(r"^::: (salesflow\.\S+)$", re.MULTILINE)
_NAME: Final = re.compile(r"  (?:class )?([\w.]+)")
# How a class is made, called, compared and counted; its other dunder methods are Python's affair.
_OPERATORS: Final = re.compile(
    r"__(?:init|call|bool|len|iter|contains|getitem|eq|lt|le|gt|ge|add|radd|sub|and|or|invert)__"
)


def listing() -> str:
    """The text of the file: a heading for each module, and below it a line for each name."""
    package = griffe.load("salesflow", search_paths=[ROOT / "src"])
    public = {
        module: {
            name: _at(package, f"{module}.{name}")
            for name in sorted(vars(importlib.import_module(module))["__all__"])
        }
        for module in _modules(package)
    }
    homes = dict[str, str]()  # each is described in one module, and the others point there
    for module, names in public.items():
        for name, value in names.items():
            homes.setdefault(value.path, value.path if value.is_module else f"{module}.{name}")
    parts = list[str]()
    for module, names in sorted(public.items()):
        parts += [module, ""]
        for name, value in names.items():
            home = homes[value.path]
            here = home == f"{module}.{name}" and not value.is_module
            lines = _lines(name, value, homes.keys()) if here else [f"{name} = {home}"]
            parts += [f"  {line}" for line in lines]
        parts.append("")
    return "\n".join(parts)


def entries(text: str) -> dict[str, str]:
    """The lines of a listing, each by its full name."""
    found = dict[str, str]()
    module = ""
    for line in text.splitlines():
        if name := _NAME.match(line):
            found[f"{module}.{name[1]}"] = line.strip()
        elif line:
            module = line
    return found


def differences(was: str, now: str) -> list[str]:
    """What a listing has lost, what reads otherwise in another one, and what that one adds."""
    before, after = entries(was), entries(now)
    return [
        *(f"removed: {name}" for name in sorted(before.keys() - after.keys())),
        *(
            f"changed: {name}\n    was {before[name]}\n    is  {after[name]}"
            for name in sorted(before.keys() & after.keys())
            if before[name] != after[name]
        ),
        *(f"added:   {name}" for name in sorted(after.keys() - before.keys())),
    ]


def _modules(package: griffe.Object | griffe.Alias) -> list[str]:
    """What the reference shows, and last `salesflow` itself, whose names are short for others."""
    pages = sorted((ROOT / "docs" / "api").glob("*.md"))
    shown = {name for page in pages for name in _SHOWN.findall(page.read_text(encoding="utf-8"))}
    return [*sorted(name for name in shown if _at(package, name).is_module), "salesflow"]


def _at(package: griffe.Object | griffe.Alias, path: str) -> griffe.Object:
    """What stands at a path, in the module that defines it."""
    found = package[path.removeprefix("salesflow.")]
    return found.final_target if isinstance(found, griffe.Alias) else found


def _lines(name: str, value: griffe.Object, public: AbstractSet[str]) -> Iterator[str]:
    """What is said of a name, and after a class of its members."""
    if isinstance(value, griffe.Class):
        bases = [str(base) for base in value.bases if not _hidden(base, value, public)]
        yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
        for key, member in sorted(_members(value, public).items()):
            yield from _lines(f"{name}.{key}", member, public)
    elif isinstance(value, griffe.Function):
        yield " ".join(value.signature(name=name).split())
    elif isinstance(value, griffe.Attribute):
        kind = str(value.annotation or "")
        said = "" if kind in ("", "TypeAlias") else f": {kind}"
        # What `__init__` gives an attribute, and what a constant is, is nothing to count on.
        if value.labels != {"instance-attribute"} and not kind.startswith("Final"):
            said += f" = {value.value}" if value.value is not None else ""
        yield " ".join(f"{name}{said}".split())


def _hidden(base: str | griffe.Expr, cls: griffe.Class, public: AbstractSet[str]) -> bool:
    """Whether a class derives from something of ours that is nobody's business."""
    path = base if isinstance(base, str) else base.canonical_path
    return path.startswith("salesflow.") and _at(cls.package, path).path not in public


def _members(cls: griffe.Class, public: AbstractSet[str]) -> dict[str, griffe.Object]:
    """The members of a class, with those of the classes above it that are not listed themselves.

    What begins with `model_` is pydantic's, and documented there.
    """
    found = dict[str, griffe.Object]()
    for key, member in cls.all_members.items():
        if member.is_alias and not member.inherited:
            continue  # imported into the class
        value = member.final_target if isinstance(member, griffe.Alias) else member
        owner = value.parent
        told = owner is not None and owner.path != cls.path and owner.path in public
        told = told or (key == "__init__" and owner is not cls)  # its fields say how it is made
        private = key.startswith("_") and not (value.is_function and _OPERATORS.fullmatch(key))
        if not told and not private and not key.startswith("model_"):
            found[key] = value
    return found


if __name__ == "__main__":
    kept = LISTING.read_text(encoding="utf-8") if LISTING.exists() else ""
    LISTING.write_text(found := listing(), encoding="utf-8")
    print(*differences(kept, found), sep="\n")
