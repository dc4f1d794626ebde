"""A file made to do harm, read: nothing runs, nothing is imported, no thread hides another, and all of it is plain data."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import payloads
from agents.checkpoints import Reader, Source
from agents.checkpoints.context import led_here
from agents.domain import canonical
from agents.reviews.rows import row_of
from tests import hostile


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, list[str], Path]]:
    folder = tmp_path_factory.mktemp("small")
    threads = hostile.build(folder / "checkpoints.sqlite", folder / "flag", with_large=False)
    with Reader(Source("hostile", folder / "checkpoints.sqlite")) as reader:
        yield reader, threads, folder / "flag"


def test_every_thread_is_listed_and_understood(small: tuple[Reader, list[str], Path]) -> None:
    reader, threads, flag = small
    known = set(sys.modules)
    listing = reader.listing()
    assert listing.note is None
    assert {pause.thread_id for pause in listing.pauses} == set(threads)
    for pause in listing.pauses:
        row = row_of(pause)
        text = json.dumps([pause.value, pause.response_schema, row.title, row.gist, row.words], allow_nan=False)
        assert json.loads(text)
        for said in row.review.allowed:
            assert row.review.labels[said]
        assert canonical([pause.title, pause.graph_id, pause.note]).decode()
    assert not flag.exists()
    assert {name.partition(".")[0] for name in set(sys.modules) - known} <= {
        "agents",
        "jsonschema",
        "referencing",
    } | set(sys.stdlib_module_names)


def test_every_thread_can_be_read_in_every_way(small: tuple[Reader, list[str], Path]) -> None:
    reader, threads, flag = small
    for thread in threads:
        state = reader.thread(thread)
        assert state is not None
        assert state.pauses
        reader.history(thread)
        reader.metadata(thread)
        json.dumps(reader.values(thread), allow_nan=False)
        told = reader.file.read(lambda link, thread=thread: led_here(link.connection, thread))  # type: ignore[misc]
        assert "LedHere" in str(told).encode().decode()
    assert not flag.exists()


@pytest.mark.slow
def test_large_payloads_cost_little(tmp_path: Path) -> None:
    threads = hostile.build(tmp_path / "checkpoints.sqlite", tmp_path / "flag")
    with Reader(Source("hostile", tmp_path / "checkpoints.sqlite")) as reader:
        began = time.monotonic()
        listing = reader.listing()
        assert time.monotonic() - began < 3
        assert {pause.thread_id for pause in listing.pauses} == set(threads)
        for pause in listing.pauses:
            began = time.monotonic()
            payloads.parse(pause)
            reader.file.read(lambda link, pause=pause: led_here(link.connection, pause.thread_id))  # type: ignore[misc]
            assert time.monotonic() - began < 1, pause.thread_id
