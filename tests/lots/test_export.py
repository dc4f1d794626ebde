"""The results of a batch as CSV and JSON: what counts, names, formulas, and what is read back."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from agents import lots
from agents.adapters import tables
from agents.clock import utc_now
from agents.database import open_database, reading
from agents.lots import DONE, FAILED, Held, Result, Verdict, Word
from agents.lots.export import columns_of, safe_cell, write_csv, write_json

FIELDS = ("category", "reason")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path / "signoff.sqlite")
    yield opened
    opened.dispose()


def begin(engine: Engine, rows: Sequence[Sequence[str]], columns: Sequence[str] = ("id", "text")) -> Held:
    lots.load(engine, "lot-1", "t.csv", columns, rows, clock=utc_now)
    state: dict[str, Any] = {"spans": [[1, 0]], "done": 0, "judged": 0}
    return lots.hold(engine, "lot-1", source_id="s", thread_id="t", task="x", step=0, clock=utc_now, **state)


def made(item_no: int, category: str, generation: int = 0) -> Result:
    return Result(item_no, generation, DONE, {"category": category, "reason": f"r{item_no}"}, None, 1)


def as_csv(engine: Engine, spans: Sequence[Sequence[int]] = ((1, 0),), fields: Sequence[str] = FIELDS) -> str:
    out = io.StringIO(newline="")
    with reading(engine) as connection:
        known = lots.find(connection, "lot-1")
        assert write_csv(connection, known, spans, fields, out) == known.size
    return out.getvalue()


def as_rows(engine: Engine, spans: Sequence[Sequence[int]] = ((1, 0),)) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(engine, spans), newline="")))


def as_json(engine: Engine, spans: Sequence[Sequence[int]] = ((1, 0),)) -> Any:
    out = io.StringIO()
    with reading(engine) as connection:
        write_json(connection, lots.find(connection, "lot-1"), spans, out)
    return json.loads(out.getvalue())


def test_every_item_has_a_row_whatever_became_of_it(engine: Engine) -> None:
    held = begin(engine, [(f"T-{number}", f"text {number}") for number in range(1, 6)])
    found = [made(1, "billing"), made(2, "billing"), Result(3, 0, FAILED, None, "No answer.", 3), made(4, "other")]
    lots.record(engine, held, found, clock=utc_now)
    fixed = {"category": "technical", "reason": "by hand"}
    said = [Verdict(1, 0, Word.GOOD), Verdict(2, 0, Word.CORRECTED, corrected=fixed), Verdict(4, 0, Word.PROBLEM)]
    lots.say(engine, held, said, clock=utc_now)
    assert as_rows(engine) == [
        ["item", "id", "text", "category", "reason", "status", "error", "inspected", "verdict", "corrected", "generation"],
        ["1", "T-1", "text 1", "billing", "r1", "done", "", "yes", "good", "no", "0"],
        ["2", "T-2", "text 2", "technical", "by hand", "done", "", "yes", "corrected", "yes", "0"],
        ["3", "T-3", "text 3", "", "", "failed", "No answer.", "no", "", "no", "0"],
        ["4", "T-4", "text 4", "other", "r4", "done", "", "yes", "problem", "no", "0"],
        ["5", "T-5", "text 5", "", "", "not done", "", "no", "", "no", ""],
    ]  # fmt: skip
    found_json = as_json(engine)
    assert found_json[1] == {
        "item": 2,
        "input": {"id": "T-2", "text": "text 2"},
        "output": fixed,
        "status": "done",
        "error": None,
        "inspected": True,
        "verdict": "corrected",
        "corrected": True,
        "generation": 0,
    }
    assert found_json[4]["output"] is None


def test_what_counts_is_the_generation_that_the_state_names(engine: Engine) -> None:
    held = begin(engine, [(f"T-{number}", "x") for number in range(1, 5)])
    lots.record(engine, held, [made(number, "old") for number in (1, 2, 3, 4)], clock=utc_now)
    fixed = {"category": "mine", "reason": "m"}
    lots.say(engine, held, [Verdict(2, 0, Word.CORRECTED, corrected=fixed), Verdict(3, 0, Word.PROBLEM)], clock=utc_now)
    lots.record(engine, held, [made(3, "new", 1)], clock=utc_now)

    def brief(spans: list[list[int]]) -> list[list[str]]:
        return [[row[3], *row[5:6], *row[7:]] for row in as_rows(engine, spans)[1:]]

    assert brief([[1, 0], [2, 1]]) == [
        ["old", "done", "no", "", "no", "0"],
        ["mine", "done", "yes", "corrected", "yes", "0"],  # a correction is not asked of the model again
        ["new", "done", "no", "", "no", "1"],  # the verdict was about the old one
        ["", "not done", "no", "", "no", ""],
    ]
    assert [row[0] for row in brief([[1, 0]])] == ["old", "mine", "old", "old"]


def test_a_failed_item_that_a_person_filled_in_is_done(engine: Engine) -> None:
    held = begin(engine, [("1", "x")])
    lots.record(engine, held, [Result(1, 0, FAILED, None, "No answer.", 3)], clock=utc_now)
    lots.say(engine, held, [Verdict(1, 0, Word.CORRECTED, corrected={"category": "a", "reason": ""})], clock=utc_now)
    assert as_rows(engine)[1][3:] == ["a", "", "done", "", "yes", "corrected", "yes", "0"]


def test_input_columns_keep_their_names(engine: Engine) -> None:
    begin(engine, [("1", "2", "3", "4")], ("Item", "category", "status", "status (result)"))
    with reading(engine) as connection:
        columns = columns_of(lots.find(connection, "lot-1"), ("category", "verdict"))
    assert columns == [
        "item (result)", "Item", "category", "status", "status (result)", "category (result)", "verdict",
        "status (result 2)", "error", "inspected", "verdict (result)", "corrected", "generation",
    ]  # fmt: skip
    assert len({name.casefold() for name in columns}) == len(columns)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "-", "+a", "=", "-2+3"]
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-5", "+49", "-5.25", "-1,000.50", "-.5", "-3e-4", "-4%", "", " =1", "a=1", "'=1", "ü"]
)
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert safe_cell(text) == text


def test_header_cells_are_as_safe_as_the_others(engine: Engine) -> None:
    begin(engine, [("=1+1", "-5")], ("=HYPERLINK(1)", "amount"))
    header, row = csv.reader(io.StringIO(as_csv(engine, fields=["@field"]), newline=""))
    assert header[1:4] == ["'=HYPERLINK(1)", "amount", "'@field"]
    assert row[1:3] == ["'=1+1", "-5"]


def test_half_a_character_and_nul_do_not_stop_the_file(engine: Engine) -> None:
    held = begin(engine, [("1", "x")])
    found = {"category": "a\ud83db", "reason": "n\0l"}
    lots.record(engine, held, [Result(1, 0, DONE, found, None, 1)], clock=utc_now)
    assert as_rows(engine)[1][3:5] == ["a?b", "n\ufffdl"]
    assert as_json(engine)[0]["output"] == {"category": "a?b", "reason": "n\0l"}


def test_an_empty_lot_is_a_header_and_an_empty_list(engine: Engine) -> None:
    begin(engine, [])
    assert len(as_rows(engine)) == 1
    assert as_json(engine) == []


@pytest.mark.parametrize("seed", range(10))
def test_what_is_exported_is_read_back_equal(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    alphabet = ["a", "b", " ", ",", ";", '"', "\n", "\r\n", "\r", "'", "x=", "é", "日", "😀", "\u2028", "|", "\t", "-"]
    size = chance.choice((1, 7, 700))

    def cell() -> str:
        return "".join(["z", *chance.choices(alphabet, k=chance.randint(0, 9))])

    rows = [(cell(), cell(), cell()) for _ in range(size)]
    held = begin(engine, rows, ("one", "two", "three"))
    outputs = [{"category": cell(), "reason": cell()} for _ in rows]
    done = [Result(number, 0, DONE, output, None, 1) for number, output in enumerate(outputs, 1)]
    lots.record(engine, held, done, clock=utc_now)
    file = io.BytesIO(as_csv(engine).encode("utf-8-sig"))
    table = tables.inspect(file, name="out.csv", header=True)
    assert table.columns[:6] == ("item", "one", "two", "three", "category", "reason")
    assert [row[1:6] for row in tables.rows(file, table)] == [
        (*row, *output.values()) for row, output in zip(rows, outputs, strict=True)
    ]
    assert [tuple(each["input"].values()) for each in as_json(engine)] == rows
