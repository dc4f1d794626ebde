"""The demo's button and line, and the tour's steps, through AppTest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import demo, starts
from agents.demo.scenes import scenes
from agents.desk import Desk
from pages.components.session import close_desk, the_desk
from pages.components.tour import STEPS

DESK = Path(__file__).parents[2] / "pages" / "desk.py"


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    the_desk.clear()
    yield the_desk()
    close_desk()


def html(app: AppTest) -> str:
    return "\n".join(each.value for each in app.html)


def inbox() -> AppTest:
    app = AppTest.from_file(str(DESK), default_timeout=30).run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def test_a_desk_with_threads_of_its_own_offers_no_demo(desk: Desk) -> None:
    assert "demo-fill" in buttons(inbox())
    starts.start(desk, "email_approval", {"recipient": "ann@example.org", "subject": "Mine"}, actor="me")
    assert "demo-fill" not in buttons(inbox())


def test_the_tour_has_something_to_show_at_every_step_and_can_be_begun_again(desk: Desk) -> None:
    shown = {step.scene for step in STEPS}
    demo.make_demo(desk, actor="me", cast=lambda folder: [scene for scene in scenes(folder) if scene.name in shown])
    app = inbox()
    assert "This desk shows a demo." in html(app)
    app.button(key="tour-begin").click().run()
    for number, step in enumerate(STEPS, start=1):
        assert f"step {number} of {len(STEPS)}" in html(app)
        assert step.title in html(app)
        assert "tour-show" in buttons(app)
        app.button(key="tour-next").click().run()
    assert "Tour, step" not in html(app)
    assert app.button(key="tour-begin").label == "Take the tour again"


def test_a_tour_without_a_demo_says_what_is_missing(desk: Desk) -> None:
    app = inbox()
    app.button(key="tour-begin").click().run()
    assert "Fill an empty desk with the demo" in html(app)
    assert "tour-show" not in buttons(app)
    app.button(key="tour-end").click().run()
    assert "Tour, step" not in html(app)


def test_the_demo_is_taken_away_after_a_second_question(desk: Desk) -> None:
    demo.make_demo(desk, actor="me", cast=lambda folder: scenes(folder)[:2])
    app = inbox()
    app.button(key="demo-away").click().run()
    assert demo.standing(desk).whole
    app.button(key="demo-sure").click().run()
    assert not demo.standing(desk).threads
    assert "The demo is taken away." in html(app)
