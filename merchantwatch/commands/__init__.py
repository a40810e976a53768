"""The commands: each resolves its settings, runs, shows its result and returns an exit code."""
