"""`streamlit` as it comes: nothing frozen, and a full garbage collection after every rerun."""

from __future__ import annotations

import gc
import os

from streamlit.web.cli import main

if __name__ == "__main__":
    gc.freeze = lambda: None
    os.environ["STREAMLIT_RUNNER_POST_SCRIPT_GC"] = "true"
    main()
