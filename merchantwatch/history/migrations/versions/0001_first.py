"""The first schema: runs, items and their episodes, statuses, and the outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _runs_and_items()
    _episodes_and_statuses()
    _outbox()


def _runs_and_items() -> None:
    op.create_table(
        "mw_runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("as_of", sa.String(32), nullable=False),
        sa.Column("program", sa.String(32), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("shops", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("totals", sa.Text, nullable=False),
        sa.Column("guards", sa.Text, nullable=False),
        sa.Column("report", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mw_items",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code", sa.String(64), nullable=False, index=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("shop", sa.Text),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("episodes", sa.Integer, nullable=False),
    )


def _episodes_and_statuses() -> None:
    op.create_table(
        "mw_episodes",
        _part_of("item_id", "mw_items.id", sa.Integer()),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("closed", sa.Integer),
        sa.Column("reason", sa.String(16)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("alerted", sa.Boolean, nullable=False),
        sa.Column("pending", sa.String(16)),
        sa.Column("worsenings", sa.Integer, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Index("mw_open_episodes", "closed"),
        sa.Index("mw_pending_episodes", "pending"),
    )
    op.create_table(
        "mw_statuses",
        _part_of("run_id", "mw_runs.id", sa.Integer()),
        _part_of("item_id", "mw_items.id", sa.Integer()),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("money", sa.String(32)),
        sa.Index("mw_statuses_of_item", "item_id"),
    )


def _outbox() -> None:
    op.create_table(
        "mw_alerts",
        sa.Column("alert_id", sa.String(32), primary_key=True),
        sa.Column("run_id", sa.Integer, nullable=False, index=True),
        sa.Column("fingerprint", sa.String(32), nullable=False, index=True),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "mw_deliveries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("delivery_id", sa.String(32), nullable=False, unique=True),
        sa.Column("run_id", sa.Integer, nullable=False, index=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("unclear", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("reported", sa.Boolean, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
    )
    op.create_table(
        "mw_delivered_alerts",
        _part_of("delivery_id", "mw_deliveries.delivery_id", sa.String(32)),
        _part_of("alert_id", "mw_alerts.alert_id", sa.String(32)),
        sa.Column("channel", sa.Text, nullable=False),
        sa.UniqueConstraint("alert_id", "channel"),
    )


def _part_of(name: str, target: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.ForeignKey(target, ondelete="CASCADE"), primary_key=True)
