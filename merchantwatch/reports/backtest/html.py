"""A backtest as a page of its own: two charts, what each rule came to, and every finding."""

from typing import IO, Any

from markupsafe import Markup

from merchantwatch.reports.backtest.words import FATES, WORDS, counted, happened, lead, period
from merchantwatch.reports.charts import charts, plain
from merchantwatch.results.backtest import Backtest, RuleTested
from merchantwatch.results.wording import clock
from merchantwatch.support.harmless import harmless
from merchantwatch.support.templates import environment

_WIDTH, _HEIGHT = 1040, 260
_LABELS = 12
_MOST_SHOWN = 100


def render(made: Backtest, file: IO[bytes]) -> None:
    """Write a backtest as a page that asks nobody for anything."""
    pages = environment(
        "reports/backtest", autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    rules = [rule for rule in made.rules if happened(rule.fates)]
    values = {
        "made": made,
        "lang": made.lang,
        "words": {name: text.of(made.lang) for name, text in WORDS.items()},
        "period": period(made).of(made.lang),
        "summary": counted(made.totals).of(made.lang),
        "rules": rules,
        "fates": FATES,
        "by_rule": _by_rule(rules),
        "by_night": _by_night(made),
        "most": _MOST_SHOWN,
        "clock": clock,
        "lead": lambda length: lead(length).of(made.lang),
    }
    file.write(pages.get_template("page.jinja").render(values).encode())


def _shown(value: object) -> object:
    return harmless(value) if type(value) is str else value  # markup of ours is a kind of str


def _by_rule(rules: list[RuleTested]) -> Markup | None:
    """Return bars of what became of the findings of each rule, in the order of the fates."""
    if not rules:
        return None
    chart = _bars([rule.code for rule in rules])
    for name in FATES[:-1]:
        chart.add(name, [getattr(rule.fates, name) for rule in rules])
    return plain(chart.render_tree(), _WIDTH, _HEIGHT)


def _by_night(made: Backtest) -> Markup:
    """Return bars of what each moment would have told anew: warnings, then what is broken."""
    names = [f"{night.as_of:%m-%d %H:%M}" for night in made.nights]
    chart = _bars(names)
    chart.x_labels_major = names[:: -(-len(names) // _LABELS)]
    chart.add("warned", [night.warned for night in made.nights])
    chart.add("broken", [night.broken for night in made.nights])
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
