"""Reading ahead: items are made in a thread of their own, before whoever takes them asks."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE = 0.05
"""Seconds after which a full queue is tried again, to see whether anybody still takes from it."""


def ahead(items: Iterator[Item], most: int) -> Iterator[Item]:
    """Yield the items of an iterator, of which up to ``most`` are made in advance.

    What the iterator raises is raised here. When the taker stops early, so does the iterator.
    """
    made: Queue[tuple[Item | None, BaseException | None]] = Queue(most)
    stopped = Event()
    maker = Thread(target=_make, args=(items, made, stopped), daemon=True)
    maker.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stopped.set()
        maker.join()


def _make(items: Iterator[Item], made: Queue[object], stopped: Event) -> None:
    try:
        for item in items:
            if not _put(made, (item, None), stopped):
                return
        _put(made, (None, None), stopped)
    except BaseException as error:  # noqa: BLE001  whatever it is, the taker hears of it
        _put(made, (None, error), stopped)


def _put(made: Queue[object], item: object, stopped: Event) -> bool:
    """Put an item into the queue; False when nobody takes from it any more."""
    while not stopped.is_set():
        try:
            made.put(item, timeout=_PATIENCE)
        except Full:
            continue
        return True
    return False
