"""The script that every session runs first: page setup, the door, navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents.errors import SignoffError
from pages.components.door import let_in
from pages.components.draft import leave_card
from pages.components.guard import guard
from pages.components.heading import banner
from pages.components.session import keep_name
from pages.components.tour import tour

st.set_page_config(page_title="Signoff", page_icon="✅", layout="wide")
st.html(Path(__file__).with_name("components") / "style.css")
guard()
inside = let_in()
if inside:
    keep_name()

page = st.navigation(
    [
        st.Page("inbox.py", title="Inbox", icon=":material/inbox:", default=True),
        st.Page("board.py", title="Board", icon=":material/view_kanban:"),
        st.Page("review.py", title="Review", icon=":material/rule:"),
        st.Page("batches.py", title="Batches", icon=":material/stacks:"),
        st.Page("start.py", title="Start", icon=":material/play_arrow:"),
        st.Page("history.py", title="History", icon=":material/history:"),
        st.Page("system.py", title="System", icon=":material/monitor_heart:"),
    ],
    position="top" if inside else "hidden",
)
if not inside:
    st.stop()
if page.url_path != "review":
    leave_card()
above = st.container()
try:
    page.run()
except SignoffError as error:
    banner(str(error), "red")
with above:
    tour()
