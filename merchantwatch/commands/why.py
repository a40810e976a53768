"""``why``: every rule on one line."""

from collections.abc import Mapping, Sequence
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.settings import resolve
from merchantwatch.support.writing import show


def why(line_id: str, inputs: Sequence[str], flags: Mapping[str, Any], config: str | None) -> int:
    """Explain every rule on one line."""
    from merchantwatch.run.scan import run
    from merchantwatch.run.why import explain

    settings = resolve(flags, config)
    finished = run(inputs, settings, watched=line_id)
    try:
        show(explain(finished, line_id, settings.lang))
    finally:
        finished.engine.close()
    for text in finished.results.failed:
        raise InputError(text.en, text.zh)
    return 0
