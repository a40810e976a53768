"""The three descriptors that every program expects to be open."""

import os

_STANDARD = (0, 1, 2)


def fill_descriptors() -> None:
    """Open the closed ones on the null device, so that no other file gets their number."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            # POSIX gives the lowest free number, which is this one: lower ones are open by now.
            os.open(os.devnull, os.O_RDWR)
