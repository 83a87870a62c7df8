"""`salesflow new`: a playbook to begin with, its cases, and a package that offers it."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from pathlib import Path
from pkgutil import get_data
from typing import Final

from salesflow.cli._sources import Source, one_source
from salesflow.cli._terminal import complain, say, write
from salesflow.cli._toml import HEADER, Edit, bare, edited, values
from salesflow.cli._words import ENGLISH
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook
from salesflow.playbook._model_process import KEY
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._read import CASES
from salesflow.playbooks import BUILT_IN, cases_source
from salesflow.text import Language, both

_PLACEHOLDER: Final = "my_process"
_VERSION: Final = "1.0.0"
_OF_TOML: Final = 'from_bytes((files(__name__) / "{}.toml").read_bytes())'
_OF_JSON: Final = 'from_json((files(__name__) / "{}.json").read_text("utf-8"))'

_TAKEN: Final = both(
    en="{path} exists already; choose another name, or another folder with --into",
    zh="{path} 已存在；请换一个名称，或用 --into 指定其他文件夹",
)
_OF_SALESFLOW: Final = both(
    en='a plugin cannot take the id of a built-in playbook; choose another than "{name}"',
    zh="插件不能使用内置流程的 id；请换用“{name}”以外的名称",
)
_BAD_NAME: Final = both(
    en="NAME has to be an id: a-z, 0-9 and _, a letter first, 60 characters at most, and no word "
    "of Python or of rules{hint}",
    zh="NAME 必须是 id：由 a-z、0-9 和 _ 组成，以字母开头，最多 60 个字符，"
    "且不能是 Python 或规则的保留字{hint}",
)
_FOR_INSTANCE: Final = both(en="; for instance {name}", zh="，例如 {name}")


def run(options: Namespace, lang: Language | None) -> int:
    """Write a playbook and its cases; returns the exit code."""
    lang = lang or ENGLISH
    name: str = options.name
    refused = _refused(name, lang, plugin=options.plugin)
    if refused:
        complain(f"salesflow new: {refused}")
        return 2
    begun = _from_template(name, lang) if options.origin is None else _copy(options.origin, name)
    written = _package(name, begun, lang) if options.plugin else begun
    files = {Path(options.into, file): text for file, text in written.items()}
    taken = [path for path in files if path.exists()]
    for path in taken:
        complain(f"salesflow new: {_TAKEN.get(lang).format(path=path)}")
    code = 2 if taken else write(files, lang)
    for path in () if code else files:
        say(str(path))
    return code


def _refused(name: str, lang: Language, *, plugin: bool) -> str:
    """What is wrong with the name of a new playbook; nothing where it can be called so."""
    if not _is_key(name):
        better = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")
        hint = _FOR_INSTANCE.get(lang).format(name=better) if _is_key(better) else ""
        return _BAD_NAME.get(lang).format(hint=hint)
    if plugin and name in BUILT_IN:
        return _OF_SALESFLOW.get(lang).format(name=name)
    return ""


def _is_key(name: str) -> bool:
    log = ProblemLog()
    KEY.read(name, "", log)
    return not log.problems


def _template(file: str, name: str) -> str:
    data = get_data(str(__package__), f"templates/{file}") or b""
    return data.decode().replace(_PLACEHOLDER, name)


def _from_template(name: str, lang: Language) -> dict[str, str]:
    return {
        f"{name}.toml": _template(f"playbook.{lang}.toml", name),
        f"{name}{CASES[0]}": _template(f"cases.{lang}.toml", name),
    }


def _copy(origin: str, name: str) -> dict[str, str]:
    """A playbook under another id, with its comments where it has some, and its cases.

    It is a process of its own from its version 1.0.0 on, so that no deal comes from an earlier one.

    Raises:
        SalesflowError: There is nothing to copy, or it has errors.
    """
    source = one_source(origin)
    playbook = source.playbook()
    copy = {f"{name}.toml": _copied_text(source, name)}
    if not all(copy.values()):
        table = {**json.loads(playbook.to_json()), "id": name, "version": _VERSION}
        table.pop("migrations", None)
        copy = {f"{name}.json": json.dumps(table, ensure_ascii=False, indent=2) + "\n"}
    cases = _cases(source)
    return {**copy, **({f"{name}{CASES[0]}": cases} if cases else {})}


def _copied_text(source: Source, name: str) -> str:
    """The text of a playbook under another id; nothing where its text alone is not the playbook.

    A plugin may make its playbook of anything, and a variant may need another file.
    """
    if source.is_json or (source.key and source.key not in BUILT_IN):
        return ""
    text = source.text().removeprefix("\ufeff")
    said = {"id": name, "version": _VERSION}
    first = HEADER.search(bare(text))
    top = len(text) if first is None else first.start()
    edits = [
        Edit(found.start(), found.end(), f'"{said[key]}"')
        for key, found in values(text)
        if key in said and found.start() < top
    ]
    copy = _without_migrations(edited(text, edits))
    try:
        read = Playbook.from_toml(copy)
    except InvalidPlaybook:
        return ""
    return copy if (read.id, read.version, read.migrations) == (name, _VERSION, ()) else ""


def _without_migrations(text: str) -> str:
    headers = [*HEADER.finditer(bare(text))]
    ends = [*(found.start() for found in headers), len(text)][1:]
    return edited(
        text,
        (
            Edit(found.start(), found.start() + _said(text[found.start() : end]), "")
            for found, end in zip(headers, ends, strict=True)
            if found["name"].split(".")[0].strip() == "migrations"
        ),
    )


def _said(block: str) -> int:
    """How long a block is without the comments at its end, which are about what follows."""
    lines = block.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return sum(map(len, lines))


def _cases(source: Source) -> str:
    """The cases of a playbook, as they are written; nothing where there are none."""
    if source.key in BUILT_IN:
        return cases_source(source.key).decode()
    if source.path is not None and (beside := source.path.with_suffix(CASES[0])).is_file():
        return Source(str(beside), beside).text()
    return ""


def _package(name: str, begun: dict[str, str], lang: Language) -> dict[str, str]:
    """A distribution that offers a playbook by an entry point, with a test of its cases."""
    folder = name.replace("_", "-")
    module = f"{folder}/src/{name}_playbook"
    code = _template("plugin/module.txt", name)
    readme = _template(f"plugin/readme.{lang}.md", name)
    if f"{name}.json" in begun:
        code = code.replace(_OF_TOML.format(name), _OF_JSON.format(name))
        readme = readme.replace(f"/{name}.toml`", f"/{name}.json`")
    tested = f"{name}{CASES[0]}" in begun
    return {
        f"{folder}/pyproject.toml": _template("plugin/pyproject.toml", name),
        f"{folder}/README.md": readme,
        f"{module}/__init__.py": code,
        **{f"{module}/{file}": text for file, text in begun.items()},
        **({f"{folder}/tests/test_cases.py": _template("plugin/test.txt", name)} if tested else {}),
    }
