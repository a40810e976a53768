"""The results of a run, from the engine's tables to typed records: collect.py is the way in."""
