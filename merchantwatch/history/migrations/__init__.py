"""The way of a history from its first schema to the newest."""
