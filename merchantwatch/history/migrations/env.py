"""The script that Alembic runs for each upgrade, on the connection that ``store`` hands over.

All of it is in the transaction of that connection, on SQLite too: an upgrade happens or does not.
"""

from alembic import context

from merchantwatch.history.tables import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
