"""The conductor of ``doctor``: whether a nightly scan would run."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from merchantwatch.errors import MerchantwatchError
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.checks import Checked, CheckedInput
from merchantwatch.results.health import Finding, fail, ok, warn
from merchantwatch.results.records import STALE_AFTER
from merchantwatch.results.wording import span
from merchantwatch.run.check import check
from merchantwatch.run.start import rulebook
from merchantwatch.run.surroundings import disk, heartbeat, history, lock, notifier
from merchantwatch.settings import Settings

_NAME_THEM = Text(
    zh="请给出输入，如 merchantwatch doctor exports/", en="name them: merchantwatch doctor exports/"
)
_EXPORT_AGAIN = Text(zh="请重新导出", en="export it again")
_LOOK = Text(zh="运行 merchantwatch check 查看原因", en="see why: merchantwatch check INPUT")
_CLOCK = Text(zh="请校准本机时钟", en="set this machine's clock")
_MAP = Text(
    zh="在 merchantwatch.toml 的 [map.字段] 中写明含义",
    en="say what they mean under [map.FIELD] in merchantwatch.toml",
)


def examine(inputs: Sequence[str], settings: Settings) -> Iterator[Finding]:
    """Run all checks; an error in one does not keep the others from running."""
    steps: dict[str, Callable[[], Iterator[Finding]]] = {
        "settings": lambda: _settings(settings),
        "time-zone": lambda: _zone(settings),
        "inputs": lambda: _inputs(inputs, settings),
        "lock": lambda: lock(settings),
        "history": lambda: history(settings),
        "disk": lambda: disk(settings),
        "notifier": lambda: notifier(settings),
        "heartbeat": lambda: heartbeat(settings),
    }
    reported: set[str] = set()
    for name, step in steps.items():
        try:
            yield from step()
        except MerchantwatchError as error:
            # A broken pack fails in the checks of settings and of inputs: it is reported once.
            if error.en not in reported:
                yield fail(name, Text(zh=error.zh, en=error.en), error.exit_code)
            reported.add(error.en)


_NOTHING = 1
"""The exit code where nothing would be judged."""


def _settings(settings: Settings) -> Iterator[Finding]:
    book = rulebook(settings)
    rules = sum(not bound.rule.is_signal for bound in book.rules)
    if settings.config:
        where = str(settings.config.absolute())
        yield ok("settings", f"{where}，{rules} 条规则", f"{where}, {number_of(rules, 'rule')}")
    else:
        zh, en = "没有 merchantwatch.toml，使用默认设置", "no merchantwatch.toml, defaults are used"
        yield ok("settings", f"{zh}，{rules} 条规则", f"{en}, {number_of(rules, 'rule')}")


def _zone(settings: Settings) -> Iterator[Finding]:
    there = datetime.now(settings.zone)
    # Side by side: a machine in another zone runs cron at another hour than expected.
    here = there.astimezone(datetime.now().astimezone().tzinfo)
    zh = f"{settings.tz} 现在 {there:%Y-%m-%d %H:%M}，本机 {here:%Y-%m-%d %H:%M %Z}"
    en = f"{settings.tz}: it is {there:%Y-%m-%d %H:%M}; this machine: {here:%Y-%m-%d %H:%M %Z}"
    yield ok("time-zone", zh, en)


def _inputs(inputs: Sequence[str], settings: Settings) -> Iterator[Finding]:
    if not inputs:
        yield warn("inputs", Text(zh="未给出输入", en="no inputs to look at"), _NAME_THEM)
        return
    checked = check(inputs, settings)
    for error in checked.failed:
        yield fail("inputs", Text(zh=error.zh, en=error.en), error.exit_code)
    for skipped in checked.skipped:
        yield warn("inputs", Text(zh=skipped.zh, en=skipped.en))
    for item in checked.inputs:
        yield from _input(item, settings)
    yield from _mapping(checked, settings)
    yield from _rules(checked)


def _input(item: CheckedInput, settings: Settings) -> Iterator[Finding]:
    """Yield what an export is, how old it is, and what of it could not be understood."""
    file = item.file
    encoding = f", {file.encoding}" if file.encoding else ""
    label = f"{file.path}: {file.format}{encoding}, "
    text = Text(zh=f"{label}{file.rows:,} 行", en=f"{label}{number_of(file.rows, 'row')}")
    age = settings.as_of - file.exported_at if file.exported_at else None
    if age is not None and age > STALE_AFTER:
        old = span(age)
        yield warn(
            "inputs",
            Text(zh=f"{text.zh}，已 {old.zh}", en=f"{text.en}, {old.en} old"),
            _EXPORT_AGAIN,
        )
    else:
        yield ok("inputs", text.zh, text.en)
    if file.quarantined:
        zh = f"{file.path}：无法识别的行数 {file.quarantined:,}"
        en = f"{file.path}: rows that could not be understood: {file.quarantined:,}"
        yield warn("inputs", Text(zh=zh, en=en), _LOOK)
    yield from _in_the_future(file.path)


def _in_the_future(path: str) -> Iterator[Finding]:
    try:
        written = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return
    if written > datetime.now(UTC):
        zh, en = f"{path}：修改时间在将来", f"{path}: it was written in the future"
        yield warn("time-zone", Text(zh=zh, en=en), _CLOCK)


def _mapping(checked: Checked, settings: Settings) -> Iterator[Finding]:
    for field, words in checked.unknown_words:
        listed = "、".join(word for word, _ in words[:5]), ", ".join(word for word, _ in words[:5])
        zh, en = (
            f"{field}：不认识的词 {listed[0]}",
            f"{field}: words that no format knows: {listed[1]}",
        )
        yield warn("mapping", Text(zh=zh, en=en), _MAP)
    if settings.map and not checked.unknown_words:
        number = len(settings.map)
        yield ok(
            "mapping",
            f"已映射 {number} 个字段",
            f"mapped: {number_of(number, 'field')}",
        )
    if checked.platform_assumed:
        yield warn("mapping", checked.platform_assumed.text)


def _rules(checked: Checked) -> Iterator[Finding]:
    if checked.nothing_to_judge:
        yield fail("rules", checked.nothing_to_judge, _NOTHING)
        return
    evaluable, missing = len(checked.of("evaluable")), checked.of("not_evaluable")
    if not missing:
        yield ok(
            "rules", f"{evaluable} 条规则可评估", f"{number_of(evaluable, 'rule')} can be evaluated"
        )
        return
    shown = ", ".join(rule.code for rule in missing[:_MOST_CODES])
    codes = shown + (" …" if len(missing) > _MOST_CODES else "")
    zh = f"{evaluable} 条可评估，{len(missing)} 条缺少数据：{codes}"
    en = f"{evaluable} can be evaluated, {len(missing)} lack data: {codes}"
    # No warning: hardly any shop has the exports for every rule.
    yield Finding("rules", "ok", Text(zh=zh, en=en), _LOOK)


_MOST_CODES = 8
