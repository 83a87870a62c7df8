"""What a difference is called: the part, the key, and what stood and stands there, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from salesflow._data import read_data
from salesflow.errors import RuleError
from salesflow.playbook._diff.compare import Difference, Entry
from salesflow.playbook._fact_words import fact_words
from salesflow.playbook._model_cadences import Span
from salesflow.playbook._model_choices import ChoiceShape
from salesflow.playbook._model_policy import PermitShape
from salesflow.playbook._model_variant import ExtendsShape
from salesflow.playbook._parts import ENDED, title_of, with_before
from salesflow.playbook._shape import FlagShape, Json, Key, RuleText, Shape, WordsIn
from salesflow.playbook._span_words import span_words
from salesflow.playbook._tables import List, Table
from salesflow.playbook.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules._verbalize import describe
from salesflow.terms import ANSWERS, listing, titled_word
from salesflow.text import LANGUAGES, Text, both, filled

_SHOWN: Final = 12
_OF_DIGEST: Final = 8
_QUOTED: Final = both(en="{part} “{title}”", zh="{part}“{title}”")
_NUMBERED: Final = both(en="{part} {title}", zh="{part} {title}")
_INSIDE: Final = both(en="{outer}, {inner}", zh="{outer}，{inner}")
_SAID: Final[Mapping[str, Text]] = {
    "added": both(en="{where}: new", zh="{where}：新增"),
    "removed": both(en="{where}: gone", zh="{where}：取消"),
    "renamed": both(en="{where}: its key was {old}", zh="{where}：原键名为{old}"),
    "moved": both(en="{where}: it stands elsewhere now", zh="{where}：位置有变"),
    "changed": both(en="{where}: {key}: {old} → {new}", zh="{where}：{key}：{old} → {new}"),
}
_AT_TOP: Final = both(en="{key}: {old} → {new}", zh="{key}：{old} → {new}")
_PAIR: Final = both(en="{key}: {value}", zh="{key}：{value}")
_NOTHING: Final = both(en="–", zh="–")
_NOBODY: Final = both(en="nobody", zh="任何人都不可以")
_ANYBODY: Final = both(en="anybody", zh="任何人")
_WITH_NOTE: Final = both(en="{roles}, with a note", zh="{roles}，须说明理由")
_WORDS: Final = both(en="“{words}”", zh="“{words}”")
_MOVE: Final = both(en="{source} → {target}", zh="{source} → {target}")
_END: Final = both(en="the end", zh="结束")


@cache
def _names() -> Mapping[str, Mapping[str, Text]]:
    data = read_data(__package__, "words.toml")
    return {
        table: {key: both(en=words["en"], zh=words["zh"]) for key, words in entries.items()}
        for table, entries in data.items()
    }


def key_words(table: str, key: str) -> Text:
    """What a key of a table is called."""
    keys = _names()["keys"]
    return keys.get(f"{table}.{key}") or keys[key]


def part_words(table: str) -> Text:
    """What a table is called."""
    return _names()["parts"][table]


class Wording:
    """Says differences of two playbooks in words."""

    def __init__(self, old: Playbook, new: Playbook) -> None:
        self._sides = (_Side(old), _Side(new))

    def sentence(self, found: Difference) -> Text:
        """What differs, in one sentence without its full stop."""
        old, new = self._sides
        where = self._trail(found.trail)
        if found.kind == "renamed":
            return filled(_SAID["renamed"], where=where, old=found.old)
        if found.kind != "changed":
            return filled(_SAID[found.kind], where=where)
        table = found.trail[-1].table.title if found.trail else "a playbook"
        # A key of the policy, of the hygiene or of a guidance belongs to the table of that name.
        inner = found.path[-2:-1] if len(found.path) > 2 * len(found.trail) + 1 else ()
        table = _TABLES.get(inner[0], table) if inner else table
        before, after = old.value(found.shape, found.old), new.value(found.shape, found.new)
        told = found.old, found.new
        if (
            isinstance(found.shape, WordsIn)
            and isinstance(told[0], dict)
            and isinstance(told[1], dict)
        ):
            before, after = _where_they_differ(_text(told[0]), _text(told[1]))
        return filled(
            _SAID["changed"] if found.trail else _AT_TOP,
            where=where,
            key=key_words(table, found.path[-1]),
            old=before,
            new=after,
        )

    def _trail(self, trail: Iterable[Entry]) -> Text:
        said: Text | None = None
        for entry in trail:
            part = self._part(entry)
            said = part if said is None else filled(_INSIDE, outer=said, inner=part)
        return said or _NOTHING

    def _part(self, entry: Entry) -> Text:
        side = self._sides[1] if entry.new else self._sides[0]
        noun, title = part_words(entry.table.title), side.title(entry)
        numbered = entry.name.isdigit() and title.en == entry.name
        return filled(_NUMBERED if numbered else _QUOTED, part=noun, title=title)


_TABLES: Final = {
    "policy": "the policy",
    "hygiene": "hygiene",
    "guidance": "guidance",
    "judgement": "a judgement",
}


class _Side:
    """One of the playbooks: what its parts and values are called."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._facts: Mapping[str, Text] | None = None

    def title(self, entry: Entry) -> Text:
        """What a part is called: its title, or what it is of."""
        said = entry.new or entry.old
        title = said.get("title")
        if isinstance(title, dict):
            return _text(title)
        if "to" in said and "from" in said:
            source, target = (self._place(str(said[key])) for key in ("from", "to"))
            return filled(_MOVE, source=source, target=target)
        if "role" in said and "items" in said:
            return self._named("role", str(said["role"]))
        if entry.table.title == "an item" or "key" in said:
            return title_of(str(said.get("key", entry.name)))
        names = [str(said[key]) for key in ("playbook", "from", "name") if key in said]
        return _literal(" ".join(names) or entry.name)

    def value(self, shape: Shape, value: Json) -> Text:
        """What stands somewhere, in words."""
        if value is None or value == []:
            return _NOTHING
        if isinstance(shape, WordsIn) and isinstance(value, dict):
            return filled(_WORDS, words=_text(value))
        if isinstance(shape, RuleText):
            return self._rule(str(value))
        if isinstance(shape, PermitShape):
            return self._permission(shape, value)
        if isinstance(shape, ChoiceShape) and isinstance(value, dict):
            title = value["title"]
            word = str(value["key"])
            return titled_word(word, _text(title) if isinstance(title, dict) else None)
        if isinstance(shape, Table) and isinstance(value, dict):
            return self._table(shape, value)
        if isinstance(shape, List) and isinstance(value, list):
            return listing((self.value(shape.item, item) for item in value), _SHOWN)
        if isinstance(shape, FlagShape) or isinstance(value, bool):
            return ANSWERS["yes" if value else "no"]
        if isinstance(shape, Key) and shape.refers:
            return self._named(shape.refers, str(value))
        if isinstance(shape, ExtendsShape) and isinstance(value, dict):
            digest = str(value["content_digest"])[:_OF_DIGEST]
            return _literal(f"{value['id']} {value['version']} ({digest})")
        if isinstance(value, dict):  # old names and new ones
            return listing((f"{old} → {new}" for old, new in value.items()), _SHOWN)
        if isinstance(value, int | float):
            return _literal(f"{value:,.15g}")
        return _literal(str(value))

    def _table(self, shape: Table, value: Mapping[str, Json]) -> Text:
        if shape.title == "a span of time":
            said = span_words(Span(**{unit: int(str(n)) for unit, n in value.items()}))
            return said if isinstance(said, Text) else _literal(said)
        return listing(self._pairs(shape, value), _SHOWN)

    def _pairs(self, shape: Table, value: Mapping[str, Json]) -> Iterator[Text]:
        for name, field in shape.fields.items():
            if name in value:
                said = self.value(field.shape, value[name])
                yield filled(_PAIR, key=key_words(shape.title, name), value=said)

    def _permission(self, shape: Shape, value: Json) -> Text:
        if isinstance(value, list):
            roles = listing((self._named("role", str(role)) for role in value), _SHOWN)
            return filled(_WITH_NOTE, roles=roles)
        if isinstance(value, dict):
            return self._table(shape.table, value) if value and shape.table else _ANYBODY
        return _NOBODY if value == "off" else _ANYBODY

    def _rule(self, text: str) -> Text:
        if self._facts is None:
            self._facts = fact_words(self._playbook)
        try:
            rule = Rule.parse(text, with_before(self._playbook.facts))
        except RuleError:  # pragma: no cover - the playbook was read with it
            return _literal(text)
        return describe(rule.node, self._facts)

    def _place(self, key: str) -> Text:
        return _END if key == ENDED else self._named("stage", key)

    def _named(self, kind: str, key: str) -> Text:
        playbook = self._playbook
        known: Mapping[str, object] = {
            "role": playbook.roles,
            "stage": {stage.key: stage for stage in playbook.stages}
            | {sub.key: sub for stage in playbook.stages for sub in stage.sub_stages},
            "target": {stage.key: stage for stage in playbook.stages},
            "scorecard": playbook.scorecards,
            "checklist": playbook.checklists,
            "instrument": playbook.instruments,
            "approval": playbook.approvals,
        }.get(kind, {})
        title = getattr(known.get(key), "title", None)
        return title if isinstance(title, Text) else _literal(key)


def _where_they_differ(old: Text, new: Text) -> tuple[Text, Text]:
    """Two texts in quotes; for a language in which they say the same, those that differ."""
    tags = dict.fromkeys((*old.languages, *new.languages))
    other = next((tag for tag in tags if old.said(tag) != new.said(tag)), LANGUAGES[0])
    seen = {lang: lang if old.said(lang) != new.said(lang) else other for lang in LANGUAGES}
    before, after = (both(en=it.get(seen["en"]), zh=it.get(seen["zh"])) for it in (old, new))
    return filled(_WORDS, words=before), filled(_WORDS, words=after)


def _text(words: Mapping[str, Json]) -> Text:
    return Text(**{lang: str(said) for lang, said in words.items()})


def _literal(words: str) -> Text:
    return both(en=words, zh=words)
