"""What starts a batch: its fields, and the rows that go to a lot before anything runs."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from agents import lots
from agents.adapters.tables import Upload, inspect
from agents.clock import utc_now
from agents.database import lot, lot_item, open_database, reading
from agents.errors import InvalidInput
from agents.graphs.batch_input import check_input, take_in, title_of
from agents.lots import Lot

CSV = b"id,full text\nT-1,broken\nT-2,late\n"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path / "signoff.sqlite")
    yield opened
    opened.dispose()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a CSV file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tickets.csv").write_bytes(CSV)
    return tmp_path


def taken(engine: Engine, **given: Any) -> Lot:
    return take_in(engine, check_input(given), clock=utc_now)


def rows_of(engine: Engine, of: Lot) -> list[dict[str, str]]:
    with reading(engine) as connection:
        return [dict(item.data) for item in lots.items(connection, of, 1, 99)]


def kept(engine: Engine) -> int:
    with reading(engine) as connection:
        return sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (lot, lot_item))


def test_a_path_is_read_from_the_working_folder(engine: Engine, folder: Path) -> None:
    made = taken(engine, items="tickets.csv")
    assert (made.name, made.size, made.columns) == ("tickets.csv", 2, ("id", "full text"))
    assert rows_of(engine, made)[1] == {"id": "T-2", "full text": "late"}
    assert taken(engine, items=str(folder / "tickets.csv"), name="Monday").name == "Monday"


def test_rows_are_taken_as_they_are(engine: Engine) -> None:
    made = taken(engine, items=[{"id": 1, "ok": None}, {"ok": "x", "id": 2}])
    assert (made.name, made.size) == ("2 rows", 2)
    assert rows_of(engine, made) == [{"id": "1", "ok": ""}, {"id": "2", "ok": "x"}]


def test_an_upload_goes_before_the_path(engine: Engine, folder: Path) -> None:
    told: list[int] = []
    with (folder / "tickets.csv").open("rb") as file:
        upload = Upload(file, inspect(file, name="uploaded.csv"))
        wanted = check_input({"items": "uploaded.csv"})
        made = take_in(engine, wanted, clock=utc_now, upload=upload, progress=told.append)
    assert (made.name, made.size, told) == ("uploaded.csv", 2, [2])


def test_rows_that_were_read_in_before_are_found(engine: Engine, folder: Path) -> None:
    first = taken(engine, items="tickets.csv")
    assert taken(engine, lot_id=first.lot_id) == first
    with pytest.raises(InvalidInput, match="not in Signoff's database"):
        taken(engine, lot_id="nobody")
    with pytest.raises(InvalidInput, match="columns: “Text” not there"):
        taken(engine, lot_id=first.lot_id, columns=["Text"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"items": "missing.csv"}, "items: cannot read missing.csv (looked for in "),
        ({"items": "."}, "items: . is not a file"),
        ({"items": "a\0b"}, "items: cannot read"),
        ({"items": "pipe"}, "items: pipe is not a file"),
        ({"items": "/dev/zero"}, "items: /dev/zero is not a file"),
        ({"items": "empty.csv"}, "items: empty.csv is empty"),
        ({"items": "rows.csv"}, "says which: false or true"),
        ({"items": "latin.csv"}, '"encoding": "cp1252"'),
        ({"items": "tickets.csv", "encoding": "klingon"}, "encoding: “klingon” is no"),
        ({"items": [{"a": 1}, {"b": 1}]}, "items: 1 row with other columns"),
        ({"items": []}, "items: none are there"),
        ({"items": "tickets.csv", "columns": ["id", "body"]}, "columns: “body” not there. Columns: “id”, “full text”."),
        (
            {"items": "tickets.csv", "task": "prompt", "prompt": "Sum up {body}"},
            "prompt: The prompt names a column that is not there: {body}. Columns: {id}, {full text}.",
        ),
        ({"items": "tickets.csv", "task": "prompt", "prompt": "Sum up"}, "prompt: it names no column"),
    ],
)
def test_rows_that_cannot_be_taken_are_refused_by_field_and_leave_nothing(
    engine: Engine, folder: Path, given: dict[str, Any], said: str
) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "empty.csv").touch()
    (folder / "rows.csv").write_bytes(b"1,2\n3,4\n")
    (folder / "latin.csv").write_bytes("name,text\nJosé,x\n".encode("latin-1"))
    with pytest.raises(InvalidInput) as caught:
        taken(engine, **given)
    assert said in str(caught.value)
    assert kept(engine) == 0


def test_what_the_refusal_offers_works(engine: Engine, folder: Path) -> None:
    (folder / "rows.csv").write_bytes("1,é\n3,4\n".encode("latin-1"))
    made = taken(engine, items="rows.csv", header=False, encoding="cp1252")
    assert rows_of(engine, made)[0] == {"column_1": "1", "column_2": "é"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "lot_id: No rows. Give items"),
        ({"items": "  "}, "lot_id: No rows"),
        ({"items": "a.csv", "lot_id": "x"}, "lot_id: Give items or lot_id"),
        ({"items": 5}, "items: expected the path"),
        ({"items": [1]}, "items: expected the path"),
        ({"items": "a", "every": 0}, "every: Expected a number from 1 to 10,000"),
        ({"items": "a", "every": 10_001}, "every: Expected"),
        ({"items": "a", "samples": 11}, "samples: Expected a number from 1 to 10"),
        ({"items": "a", "every": 2, "samples": 3}, "samples: 3 samples cannot come of 2 items"),
        ({"items": "a", "task": "paint"}, "task: "),
        ({"items": "a", "categories": ["x"]}, "categories: Name at least two"),
        ({"items": "a", "categories": ["x", "x"]}, "categories: “x” is named twice"),
        ({"items": "a", "categories": [f"{n}" for n in range(51)]}, "categories: At most 50"),
        ({"items": "a", "categories": ["x", "y" * 201]}, "categories: “y"),
        ({"items": "a", "task": "prompt"}, "prompt: Say what to do"),
        ({"items": "a", "prompt": "{x}"}, "prompt: Only the task"),
        ({"items": "a", "task": "prompt", "prompt": "x" * 20_001}, "prompt: Longer than 20,000"),
        ({"items": "a", "fields": ["x"]}, "fields: Only the task"),
    ],
)
def test_a_field_at_fault_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_input(given)
    assert str(caught.value).startswith(said)


def test_a_form_may_send_lines_and_a_state_may_hold_more() -> None:
    wanted = check_input(
        {"items": " a.csv ", "categories": "x\n\n y  z \n", "cursor": 5, "every": None, "question": {}}
    )
    assert (wanted.items, wanted.categories, wanted.every) == ("a.csv", ["x", "y z"], 10)
    assert check_input({"items": "a", "task": "prompt", "prompt": "{x}"}).fields == ["answer"]


def test_a_title_says_what_is_done_with_what() -> None:
    assert title_of({"items": "files/tickets.csv", "task": "classify"}) == "Classify tickets.csv"
    assert title_of({"lot_id": "x", "name": "Monday"}) == "Classify Monday"
    assert title_of({"items": [{"a": 1}]}) == "Classify a batch"
    long = title_of({"items": "t.csv", "task": "prompt", "prompt": "Sum\nup " + "{body} " * 20})
    assert len(long) <= 80
    assert long.startswith("Sum up {body}")
    assert long.endswith("… (t.csv)")


def test_a_file_takes_far_less_memory_than_its_size(engine: Engine, folder: Path) -> None:
    with (folder / "large.csv").open("w", encoding="utf-8") as file:
        file.write("id,text\n")
        file.writelines(f'{number},"{"Grüße " * 100}\n"\n' for number in range(10_000))
    taken(engine, items="tickets.csv")  # what is loaded at first use is loaded now
    tracemalloc.start()
    try:
        made = taken(engine, items="large.csv")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (folder / "large.csv").stat().st_size > 8_000_000
    assert made.size == 10_000
    assert peak < 5_000_000
