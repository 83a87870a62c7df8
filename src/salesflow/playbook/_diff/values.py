"""What differs between two playbooks, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeVar

from salesflow._arguments import A_PLAYBOOK, Arguments, instance, language
from salesflow._result import Result
from salesflow.playbook._diff.compare import ChangeKind, concerned, differences
from salesflow.playbook._diff.effects import Effect, Effects
from salesflow.playbook._diff.migration import draft, key_matches, migration_from
from salesflow.playbook._diff.renames import MapName, Renames
from salesflow.playbook._diff.words import Wording
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._parts import step
from salesflow.playbook.playbook import Playbook
from salesflow.text import Language, Text, both

T = TypeVar("T")


__all__ = ["ComparedPlaybook", "Effect", "KeyMatch", "PlaybookChange", "PlaybookDiff", "diff"]


class ComparedPlaybook(Result):
    """One of the two playbooks.

    Attributes:
        id: Its key.
        version: Its version.
        title: Its name.
        digest: Of its behaviour.
        content_digest: Of everything.
    """

    id: str
    version: str
    title: Text
    digest: str
    content_digest: str


class PlaybookChange(Result):
    """One place where the newer playbook differs.

    Attributes:
        path: Where, by keys: `stages.qualify.exit.budget_known.rule`.
        kind: Whether a part was added, removed, renamed or moved, or what stands there changed.
        for_deals: It is behaviour, so that it counts for deals under way; else it is a text,
            advice or a duty, or says how deals get here.
        effect: What it means for those deals: more is asked of them (`"stricter"`), less
            (`"looser"`), or something that is neither (`"different"`); None where they are asked
            for the same, or it does not concern them.
        sentence: What changes, without its full stop.
    """

    path: str
    kind: ChangeKind
    for_deals: bool
    effect: Effect | None
    sentence: Text


class KeyMatch(Result):
    """What a key of the older playbook is in the newer one, where that is not the same key.

    Attributes:
        kind: In which map of a migration it belongs.
        old: The key, of a question with its checklist, of a state with its track.
        new: The key now; None where there is none, and a deal leaves it behind.
        reason: `"declared"`: a migration of the newer playbook says so; `"guessed"`: the two look
            alike; `"nearest"`: it is gone, and this is where a deal could go on, which somebody has
            to decide; `"same"`: it keeps its key, which a migration from another playbook has to
            say; `"gone"`: there is none.
    """

    kind: MapName
    old: str
    new: str | None
    reason: Literal["declared", "guessed", "nearest", "same", "gone"]


class PlaybookDiff(Result):
    """What changes from one playbook to another: for people, and for deals under way.

    Attributes:
        old: The older playbook.
        new: The newer one.
        changes: Every difference; empty where the content of both is the same.
        matches: Keys of the older playbook that the newer one does not have as they were.

    Example:
        >>> text = '''
        ...     id = "tiny"
        ...     version = "{version}"
        ...     title = "A tiny process"
        ...     [[stages]]
        ...     key = "talk"
        ...     title = "Talk"
        ...     max_days = {days}
        ... '''
        >>> one, two = (
        ...     Playbook.from_toml(text.format(version=version, days=days))
        ...     for version, days in (("1.0.0", 30), ("1.1.0", 20))
        ... )
        >>> print(diff(one, two).to_text())
        tiny 1.0.0 → tiny 1.1.0
        <BLANKLINE>
        For deals under way, stricter:
        - stage “Talk”: days at most: 30 → 20
        <BLANKLINE>
        For people only:
        - version: 1.0.0 → 1.1.0
        <BLANKLINE>
    """

    old: ComparedPlaybook
    new: ComparedPlaybook
    changes: tuple[PlaybookChange, ...]
    matches: tuple[KeyMatch, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both playbooks have the same content."""
        return not self.changes

    @property
    def for_deals(self) -> tuple[PlaybookChange, ...]:
        """The changes that count for deals under way; none where the digests are the same."""
        return tuple(change for change in self.changes if change.for_deals)

    @property
    def for_people(self) -> tuple[PlaybookChange, ...]:
        """The changes that only people see: texts, advice, duties, languages."""
        return tuple(change for change in self.changes if not change.for_deals)

    @property
    def vanished(self) -> tuple[KeyMatch, ...]:
        """The stages and sub-stages where deals can be no more, and where they could go on."""
        return tuple(it for it in self.matches if it.kind == "stages" and it.reason == "nearest")

    def to_text(self, lang: Language = "en") -> str:
        """Everything as plain text, in paragraphs with a heading; what is graver comes first.

        Raises:
            UnknownName: There is no such language.
        """
        language(lang)
        return "\n".join(_lines(self, lang)) + "\n"

    def migration(self) -> str:
        """A draft of the `[[migrations]]` of the newer playbook, as TOML.

        It says how deals of the older playbook go on in the newer one: what is only guessed, or
        has to be decided by somebody, is marked `TODO`. Where the behaviour is the same, deals go
        on without a migration, and the draft is a comment that says so.
        """
        return draft(self.old, self.new, self.matches)


def diff(old: Playbook, new: Playbook) -> PlaybookDiff:
    """What changes from one playbook to another.

    Parts are compared by their keys, wherever they stand. A part that has another key now is found
    by what the migrations of the newer playbook say, or else because it looks alike.

    Args:
        old: The older playbook.
        new: The newer one; another version, a variant, or another playbook altogether.

    Returns:
        The differences. It is empty exactly where both have the same `content_digest`; it has
        something for deals exactly where their `digest` differs.

    Raises:
        ArgumentError: `old` or `new` is not a Playbook.

    Example:
        >>> from salesflow import load_playbook
        >>> playbook = load_playbook("optimized_sales_process")
        >>> diff(playbook, playbook).is_empty
        True
    """
    arguments = Arguments()
    arguments.read(instance, old, Playbook, "old", A_PLAYBOOK)
    arguments.read(instance, new, Playbook, "new", A_PLAYBOOK)
    arguments.refuse("The playbooks cannot be compared.")
    renames = Renames(migration_from(old, new))
    found = list(differences(DOCUMENT, old.to_dict(), new.to_dict(), renames))
    of_behaviour = {
        (item.kind == "moved", item.path)
        for item in differences(
            DOCUMENT, old.to_dict(behaviour=True), new.to_dict(behaviour=True), renames
        )
    }
    places = [path for moved, path in of_behaviour if not moved]
    wording, effects = Wording(old, new), Effects(old, new)
    changes: list[PlaybookChange] = []
    for item in found:
        moved = item.kind == "moved"
        for_deals = not item.prose and (
            (True, item.path) in of_behaviour if moved else concerned(item.path, places)
        )
        changes.append(
            PlaybookChange(
                path=".".join(map(step, item.path)),
                kind=item.kind,
                for_deals=for_deals,
                effect=effects.of(item) if for_deals else None,
                sentence=wording.sentence(item),
            )
        )
    return PlaybookDiff(
        old=_compared(old),
        new=_compared(new),
        changes=tuple(changes),
        matches=tuple(
            KeyMatch(kind=kind, old=was, new=now, reason=reason)
            for kind, was, now, reason in key_matches(old, new, renames.all)
        ),
    )


def _compared(playbook: Playbook) -> ComparedPlaybook:
    return ComparedPlaybook(
        id=playbook.id,
        version=playbook.version,
        title=playbook.title,
        digest=playbook.digest,
        content_digest=playbook.content_digest,
    )


_VANISHED: Final = both(en="Stages that deals can be in no more:", zh="不再有项目可处于的阶段：")
_GOES_ON: Final = both(en="{old}: go on in {new}?", zh="{old}：改到{new}继续？")
_RENAMED: Final = both(en="Other keys, as it looks:", zh="看来更换了键名：")
_FOR_DEALS: Final[dict[Effect | None, Text]] = {
    "stricter": both(en="For deals under way, stricter:", zh="对进行中的项目，更严格："),
    "looser": both(en="For deals under way, looser:", zh="对进行中的项目，更宽松："),
    "different": both(en="For deals under way, different:", zh="对进行中的项目，有所不同："),
    None: both(en="For deals under way, the same is asked:", zh="对进行中的项目，要求不变："),
}
_FOR_PEOPLE: Final = both(en="For people only:", zh="仅供人阅读的内容：")
_NOTHING: Final = both(en="Nothing changes.", zh="没有变化。")


def _lines(found: PlaybookDiff, lang: Language) -> Iterator[str]:
    yield f"{found.old.id} {found.old.version} → {found.new.id} {found.new.version}"
    if found.is_empty:
        yield from ("", _NOTHING.get(lang))
    goes_on = [_GOES_ON.get(lang).format(old=it.old, new=it.new) for it in found.vanished]
    guesses = [f"{it.old} → {it.new}" for it in found.matches if it.reason == "guessed"]
    yield from _paragraph(_VANISHED.get(lang), goes_on)
    yield from _paragraph(_RENAMED.get(lang), guesses)
    for effect, heading in _FOR_DEALS.items():
        said = [it.sentence.get(lang) for it in found.for_deals if it.effect == effect]
        yield from _paragraph(heading.get(lang), said)
    yield from _paragraph(
        _FOR_PEOPLE.get(lang), [change.sentence.get(lang) for change in found.for_people]
    )


def _paragraph(heading: str, items: list[str]) -> Iterator[str]:
    if items:
        yield from ("", heading, *(f"- {' '.join(item.split())}" for item in items))
