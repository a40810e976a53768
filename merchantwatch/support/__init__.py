"""What every layer may use: the end of a run, temporary files, atomic writes, caches, the log."""
