"""``init``: propose a mapping for an export that no format recognises, and write it."""

import shlex
import sys
from pathlib import Path

from merchantwatch.errors import InputError, UsageError
from merchantwatch.formats import Format
from merchantwatch.language.text import Text
from merchantwatch.mapping import Proposal, file_of, proposed
from merchantwatch.mapping.toml import as_toml
from merchantwatch.reports.places import refuse_taken
from merchantwatch.run.scan import AFTER_ALL
from merchantwatch.run.start import check_platform
from merchantwatch.settings import CONFIG_NAME, Settings
from merchantwatch.support import writing
from merchantwatch.support.lang import Lang

_STDOUT = "-"
_MOST_NAMED = 100
"""At most this many columns of a file are named if none is an id."""


def init(
    name: str, output: str | None, platform: str | None, lang: Lang, *, force: bool, dry_run: bool
) -> int:
    """Propose, show and write the configuration; or only print it."""
    check_platform(platform)
    # Of no file of settings: its mapping would stand in the way of proposing one.
    settings = Settings(as_of=AFTER_ALL, lang=lang, platform=platform)
    target = None if dry_run or output == _STDOUT else Path(output or CONFIG_NAME)
    refuse_taken([target], [file_of(name)], settings)
    found = proposed(name, settings)
    if isinstance(found, Format):
        writing.show(_recognised(name, found).of(lang) + "\n")
        return 0
    if not found.is_enough:
        raise _no_id(found)
    if target and target.exists() and not force:
        raise _is_there(target, name)
    text = as_toml(found, platform, lang)
    writing.write(lambda file: file.write(text.encode()), target)
    # Printed, the mapping must be all that standard output has.
    if target:
        _show_next_steps(found, target, name, lang)
    return 0


def _show_next_steps(found: Proposal, target: Path, name: str, lang: Lang) -> None:
    from merchantwatch.mapping.text import render

    render(found, lang, sys.stdout.buffer)
    text = Text(zh="已写入 {target}。核对后运行：", en="Written: {target}. Look it over, then:")
    file = shlex.quote(file_of(name))
    steps = ("", text.fill(target=target).of(lang), f"  merchantwatch check {file}")
    writing.show("\n".join([*steps, f"  merchantwatch scan {file}", ""]))


def _recognised(name: str, form: Format) -> Text:
    text = Text(
        zh="{name} 已能识别为 {code}（{title}），不需要列映射，没有写入任何文件。"
        "可直接运行：merchantwatch scan {name}",
        en="{name} is recognised as {code} ({title}): it needs no mapping, nothing was written. "
        "Go on with: merchantwatch scan {name}",
    )
    return text.fill(name=file_of(name), code=form.code, title=form.title)


def _is_there(target: Path, name: str) -> UsageError:
    return UsageError(
        f"{target} is there already; 'merchantwatch init {name} -o -' prints the mapping, to be "
        "pasted into it, and --force overwrites it",
        f"{target} 已存在；可用“merchantwatch init {name} -o -”打印列映射后粘贴进去，"
        "或用 --force 覆盖",
    )


def _no_id(found: Proposal) -> InputError:
    headers = [*(entry.header for entry in found.entries), *found.unused]
    some = headers[:_MOST_NAMED]
    return InputError(
        f"{found.label}: no column looks like the id of an order or a line; name it with --map "
        f"line_id=COLUMN or order_id=COLUMN of scan (its columns: {', '.join(some)})",
        f"{found.label}：没有一列像订单号或子订单号；请在 scan 时用 --map line_id=列名 或 "
        f"order_id=列名 指定（现有的列：{'、'.join(some)}）",
    )
