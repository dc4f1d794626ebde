"""The `signoff` command: `reading` lists and shows, `acting` starts and decides, `doctor` says what to do."""
