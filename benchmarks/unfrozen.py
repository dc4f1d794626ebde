"""`streamlit`, with gc.freeze switched off: what the desk would cost without its frozen heap."""

from __future__ import annotations

import gc

from streamlit.web.cli import main

if __name__ == "__main__":
    gc.freeze = lambda: None
    main()
