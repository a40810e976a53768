"""What the files beside the orders have in common."""

from hypothesis import strategies as st

from worlds.cases import case_columns
from worlds.parcels import parcel_columns
from worlds.world import Frame


@st.composite
def joined(draw: st.DrawFn, frame: Frame) -> Frame:
    """The frame with the columns of parcels and cases; in one of three each file has its own."""
    if draw(st.integers(0, 2)) == 2:
        return frame
    of_parcels = draw(parcel_columns(signed=draw(st.booleans())))
    return frame._replace(of_parcels=of_parcels, of_cases=draw(case_columns()))
