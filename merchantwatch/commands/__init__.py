"""What each command does: settings, a run, what it shows, and the exit code."""
