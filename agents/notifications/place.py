"""Under which address people reach this desk, for the links in messages."""

from __future__ import annotations

from agents.desk import Desk

ADDRESS = "http://127.0.0.1:8501"
"""Streamlit's own, for a worker without the setting."""


def listens_on(desk: Desk, address: str) -> None:
    """The desk's server tells where it listens, for desks without SIGNOFF_URL."""
    desk.memo["address"] = address.rstrip("/")


def address_of(desk: Desk) -> str:
    """Without a slash at its end."""
    return desk.settings.url or str(desk.memo.get("address", ADDRESS))
