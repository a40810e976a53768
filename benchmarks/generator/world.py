"""What the made-up exports are like: the arguments of the generator. Imports nothing heavy."""

from typing import Annotated, Any

from msgspec import Meta, Struct, structs


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """How many lines are made, in what files, and how much is wrong with them."""

    lines: Annotated[int, Meta(description="lines, without those that are repeated", ge=1)]
    files: Annotated[int, Meta(description="exports that share the lines, oldest first")] = 1
    overlap: Annotated[float, Meta(description="share of an export that the next repeats")] = 0.02
    parquet: Annotated[bool, Meta(description="typed Parquet in place of CSV")] = False
    joined: Annotated[bool, Meta(description="exports of parcels and cases beside")] = False
    encoding: Annotated[str, Meta(description="of CSV: utf-8 (with BOM) or gb18030")] = "utf-8"
    shops: Annotated[int, Meta(description="shops, few of them large; 0: one, not named")] = 0
    products: Annotated[int, Meta(description="products, few popular; 0: to fit the lines")] = 0
    open: Annotated[float, Meta(description="share of lines paid and not yet shipped")] = 0.15
    late: Annotated[float, Meta(description="how many times as many lines as usual are late")] = 1.0
    damaged: Annotated[float, Meta(description="share of unreadable ids, in CSV times")] = 0.0002
    seed: Annotated[int, Meta(description="another seed draws another world")] = 0

    @property
    def catalogue(self) -> int:
        """How many products there are."""
        return self.products or min(max(self.lines // 250, 50), 8000)

    @property
    def chosen(self) -> dict[str, Any]:
        """What is not as usual, by name."""
        return {
            item.name: getattr(self, item.name)
            for item in structs.fields(self)
            if item.required or getattr(self, item.name) != item.default
        }

    @property
    def arguments(self) -> list[str]:
        """The command line of generate.py that makes this world, but for the folder."""
        words = [str(self.lines)]
        for name, value in self.chosen.items():
            if name != "lines":
                words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        return words

    @property
    def label(self) -> str:
        """A name for the folder of its files."""
        return "_".join(
            name if value is True else f"{name}-{value}" for name, value in self.chosen.items()
        )
