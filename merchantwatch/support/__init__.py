"""Helpers for every layer: the end of a run, temporary files, atomic writes, caches, the log."""
