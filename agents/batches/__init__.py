"""Batches for people: a list of them, one with all that is known of it, and another try for what failed.

Reads the lots, the heads of their threads, the jobs and the decisions; loads no graph.
"""

from agents.batches.details import PER_PAGE, FailedItem, JudgedItem, Page, RedoneItem
from agents.batches.head import Head, Instruction
from agents.batches.listing import PER_PAGE as LINES_PER_PAGE
from agents.batches.listing import Batches, Line, batches
from agents.batches.opened import Batch, Rows, batch
from agents.batches.progress import Progress
from agents.batches.rate import DefectRate
from agents.batches.results import Format, results_file
from agents.batches.retrying import Ordered, retry_failed
from agents.batches.state import State

__all__ = [
    "LINES_PER_PAGE",
    "PER_PAGE",
    "Batch",
    "Batches",
    "DefectRate",
    "FailedItem",
    "Format",
    "Head",
    "Instruction",
    "JudgedItem",
    "Line",
    "Ordered",
    "Page",
    "Progress",
    "RedoneItem",
    "Rows",
    "State",
    "batch",
    "batches",
    "results_file",
    "retry_failed",
]
