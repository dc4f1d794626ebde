"""CSV files and rows: what is read, what is refused, and what the refusal says."""

from __future__ import annotations

import csv
import io
import random
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from agents.adapters import tables
from agents.adapters.tables import (
    BadColumns,
    BadTable,
    Limits,
    NoHeader,
    RaggedRows,
    TooLarge,
    WrongEncoding,
    given_rows,
    inspect_given,
)
from agents.errors import InvalidInput

SMALL = Limits(rows=3, bytes=2000, columns=4, cell=50, line=300)


def inspected(data: bytes, **how: Any) -> tuple[tables.Table, list[tuple[str, ...]]]:
    """What a file is found to be, and its rows."""
    file = io.BytesIO(data)
    table = tables.inspect(file, name="t.csv", **how)
    rows = list(tables.rows(file, table))
    assert len(rows) == table.rows
    assert not file.closed
    return table, rows


def fault(data: bytes, **how: Any) -> BadTable:
    with pytest.raises(BadTable) as caught:
        inspected(data, **how)
    return caught.value


def test_a_file_is_read_as_what_it_is() -> None:
    table, rows = inspected(b'id, full  text \r\n1,"a, ""b""\r\nc"\r\n\r\n2,\r\n')
    assert (table.name, table.encoding, table.delimiter, table.header) == ("t.csv", "utf-8", ",", True)
    assert table.columns == ("id", "full text")
    assert table.size == 40
    assert rows == [("1", 'a, "b"\r\nc'), ("2", "")]
    assert table.preview == (("1", 'a, "b"\r\nc'), ("2", ""))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_fits(delimiter: str) -> None:
    text = delimiter.join(["name", "amount"]) + "\n" + delimiter.join(['"Müller, A.; B|C"', '"12,50"']) + "\n"
    table, rows = inspected(text.encode())
    assert table.delimiter == delimiter
    assert rows == [("Müller, A.; B|C", "12,50")]


def test_one_column_is_not_split_by_what_its_text_holds() -> None:
    table, rows = inspected(b"text\nHello, world\nYes\n")
    assert table.columns == ("text",)
    assert rows == [("Hello, world",), ("Yes",)]


def test_a_delimiter_can_be_given() -> None:
    assert inspected(b"a,b;c\nx,y;z\n", delimiter=";")[0].columns == ("a,b", "c")
    with pytest.raises(InvalidInput, match="semicolons"):
        inspected(b"a,b\nx,y\n", delimiter="#")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_is_believed_and_every_line_end_counts(encoding: str, ends: str) -> None:
    table, rows = inspected(ends.join(["name,text", "José,x", ""]).encode(encoding))
    assert table.columns == ("name", "text")
    assert rows == [("José", "x")]


GERMAN = "subject,body\nGrüße aus Köln,Die Tür klemmt – bitte prüfen\n"


@pytest.mark.parametrize(
    ("text", "encoding", "detected"),
    [
        (GERMAN, "cp1252", "cp1252"),
        ("name,text\nJosé,x\n", "latin-1", "cp1252"),
        ("temat,text\nZażółć gęślą jaźń,Proszę o pomoc\n", "cp1250", "cp1250"),
        ("тема,текст\nНе работает,Принтер не печатает уже два дня\n", "cp1251", "cp1251"),
        ("件名,本文\nプリンタ,プリンタが動きません\n", "shift_jis", "cp932"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
    ],
)
def test_another_encoding_is_offered_and_then_read(text: str, encoding: str, detected: str) -> None:
    error = fault(text.encode(encoding))
    assert isinstance(error, WrongEncoding)
    assert error.detected == detected
    assert error.excerpt in text.splitlines()
    assert error.excerpt
    assert "not UTF-8: line" in str(error)
    _, rows = inspected(text.encode(encoding), encoding=detected)
    assert rows == [tuple(text.splitlines()[1].split(","))]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_where_its_bytes_tell_which(encoding: str) -> None:
    assert inspected("id,text\n1,Grüße\n".encode(encoding), encoding="utf-16")[1] == [("1", "Grüße")]
    assert "t.csv is not UTF-16: line 1" in str(fault(b"id,text\n1,x\n", encoding="utf-16"))


@pytest.mark.parametrize("line", [2, 5000, 30_000])
def test_the_line_that_is_not_utf_8_is_named(line: int) -> None:
    lines = [b"id,text"] + [b"a,\xc3\xa9\r"] * 30_000
    lines[line - 1] = b"a,caf\xe9\r"
    assert f"line {line} cannot" in str(fault(b"\n".join(lines)))


def test_what_is_no_text_at_all_is_said() -> None:
    garbage = random.Random(1).randbytes(5000).replace(b"\0", b"\x81")
    assert fault(b"\x89\x81\x8d\x8f" + garbage).args[0].endswith(("UTF-8.", "UTF-8."))
    assert "Excel" in str(fault(b"PK\x03\x04....."))
    assert "NUL" in str(fault(b"a,b\nx\0,y\n"))
    assert "line 2" in str(fault("a,b\nx,y\n".encode("utf-16")[:-1]))


@pytest.mark.parametrize("encoding", ["klingon", "hex", "unicode_escape", "utf-7", "a\0b", ""])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    if not encoding:
        assert inspected(b"a,b\nx,y\n", encoding=encoding)[1] == [("x", "y")]
        return
    with pytest.raises(InvalidInput, match="encoding"):
        inspected(b"a,b\nx,y\n", encoding=encoding)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"1,printer\n2,phone\n", "“1” is a number"),
        (b"T-1,-3.5 %\nT-2,4\n", "“-3.5 %” is a number"),
        (b"2026-01-31 08:00,a\n2026-02-01 09:00,b\n", "is a date"),
        (b"ann,ann@example.org\nbob,bob@example.org\n", "is an address"),
        (b"https://example.org/1\nhttps://example.org/2\n", "is a link"),
        (b"T-1,My printer is broken.\nT-2,Mine is too.\n", "is a sentence"),
        (b'T-1,"two\nlines"\nT-2,one\n', "several lines"),
        (b"billing,I cannot pay\nother,Hello\nbilling,Too dear\n", "stands in its column again"),
    ],
)
def test_a_first_line_that_is_a_row_is_told_by_its_look(data: bytes, why: str) -> None:
    error = fault(data)
    assert isinstance(error, NoHeader)
    assert why in str(error)
    assert error.columns == ("column_1", "column_2")[: len(error.first)]
    as_rows, rows = inspected(data, header=False)
    assert as_rows.columns == error.columns
    assert rows[0] == error.first
    as_names, rest = inspected(data, header=True)
    assert len(rest) == len(rows) - 1
    assert not as_rows.header
    assert as_names.header


@pytest.mark.parametrize("header", ["id,text", "Subject,How do you like our service?", "q1,q2,v2.0", "naïve,日本語"])
def test_names_of_columns_are_not_taken_for_a_row(header: str) -> None:
    width = header.count(",") + 1
    table, _ = inspected(f"{header}\n{','.join(['x'] * width)}\n{','.join(['7'] * width)}\n".encode())
    assert table.columns == tuple(header.split(","))


def test_columns_without_a_name_of_their_own_are_named() -> None:
    error = fault(b"a,,a, b ,b,\n" + b"1,2,3,4,5,6\n")
    assert isinstance(error, BadColumns)
    assert (error.duplicates, error.empty) == (("a", "b"), (2, 6))
    assert "columns 2 (after “a”), 6 (after “b”) have no name; “a”, “b” is there more than once" in str(error)
    assert "column 1 has no name" in str(fault(b" ,b\nx,y\n"))
    assert "longer than 200" in str(fault(b"a," + b"b" * 201 + b"\nx,y\n"))


def test_names_hold_nothing_that_cannot_be_seen() -> None:
    assert inspected("\x1b[31mred,a\u202eb\nx,y\n".encode())[0].columns == ("[31mred", "a b")


def test_ragged_rows_are_named_by_their_line_in_the_file() -> None:
    error = fault(b'a,b\n1,"x\ny"\n2\n3,y,z\n\n4,y\n' + b"9\n" * 10)
    assert isinstance(error, RaggedRows)
    assert error.lines == ((4, 1), (5, 3), (8, 1), (9, 1), (10, 1))
    assert error.count == 12
    assert "2 columns, separated by commas, and 12 rows" in str(error)
    assert "line 4 has 1 cell; line 5 has 3 cells; line 8 has 1 cell; " in str(error)
    assert "and 7 more lines" in str(error)


def test_a_row_of_spaces_is_an_empty_line() -> None:
    assert inspected(b"a,b\n  \n1,2\n   \n")[1] == [("1", "2")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n\n\r\n", "holds nothing"),
        (b"\xef\xbb\xbf", "holds nothing"),
        (b"a,b\n", "no row"),
        (b'a,b\n1,"x\n2,y\n', "Line 2 of t.csv: a quote"),
        (b'a,b\n1,"x\n\n2,"y\n', "Line 4 of t.csv: a quoted cell goes on"),
        (b'a,b\n1,"x"y\n', "Line 2 of t.csv: a quoted cell goes on"),
        (b"\n<!DOCTYPE html>\n<html>\n<p>Sign in, please</p>\n</html>\n", "is a web page"),
        (b"\xef\xbb\xbf<html lang='en'>\n<body>\n", "is a web page"),
        (b'<?xml version="1.0"?>\n<a>\n</a>\n', "is XML"),
        (b'[\n  {\n    "id": 1\n  }\n]\n', "is JSON"),
        (b'{"id": 1}\n{"id": 2}\n', "is JSON"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(data: bytes, said: str) -> None:
    assert said in str(fault(data))


def test_what_is_too_large_says_how_to_go_on() -> None:
    assert "2 files" in str(fault(b"a,b\n" + b"x,y\n" * 4, limits=SMALL))
    assert "Split it" in str(fault(b"a,b\n" + b"x,y\n" * 600, limits=SMALL))
    assert "5 columns; at most 4" in str(fault(b"a,b,c,d,e\n1,2,3,4,5\n", limits=SMALL))
    assert "Line 3 of t.csv: a cell" in str(fault(b"a,b\nx,y\nx," + b"y" * 51 + b"\n", limits=SMALL))
    assert "Line 2 of t.csv is longer" in str(fault(b"a,b\n" + b"x," * 200 + b"\n", limits=SMALL))
    assert inspected(b"a,b\n" + b"x,y\n" * 3, limits=SMALL)[0].rows == 3
    assert isinstance(fault(b"a,b\n" + b"x,y\n" * 4, limits=SMALL), TooLarge)


def test_a_quote_that_swallows_the_file_is_no_endless_cell() -> None:
    assert "never closed" in str(fault(b'a,b\n1,"x\n' + b"2,y\n" * 200_000))


def test_progress_is_told_in_bytes() -> None:
    told: list[int] = []
    data = b"id,text\n" + b"".join(b"%d,some text\n" % number for number in range(20_000))
    inspected(data, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 10
    assert told[-1] == len(data)


def test_a_file_that_changed_in_between_is_refused() -> None:
    table, _ = inspected(b"a,b\nx,y\nz,w\n")
    for changed in (b"a,b\nx,y\n", b"a,b\nx,y\nz,w\nu,v\n", b"a,b\nx,y,z\n"):
        with pytest.raises(BadTable, match="changed"):
            list(tables.rows(io.BytesIO(changed), table))
    with pytest.raises(BadTable, match="changed"):
        list(tables.rows(io.BytesIO(b"a,b\nx,y\nz,w\n"), replace(table, rows=1)))


@pytest.mark.parametrize("seed", range(30))
def test_what_the_csv_module_writes_is_read_back_equal(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = [
        "a",
        "b",
        " ",
        ",",
        ";",
        "\t",
        "|",
        '"',
        '""',
        "\n",
        "\r\n",
        "\r",
        "'",
        "=",
        "é",
        "日",
        "😀",
        "{",
        "\\",
        "\u2028",
        "\x0b",
    ]
    width, delimiter = chance.randint(2, 6), chance.choice(",;\t|")

    def cell() -> str:
        return "".join(chance.choices(alphabet, k=chance.randint(0, 12)))

    names = [f"name {number}" for number in range(width)]
    rows = [tuple(cell() for _ in range(width)) for _ in range(chance.randint(1, 60))]
    out = io.StringIO()
    # With another line end the csv module leaves a \r or \n in a cell unless it is told to quote everything.
    quoting, ends = chance.choice(
        ((csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r"), (csv.QUOTE_ALL, "\r\n"))
    )
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerows([names, *rows])
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16"))
    table, found = inspected(out.getvalue().encode(encoding), delimiter=delimiter, header=True)
    assert table.columns == tuple(names)
    assert found == rows


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_are_read_or_refused_with_a_sentence(seed: int) -> None:
    """Whatever is in a file, nothing else than a BadTable comes of it."""
    chance = random.Random(seed)
    data = bytearray(b'id,text\n1,"a, b"\n2,"c\nd"\n' * 20 + "3,é\n".encode() * 20)
    for _ in range(chance.randint(1, 40)):
        data[chance.randrange(len(data))] = chance.choice(b'\0",\n\r;\xff\xc3\x80ab1')
    with suppress(BadTable):
        inspected(bytes(data))


def test_given_rows_are_texts() -> None:
    given = [
        {" id ": 1, "ok": True, "of": None, "more": {"a": [1.5, "é"]}},
        {"more": "x", "of": "", "ok": "y", " id ": 2.0},
    ]
    table = inspect_given(given)
    assert table.columns == ("id", "ok", "of", "more")
    assert list(given_rows(given)) == [("1", "true", "", '{"a": [1.5, "é"]}'), ("2.0", "y", "", "x")]
    assert table.rows == 2
    assert table.preview[0][0] == "1"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "none are there"),
        ([{"a": 1}, 5], "row 2 is no object"),
        ([{"a": 1}, {}], "row 2 is no object"),
        ([{1: 1}], "row 1 is no object"),
        ([{"a": 1}, {"b": 1}, {"a": 1, "b": 2}], "2 rows with other columns than row 1: row 2 lacks “a” and has “b” besides; row 3 has “b” besides."),
        ([{"a": 1, " a": 2}], "“a” is there more than once"),
        ([{"": 1}], "column 1 has no name"),
        ([{"a": "x\0"}], "a cell of row 1 holds a character"),
        ([{"a": "ok"}, {"a": "\ud83d"}], "a cell of row 2 holds a character"),
        ([{"a": "x" * 51}], "a cell of row 1 holds more than 50"),
        ([{"a": 1}] * 4, "4 are more than the 3"),
        ([{"a": "x" * 40}] * 3, None),
        ([dict.fromkeys("abcd", "x" * 50)] * 3, None),
    ],
)  # fmt: skip
def test_given_rows_get_the_same_checks(given: list[Any], said: str | None) -> None:
    if said is None:
        assert inspect_given(given, limits=SMALL).rows == 3
        return
    with pytest.raises(BadTable) as caught:
        inspect_given(given, limits=SMALL)
    assert said in str(caught.value)


def test_given_rows_together_can_be_too_much() -> None:
    with pytest.raises(TooLarge, match="more text"):
        inspect_given([{"a": "x" * 50}] * 3, limits=replace(SMALL, bytes=100))
