"""Brings a part of a long page into view, once: a link may lead to one of many questions."""

from __future__ import annotations

import streamlit as st

_JS = """
let done = ""
let watching

function bring(prefix) {
  const found = document.querySelector(`[class*="st-key-${prefix}-"]`)
  found?.scrollIntoView({ block: "start" })
  return Boolean(found)
}

export default function (component) {
  const { prefix, once } = component.data
  watching?.disconnect()
  if (once === done) return
  done = once
  if (bring(prefix)) return
  watching = new MutationObserver(() => bring(prefix) && watching.disconnect())
  watching.observe(document.body, { childList: true, subtree: true })
  setTimeout(() => watching.disconnect(), 3000)
}
"""

_scroller = st.components.v2.component("signoff_scroller", html="<span></span>\n", js=_JS)


def scroll_to(prefix: str, *, once: str) -> None:
    """Scroll to the container whose key begins so. once: nothing happens again before this changes."""
    _scroller(key="scroller", data={"prefix": prefix, "once": once}, height=1)
