"""The options of commands, derived from the declarations in settings.py."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from merchantwatch.settings import Settings
from merchantwatch.support.lang import set_lang
from merchantwatch.support.options import By, Option, named, options

Command = TypeVar("Command", bound=Callable[..., Any])

HELP = {"help_option_names": ["-h", "--help"]}


def note_lang(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Store the language of the options, so that error messages use it too."""
    set_lang(value)
    return value


def declared(
    *wanted: str, expose: bool = True, **unset: str | None
) -> Callable[[Command], Command]:
    """Add options to a command by their names, or all of a group in the order of the settings.

    ``unset`` describes defaults by name. If not exposed, the command gets no value of them.
    """

    def add(command: Command) -> Command:
        # Reversed, since click lists the option that was added last first.
        for name, (about, one) in reversed([*options(Settings).items()]):
            if By.FLAG in about.by and (name in wanted or about.group in wanted):
                says = unset.get(name, about.unset[0] or _shown(one.default))
                flag = click.option(
                    _written(name),
                    help=_help(about.en, says, repeats=_repeats(one.type)),
                    expose_value=expose,
                    **_kind(name, about, one.type),
                )
                command = flag(command)
        return command

    return add


def _written(name: str) -> str:
    return f"{named(name)}/{named('no_' + name)}" if name == "history" else named(name)


def _repeats(kind: object) -> bool:
    return kind in (tuple[str, ...], tuple[Path, ...], Mapping[str, str])


def _shown(default: object) -> str:
    return default if isinstance(default, str) else ""


def _help(what: str, unset: str | None, *, repeats: bool) -> str:
    return f"{what}{f' Default: {unset}.' if unset else ''}{' Repeatable.' if repeats else ''}"


def _kind(name: str, about: Option, kind: object) -> dict[str, Any]:
    """Return the type of an option's values for click."""
    # Eager, so that what is wrong with other options is said in this language.
    if name == "lang":
        return {"type": click.Choice(about.choices), "is_eager": True, "callback": note_lang}
    if about.choices:
        return {"type": click.Choice(about.choices)}
    if kind is bool:
        return {"is_flag": True}
    # Without either flag the settings decide.
    if name == "history":
        return {"default": None}
    if kind == int | None:
        return {"type": click.IntRange(min=1), "metavar": about.metavar}
    return {"metavar": about.metavar, "multiple": _repeats(kind)}


def output_option(
    formats: Iterable[str], *, default: str = "", metavar: str = "FORMAT[:PATH]"
) -> Callable[[Command], Command]:
    """Add ``-o`` to a command that writes these formats."""
    *first, last = formats
    what = f"{', '.join(first)} or {last}; without a path to standard output."
    return click.option("-o", "--output", metavar=metavar, multiple=True, help=_help(what, default, repeats=True))  # fmt: skip


lang_option = declared("lang", expose=False)
config_option = declared("config")
