"""What `salesflow pipeline` says of what it proposes: on the screen, and in a drafted map."""

from __future__ import annotations

import re
import shlex
from ast import literal_eval
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from salesflow._unseen import quoted, shown
from salesflow.cli._pipeline_words import in_its_words, phrase
from salesflow.playbook._toml import toml_key
from salesflow.rules._values import BLANK
from salesflow.text import Language

if TYPE_CHECKING:
    from salesflow.pipeline import FrameMapping, Suggestion
    from salesflow.pipeline._files.noticed import Noticed
    from salesflow.playbook import Playbook

_DONE_HERE: Final = frozenset({"read_days", "read_numbers"})
_NOTHING: Final = r'values=\{"[^"]*": \{("(?:[^"\\]|\\.)*"): None\}\}'


def proposal(
    found: Suggestion, lang: Language, percent: Collection[str], rows: Iterable[Noticed] = ()
) -> str:
    """What was taken for what, without what the command does by itself or what is said already.

    That is so of the columns that are said to count in `percent`. `rows` are told at the end.
    """
    readers = tuple(
        it
        for it in found.readers
        if it.reader not in _DONE_HERE and not (it.reader == "divide" and it.column in percent)
    )
    told = found.model_copy(update={"readers": readers}).summary(lang)
    lines = [re.sub(_NOTHING, _missing, told), *_currencies(found, lang)]
    of_rows = [of_row(it, found, lang) for it in rows]
    lines += ["", *of_rows] if of_rows else []
    return in_its_words("\n".join(lines), lang)


def _currencies(found: Suggestion, lang: Language) -> Iterator[str]:
    """In what the texts of amounts are, where it is not only the playbook's currency."""
    told = [it for it in found.readers if it.currencies]
    for number, it in enumerate(told):
        name = "currency" if len(it.currencies) == 1 else "currencies"
        said = phrase(name, lang).format(column=quoted(it.column), named=", ".join(it.currencies))
        yield said if number else f"\n{said}"


def _missing(found: re.Match[str]) -> str:
    return f"--missing {shlex.quote(literal_eval(found[1]).strip(BLANK))}"


def of_row(it: Noticed, found: Suggestion, lang: Language) -> str:
    """What is wrong with rows that only a person can settle, where they stand, and what to do."""
    name = it.kind if it.rows == 1 else f"{it.kind}s"
    between = phrase("and", lang)
    told = between.join(map(repr, it.texts)) if not it.lines else between.join(it.lines)
    if it.lines and it.texts:
        pairs = zip(it.lines, it.texts, strict=False)
        told = between.join(
            phrase("line_text", lang).format(line=line, text=shown(repr(text)))
            for line, text in pairs
        )
    elif it.lines:
        told = phrase("lines", lang).format(lines=told)
    where = phrase("in_brackets", lang).format(told=told) if told else ""
    return phrase(name, lang).format(
        n=it.rows, rows=found.rows, where=where, column=quoted(it.column), code=it.meant
    )


def likely_keys(found: Suggestion, rows: Iterable[Noticed] = ()) -> list[str]:
    """The columns that may be the key, where a person says so; first those that nearly are."""
    keys = [it.column for it in found.columns if any(one.target == "key" for one in it.candidates)]
    nearly = {it.column for it in rows if it.kind == "gap"}
    return sorted(keys, key=lambda name: name not in nearly)


def draft_of_map(
    found: Suggestion,
    file: str,
    playbook: Playbook,
    said: FrameMapping,
    lang: Language,
    rows: Sequence[Noticed] = (),
) -> str:
    """A map to be read and corrected: what was said and placed, and in comments what was not.

    So are `rows` that somebody has to settle.
    """
    mapping = found.mapping | said
    targets = {*said.columns, *(it.target for it in found.columns)}
    listed = ", ".join(stage.key for stage in playbook.stages)
    lines = [*_comment("map", lang, file=shown(file), playbook=playbook.id, stages=listed), ""]
    if mapping.key is None:
        gaps = [it for it in rows if it.kind == "gap"]
        lines += _comment("map_key_gap" if gaps else "map_key", lang)
        lines += [f"# {of_row(it, found, lang)}" for it in gaps]
        lines += [f"#   key = {quoted(name)}" for name in likely_keys(found, gaps) or ["…"]]
    if "stage" not in targets:
        lines += [*_comment("map_stage", lang), '#   stage = "…"']
    lines.append(mapping.to_toml().rstrip("\n"))
    if (day := mapping.columns.get("expected_close_on")) and "closed_on" not in targets:
        lines += ["", *_comment("map_closed_on", lang), f"#   closed_on = {quoted(day)}"]
    for it in found.readers:
        if it.reader == "scale" and not it.is_clear:
            asked = _comment("map_unit", lang, column=quoted(it.column))
            lines += ["", *asked, "#   [scale]", f"#   {toml_key(it.fact)} = {it.scale}"]
        elif it.is_clear:
            lines += ["", *_comment("map_scale", lang, column=quoted(it.column))]
        elif it.reader == "divide":
            option = f"--percent {shlex.quote(it.column)}"
            lines += ["", *_comment("map_percent", lang), f"#   {option}"]
    for line in _currencies(found, lang):
        lines += ["", f"# {line.strip()}"]
    for noted in rows:
        if noted.kind != "gap":
            lines += ["", f"# {of_row(noted, found, lang)}"]
    if found.open_columns:
        lines += ["", *_comment("map_columns", lang)]
        left = {
            it.column: [one for one in it.candidates if one.target not in targets]
            for it in found.open_columns
        }
        lines += [f"#   {_open(name, candidates, lang)}" for name, candidates in left.items()]
    if found.open_labels:
        often = phrase("map_rows", lang)
        lines += ["", *_comment("map_labels", lang)]
        lines += [
            f"#   {it.fact}{phrase('colon', lang)}{_open(it.label, it.candidates, lang)}"
            f"{often.format(n=it.rows)}"
            for it in found.open_labels
        ]
    if found.placeholders:
        lines += ["", *_comment("map_missing", lang)]
        texts = dict.fromkeys(it.text for it in found.placeholders)
        lines.append(f"#   {' '.join(f'--missing {shlex.quote(shown(text))}' for text in texts)}")
    return "\n".join([*lines, ""])


def _comment(name: str, lang: Language, **values: str) -> list[str]:
    return [f"# {line}" for line in phrase(name, lang).format(**values).split("\n")]


def _open(name: str, candidates: Sequence[Any], lang: Language) -> str:
    named = quoted(name)
    targets = phrase("or", lang).join(dict.fromkeys(it.target for it in candidates))
    return named + (phrase("map_may_be", lang).format(targets=targets) if targets else "")
