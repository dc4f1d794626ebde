"""Telling the graph: lease the thread, check that it still waits, resume once, see what came of it."""

from agents.runs.worker import Worker, work_on

__all__ = ["Worker", "work_on"]
