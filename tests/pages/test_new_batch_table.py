"""The upload of a new batch: what is wrong with a file is said, and where there is a way on, it is a click away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import html

SCRIPT = """
import streamlit as st
from pages.components.new_batch_table import uploaded_table
found = uploaded_table("new")
st.session_state["table"] = found.table if found else None
"""


def uploaded(content: bytes, name: str = "tickets.csv") -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=30).run()
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception
    return app


def press(app: AppTest, words: str) -> None:
    next(button for button in app.button if button.label == words).click().run()
    assert not app.exception


def test_a_good_file_shows_its_first_rows_as_text() -> None:
    app = uploaded(b"subject,text\nHello,<b>bold</b>\nBye,**markdown**\n")
    assert app.session_state["table"].columns == ("subject", "text")
    assert "2 rows, 2 columns. It begins like this:" in html(app)
    assert "<td>&lt;b&gt;bold&lt;/b&gt;</td>" in html(app)
    assert not app.markdown


def test_another_encoding_is_offered_with_a_preview_and_read_with_a_click() -> None:
    app = uploaded("subject,text\nRechnung,Die Rückzahlung ist überfällig für München\n".encode("cp1252"))
    assert app.session_state["table"] is None
    assert "tickets.csv is not UTF-8: line 2 cannot be read as that." in html(app)
    assert "<td>Die Rückzahlung ist überfällig für München</td>" in html(app)
    press(app, "Read it as Windows-1252")
    assert app.session_state["table"].encoding == "cp1252"
    assert "read as Windows-1252" in html(app)
    assert not app.button


def test_a_file_without_a_header_gets_names_for_its_columns() -> None:
    app = uploaded(b"1,I want my money back.\n2,It does not start.\n")
    assert "looks like a row" in html(app)
    press(app, "All lines are rows: let me name the columns")
    assert app.session_state["table"].columns == ("column_1", "column_2")
    app.text_input[0].set_value("ticket").run()
    assert "The rows have 2 cells, and these are 1 different name." in html(app)
    assert app.session_state["table"] is None
    app.text_input[0].set_value("ticket, text").run()
    assert app.session_state["table"].columns == ("ticket", "text")
    assert app.session_state["table"].rows == 2


def test_a_first_line_that_looks_like_a_row_can_be_the_names() -> None:
    app = uploaded(b"2023,2024\nfew,many\n")
    press(app, "The first line holds the names")
    assert app.session_state["table"].columns == ("2023", "2024")


def test_what_cannot_be_read_gets_a_sentence_and_no_way_on() -> None:
    for content, words in (
        (b"a,b\n1,2,3\n4,5\n6\n", "line 2 has 3 cells; line 4 has 1 cell"),
        (b"a,a,\nx,y,z\n", "“a” is there more than once"),
        (b"subject,text\n", "no row"),
        (b"", "is empty"),
        (b"PK\x03\x04zip", "an Excel workbook"),
    ):
        app = uploaded(content)
        assert words in html(app), words
        assert app.session_state["table"] is None
        assert not app.button


def test_a_new_file_is_looked_through_anew() -> None:
    app = uploaded(b"1,I want my money back.\n2,It does not start.\n")
    press(app, "All lines are rows: let me name the columns")
    app.file_uploader[0].set_value(("other.csv", b"subject,text\nHello,World\n", "text/csv")).run()
    assert app.session_state["table"].columns == ("subject", "text")
