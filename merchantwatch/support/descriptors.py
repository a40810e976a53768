"""The three descriptors that every program expects to be open."""

import os

_STANDARD = (0, 1, 2)


def fill_descriptors() -> None:
    """Open those that are closed, so that no file or pipe of this program gets their number."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free is this one
