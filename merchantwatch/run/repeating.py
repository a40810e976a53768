"""Which hashes repeat among many rows: sorting them takes a fifth of the time of grouping them."""

from collections.abc import Sequence

from merchantwatch.engines import Embedded, Engine
from merchantwatch.pipeline import identity
from merchantwatch.pipeline.hash_ranges import hash_ranges
from merchantwatch.pipeline.rendering import no_row
from merchantwatch.pipeline.steps import make
from merchantwatch.reading.arrow import Cells, Column

_HASHES_AT_A_TIME = 1 << 22
"""How many hashes are sorted at a time: some 70 MB."""

_FEW = 16
"""If more than one hash in this many repeats, grouping all rows costs less than finding theirs."""


def find_repeated(engine: Engine, sources: Sequence[int], rows: int) -> bool:
    """Create ``repeated`` by sorting the hashes of ``states``, which has this many rows.

    ``sources`` are the exports without line ids. Returns False where grouping would cost less.
    """
    if not isinstance(engine, Embedded):
        return False
    import pyarrow as pa

    found = []
    for bounds in hash_ranges(1 + rows // _HASHES_AT_A_TIME):
        hashes = engine.table(identity.hashes(sources, bounds))["line_hash"]
        again = _repeating(hashes)
        # Hashes are spread evenly: the first range shows whether many of all repeat.
        if len(again) * _FEW > len(hashes):
            return False
        found.append(again)
    make(engine, "repeated", no_row(identity.REPEATED))
    several = pa.Table.from_arrays([pa.concat_arrays(found)], names=["line_hash"])
    engine.take(several, "repeated", identity.repeated(sources, None, among="chunk"))
    return True


def _repeating(hashes: Column) -> Cells:
    """Return the hashes that occur several times, each of them once."""
    import numpy as np
    import pyarrow as pa

    # A column's own conversion would load pandas.
    parts = [
        np.frombuffer(memoryview(values), np.uint64, len(part), part.offset * 8)
        for part in hashes.chunks
        if len(part) and (values := part.buffers()[1])
    ]
    ordered = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    ordered.sort()
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    again = again[np.append(True, again[1:] != again[:-1])[: len(again)]]
    return pa.Array.from_buffers(pa.uint64(), len(again), [None, pa.py_buffer(again)])
