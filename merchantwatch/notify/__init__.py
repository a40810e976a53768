"""Alerts on their way to people: who gets which, in what words, and sending them once."""
