"""The moment at which the made-up reports are meant to be judged."""

AS_OF = "2026-11-21 00:00:00"
