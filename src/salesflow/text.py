"""Bilingual text: what a person reads, in English, in Chinese, or in both."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

__all__ = ["LANGUAGES", "Language", "Text"]

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")

# No single sentence or paragraph for a salesperson needs more; a playbook of a stranger is bounded.
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class Text(BaseModel):
    """A text in one or both languages. It is never empty.

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
