"""Signoff's shared module: everything but the pages.

Strict msgpack is switched on here, before anything imports langgraph: set
later it is ignored, and a crafted checkpoint could then run code when read.
"""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

__version__ = "0.1.0"
