"""What earlier runs found: runs, items and their episodes, kept in SQLite or PostgreSQL.

Heavy libraries (SQLAlchemy, Alembic) are imported by ``store`` and what is built on it alone:
whoever keeps no history does not pay for one.
"""
