"""The log of a judged run: inputs, failures, notes, guards and counts."""

from merchantwatch.results.model import Results
from merchantwatch.support import log


def log_results(results: Results) -> None:
    """Log the inputs and results of a run, if there is a log."""
    if not log.is_on():
        return
    for item in results.inputs:
        log.event(
            "input",
            path=item.path,
            format=item.format,
            kind=item.kind,
            encoding=item.encoding,
            rows=item.rows,
            quarantined=item.quarantined,
            exported_at=item.exported_at and item.exported_at.isoformat(),
            shop=item.shop,
        )
    for text in results.failed:
        log.event("input-failed", text=text.of(results.lang))
    for text in results.skipped:
        log.event("input-skipped", text=text.of(results.lang))
    for note in results.notes:
        log.event("note", code=note.code, lines=note.lines, text=note.text.of(results.lang))
    for guard in results.guards:
        words = guard.text.of(results.lang)
        log.event("guard", code=guard.code, shop=guard.shop, holds=guard.holds, text=words)
    if results.past:
        log.event("recorded", run=results.past.run, counts=results.past.counts)
    _log_counts(results)


def _log_counts(results: Results) -> None:
    accounting = results.accounting
    log.event(
        "judged",
        **{name: getattr(accounting, name) for name in accounting.__struct_fields__},
        breached=results.total("breached"),
        near=results.total("near"),
        tasks=results.work.totals.tasks,
        not_evaluated=[o.code for o in results.outcomes if o.status == "not_evaluated"],
        nothing_judged=results.nothing_judged is not None,
    )
