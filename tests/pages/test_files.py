"""Several checkpointer files on the pages: which file a row is from, the filter, links that name their file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import reviews
from agents.desk import Desk
from pages.components.session import close_desk, the_desk
from tests.browser import asking
from tests.pages.conftest import at_page, html


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk over two files with a thread of one id in each, and a third that is no database."""
    files = [home / "first.sqlite", home.parent / "second.db", home.parent / "broken.db"]
    asking.run(files[0], {"same": {"ask": "Is it the first?"}})
    asking.run(files[1], {"same": {"ask": "Is it the second?"}, "other": {"ask": "And this one?"}})
    files[2].write_text("no database " * 100)
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {"asking": f"{asking.__file__}:asking"}}))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(config))
    monkeypatch.setenv("SIGNOFF_CHECKPOINTS", os.pathsep.join(map(str, files)))
    the_desk.clear()
    yield the_desk()
    close_desk()


def test_the_inbox_is_narrowed_to_one_file_and_says_which_cannot_be_read(desk: Desk) -> None:
    app = at_page("inbox.py")
    assert "3 waiting" in html(app)
    assert "broken.db" in html(app)
    box = next(box for box in app.selectbox if box.label == "File")
    assert box.options == ["first.sqlite", "second.db", "broken.db"]
    box.set_value(desk.sources[1].source_id).run()
    assert "2 match" in html(app)


def test_a_review_is_that_of_the_file_in_its_link(desk: Desk) -> None:
    for row in (row for row in _all(desk) if row.thread_id == "same"):
        app = at_page("review.py", thread=row.thread_id, pause=row.pause_key, source=row.source_id)
        assert row.title in html(app)
        assert f"in {desk.source_names()[row.source_id]}" in html(app)
    app = at_page("review.py", thread="same", pause="anything")
    assert "several checkpointer files" in html(app)


def test_the_board_is_narrowed_too(desk: Desk) -> None:
    found = reviews.board(desk, sources=[desk.sources[0].source_id])
    (column,) = [column for column in found.columns if column.rows]
    assert ([row.source_id for row in column.rows], column.waiting, column.more) == ([desk.sources[0].source_id], 1, 0)
    kept = reviews.board(desk, sources=[desk.sources[0].source_id], per_column=0, keep=[row.key for row in _all(desk)])
    (column,) = [column for column in kept.columns if column.rows]
    assert (len(column.rows), column.waiting, column.more) == (3, 1, 0)


def _all(desk: Desk) -> tuple[reviews.Row, ...]:
    return reviews.inbox(desk).rows
