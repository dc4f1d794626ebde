"""The inbox's list: links in the page's own DOM, with the keys J, K and Enter.

A row is named by its thread and pause, never by its position, so that a list
which changed meanwhile cannot open another thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st


@dataclass(frozen=True, slots=True)
class ListRow:
    """What one row shows; all of it is drawn as text. `query` names the review in a link. marks: (words, colour)."""

    query: dict[str, str]
    badge: str
    colour: str
    title: str
    gist: str
    warnings: str
    state: str
    age: str
    state_colour: str = "green"
    file: str = ""
    marks: tuple[tuple[str, str], ...] = ()


_HTML = '<ol class="rows" aria-label="Waiting reviews"></ol>'

_CSS = """
.rows { list-style: none; margin: 0; padding: 0; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); overflow: hidden; font-family: var(--st-font); }
li + li { border-top: 1px solid var(--st-border-color); }
a { display: grid; grid-template-columns: 5.6rem minmax(0, 1fr) auto 7.5rem; gap: 0 0.9rem; align-items: center;
  padding: 0.55rem 0.9rem; color: var(--st-text-color); text-decoration: none; line-height: 1.35; }
a:hover { background: var(--st-secondary-background-color); }
a:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -2px;
  background: var(--st-secondary-background-color); }
.badge { justify-self: start; border-radius: 4px; padding: 0.1rem 0.45rem; font-size: 0.82rem; white-space: nowrap; }
.title { display: block; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.gist { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 0.9rem;
  color: var(--st-gray-text-color); }
.file, .mark { max-width: 11rem; overflow: hidden; text-overflow: ellipsis; }
.mark { max-width: 16rem; }
.marks { display: flex; gap: 0.4rem; justify-content: flex-end; }
.age { text-align: right; font-size: 0.88rem; color: var(--st-gray-text-color); white-space: nowrap; }
.gray { background: var(--st-gray-background-color); color: var(--st-gray-text-color); }
.blue { background: var(--st-blue-background-color); color: var(--st-blue-text-color); }
.green { background: var(--st-green-background-color); color: var(--st-green-text-color); }
.orange { background: var(--st-orange-background-color); color: var(--st-orange-text-color); }
.red { background: var(--st-red-background-color); color: var(--st-red-text-color); }
.violet { background: var(--st-violet-background-color); color: var(--st-violet-text-color); }
@media (max-width: 640px) {
  a { grid-template-columns: auto 1fr; gap: 0.35rem 0.6rem; padding: 0.8rem 0.9rem; }
  .words { grid-column: 1 / -1; grid-row: 2; }
  .title, .gist { white-space: normal; overflow-wrap: anywhere; }
  .gist { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
  .marks { grid-column: 1 / -1; grid-row: 3; justify-content: flex-start; }
  .marks:empty { display: none; }
  .age { grid-row: 1; grid-column: 2; }
}
"""

_JS = """
const lists = new WeakMap()

function part(name, text, extra) {
  const node = document.createElement("span")
  node.className = extra ? name + " " + extra : name
  node.textContent = text
  return node
}

function line(row) {
  const link = document.createElement("a")
  link.href = row.href
  link.dataset.id = row.href
  const words = part("words", "")
  words.append(part("title", row.title), part("gist", row.gist))
  const marks = part("marks", "")
  if (row.state) marks.append(part("badge", row.state, row.state_colour))
  for (const [words, colour] of row.marks) marks.append(part("badge", words, colour + " mark"))
  if (row.warnings) marks.append(part("badge", row.warnings, "orange"))
  if (row.file) marks.append(part("badge", row.file, "gray file"))
  link.append(part("badge", row.badge, row.colour), words, marks, part("age", row.age))
  const item = document.createElement("li")
  item.append(link)
  return item
}

function typing(event) {
  const node = event.composedPath()[0]
  return event.ctrlKey || event.metaKey || event.altKey || (node instanceof Element &&
    (node.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(node.tagName)))
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector(".rows")
  const known = lists.get(parentElement) || {}
  lists.set(parentElement, known)
  const text = JSON.stringify(data.rows)
  if (known.text !== text) {
    const focused = parentElement.activeElement?.dataset?.id
      ?? parentElement.getRootNode().activeElement?.dataset?.id
    list.replaceChildren(...data.rows.map(line))
    known.text = text
    if (focused) [...list.querySelectorAll("a")].find(link => link.dataset.id === focused)?.focus()
  }
  list.onclick = event => {
    const link = event.target.closest("a")
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const row = data.rows.find(each => each.href === link.dataset.id)
    if (row) setTriggerValue("opened", row.query)
  }
  known.keys?.abort()
  known.keys = new AbortController()
  document.addEventListener("keydown", event => {
    if (typing(event) || !["j", "k"].includes(event.key)) return
    const links = [...list.querySelectorAll("a")]
    const at = links.findIndex(link => link.matches(":focus"))
    const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)
    links[next]?.focus()
    event.preventDefault()
  }, { signal: known.keys.signal })
  return () => { known.keys.abort(); lists.delete(parentElement) }
}
"""

_rows = st.components.v2.component("signoff_rows", html=_HTML, css=_CSS, js=_JS)


def row_list(rows: Sequence[ListRow], *, page: str, key: str) -> dict[str, str] | None:
    """Draw the rows; the query of the one that was opened in this run, else None."""
    result: Any = _rows(
        key=key,
        data={"rows": [{**asdict(row), "href": _href(page, row.query)} for row in rows]},
        on_opened_change=lambda: None,
    )
    opened = result.get("opened")
    return {str(name): str(value) for name, value in dict(opened).items()} if opened else None


def _href(page: str, query: dict[str, str]) -> str:
    return f"{page}?{urlencode(query)}"
