"""Pages through AppTest, on a real desk in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import reviews
from agents.desk import Desk
from agents.runs.worker import work_once
from pages.components.session import close_desk, the_desk
from tests.browser import asking

DESK = Path(__file__).parents[2] / "pages" / "desk.py"


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The process's one desk, on an empty home with a stranger's graph."""
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {"asking": f"{asking.__file__}:asking"}}))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(config))
    monkeypatch.setenv("SIGNOFF_UNDO_SECONDS", "0")
    the_desk.clear()
    yield the_desk()
    close_desk()


def work(desk: Desk) -> None:
    while work_once(desk, "test"):
        pass


def at_page(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(DESK), default_timeout=30)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(page).run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(each.value for each in app.html)


def ask(desk: Desk, thread: str, question: object) -> dict[str, str]:
    """Pause a thread; the query of its review's link."""
    asking.run(desk.settings.checkpoints_path, {thread: {"ask": question}})
    row = next(row for row in reviews.inbox(desk).rows if row.thread_id == thread)
    return {"thread": row.thread_id, "pause": row.pause_key}
