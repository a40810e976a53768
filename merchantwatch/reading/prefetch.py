"""Prefetch: a thread produces the items of an iterator before the consumer asks for them."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

_RETRY_SECONDS = 0.05
"""How often a full queue is retried: a consumer that has stopped would block the producer."""


def prefetch(items: Iterator[Item], most: int) -> Iterator[Item]:
    """Yield the items of an iterator, of which up to ``most`` are produced in advance.

    An error of the iterator is raised here. When the consumer stops early, so does the iterator.
    """
    queue: Queue[tuple[Item | None, BaseException | None]] = Queue(most)
    stopped = Event()
    # A daemon, so that a consumer that is never closed cannot hold up the end of the process.
    producer = Thread(target=_produce, args=(items, queue, stopped), daemon=True)
    producer.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stopped.set()
        # The next reading of the file must not begin while this thread still reads it.
        producer.join()


def _produce(items: Iterator[Item], queue: Queue[object], stopped: Event) -> None:
    try:
        for item in items:
            if not _put(queue, (item, None), stopped):
                return
        _put(queue, (None, None), stopped)
    except BaseException as error:  # noqa: BLE001  whatever it is, the consumer raises it
        _put(queue, (None, error), stopped)


def _put(queue: Queue[object], item: object, stopped: Event) -> bool:
    """Put an item into the queue; return False when the consumer has stopped."""
    while not stopped.is_set():
        try:
            queue.put(item, timeout=_RETRY_SECONDS)
        except Full:
            continue
        return True
    return False
