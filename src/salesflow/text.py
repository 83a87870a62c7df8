"""What a person reads, in English, in Chinese, or in any other language.

The sentences of salesflow itself are in English and Chinese. A playbook may be written in any
language: its texts are shown in the language that is asked for, ours then in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Self, TypeAlias, TypeVar

from pydantic import ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from salesflow._described import Described
from salesflow._unchecked import fill
from salesflow._wording import Worded

__all__ = [
    "LANGUAGES",
    "Language",
    "Text",
    "both",
    "filled",
    "in_language",
    "is_language",
    "language_of",
    "lowered",
    "own_language",
    "sentence",
]

K = TypeVar("K")

Language: TypeAlias = str
"""A language tag of BCP 47 that begins with a code of ISO 639-1: `en`, `zh`, `de`, `pt-BR`."""

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
"""Those of our own sentences."""

# ISO 639-1.
_CODES: Final = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da
    de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy
    hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg
    li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or
    os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()  # noqa: SIM905 - a list of 180 strings is not easier to read
)
TAG_PATTERN: Final = "[a-z]{2}(-[A-Za-z0-9]{2,8}){0,3}"
"""The form of a tag: a language of two letters, then script, region or variant."""
_TAG: Final = re.compile(TAG_PATTERN)

# No single sentence or paragraph for a salesperson needs more; a playbook of a stranger is bounded.
_LONGEST: Final = 4_000
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)]


def is_language(tag: object) -> bool:
    """Whether this is the tag of a language.

    Example:
        >>> [is_language(tag) for tag in ("de", "zh-CN", "cn", "german", None)]
        [True, True, False, False, False]
    """
    return isinstance(tag, str) and _TAG.fullmatch(tag) is not None and tag[:2] in _CODES


def own_language(lang: Language) -> Language:
    """The language of our own sentences beside texts in `lang`.

    Example:
        >>> own_language("zh-TW"), own_language("de")
        ('zh', 'en')
    """
    return "zh" if lang[:2] == "zh" else "en"


class Text(Described, Worded):
    """A text in one language or several. It is never empty.

    Any other language than English and Chinese is a field of the name of its tag, in JSON too.

    Attributes:
        en: The words in English.
        zh: The words in Chinese.

    Example:
        >>> title = Text(en="Qualify", zh="资格确认", de="Qualifizieren")
        >>> title.zh, title.get("en"), title.get("de-AT"), str(Text(zh="成交"))
        ('资格确认', 'Qualify', 'Qualifizieren', '成交')
        >>> title.languages
        ('en', 'zh', 'de')
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    en: _Words | None = None
    zh: _Words | None = None

    __pydantic_extra__: dict[str, _Words]  # type: ignore[mutable-override]  # the way of pydantic

    if TYPE_CHECKING:

        def __init__(
            self, *, en: str | None = None, zh: str | None = None, **others: str
        ) -> None: ...

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.en is None and self.zh is None and not self.__pydantic_extra__:
            raise PydanticCustomError("text_empty", "a text needs words in a language")
        for tag in self.__pydantic_extra__:
            if not is_language(tag):
                message = "{tag} is no tag of a language; write for instance de or pt-BR"
                raise PydanticCustomError("language", message, {"tag": repr(tag[:40])})
        return self

    @property
    def languages(self) -> tuple[Language, ...]:
        """Those it has words in, English and Chinese first."""
        own = (lang for lang in LANGUAGES if getattr(self, lang) is not None)
        return (*own, *(self.__pydantic_extra__ or ()))

    def said(self, lang: Language) -> str | None:
        """The words in exactly this language; None where there are none."""
        if lang in LANGUAGES:
            found: str | None = getattr(self, lang)
            return found
        return self.__pydantic_extra__.get(lang)

    def get(self, lang: Language = "en") -> str:
        """The words in `lang`, or in the nearest that there are.

        That is the same language of another region, else English, Chinese, or any other.
        """
        found = self.said(lang) or self.said(lang[:2])
        if found is None and self.__pydantic_extra__:
            found = self._nearest(lang)
        return found or self.en or self.zh or ""

    def _nearest(self, lang: Language) -> str:
        """The words in some region of `lang`, of English or of Chinese, or in any language."""
        others = self.__pydantic_extra__
        for base in (lang[:2], *LANGUAGES):
            near = (words for tag, words in others.items() if tag[:2] == base)
            found = self.said(base) or next(near, None)
            if found is not None:
                return found
        return next(iter(others.values()))

    def __str__(self) -> str:
        return self.get("en")


def both(*, en: str, zh: str) -> Text:
    """A sentence of ours, in every language that we have.

    Both keywords are required: who adds a language adds one here, and the type checker lists every
    sentence that lacks it.

    Example:
        >>> both(en="won", zh="赢单").get("zh")
        '赢单'
    """
    text = Text.__new__(Text)
    # Ours: it needs no check and keeps its spaces.
    fill(text, {"en": en, "zh": zh}, {"en", "zh"}, {})
    return text


def filled(template: Text, /, **values: object) -> Text:
    """A template with its values, in each of our languages: a value that is a Text in that of each.

    It is cut where it is longer than a text may be.

    Example:
        >>> template = both(en="{n} days in {stage}", zh="在{stage}已 {n} 天")
        >>> filled(template, n=3, stage=both(en="Qualify", zh="资格确认")).get("zh")
        '在资格确认已 3 天'
    """
    found = {}
    for lang in LANGUAGES:
        words = template.get(lang).format_map(
            {
                name: value.get(lang) if isinstance(value, Text) else value
                for name, value in values.items()
            }
        )
        found[lang] = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return both(en=found["en"], zh=found["zh"])


_MARKS: Final = tuple(".?!…。？！")
_CLOSING: Final = "\"'”’»)]）】」』"


def sentence(text: Text) -> Text:
    """A text as a sentence: with a full stop, unless it ends with a mark of its own.

    Example:
        >>> sentence(both(en="The budget is known", zh="预算明确了吗？"))
        Text(en='The budget is known.', zh='预算明确了吗？')
    """

    def ended(lang: Language) -> bool:
        return text.get(lang).rstrip(_CLOSING).endswith(_MARKS)

    return both(
        en=text.get("en") + ("" if ended("en") else "."),
        zh=text.get("zh") + ("" if ended("zh") else "。"),
    )


def lowered(text: Text, lang: Language = "en") -> str:
    """What a text says inside a sentence: English without its capital, but for an abbreviation.

    Example:
        >>> lowered(both(en="Sales manager", zh="销售经理")), lowered(both(en="CFO", zh="财务总监"))
        ('sales manager', 'CFO')
        >>> lowered(Text(de="Vertriebsleiter"))
        'Vertriebsleiter'
    """
    words = text.get(lang)
    plain = words == text.en and words[1:2].islower()
    return words[:1].lower() + words[1:] if plain else words


def language_of(text: Text | None) -> Language:
    """The first language in which a text has words; English where there is no text.

    Example:
        >>> language_of(Text(zh="成交"))
        'zh'
    """
    return text.languages[0] if text else "en"


def in_language(lang: Language, phrases: Mapping[K, Text]) -> dict[K, str]:
    """Phrases in one language, for a text that uses many of them.

    Example:
        >>> in_language("zh", {"title": both(en="Funnel of {name}", zh="{name}的漏斗")})
        {'title': '{name}的漏斗'}
    """
    return {key: text.get(lang) for key, text in phrases.items()}
