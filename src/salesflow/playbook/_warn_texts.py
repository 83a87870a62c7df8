"""Texts that are missing in a language of the playbook, or that are written in another one."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from salesflow.errors import Problem
from salesflow.playbook._document import texts
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import warning
from salesflow.text import own_language

_MISSING: Final = 'there is no text in "{lang}"'
_ADD: Final = 'add {lang} = "…"'
_LOOKS: Final = 'this looks {looks}, and stands for "{lang}"'
_ALL_LOOK: Final = 'the texts look {looks}, and stand for "{lang}"'
_SAY: Final = 'write {{ {other} = "…", {lang} = "…" }}, or translate it'
_SAY_ONLY: Final = 'write languages = ["{other}"]'
_SAY_FIRST: Final = 'plain texts are in the first of languages: write languages = ["{other}", …]'
_CALLED: Final = {"zh": "Chinese", "en": "English"}

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_ENGLISH_WORD: Final = re.compile(r"\b[a-z]{2,}\b")
_FEW_WORDS: Final = 2
_WITH_HAN: Final = frozenset({"zh", "ja", "ko"})
_SHARED: Final = "use_"  # what comes with the package is in both languages


class _Odd(NamedTuple):
    """A text that is hardly in the language for which it stands."""

    path: str
    lang: str
    other: str


def doubts_of_texts(document: RawTable) -> Iterator[Problem]:
    """Every warning about languages."""
    first, *more = document.names("languages") or ("en",)
    own = [(path, text) for path, text in texts(document) if not path.startswith(_SHARED)]
    odd = [
        _Odd(path, lang, other)
        for path, text in own
        for lang in text.languages
        if (other := _other_language(text.said(lang) or "", lang))
    ]
    asked = {first, *more}
    plain = [item for item in odd if item.lang == first]
    if 2 * len(plain) > sum(text.said(first) is not None for _, text in own):
        odd = [item for item in odd if item.lang != first]
        other = plain[0].other
        asked -= {first, other}  # so that nobody knows what they lack
        hint = (_SAY_FIRST if other in more else _SAY_ONLY).format(other=other)
        message = _ALL_LOOK.format(looks=_CALLED[other], lang=first)
        yield warning("languages", message, hint, "language")
    for path, lang, other in odd:
        message = _LOOKS.format(looks=_CALLED[other], lang=lang)
        yield warning(path, message, _SAY.format(other=other, lang=lang), "language")
    yield from _missing(document, asked)


def _missing(document: RawTable, asked: Container[str]) -> Iterator[Problem]:
    every = list(texts(document))
    said = {lang for path, text in every if not path.startswith(_SHARED) for lang in text.languages}
    languages = dict(zip(document.names("languages"), document.names_at("languages"), strict=True))
    for lang, (path, _) in languages.items():
        if said and lang in asked and lang not in said:  # it would be missing everywhere
            near = next((other for other in sorted(said) if other[:2] == lang[:2]), None)
            hint = f'did you mean "{near}"?' if near else "write the texts, or leave it out"
            yield warning(path, f'no text is in "{lang}"', hint, "translation")
    for path, text in every:
        for lang in languages:
            if lang in asked and lang in said and text.said(lang) is None:
                message = _MISSING.format(lang=lang)
                yield warning(path, message, _ADD.format(lang=lang), "translation")


def _other_language(words: str, lang: str) -> str:
    """The language in which the words are plainly written instead; "" where it may be this one.

    Names and abbreviations keep their letters in every language.
    """
    han, letters = len(_HAN.findall(words)), len(_LETTER.findall(words))
    if lang[:2] not in _WITH_HAN and 2 * han > letters:
        return "zh"
    english = own_language(lang) == "zh" and not han
    return "en" if english and len(_ENGLISH_WORD.findall(words)) >= _FEW_WORDS else ""
