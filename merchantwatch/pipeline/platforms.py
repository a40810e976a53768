"""The platform whose rules judge the lines of each export, or that each line names."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from merchantwatch.formats import ANY, known_words
from merchantwatch.pipeline.rendering import literal
from merchantwatch.reading import Export


class Platforms(Struct, frozen=True):
    """The platforms that the lines of each source may belong to, by the source's number (``of``).

    ``naming`` are the sources in which each line names its platform; a line that names no known one
    gets the export's platform, which has no rules.
    """

    of: Mapping[int, tuple[str, ...]]
    naming: frozenset[int] = frozenset()

    @property
    def several(self) -> tuple[str, ...]:
        """The platforms that some line may name."""
        return tuple(sorted({name for number in self.naming for name in self.of[number]}))

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of lines that name their platform: one for each."""
        return tuple(f"of_{name}" for name in self.several)

    @property
    def of_source(self) -> str:
        """The SQL of the platform of a row of ``states``: the one that it names, if it does."""
        # A CASE by number: `states` has no column for it, which would cost memory for every row.
        arms = " ".join(
            f"when {number} then {'of_platform' if number in self.naming else literal(names[0])}"
            for number, names in self.of.items()
            if names
        )
        return f"case source {arms} end" if arms else "cast(null as varchar)"

    def of_rows(self, export: Export) -> list[str]:
        """Return the SQL of the platforms of an export's rows.

        There are several for rows that are joined onto lines of several platforms.
        """
        if export.number in self.naming:
            return [f"coalesce(platform, {literal(export.form.platform)})"]
        return [literal(name) for name in self.of[export.number]]


def platforms_of(exports: Sequence[Export], platform: str | None) -> Platforms:
    """Return the platforms of exports: that of the settings wins over that of the format.

    Exports that are joined onto lines of any platform are of all platforms of lines.
    """
    naming = [] if platform else [e for e in exports if "platform" in e.cells]
    of: dict[int, tuple[str, ...]] = {}
    of |= {e.number: (platform or e.form.platform,) for e in exports if e.form.platform != ANY}
    of |= {export.number: _named_by(export) for export in naming}
    orders = {name for e in exports if e.form.kind == "orders" for name in of[e.number]}
    # Without orders there is no line to join; the rows are counted all the same.
    everywhere = tuple(sorted(orders)) or (ANY,)
    of |= {export.number: everywhere for export in exports if export.form.platform == ANY}
    return Platforms(of, frozenset(export.number for export in naming))


def _named_by(export: Export) -> tuple[str, ...]:
    """Return the platforms that the lines of an export may name, and its own for other lines."""
    words = known_words("platform", export.form.words.get("platform", {}))
    return tuple(sorted({*words.values(), export.form.platform}))
