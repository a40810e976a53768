"""What earlier runs found: runs, items and their episodes, stored in SQLite or PostgreSQL.

Heavy libraries (SQLAlchemy, Alembic) are imported by ``store`` and what is built on it alone, so
that a run without a history does not load them.
"""
