"""Keeps what is being typed: a text area tells the server only when it is left.

A second after the last key stroke this commits it in place, as Ctrl+Enter
would, so that the draft survives a reload and the warnings follow the text.
"""

from __future__ import annotations

import streamlit as st

_JS = """
let timer
let listening

function commit(area) {
  if (!area.isConnected) return
  area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, metaKey: true, bubbles: true }))
}

export default function () {
  listening?.abort()
  const stop = (listening = new AbortController())
  document.addEventListener("input", event => {
    const area = event.target
    if (!(area instanceof HTMLTextAreaElement)) return
    clearTimeout(timer)
    timer = setTimeout(() => commit(area), 900)
  }, { signal: stop.signal, capture: true })
  return () => { stop.abort(); clearTimeout(timer) }
}
"""

_keeper = st.components.v2.component("signoff_keeper", html="<span></span>\n", js=_JS)


def keep_typing() -> None:
    """Commit text areas while they are typed in; put it once on a page that has any."""
    _keeper(key="keeper", height=1)
