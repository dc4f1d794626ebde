"""Keeps what is being typed: a text area and a number tell the server only when they are left.

A moment after the last key stroke, and at least every two seconds of typing,
this commits it in place, as Ctrl+Enter would, so that the draft survives a
reload and the warnings follow the text. Leaving the page commits at once. A
number is kept in the same way, as Enter would.
"""

from __future__ import annotations

import streamlit as st

_JS = """
const PAUSE = 900
const LONGEST = 2000
let timer
let since = 0
let typed
let listening

function commit() {
  clearTimeout(timer)
  const area = typed
  typed = undefined
  if (!area?.isConnected) return
  const held = area instanceof HTMLTextAreaElement
  area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: held, metaKey: held, bubbles: true }))
}

function hidden() {
  if (document.visibilityState === "hidden") commit()
}

export default function () {
  listening?.abort()
  listening = new AbortController()
  const signal = listening.signal
  document.addEventListener("input", event => {
    const area = event.target
    if (!(area instanceof HTMLTextAreaElement) && area.type !== "number") return
    if (typed !== area) {
      commit()
      typed = area
      since = performance.now()
    }
    clearTimeout(timer)
    timer = setTimeout(commit, Math.max(0, Math.min(PAUSE, since + LONGEST - performance.now())))
  }, { signal, capture: true })
  document.addEventListener("visibilitychange", hidden, { signal })
  window.addEventListener("pagehide", commit, { signal })
  window.addEventListener("beforeunload", commit, { signal })
  return () => { listening.abort(); clearTimeout(timer) }
}
"""

_keeper = st.components.v2.component("signoff_keeper", html="<span></span>\n", js=_JS)


def keep_typing() -> None:
    """Commit text areas and numbers while they are typed in; put it once on a page that has any."""
    _keeper(key="keeper", height=1)
