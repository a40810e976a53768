"""A report in a notebook: the opening sentence, the money, and the first tasks."""

from collections.abc import Iterator
from html import escape

from merchantwatch.language.text import Text
from merchantwatch.reports import summary, work
from merchantwatch.results.model import Results
from merchantwatch.support.harmless import harmless
from merchantwatch.tasks.wording import act, current_counts

MOST_TASKS = 5

# Colours as attributes: a notebook may drop the style sheets of an output.
_COLOURS = {"red": "#c0262d", "amber": "#9a5b00", "green": "#1a7a45", "": "inherit"}
_HEADS = (
    Text(zh="剩余", en="Time left"),
    Text(zh="做什么", en="What to do"),
    Text(zh="否则", en="Otherwise"),
)
_UNJUDGED = Text(zh="未判定：", en="Not judged: ")
_MORE = Text(
    zh="…… 另有 {n} 件：report.tasks，report.write('risk.html')",
    en="… and {n} more: report.tasks, report.write('risk.html')",
)


def shown(results: Results) -> str:
    """Return a few lines of HTML in the language of the run."""
    return f"<div>{''.join(_parts(results))}</div>"


def _parts(results: Results) -> Iterator[str]:
    lang, tasks = results.lang, results.work.tasks
    for text, colour in work.alarms(results):
        yield f'<p style="color:{_COLOURS[colour]}"><b>{_safe(text.of(lang))}</b></p>'
    yield f"<p>{_safe(summary.data_line(results).of(lang))}</p>"
    if results.platform_assumed:
        yield f"<p>{_safe(results.platform_assumed.text.of(lang))}</p>"
    yield f"<p>{_UNJUDGED.of(lang)}{_safe(summary.unjudged_line(results).of(lang))}</p>"
    if not tasks:
        return
    yield f"<p><b>{_safe(work.sentence(results).of(lang))}</b></p>"
    cost = work.money_line(results)
    if cost:
        yield f"<p>{_safe(cost.of(lang))}</p>"
    heads = "".join(f'<th style="text-align:left">{head.of(lang)}</th>' for head in _HEADS)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for task in tasks[:MOST_TASKS]:
        left = work.time_left(task, results.as_of).of(lang)
        then = (work.otherwise_briefly(task) if task.then else current_counts(task)).of(lang)
        colour = _COLOURS[work.urgency(task, results.as_of)]
        cells = "".join(
            f'<td style="text-align:left">{_safe(cell)}</td>' for cell in (act(task).of(lang), then)
        )
        yield f'<tr><td style="text-align:left;color:{colour}">{_safe(left)}</td>{cells}</tr>'
    yield "</tbody></table>"
    if len(tasks) > MOST_TASKS:
        yield f"<p>{_safe(_MORE.fill(n=f'{len(tasks) - MOST_TASKS:,}').of(lang))}</p>"


def _safe(text: str) -> str:
    return escape(harmless(text))
