"""Real checkpointer files, written by real graphs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from agents.checkpoints import Source
from tests.checkpoints.threads import Threads


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


@pytest.fixture
def source(path: Path) -> Source:
    return Source("checkpoints", path)


@pytest.fixture
def threads(path: Path) -> Iterator[Callable[..., Threads]]:
    """threads(graph_builder) -> Threads over the file at `path`; closed after the test."""
    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    yield lambda build: Threads(build, saver)
    connection.close()
