"""Bilingual text: what a person reads, in English, in Chinese, or in both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self, TypeVar

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
    "language_of",
    "sentence",
]

K = TypeVar("K")

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")

# No single sentence or paragraph for a salesperson needs more; a playbook of a stranger is bounded.
_LONGEST: Final = 4_000
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)]


class Text(Described, Worded):
    """A text in one or both languages. It is never empty.

    Attributes:
        en: The words in English.
        zh: The words in Chinese.

    Example:
        >>> title = Text(en="Qualify", zh="资格确认")
        >>> title.zh, title.get("en"), str(Text(zh="成交"))
        ('资格确认', 'Qualify', '成交')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: _Words | None = None
    zh: _Words | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.en is None and self.zh is None:
            raise PydanticCustomError("text_empty", "a text needs words in en or zh")
        return self

    def get(self, lang: Language = "en") -> str:
        """The words in `lang`, or in the other language where `lang` is missing."""
        first, second = (self.zh, self.en) if lang == "zh" else (self.en, self.zh)
        return first or second or ""

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
    fill(text, {"en": en, "zh": zh}, {"en", "zh"})  # ours: it needs no check and keeps its spaces
    return text


def filled(template: Text, /, **values: object) -> Text:
    """A template with its values, in every language: a value that is a Text in that of each.

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


def language_of(text: Text | None) -> Language:
    """The first language in which a text has words; English where there is no text.

    Example:
        >>> language_of(Text(zh="成交"))
        'zh'
    """
    for lang in LANGUAGES:
        if text and getattr(text, lang) is not None:
            return lang
    return "en"


def in_language(lang: Language, phrases: Mapping[K, Text]) -> dict[K, str]:
    """Phrases in one language, for a text that uses many of them.

    Example:
        >>> in_language("zh", {"title": both(en="Funnel of {name}", zh="{name}的漏斗")})
        {'title': '{name}的漏斗'}
    """
    return {key: text.get(lang) for key, text in phrases.items()}
