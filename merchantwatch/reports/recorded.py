"""The content of a history, in words and as JSON: runs, a trend, the difference of two runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.history.runs import Run
from merchantwatch.language.text import Text
from merchantwatch.reports.json_values import both, time
from merchantwatch.reports.page import Page, cells, padded
from merchantwatch.reports.since import STATUSES
from merchantwatch.results.past import ItemStatus
from merchantwatch.results.wording import clock
from merchantwatch.support.harmless import in_json

if TYPE_CHECKING:
    from merchantwatch.history.diff import Difference

SCHEMA = "merchantwatch.history/1"

_FORMATS = ("text", "json")
_BULLET = "  · "
_BAR = 40
"""How wide the longest bar of a chart is."""

_MOST_LISTED = 20
"""How many things of each kind the text lists; the JSON has all."""

_SHOWN_STATUSES: tuple[ItemStatus, ...] = ("new", "worsened", "resolved", "gone", "unknown")


def check_format(name: str) -> None:
    """Raise UsageError for a format that a history is not written in."""
    if name not in _FORMATS:
        raise UsageError(f"-o {name}: text or json", f"-o {name}：可用 text、json")


class Runs(Struct, frozen=True):
    """The runs of a history, each as a row of plain values, the newest first."""

    rows: Sequence[Mapping[str, Any]]

    def as_dict(self) -> dict[str, object]:
        """Return them as plain values."""
        return {"runs": list(self.rows)}

    def lines(self, lang: str) -> Iterator[tuple[str, str]]:
        """Yield the lines of a table, each with its style."""
        heads = [text.of(lang) for text in _HEADS]
        rows = [[_cell(row, name) for name in _COLUMNS] for row in self.rows]
        widths = [max(map(cells, column)) for column in zip(heads, *rows, strict=True)]
        for place, row in enumerate([heads, *rows]):
            shown = (padded(cell, width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(shown).rstrip(), "" if place else "bold"
        for run in self.rows:
            if run["guards"]:
                yield f"  {run['id']}: {' '.join(run['guards'])}", "yellow"


_COLUMNS = ("id", "as_of", "breached", "near", "tasks", *_SHOWN_STATUSES)
_HEADS = (
    Text(zh="运行", en="run"),
    Text(zh="判定时刻", en="as of"),
    Text(zh="触线", en="broken"),
    Text(zh="临近", en="near"),
    Text(zh="任务", en="tasks"),
    *(STATUSES[status] for status in _SHOWN_STATUSES),
)


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row[name] if name in row else row["tasks_by_status"].get(name, 0)
    if name == "as_of":
        return str(value)[:16].replace("T", " ")
    return f"{value:,}"


def run_row(run: Run, by_status: Mapping[str, int]) -> dict[str, object]:
    """Return a run as plain values; ``by_status`` counts its tasks."""
    numbers = {name: run.totals.get(name, 0) for name in ("lines", "breached", "near", "tasks")}
    return {
        "id": run.id,
        "as_of": time(run.as_of),
        "program": run.program,
        **numbers,
        "tasks_by_status": dict(by_status),
        # Several shops may have one guard: its code is named once.
        "guards": list(dict.fromkeys(guard.code for guard in run.guards)),
        "inputs": [item.name for item in run.inputs],
    }


class Trend(Struct, frozen=True):
    """A chart: of each run two numbers, None where nothing was judged, and what they are."""

    code: str | None
    title: Text
    names: tuple[Text, Text]
    points: Sequence[tuple[Run, tuple[int, int] | None]]

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        keys = [name.en for name in self.names]
        return {
            "code": self.code,
            "title": both(self.title),
            "points": [
                {"run": run.id, "as_of": time(run.as_of)}
                | dict(zip(keys, numbers or (None, None), strict=True))
                for run, numbers in self.points
            ],
        }

    def lines(self, lang: str) -> Iterator[tuple[str, str]]:
        """Yield a line for each run: bars of both numbers, and the numbers themselves."""
        names = f"█ {self.names[0].of(lang)}  ░ {self.names[1].of(lang)}"
        yield f"{self.code or ''} {self.title.of(lang)}".strip(), "bold"
        yield names, "dim"
        # All bars by one measure, both parts of each together.
        highest = max((sum(numbers) for _, numbers in self.points if numbers), default=0)
        width = max(len(str(run.id)) for run, _ in self.points)
        for run, numbers in self.points:
            lead = f"{run.id:>{width}}  {run.as_of:%m-%d %H:%M}  "
            if numbers is None:
                yield lead + _NOT_JUDGED.of(lang), "dim"
                continue
            bars = "█" * _length(numbers[0], highest) + "░" * _length(numbers[1], highest)
            yield f"{lead}{bars} {numbers[0]:,} + {numbers[1]:,}", ""


_NOT_JUDGED = Text(zh="未判定", en="not judged")


def _length(number: int, highest: int) -> int:
    """Return how long the bar of a number is: none of a number that is not zero has no bar."""
    return max(number * _BAR // highest, int(number > 0)) if highest else 0


def trend_of_rule(runs: Sequence[Run], code: str, title: Text) -> Trend:
    """Return how many limits of a rule were broken and near, run by run, the oldest first."""
    points = [(run, _pair(run.totals.get("rules", {}).get(code))) for run in runs]
    return Trend(code, title, (Text(zh="触线", en="broken"), Text(zh="临近", en="near")), points)


def _pair(counts: Sequence[int] | None) -> tuple[int, int] | None:
    return None if counts is None else (counts[0], counts[1])


def trend_of_all(runs: Sequence[Run]) -> Trend:
    """Return how many limits were broken and how many tasks there were, the oldest first."""
    points = [(run, (run.totals.get("breached", 0), run.totals.get("tasks", 0))) for run in runs]
    names = (Text(zh="触线", en="broken"), Text(zh="任务", en="tasks"))
    return Trend(None, Text(zh="全部规则", en="all rules"), names, points)


class Differences(Struct, frozen=True):
    """The differences of a later run from an earlier one, for text and JSON."""

    before: Run
    after: Run
    differences: Sequence["Difference"]

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        runs = {"before": self.before, "after": self.after}
        return {
            **{name: {"run": run.id, "as_of": time(run.as_of)} for name, run in runs.items()},
            "changes": [_difference(one) for one in self.differences],
        }

    def lines(self, lang: str) -> Iterator[tuple[str, str]]:
        """Yield what opened, worsened, eased, was resolved and has gone, the most severe first."""
        yield _BETWEEN.fill(**_run_texts(self.before, self.after)).of(lang), "bold"
        # A finding with a task is shown by that task: both would count it twice.
        shown = [
            one for one in self.differences if one.item.kind == "task" or not one.item.has_task
        ]
        if not shown:
            yield _NOTHING.of(lang), ""
        for how in dict.fromkeys(one.how for one in shown):
            some = [one for one in shown if one.how == how]
            yield "", ""
            yield f"{_HOW[how].of(lang)} {len(some):,}", "bold"
            for one in some[:_MOST_LISTED]:
                yield _BULLET + _named(one).of(lang), ""
            if len(some) > _MOST_LISTED:
                yield _MORE.fill(n=f"{len(some) - _MOST_LISTED:,}").of(lang), "dim"


_BETWEEN = Text(zh="运行 {a}（{a_at}）→ {b}（{b_at}）", en="run {a} ({a_at}) → {b} ({b_at})")
_NOTHING = Text(zh="没有变化", en="no differences")
_MORE = Text(zh="  …… 另有 {n} 项，见 -o json", en="  … and {n} more: -o json")
_HOW = {
    "opened": Text(zh="新增", en="opened"),
    "worsened": Text(zh="恶化", en="worse"),
    "eased": Text(zh="缓和", en="eased"),
    "resolved": Text(zh="已解决", en="resolved"),
    "gone": Text(zh="不再出现", en="gone"),
    "suppressed": Text(zh="已忽略", en="suppressed"),
}


def _run_texts(before: Run, after: Run) -> dict[str, object]:
    return {
        "a": before.id,
        "a_at": clock(before.as_of),
        "b": after.id,
        "b_at": clock(after.as_of),
    }


def _named(one: "Difference") -> Text:
    """Return what an item is: a task by its text, a finding by its rule, key and reason."""
    if one.item.kind == "task":
        return one.item.text
    name = f"{one.item.code} {one.item.key}".strip()
    return Text(zh=f"{name} · {one.item.text.zh}", en=f"{name} · {one.item.text.en}")


def _difference(one: "Difference") -> dict[str, object]:
    names = ("kind", "code", "platform", "shop", "scope", "key", "severity", "state")
    values = {name: getattr(one.item, name) for name in names}
    since = {"episode": one.episode, "since": time(one.since)}
    return {"how": one.how, **values, **since, "texts": both(one.item.text)}


def render(table: Runs | Trend | Differences, fmt: str, file: IO[bytes], lang: str) -> None:
    """Write a table as text or JSON."""
    if fmt == "json":
        plain = {"schema": SCHEMA, **table.as_dict()}
        file.write(in_json(msgspec.json.format(msgspec.json.encode(plain), indent=1)) + b"\n")
        return
    page = Page(file, lang)
    for line, style in table.lines(lang):
        lead = _BULLET if line.startswith(_BULLET) else ""
        page.row(lead, line.removeprefix(lead), style) if lead else page.line(line, style)
    page.write()
