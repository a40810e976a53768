"""The history: runs, items and their episodes, stored in SQLite or PostgreSQL.

Only ``store`` and the modules built on it import SQLAlchemy and Alembic, so that a run without a
history does not load these heavy libraries.
"""
