"""The texts on a parcel that all formats of a plan share."""

from merchantwatch.tasks.backlog import Parcel


def warehouse(parcel: Parcel) -> str:
    """Return where a parcel lies; "" where no line says so."""
    return next((line.warehouse for line in parcel.lines if line.warehouse), "")


def products(parcel: Parcel) -> str:
    """Return what is in a parcel, and how many of each."""
    named = [
        f"{line.product_name or line.product_id or line.line_id} ×{line.quantity or 1}"
        for line in parcel.lines
    ]
    return ", ".join(named)
