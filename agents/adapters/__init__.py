"""The outside world: mail, workspace files, the language model."""
