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
    """Return the damage of a file that an error of pyarrow or of decoding shows."""
    if isinstance(error, UnicodeError) or "UTF8" in str(error):
        return Damage.ENCODING
    # pyarrow has one class for all such errors: only their texts differ.
    return Damage.LONG if "straddl" in str(error) else Damage.BROKEN
