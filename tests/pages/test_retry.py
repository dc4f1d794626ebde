"""A failed run is tried again by a button; what keeps it from that is a sentence and not a broken page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from agents.desk import Desk
from tests.pages.conftest import html


def script() -> None:
    import streamlit as st

    from pages.components.retry import ordered_again

    st.text(f"ordered: {ordered_again('thread', 'checkpoints')}")


def test_somebody_else_was_first(desk: Desk) -> None:
    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.text[0].value == "ordered: False"
    assert "nothing to try again" in html(app)
