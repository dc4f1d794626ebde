"""The files of a plan's step, with a box in front of each: untick one and it is left alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file as it is shown; all of it is drawn as text."""

    path: str
    to: str
    size: str
    age: str


_HTML = '<div class="box"><table><thead></thead><tbody></tbody></table></div>'

_CSS = """
.box { max-height: 19rem; overflow: auto; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); font-family: var(--st-font); }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; color: var(--st-text-color); }
th { position: sticky; top: 0; text-align: left; font-weight: 500; padding: 0.35rem 0.6rem; z-index: 1;
  background: var(--st-secondary-background-color); color: var(--st-gray-text-color); white-space: nowrap; }
td { padding: 0.28rem 0.6rem; border-top: 1px solid var(--st-border-color); vertical-align: top; }
tbody tr { content-visibility: auto; }
.tick { width: 1.2rem; padding-right: 0; }
.path { overflow-wrap: anywhere; width: 100%; }
.half { width: 50%; }
.number { white-space: nowrap; text-align: right; }
tr.out .path span { text-decoration: line-through; color: var(--st-gray-text-color); }
input { accent-color: var(--st-primary-color); width: 1rem; height: 1rem; margin: 0.1rem 0 0; cursor: pointer; }
label { cursor: pointer; display: block; }
input:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
@media (max-width: 640px) { td, th { padding-left: 0.4rem; padding-right: 0.4rem; } .wide { display: none; } }
"""

_JS = """
function cell(tag, css, text) {
  const node = document.createElement(tag)
  node.className = css
  if (text !== undefined) node.textContent = text
  return node
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const body = parentElement.querySelector("tbody")
  const head = parentElement.querySelector("thead")
  const out = new Set(data.excluded)
  const moves = data.files.some(file => file.to)
  const wide = moves ? "path half" : "path"
  const age = moves ? "number wide" : "number"
  const shape = JSON.stringify([data.files, data.editable])
  const all = cell("input", "")
  all.type = "checkbox"
  all.setAttribute("aria-label", "All files of this step")
  const send = () => setStateValue("excluded", [...out])
  const paint = () => {
    for (const row of body.rows) {
      row.className = out.has(row.dataset.path) ? "out" : ""
      const box = row.querySelector("input")
      if (box) box.checked = !out.has(row.dataset.path)
    }
    const box = head.querySelector("input")
    if (box) {
      box.checked = out.size === 0
      box.indeterminate = out.size > 0 && out.size < data.files.length
    }
  }
  if (parentElement.shape !== shape) {
    parentElement.shape = shape
    const titles = cell("tr", "")
    const tick = cell("th", "tick")
    if (data.editable) tick.append(all)
    titles.append(tick, cell("th", wide, "File"))
    if (moves) titles.append(cell("th", wide, "Goes to"))
    titles.append(cell("th", "number", "Size"), cell("th", age, "Last changed"))
    head.replaceChildren(titles)
    body.replaceChildren(...data.files.map((file, index) => {
      const row = cell("tr", "")
      row.dataset.path = file.path
      const first = cell("td", "tick")
      const path = cell("td", wide)
      const name = cell("span", "", file.path)
      if (data.editable) {
        const box = cell("input", "")
        box.type = "checkbox"
        box.id = "file" + index
        const label = cell("label", "")
        label.htmlFor = box.id
        label.append(name)
        first.append(box)
        path.append(label)
      } else path.append(name)
      row.append(first, path)
      if (moves) row.append(cell("td", wide, file.to))
      row.append(cell("td", "number", file.size), cell("td", age, file.age))
      return row
    }))
  }
  body.onchange = event => {
    const path = event.target.closest("tr").dataset.path
    event.target.checked ? out.delete(path) : out.add(path)
    paint()
    send()
  }
  head.onchange = event => {
    out.clear()
    if (!event.target.checked) data.files.forEach(file => out.add(file.path))
    paint()
    send()
  }
  paint()
}
"""

_files = st.components.v2.component("signoff_files", html=_HTML, css=_CSS, js=_JS)


def file_list(files: Sequence[FileLine], *, excluded: Collection[str], editable: bool, key: str) -> frozenset[str]:
    """Draw the files; the paths that are unticked now. `excluded`: those of a kept draft, for the first run."""
    kept = st.session_state.get(key)
    now_out = list(kept["excluded"]) if kept and kept.get("excluded") is not None else sorted(excluded)
    result: Any = _files(
        key=key,
        data={"files": [asdict(file) for file in files], "excluded": now_out, "editable": editable},
        on_excluded_change=lambda: None,
    )
    chosen = result.get("excluded")
    known = {file.path for file in files}
    return frozenset(path for path in (now_out if chosen is None else chosen) if path in known)
