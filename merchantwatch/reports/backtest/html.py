"""A backtest as an HTML page: two charts, the outcome of each rule, and every finding."""

from typing import IO, Any

from markupsafe import Markup

from merchantwatch.reports.backtest.words import OUTCOMES, WORDS, counted, happened, lead, period
from merchantwatch.reports.charts import charts, plain
from merchantwatch.results.backtest import Backtest, RuleTested
from merchantwatch.results.wording import clock
from merchantwatch.support.harmless import harmless_value
from merchantwatch.support.templates import environment

_WIDTH, _HEIGHT = 1040, 260
_LABELS = 12
_MOST_SHOWN = 100


def render(backtest: Backtest, file: IO[bytes]) -> None:
    """Write a backtest as a page that loads nothing from elsewhere."""
    pages = environment(
        "reports/backtest",
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless_value,
    )
    rules = [rule for rule in backtest.rules if happened(rule.outcomes)]
    values = {
        "backtest": backtest,
        "lang": backtest.lang,
        "words": {name: text.of(backtest.lang) for name, text in WORDS.items()},
        "period": period(backtest).of(backtest.lang),
        "summary": counted(backtest.totals).of(backtest.lang),
        "rules": rules,
        "outcomes": OUTCOMES,
        "by_rule": _by_rule(rules),
        "by_night": _by_night(backtest),
        "most": _MOST_SHOWN,
        "clock": clock,
        "lead": lambda length: lead(length).of(backtest.lang),
    }
    file.write(pages.get_template("page.jinja").render(values).encode())


def _by_rule(rules: list[RuleTested]) -> Markup | None:
    """Return bars of what became of the findings of each rule, in the order of the outcomes."""
    if not rules:
        return None
    chart = _bars([rule.code for rule in rules])
    for name in OUTCOMES[:-1]:
        chart.add(name, [getattr(rule.outcomes, name) for rule in rules])
    return plain(chart.render_tree(), _WIDTH, _HEIGHT)


def _by_night(backtest: Backtest) -> Markup:
    """Return bars of the new findings at each moment: warnings, then broken limits."""
    names = [f"{night.as_of:%m-%d %H:%M}" for night in backtest.nights]
    chart = _bars(names)
    chart.x_labels_major = names[:: -(-len(names) // _LABELS)]
    chart.add("warned", [night.warned for night in backtest.nights])
    chart.add("broken", [night.broken for night in backtest.nights])
    return plain(chart.render_tree(), _WIDTH, _HEIGHT)


def _bars(labels: list[str]) -> Any:
    chart = charts().StackedBar(
        width=_WIDTH,
        height=_HEIGHT,
        margin=4,
        js=(),
        css=(),
        no_prefix=True,
        show_legend=False,
        show_minor_x_labels=False,
        truncate_label=-1,
    )
    chart.x_labels = chart.x_labels_major = labels
    return chart
