"""The input of a graph of one's own, written as JSON: what cannot be one is a sentence and not a broken page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from agents.registry import GraphInfo
    from pages.components.own_input import own_input

    given = own_input(GraphInfo("graph", "Graph", False, "graph.py:graph"), "graph")
    st.text(given.problem or f"given {given.value}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"n": 1}', "given {'n': 1}"),
        ("", "given {}"),
        ("{", "The input is not JSON"),
        ('{"n": NaN}', "The input is not JSON"),
        ("[" * 20_000, "The input is not JSON"),
    ],
)
def test_json_is_taken_or_refused_in_a_sentence(text: str, told: str) -> None:
    app = AppTest.from_function(script).run()
    app.text_area[0].set_value(text).run()
    assert not app.exception
    assert app.text[0].value.startswith(told)
