"""A backtest as text: a line for each rule, and for each threshold that was tried."""

from typing import IO

from merchantwatch.reports.backtest.words import WORDS, counted, happened, period
from merchantwatch.reports.page import Page
from merchantwatch.results.backtest import Backtest, RuleTested


def render(backtest: Backtest, file: IO[bytes]) -> None:
    """Write a backtest as text."""
    page, lang = Page(file, backtest.lang), backtest.lang
    page.line(f"merchantwatch {WORDS['title'].of(lang)} · {period(backtest).of(lang)}", "bold")
    for text in backtest.failed:
        page.line(f"{WORDS['unread'].of(lang)}: {text.of(lang)}", "red")
    rules = [rule for rule in backtest.rules if happened(rule.outcomes)]
    page.line(counted(backtest.totals).of(lang) if rules else WORDS["no_findings"].of(lang))
    for rule in rules:
        _rule(page, rule)
    if rules and len(rules) < len(backtest.rules):
        page.line()
        page.line(WORDS["nothing"].of(lang), "dim")
    if backtest.not_evaluated:
        page.line()
        page.row(f"{WORDS['not_evaluated'].of(lang)}: ", ", ".join(backtest.not_evaluated))
    page.write()


def _rule(page: Page, rule: RuleTested) -> None:
    """Print what became of the findings of a rule, and what other thresholds would have given."""
    lang = page.lang
    never = "" if rule.warns else f" ({WORDS['never_warns'].of(lang)})"
    page.heading(f"{rule.code} {rule.title.of(lang)}{never}")
    page.row("  ", counted(rule.outcomes).of(lang))
    for one in rule.tried:
        if not one.is_current:
            page.row(f"  {one.setting} = {one.value}: ", counted(one.outcomes).of(lang), "dim")
