"""Parts of pages: functions that draw and return a value, and own their session state."""
