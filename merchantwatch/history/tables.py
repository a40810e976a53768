"""The tables of a history in its newest schema, to which ``migrations/`` upgrades.

Times are ISO text of the platform's wall clock, and money is text, so that both databases store
them exactly. Values that no query selects by are JSON text.
"""

from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA = "0001"
"""The newest migration: a history with another one is upgraded, or is newer than this program."""

VERSION_TABLE = "mw_schema"
"""Alembic's table of the version. All names have a prefix: a database may hold other tables."""

StoredRow: TypeAlias = Row[Any]
"""A row of a query on these tables: its columns are its attributes."""

metadata = MetaData()

runs = Table(
    "mw_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("as_of", String(32), nullable=False),
    Column("program", String(32), nullable=False),
    Column("inputs", Text, nullable=False),
    Column("shops", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("totals", Text, nullable=False),
    Column("guards", Text, nullable=False),
    Column("report", LargeBinary),
    sqlite_autoincrement=True,
)
"""``report`` is its JSON report, compressed; null once it was deleted."""

items = Table(
    "mw_items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("fingerprint", String(32), nullable=False, unique=True),
    Column("kind", String(8), nullable=False),
    Column("code", String(64), nullable=False, index=True),
    Column("platform", Text, nullable=False),
    Column("shop", Text),
    Column("scope", String(32), nullable=False),
    Column("key", Text, nullable=False),
    Column("episodes", Integer, nullable=False),
)
"""``episodes`` counts all that the item has had, pruned ones included."""

episodes = Table(
    "mw_episodes",
    metadata,
    Column("item_id", ForeignKey("mw_items.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("opened", Integer, nullable=False),
    Column("since", String(32), nullable=False),
    Column("last", Integer, nullable=False),
    Column("closed", Integer),
    Column("reason", String(16)),
    Column("status", String(16), nullable=False),
    Column("alerted", Boolean, nullable=False),
    Column("pending", String(16)),
    Column("worsenings", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Index("mw_open_episodes", "closed"),
    Index("mw_pending_episodes", "pending"),
)
"""``opened``, ``last`` and ``closed`` are ids of runs, which may have been pruned; ``item`` is the
item as the last run found it, in JSON."""

statuses = Table(
    "mw_statuses",
    metadata,
    Column("run_id", ForeignKey("mw_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", ForeignKey("mw_items.id", ondelete="CASCADE"), primary_key=True),
    Column("episode", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("count", Integer, nullable=False),
    Column("money", String(32)),
    Index("mw_statuses_of_item", "item_id"),
)

alerts = Table(
    "mw_alerts",
    metadata,
    Column("alert_id", String(32), primary_key=True),
    Column("run_id", Integer, nullable=False, index=True),
    Column("fingerprint", String(32), nullable=False, index=True),
    Column("episode", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("content", Text, nullable=False),
)
"""A change of an episode that is worth a message; ``content`` is the message in JSON, as long as
it has to be sent."""

deliveries = Table(
    "mw_deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", String(32), nullable=False, unique=True),
    Column("run_id", Integer, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("unclear", Boolean, nullable=False),
    Column("why", Text),
    Column("reported", Boolean, nullable=False),
    Column("counts", Text, nullable=False),
)
"""One alert, or a digest of many, on its way to one channel: see ``notify.attempts``.

``unclear``: an attempt may have arrived. ``why`` is how the last one went, in both languages;
``reported``: a report has said so."""

delivered_alerts = Table(
    "mw_delivered_alerts",
    metadata,
    Column(
        "delivery_id",
        ForeignKey("mw_deliveries.delivery_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("alert_id", ForeignKey("mw_alerts.alert_id", ondelete="CASCADE"), primary_key=True),
    Column("channel", Text, nullable=False),
    UniqueConstraint("alert_id", "channel"),
)
"""The alerts of each delivery: no channel gets an alert twice."""
