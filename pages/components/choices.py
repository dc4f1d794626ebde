"""A question's options as buttons; one can be chosen. Their words may be anyone's, so they are drawn as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

_HTML = '<div class="choices" role="radiogroup" aria-label="Answers"></div>'

_CSS = """
.choices { display: flex; flex-wrap: wrap; gap: 0.5rem; font-family: var(--st-font); }
button { font: inherit; font-size: 0.95rem; color: var(--st-text-color); background: var(--st-background-color); cursor: pointer;
  border: 1px solid var(--st-widget-border-color, var(--st-border-color)); border-radius: var(--st-button-radius);
  padding: 0.4rem 0.85rem; overflow-wrap: anywhere; text-align: left; }
button:hover { background: var(--st-secondary-background-color); }
button[aria-checked="true"] { border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px var(--st-primary-color);
  background: var(--st-blue-background-color); color: var(--st-blue-text-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

_JS = """
export default function (component) {
  const { data, parentElement, setStateValue } = component
  const group = parentElement.querySelector(".choices")
  const buttons = data.options.map((text, index) => {
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("role", "radio")
    button.setAttribute("aria-checked", String(index === data.chosen))
    button.textContent = text
    button.onclick = () => setStateValue("chosen", index === data.chosen ? -1 : index)
    return button
  })
  const focused = [...group.children].findIndex(each => each.matches(":focus"))
  group.replaceChildren(...buttons)
  buttons[focused]?.focus()
}
"""

_choices = st.components.v2.component("signoff_choices", html=_HTML, css=_CSS, js=_JS)


def choose(options: Sequence[str], *, chosen: int, key: str) -> int:
    """Draw the options; the index of the chosen one, or -1. chosen: that of a kept draft, for the first run."""
    kept = st.session_state.get(key)
    now = int(kept["chosen"]) if kept and kept.get("chosen") is not None else chosen
    result: Any = _choices(key=key, data={"options": list(options), "chosen": now}, on_chosen_change=lambda: None)
    picked = result.get("chosen")
    index = now if picked is None else int(picked)
    return index if -1 <= index < len(options) else -1
