"""What people get wrong in TOML: where it is, what to write, and the text as it was meant.

`tomllib` stops at the first thing that it does not understand, and says what it expected. Here
that becomes what the author meant, so that the reading goes on behind it and one slip does not hide
what else is wrong. A mended text has the lines of the text that was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from salesflow.playbook._scan import STRING, Scan

_SHOWN: Final = 40
WIDE: Final = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict(zip("、。；：【】〔〕《》\u3000\u00a0", ",.,=[][]<>  ", strict=True)),
}
"""Signs of full width and of input methods for Chinese, with those of ASCII that are meant."""
_WIDE_RUN: Final = re.compile(f"[{''.join(map(re.escape, WIDE))}]++")
_QUOTES: Final = frozenset("“”„‟″＂‘’‚‛′＇「」『』«»`´")
_TOKEN: Final = re.compile(rf"(?:{STRING.pattern})|#[^\n]*+|\"\"\"|'''|[\"'\[\]{{}}]", re.DOTALL)
_BARE: Final = re.compile(r"[^\s,\]}#]++")
_PHRASE: Final = re.compile(r"[^,\]}#\n]++")
_FLAGS: Final = {"true": "true", "false": "false", "yes": "true", "no": "false"}
_NOTHING: Final = frozenset({"none", "null", "nil", "undefined"})
_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>[0-9]{1,12}(?:[._,][0-9]{1,12}){0,6}\.?)(?P<unit>%|％|‰|万|亿|[kKmM])?"
)
_UNITS: Final = {"万": 10_000, "亿": 100_000_000, "k": 1_000, "K": 1_000, "m": 10**6, "M": 10**6}
_SPACED_KEY: Final = re.compile(r"[ \t]*+(\w+(?:[ \t]+\w+)+)[ \t]*+=")
_HEADER: Final = re.compile(r"[ \t]*+(\[{1,2})([^\[\]#\n]*+)(\]{0,2})[ \t]*+(?=#|\n|\Z)")
_COMMENT: Final = re.compile(r"//+|--+|/\*|;+|<!--|%|REM\b")
_TWICE: Final = ("Cannot", "Duplicate")


class Slip(NamedTuple):
    """Something that is no TOML, or no table of a playbook.

    Attributes:
        at: Where it is.
        message: What is wrong.
        hint: What to do.
        edits: What makes it what was meant: from where to where, and what stands there; None where
            nobody can say, so that the text cannot be read on.
        path: The key that it is about, where it is about one.
        code: The kind of problem.
    """

    at: int
    message: str
    hint: str = ""
    edits: tuple[tuple[int, int, str], ...] | None = None
    path: str = ""
    code: str = "syntax"


def mended(text: str, slips: Iterable[Slip]) -> str:
    """The text with what was meant in the place of each slip."""
    edits = sorted({edit for slip in slips for edit in slip.edits or ()}, reverse=True)
    for start, end, meant in edits:
        text = f"{text[:start]}{meant}{text[end:]}"
    return text


def slip_at(text: str, at: int, said: str) -> Slip:
    """What is wrong where `tomllib` gives up, with what it says there."""
    if said.startswith(_TWICE):
        return _twice(text, at) or Slip(at, "a key is given twice, or what is whole is added to")
    for look in _LOOKS:
        found = look(text, at, said)
        if found is not None:
            return found
    return Slip(at, f"this is not valid TOML: {said[:1].lower()}{said[1:200]}")


def _line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _is_end(text: str, at: int) -> bool:
    return text[at : at + 1] in {"", "\n", "#", "\r"}


def _unclosed_text(text: str, at: int, said: str) -> Slip | None:
    """A text that is begun with a quote and not ended."""
    if not said.startswith(
        ("Illegal character '\\n'", "Unterminated", "Expected", "Found invalid")
    ):
        return None
    opened = next(
        (match for match in _TOKEN.finditer(text) if match[0] in {'"', "'", '"""', "'''"}), None
    )
    if opened is None or opened.start() > at:
        return None
    start, quote = opened.start(), opened[0]
    message, hint = "the text that begins here is not closed", f"end it with {quote}"
    if len(quote) > 1:
        return Slip(start, message, hint)
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)]
    for place, character in enumerate(line):
        if character in _QUOTES:
            edit = (start + place, start + place + 1, quote)
            return Slip(start + place, f"{character} does not close a text", hint, (edit,))
    # Where the text is all that there is on the line, it ends with the line.
    is_alone = text[:start].rstrip(" \t").endswith("=") and not {"#", quote} & {*line[1:]}
    edits = ((start + len(line), start + len(line), quote),) if is_alone else None
    return Slip(start, message, hint, edits)


def _typographic(text: str, at: int, _said: str) -> Slip | None:
    """Quotes of typography."""
    if text[at : at + 1] not in _QUOTES:
        return None
    end = text.find("\n", at)
    line = text[at : end if end >= 0 else len(text)]
    close = next((i for i, character in enumerate(line[1:], 1) if character in _QUOTES), None)
    edits = None
    if close is not None and not {'"', "\\"} & {*line[1:close]}:
        edits = ((at, at + 1, '"'), (at + close, at + close + 1, '"'))
    return Slip(at, f"{line[0]} does not quote a text", 'write "…", with straight quotes', edits)


def _full_width(text: str, at: int, said: str) -> Slip | None:
    """Digits and punctuation in full width."""
    begin = at + (text[at : at + 1] in {"+", "-"})
    run = _WIDE_RUN.match(text, begin)
    if run is None:
        return None
    meant = "".join(WIDE[character] for character in run[0])
    if run[0] == "：" and not said.startswith("Expected '='"):
        meant = ":"
    hint = f"write {meant.strip()}" if meant.strip() else "write a plain space"
    shown = run[0][:_SHOWN].strip() or "this space"
    end = text.find("\n", run.end())
    more = (
        ()
        if meant[0] != "["
        else _WIDE_RUN.finditer(text, run.end(), end if end >= 0 else len(text))
    )
    others = [(*it.span(), "".join(WIDE[character] for character in it[0])) for it in more]
    return Slip(begin, f"{shown} is not ASCII", hint, ((begin, run.end(), meant), *others))


def _no_value(text: str, at: int, said: str) -> Slip | None:
    """What stands where a value is expected: a word without quotes, or nothing."""
    if not said.startswith("Invalid value"):
        return None
    if _is_end(text, at):
        return Slip(at, "the value is missing", "write it behind the =")
    if text[at] == "=":
        return Slip(at, "there is one = too many", "write key = value", ((at, at + 1, " "),))
    if text[at] == "." and text[at + 1 : at + 2].isdigit():
        return Slip(at, "a digit stands before the point", "write 0 there", ((at, at, "0"),))
    bare, phrase = _BARE.match(text, at), _PHRASE.match(text, at)
    if bare is None or phrase is None:
        return None
    word, words = bare[0], phrase[0].rstrip()
    end = at + len(words)
    if words == word and word.lower() in _FLAGS:
        meant = _FLAGS[word.lower()]
        return Slip(at, f"{word} is no value of TOML", f"write {meant}", ((at, end, meant),))
    if words == word and word.lower() in _NOTHING:
        return Slip(at, f"{word} is no value of TOML", "leave the key out")
    edits = None if {'"', "\\", "'"} & {*words} else ((at, end, f'"{words}"'),)
    hint = f'write "{words[:_SHOWN]}"' if edits else ""
    return Slip(at, "a text stands in quotes", hint, edits)


def _no_number(text: str, at: int, _said: str) -> Slip | None:
    """What begins as a number and goes on as something else."""
    begin = at
    while begin and text[begin - 1] in "0123456789+-._:" and at - begin < _SHOWN:
        begin -= 1
    match = _NUMBER.match(text, begin)
    if match is None or match.end() < at or begin == at:
        return None
    bare = _BARE.match(text, match.end())
    digits, unit = match["digits"], match["unit"]
    whole = match[0] + (bare[0] if bare else "")
    edit = (begin, match.end())
    if not bare and unit in {"%", "％"} and digits.replace(".", "", 1).isdigit():
        meant = f"{match['sign']}{float(digits) / 100:g}"
        return Slip(begin, f"{whole} is no number", f"write {meant}", ((*edit, meant),))
    if not bare and unit in _UNITS and digits.replace(".", "", 1).isdigit():
        meant = f"{match['sign']}{float(digits) * _UNITS[unit]:_.0f}"
        return Slip(begin, f"{whole} is no number", f"write {meant}", ((*edit, meant),))
    if not bare and not unit and re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+", digits):
        meant = match[0].replace(",", "_")
        return Slip(begin, "a number has no commas", f"write {meant}", ((*edit, meant),))
    if not bare and not unit and digits.endswith("."):
        meant = f"{match[0]}0"
        return Slip(begin, "a digit stands behind the point", f"write {meant}", ((*edit, meant),))
    if match.end() == at and whole.rstrip(";)") == digits:
        return None  # it is what stands behind it
    end = begin + len(whole)
    hint = f'write a number alone, or a text in quotes: "{whole[:_SHOWN]}"'
    return Slip(begin, f"{whole[:_SHOWN]} is no number", hint, ((begin, end, f'"{whole}"'),))


def _no_separator(text: str, at: int, said: str) -> Slip | None:
    """A list or table that does not go on, or end, as lists and tables do."""
    if not said.startswith(("Unclosed", "Invalid initial")):
        return None
    brackets: list[int] = []
    for match in _TOKEN.finditer(text, 0, at):
        if match[0] in {"[", "{"}:
            brackets.append(match.start())
        elif match[0] in {"]", "}"} and brackets:
            brackets.pop()
    if not brackets:
        return None
    start = brackets[-1]
    what, close = ("list", "]") if text[start] == "[" else ("table", "}")
    before = text[:at].rstrip(" \t\n")
    character = text[at : at + 1]
    if character == ";":
        return Slip(at, "; separates nothing", "write ,", ((at, at + 1, ","),))
    if what == "table" and character == "}" and before.endswith(","):
        comma = len(before) - 1
        return Slip(comma, "no comma stands before }", "leave it out", ((comma, comma + 1, " "),))
    if what == "table" and (character in {"\n", "#", "\r"} or "\n" in text[start:at]):
        hint = "write it on one line, or under a header of its own"
        return Slip(start, "a table in { } stands on one line, and is closed on it", hint)
    rest = text[at : at + 200].partition("\n")[0]
    is_statement = re.match(r"\[|[\w-]+[ \t]*=", rest) and "\n" in text[len(before) : at]
    if not character or is_statement:
        return Slip(start, f"the {what} that begins here is not closed", f"end it with {close}")
    if character in {"=", ":"}:
        return Slip(at, f"{character} has no place in a {what}", "write key = value in { }")
    if character in {'"', "'", "[", "{"} or character.isalnum():
        end = len(before)
        return Slip(end, "a comma is missing here", "write ,", ((end, end, ","),))
    return None


def _no_key(text: str, at: int, said: str) -> Slip | None:
    """A line that is neither a header nor a key with its value."""
    begin = text.rfind("\n", 0, at) + 1
    header = _HEADER.match(text, begin)
    if header is not None and len(header[1]) != len(header[3]) and header[2].strip():
        most = max(len(header[1]), len(header[3]))
        meant = f"{'[' * most}{header[2].strip()}{']' * most}"
        edit = (header.start(1), header.end(3), meant)
        return Slip(header.start(1), "the header is not closed", f"write {meant}", (edit,))
    if said.startswith("Expected '='"):
        spaced = _SPACED_KEY.match(text, begin)
        if spaced is not None:
            meant = re.sub(r"[ \t]+", "_", spaced[1])
            edit = (*spaced.span(1), meant)
            return Slip(spaced.start(1), "a key has no spaces", f"write {meant}", (edit,))
        if text[at : at + 1] == ":":
            return Slip(at, ": gives no value", "write =", ((at, at + 1, "="),))
        if not _is_end(text, at):
            return Slip(at, "the = between key and value is missing", "write =", ((at, at, "= "),))
        return Slip(at, "this key has no value", "write key = value")
    comment = _COMMENT.match(text, at)
    if comment is not None and said.startswith("Invalid statement"):
        edit = (*comment.span(), "#")
        return Slip(at, "a comment begins with #", "write #", (edit,))
    if said.startswith("Invalid statement"):
        return Slip(
            at, "this begins neither a key nor a header", "write key = value, or [[stages]]"
        )
    return None


def _backslash(text: str, at: int, said: str) -> Slip | None:
    """A backslash that begins nothing."""
    if not said.startswith("Unescaped"):
        return None
    place = text.rfind("\\", 0, at)
    hint = "write \\\\, or put the text between ' and '"
    return Slip(place, "a \\ in a text means something else", hint, ((place, place, "\\"),))


def _more(text: str, at: int, said: str) -> Slip | None:
    """Something behind a value."""
    if not said.startswith("Expected newline"):
        return None
    if text[at : at + 1] in {",", ";"} and _is_end(text, at + 1):
        return Slip(
            at, f"no {text[at]} stands behind a value", "leave it out", ((at, at + 1, " "),)
        )
    if text[at : at + 1] in {"]", "}", ")"}:
        return Slip(at, f"{text[at]} closes nothing", "leave it out", ((at, at + 1, " "),))
    return Slip(at, "something stands behind the value", "write # before it, if it is a comment")


_LOOKS: Final[tuple[Callable[[str, int, str], Slip | None], ...]] = (
    _unclosed_text,
    _typographic,
    _full_width,
    _no_value,
    _no_number,
    _no_separator,
    _no_key,
    _backslash,
    _more,
)


def _twice(text: str, at: int) -> Slip | None:
    """A key, or a header, that is given a second time."""
    seen: dict[tuple[str | int, ...], int] = {}
    counted: dict[tuple[str | int, ...], int] = {}
    here: tuple[str | int, ...] = ()
    scan = Scan(text)
    for said in scan.statements():
        name = () if said.value is None else here
        for word, _ in said.words:
            name = (*name, word)
            if name in counted and (said.value is not None or word is not said.words[-1][0]):
                name = (*name, counted[name])
        last, place = said.words[-1]
        if said.kind == "[[" and name not in seen:
            counted[name] = counted.get(name, -1) + 1
            here = (*name, counted[name])
            continue
        if name in seen:
            line = _line_of(text, seen[name])
            if said.kind == "[":
                message = f"the table [{'.'.join(word for word, _ in said.words)}] is given twice"
                return Slip(place, message, f"put its keys under that on line {line}")
            if said.kind == "[[":
                message = f'the key "{last[:_SHOWN]}" is given twice'
                return Slip(place, message, f"the first is on line {line}; keep one")
            gap = re.sub(r"[^\n]", " ", text[said.start : said.end])
            message = f'the key "{last[:_SHOWN]}" is given twice'
            hint = f"the first is on line {line}; keep one"
            return Slip(place, message, hint, ((said.start, said.end, gap),), code="duplicate")
        seen[name] = place
        if said.value is None:
            here = name
        if said.start > at:
            break
    for word, place in scan.twice.items():  # what is on one line has its keys there
        message = f'the key "{word[:_SHOWN]}" is given twice'
        return Slip(place, message, "keep one", code="duplicate")
    return None
