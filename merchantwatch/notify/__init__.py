"""Alerts: which channel gets which, their texts, and sending each once."""
