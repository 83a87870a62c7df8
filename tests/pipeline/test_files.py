"""Files of separated values: what is in them comes out, or it is told where they are wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import FrameError
from salesflow.pipeline._files.opened import Engine, opened_file
from salesflow.pipeline._files.separated import lines_of

ENGINES: tuple[Engine, ...] = ("polars", "duckdb")


def rows(frame: Any) -> list[tuple[object, ...]]:
    found = nw.from_native(frame).lazy().collect()
    return [tuple(it or None for it in row) for row in found.iter_rows()]


def refused(path: Path, folder: Path, encoding: str = "") -> list[str]:
    with pytest.raises(FrameError) as caught:
        opened_file(path, folder, engine="polars", encoding=encoding)
    assert caught.value.message == f"{str(path)!r} cannot be read as a table."
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "theirs").mkdir()
    return tmp_path / "theirs" / "deals.csv"


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
names = st.text("abcdefgh ,;|\t\"'\n", min_size=1, max_size=5).filter(lambda it: it.strip())


@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data())
def test_every_value_comes_out_as_it_is_written(engine: Engine, data: st.DataObject) -> None:
    """However it is quoted, separated, encoded and ended: law of both engines."""
    header = data.draw(st.lists(names, min_size=2, max_size=4, unique_by=str.lower))
    row = st.lists(cells, min_size=len(header), max_size=len(header))
    table = data.draw(st.lists(row, max_size=5))
    separator = data.draw(st.sampled_from(",;\t|"))
    dialect = data.draw(st.sampled_from([csv.excel, csv.unix_dialect]))  # the latter quotes all
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    written = [tuple(it or None for it in row) for row in table if any(row)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, dialect, delimiter=separator, lineterminator=end)
    writer.writerows([header, *table])
    with TemporaryDirectory() as folder:
        path = Path(folder, "any.csv")
        path.write_bytes(text.getvalue().encode(encoding))
        said = "" if encoding.startswith("utf-8") else encoding
        try:
            found = opened_file(path, Path(folder), engine=engine, encoding=said)
        except FrameError as error:  # its header alone may be read in several ways
            (problem,) = error.problems
            assert problem.code == "separator" or (problem.code == "no_rows" and not written)
            return

        assert found.collect_schema().names() == header
        assert rows(found) == written


@pytest.mark.parametrize("engine", ENGINES)
def test_what_looks_like_a_number_stays_the_text_that_it_is(
    file: Path, tmp_path: Path, engine: Engine
) -> None:
    file.write_text("id,stage\n007,1e3\n0070,NULL\n", encoding="utf-8")

    found = opened_file(file, tmp_path, engine=engine)

    assert rows(found) == [("007", "1e3"), ("0070", "NULL")]


@pytest.mark.parametrize("engine", ENGINES)
def test_quotes_inside_a_value_that_has_none_around_it_are_part_of_it(
    file: Path, tmp_path: Path, engine: Engine
) -> None:
    file.write_text('id,size\n1,5" disk\n2,a "b" c\n3,"x ""y"""\n', encoding="utf-8")

    found = opened_file(file, tmp_path, engine=engine)

    assert rows(found) == [("1", '5" disk'), ("2", 'a "b" c'), ("3", 'x "y"')]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_blanks_around_values_in_quotes_are_none_of_theirs(
    file: Path, tmp_path: Path, engine: Engine, separator: str
) -> None:
    text = '"id", "size" ,  "by"\n "1", "a, b" , "x ""y"""\n2, c, "two\nlines" \n'
    text += '3, "d" e, " f "\n4,"", "5"\n'
    file.write_text(text.replace(",", separator), encoding="utf-8")

    found = opened_file(file, tmp_path, engine=engine)

    assert found.collect_schema().names() == ["id", "size", "by"]
    assert rows(found) == [
        ("1", f"a{separator} b", 'x "y"'),
        ("2", " c", "two\nlines"),
        ("3", ' "d" e', " f "),
        ("4", None, "5"),
    ]
    assert lines_of(file, "by", ["5", 'x "y"'], encoding="") == {'x "y"': "line 2", "5": "line 6"}


@given(data=st.data())
def test_blanks_beside_quotes_change_nothing(data: st.DataObject) -> None:
    table = data.draw(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=4))
    text = io.StringIO(newline="")
    csv.writer(text, csv.unix_dialect).writerows([["a", "b"], *table])
    between = data.draw(st.sampled_from(['" ,"', '",  "', '" , "', '",\t"']))
    lines = [between.join(it.replace('"', '""') for it in row) for row in [["a", "b"], *table]]
    apart = "".join(f'"{line}"\n' for line in lines)
    with TemporaryDirectory() as folder:
        path, other = Path(folder, "one.csv"), Path(folder, "other.csv")
        path.write_bytes(text.getvalue().encode())
        other.write_bytes(apart.encode())
        if any(map(any, table)):
            assert rows(opened_file(path, Path(folder), engine="polars")) == rows(
                opened_file(other, Path(folder), engine="polars")
            )


def test_a_blank_before_a_quote_that_is_never_closed_is_told(file: Path, tmp_path: Path) -> None:
    file.write_text('id, "stage"\n1, "demo\n', encoding="utf-8")

    (told,) = refused(file, tmp_path)

    assert told.startswith("line 2: a value that begins here in double quotes does not end")


def test_a_column_without_a_name_is_called_by_its_place_and_empty_rows_are_left_out(
    file: Path, tmp_path: Path
) -> None:
    file.write_text(',id\n\n0,1\n,\n"",""\n1,2\n\n', encoding="utf-8")

    found = opened_file(file, tmp_path, engine="polars")

    assert found.collect_schema().names() == ["column 1", "id"]
    assert rows(found) == [("0", "1"), ("1", "2")]


def test_every_row_of_another_length_is_told_with_its_line(file: Path, tmp_path: Path) -> None:
    """polars fills up the second, and pandas takes the first for one with an index."""
    file.write_text(
        'id,stage,amount\n1,demo,1,000\n2,"a\nb",5\n3,demo\n4,"x, y"\n', encoding="utf-8"
    )

    hint = "correct the row; a value with the separator in it stands in double quotes"
    assert refused(file, tmp_path) == [
        f"line 2: the row has 4 values, the header 3: '1,demo,1,000'; {hint}",
        f"line 5: the row has 2 values, the header 3: '3,demo'; {hint}",
        f"line 6: the row has 2 values, the header 3: '4,\"x, y\"'; {hint}",
    ]


def test_of_many_bad_rows_the_number_is_told(file: Path, tmp_path: Path) -> None:
    file.write_text("id,stage\n" + "1,demo,\n" * 250, encoding="utf-8")

    told = refused(file, tmp_path)

    assert len(told) == 101
    assert told[-1] == "150 more rows have another number of values"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id,stage\n1,demo\n2,"demo\n3,demo\n', "line 3: a value that begins here in double"),
        ('id,stage\n1,"demo"x\n', "line 2: a value that begins here in double quotes does not end"),
        ('id,"stage\n1,demo\n', "line 1: a value that begins here in double quotes does not end"),
        (f'id,stage\n1,{"x" * 140_000}"\n', "line 2: a value that begins here is longer than 131"),
        ("id,id,stage\n1,1,demo\n", "line 1: 2 columns are called 'id'"),
        ("deals\n1\n", "its first line names one column only; a table has its names in the first"),
        ("a,b;c,d\n1,2;3,4\n", "line 1: its header can be taken apart in several ways, at each "),
        ("", "it is empty; name a file with a header"),
        ("\n\n", "it is empty"),
        ("id,stage\n,\n", "there are no deals below its header"),
        (f"id,stage\n1,{'x' * 1_100_000}\n", "a line is longer than 1,048,576 characters"),
    ],
)
def test_what_is_no_table_is_told(file: Path, tmp_path: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")

    (told,) = refused(file, tmp_path)

    assert told.startswith(said)


def test_a_separator_in_a_name_is_known_by_the_rows(file: Path, tmp_path: Path) -> None:
    file.write_text("id,amount (USD; net)\n1,5\n", encoding="utf-8")
    assert opened_file(file, tmp_path, engine="polars").collect_schema().names() == [
        "id",
        "amount (USD; net)",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "id,owner\n1,x\n2,Müller\n".encode("cp1252"),
            [
                "line 3: it is not UTF-8, from byte 4 of this line on",
                "encoding='gb18030' for 'M黮ler'",
                "encoding='cp1252' for 'Müller'",
            ],
        ),
        (
            "id,owner\n1,李伟\n".encode("gb18030"),
            [
                "line 2: it is not UTF-8, from byte 3 of this line on",
                "encoding='gb18030' for '李伟'",
                "encoding='cp1252' for 'ÀîÎ°'",
            ],
        ),
        (
            "id,owner\n1,李伟\n".encode("utf-16"),
            ["it is not UTF-8 but UTF-16, as its first bytes say; say encoding='utf-16'", ""],
        ),
        (
            "id,owner\n1,x\n".encode("utf-16-le"),
            ["it is no text in this encoding; say encoding='utf-16'", ""],
        ),
    ],
)
def test_another_encoding_is_told_with_what_it_could_be_and_never_guessed(
    file: Path, tmp_path: Path, data: bytes, said: list[str]
) -> None:
    file.write_bytes(data)
    (told,) = refused(file, tmp_path)
    before, _, ways = told.partition("; say what it is: ")
    assert [before, *ways.split(" or ")] == said


@pytest.mark.parametrize("encoding", ["hex", "rot13", "klingon", "\0"])
def test_what_is_no_encoding_of_texts_is_told(file: Path, tmp_path: Path, encoding: str) -> None:
    file.write_text("id,stage\n", encoding="utf-8")
    with pytest.raises(FrameError, match="there is no encoding") as caught:
        opened_file(file, tmp_path, engine="polars", encoding=encoding)
    assert [it.hint for it in caught.value.problems] == ["for instance gb18030, cp1252 or utf-16"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04more", "it is a workbook or another archive, neither CSV nor Parquet"),
        (b"\x1f\x8bmore", "it is compressed, neither CSV nor Parquet; unpack it first"),
        (b"PAR1 and nothing of it", "polars refuses it ("),
    ],
)
def test_other_files_are_told_by_how_they_begin(
    file: Path, tmp_path: Path, data: bytes, said: str
) -> None:
    file.write_bytes(data)
    (told,) = refused(file, tmp_path)
    assert told.startswith(said)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv", tmp_path) == ["no such file or directory; name a file"]
    assert refused(tmp_path, tmp_path) == ["is a directory; name a file"]
    assert refused(Path("a\0b"), tmp_path) == ["embedded null byte; name a file"]


@pytest.mark.parametrize("engine", ENGINES)
def test_parquet_keeps_its_types_and_its_name_is_no_pattern(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    pl.DataFrame({"id": [7], "stage": ["demo"]}).write_parquet(tmp_path / "deals[1].parquet")
    pl.DataFrame({"id": [8], "stage": ["demo"]}).write_parquet(tmp_path / "deals1.parquet")

    found = opened_file(tmp_path / "deals[1].parquet", folder, engine=engine)

    assert rows(found) == [(7, "demo")]


def test_how_far_it_came_is_told(file: Path, tmp_path: Path) -> None:
    file.write_text("id,stage\n" + "1,demo\n" * 100_000, encoding="utf-8")
    told: list[tuple[int, int]] = []

    opened_file(
        file, tmp_path, engine="polars", progress=lambda done, size: told.append((done, size))
    )

    assert len(told) == 3
    assert told == sorted(told)
    assert {size for _, size in told} == {file.stat().st_size}
    assert all(0 < done <= size for done, size in told)
