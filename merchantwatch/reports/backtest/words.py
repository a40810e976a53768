"""The texts of a backtest."""

from datetime import timedelta

from merchantwatch.language.text import Text
from merchantwatch.results.backtest import Backtest, OutcomeCounts
from merchantwatch.results.wording import span

WORDS = {
    "title": Text(zh="回测", en="backtest"),
    "rule": Text(zh="规则", en="rule"),
    "warned": Text(zh="已预警", en="warned"),
    "came_true": Text(zh="成真", en="came true"),
    "averted": Text(zh="避免", en="averted"),
    "open": Text(zh="未决", en="open"),
    "missed": Text(zh="漏报", en="missed"),
    "before": Text(zh="此前已触线", en="broken before"),
    "least": Text(zh="最短提前", en="shortest lead"),
    "middle": Text(zh="提前中位数", en="median lead"),
    "by_rule": Text(zh="按规则", en="By rule"),
    "by_night": Text(zh="按时刻：新预警与新触线", en="By moment: new warnings, newly broken"),
    "other": Text(zh="换一个阈值", en="Another threshold"),
    "own": Text(zh="现行", en="as it is"),
    "setting": Text(zh="设置", en="setting"),
    "value": Text(zh="值", en="value"),
    "episodes": Text(zh="逐项", en="One by one"),
    "scope": Text(zh="对象", en="what"),
    "outcome": Text(zh="结果", en="what became of it"),
    "warned_at": Text(zh="首次预警", en="first warned"),
    "due_at": Text(zh="时限", en="deadline"),
    "broken_at": Text(zh="触线", en="broken"),
    "lead": Text(zh="提前", en="lead"),
    "never_warns": Text(zh="不预警", en="gives no warning"),
    "not_evaluated": Text(zh="未评估（缺少数据）", en="Not evaluated (data is missing)"),
    "unread": Text(zh="未能读取", en="Could not be read"),
    "nothing": Text(zh="其余规则期间无事", en="The other rules had nothing in that time"),
    "no_findings": Text(
        zh="期间没有任何规则预警或触线", en="No rule was near or broken in that time"
    ),
}

OUTCOMES = ("came_true", "averted", "open", "missed", "before")


def lead(length: timedelta | None) -> Text:
    """Return how long before something was reported, or a dash."""
    return span(length) if length is not None else Text(zh="-", en="-")


def counted(found: OutcomeCounts) -> Text:
    """Return in one sentence what became of the findings."""
    text = Text(
        zh="预警 {warned}：成真 {true}，避免 {averted}，未决 {open}；漏报 {missed}",
        en="warned {warned}: {true} came true, {averted} averted, {open} open; missed {missed}",
    ).fill(
        warned=found.warned,
        true=found.came_true,
        averted=found.averted,
        open=found.open,
        missed=found.missed,
    )
    zh, en = text.zh, text.en
    if found.before:
        zh, en = f"{zh}；此前已触线 {found.before}", f"{en}; {found.before} broken before"
    if found.leads:
        least, middle = lead(found.least), lead(found.middle)
        zh = f"{zh}；最短提前 {least.zh}，中位数 {middle.zh}"
        en = f"{en}; lead {least.en} at least, median {middle.en}"
    return Text(zh=zh, en=en)


def period(backtest: Backtest) -> Text:
    """Return which moments were replayed."""
    begin, end = backtest.nights[0].as_of, backtest.nights[-1].as_of
    text = Text(
        zh="{begin} → {end}，每 {every} 一次，共 {n} 个时刻",
        en="{begin} → {end}, every {every}, {n|moment}",
    )
    every = span(backtest.every)
    return text.fill(begin=begin, end=end, every=every, n=len(backtest.nights))


def happened(found: OutcomeCounts) -> bool:
    """Say whether a rule had anything at all."""
    return bool(found.warned or found.missed or found.before)
