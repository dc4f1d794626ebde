"""A moment of deafness after a review appears: a key pressed twice must not decide the next one.

It is the browser that waits. A button that the server disables for a moment
would lose the first click after a reconnect, because that click's run is the
first one of its session.
"""

from __future__ import annotations

import streamlit as st

_JS = r"""
const WAIT = 400
let shown = ""
let until = 0
let timer
let listening
let watching

// The page itself is watched: data sent to this component may arrive after the buttons.
function look() {
  const names = [...document.querySelectorAll(".st-key-bar > *")].map(each => each.className)
  const card = names.join(" ").match(/st-key-(main|respond|reject)-\S+/)?.[0] ?? ""
  if (card && card !== shown) {
    until = performance.now() + WAIT
    const root = document.documentElement
    root.dataset.signoffSettling = "yes"  // style.css dims the bar and lets no click through
    clearTimeout(timer)
    timer = setTimeout(() => delete root.dataset.signoffSettling, WAIT)
  }
  shown = card
}

function typing(event) {
  const node = event.composedPath()[0]
  return node instanceof Element &&
    (node.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(node.tagName))
}

function stop(event) {
  event.stopImmediatePropagation()
  event.preventDefault()
}

export default function () {
  watching?.disconnect()
  watching = new MutationObserver(look)
  watching.observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] })
  look()
  listening?.abort()
  listening = new AbortController()
  const options = { capture: true, signal: listening.signal }
  const key = event => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (performance.now() < until && plain && !typing(event) && !/^[jk]$|^Tab$|^Arrow/.test(event.key)) stop(event)
  }
  window.addEventListener("keydown", key, options)
}
"""

_guard = st.components.v2.component("signoff_guard", html="<span></span>\n", js=_JS)


def guard() -> None:
    """Call it once in every run, on every page, so that it is there before a review is."""
    _guard(key="guard", height=1)
