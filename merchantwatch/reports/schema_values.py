"""The numbers, moments and sums of a JSON report that is read again."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

MOST = 2**53
"""Beyond it JSON's numbers are no whole ones any more."""

Count = Annotated[int, Meta(ge=0, le=MOST)]
# Wall-clock times of the platform: a zone would mean another clock.
Time = Annotated[datetime, Meta(tz=False)]
# Text, as JSON readers make floats of numbers; 16 digits hold any sum in yuan.
Money = Annotated[str, Meta(pattern=r"^-?[0-9]{1,16}\.[0-9]{2}$")]
