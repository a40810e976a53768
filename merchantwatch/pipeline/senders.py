"""Where parcels are sent from: by the export's column, by the warehouse, or as usual."""

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from merchantwatch.errors import UsageError
from merchantwatch.pipeline.rendering import literal
from merchantwatch.rules import province_named
from merchantwatch.settings import Settings


class Senders(Struct, frozen=True):
    """The province of each warehouse by its name, and the ``usual`` one of all other lines."""

    warehouses: Mapping[str, str] = field(default_factory=dict)
    usual: str | None = None

    def sql(self, fields: Collection[str]) -> str | None:
        """Return the SQL of the sender's province of a row; None where nothing gives it.

        ``fields`` are those that have a cell.
        """
        sources = ["sender_province"] if "sender_province" in fields else []
        if "warehouse" in fields and self.warehouses:
            arms = (f"when {literal(w)} then {literal(p)}" for w, p in self.warehouses.items())
            # Trimmed on both sides: names in settings are, too.
            sources.append(f"case trim(warehouse) {' '.join(arms)} end")
        if self.usual:
            sources.append(literal(self.usual))
        return f"coalesce({', '.join(sources)}, null)" if sources else None


def senders_of(settings: Settings) -> Senders:
    """Return where parcels come from. Raises UsageError for a setting that is no province."""
    usual = settings.sender_province
    return Senders(
        {w.strip(): _province(f"[warehouses] {w}", p) for w, p in settings.warehouses.items()},
        _province("sender_province", usual) if usual else None,
    )


def _province(name: str, text: str) -> str:
    found = province_named(text)
    if found is None:
        raise UsageError(
            f"{name} = {text[:40]}: not a province; write it like 浙江 or 新疆",
            f"{name} = {text[:40]}：不是省份，请写成 浙江、新疆 这样的名称",
        )
    return found
