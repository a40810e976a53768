"""What can be wrong with a text file, so that an attempt to read it fails."""

from enum import IntEnum


class Damage(IntEnum):
    """Why an attempt failed."""

    RAGGED = 1
    JOINED = 2
    CUT_IDS = 3
    ENCODING = 4
    LONG = 5
    BROKEN = 6


def damage_of(error: Exception) -> Damage:
    """Return what an error of pyarrow or of decoding tells of a file."""
    if isinstance(error, UnicodeError) or "UTF8" in str(error):
        return Damage.ENCODING
    return Damage.LONG if "straddl" in str(error) else Damage.BROKEN
