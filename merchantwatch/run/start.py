"""The start of a run: settings and inputs → rules, opened exports, an engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from merchantwatch import rules
from merchantwatch.engines import Distributed, Engine, open_engine
from merchantwatch.errors import InputError, UsageError
from merchantwatch.fields import PLATFORMS
from merchantwatch.formats import DEFAULT_PLATFORM, Format, mapped
from merchantwatch.formats.model import YUAN_PLATFORMS
from merchantwatch.language.suggestions import meant
from merchantwatch.pipeline import predicate_trial
from merchantwatch.pipeline.keys import keys_of
from merchantwatch.pipeline.senders import senders_of
from merchantwatch.reading import Taken, moments, notices, release, take
from merchantwatch.reading.exemptions import read_exemptions
from merchantwatch.reading.suppressions import read_suppressions
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings


@contextmanager
def opened(
    inputs: Sequence[object], settings: Settings, thrifty: str | None = None
) -> Iterator[tuple[Engine, Taken, Rulebook]]:
    """Take the inputs and open an engine, which is closed if anything fails."""
    book = rulebook(settings)
    # Settings before inputs: an error in them is reported within a second.
    mapping, taken = _mapping(settings), Taken()
    # Only for its errors: a wrong setting is reported before anything is read.
    senders_of(settings)
    engine = open_engine(settings.engine, settings.memory, settings.threads, thrifty)
    try:
        elsewhere = engine.find if isinstance(engine, Distributed) else None
        taken = take(inputs, mapping, settings, elsewhere, keys_of(book.reads))
        yield engine, taken, book
    # Signals too, as the engine has temporary files. Without an error it stays open for ``Judged``.
    except BaseException:
        engine.close()
        raise
    finally:
        _remove_spooled(taken)


def rulebook(settings: Settings) -> Rulebook:
    """Return the rules of a run: the built-in ones and the user's, adjusted and selected.

    With them are the exemptions and the suppressions.
    """
    book = every_rule(settings)
    if settings.exemptions:
        file = notices.file_of(settings.exemptions)
        book = rules.with_exemptions(book, read_exemptions(file), str(file))
    if settings.ignore_file:
        entries = read_suppressions(settings.ignore_file)
        book = rules.with_suppressions(book, entries, str(settings.ignore_file))
    # After exemptions, whose rules must exist, but need not be selected.
    book = rules.selected(book, settings.select, settings.ignore)
    return rules.on_the_clocks_of(book, settings.tz)


def every_rule(settings: Settings) -> Rulebook:
    """Return the built-in rules and the user's, adjusted, whichever of them are selected."""
    return rules.adjusted(loaded(settings.pack), settings.rules, settings.risk)


def loaded(packs: Sequence[Path]) -> Rulebook:
    """Return the built-in rules with a user's packs over them, whose predicates are tried out."""
    book = rules.load(packs)
    if packs:
        # Tests try the built-in rules: only those that a pack adds or changes are tried here.
        known = set(map(id, rules.built_in().rules))
        predicate_trial.try_predicates([bound for bound in book.rules if id(bound) not in known])
    return book


def check_platform(name: str | None) -> None:
    """Raise UsageError for a platform that is not known."""
    if name and name not in PLATFORMS:
        names, hint = ", ".join(PLATFORMS), meant(name, PLATFORMS)
        raise UsageError(
            f"--platform {name}: not one of {names}{hint.en}",
            f"--platform {name}：应为 {names} 之一{hint.zh}",
        )


def nothing_read(taken: Taken) -> InputError:
    """Return the error of a run none of whose inputs could be read."""
    if len(taken.failed) == 1:
        error = taken.failed[0]
        return InputError(error.en, error.zh)
    return InputError(
        "none of the inputs could be read: " + "; ".join(error.en for error in taken.failed),
        "所有输入都无法读取：" + "；".join(error.zh for error in taken.failed),
    )


def _mapping(settings: Settings) -> Format | None:
    check_platform(settings.platform)
    if not settings.map:
        return None
    for field, form in settings.cells.time_format.items():
        _check_time_format(field, form)
    platform = settings.platform or DEFAULT_PLATFORM
    cells = settings.cells
    # Only where the user names the platform: a default says nothing of the currency.
    if settings.platform in YUAN_PLATFORMS and not cells.currency:
        cells = msgspec.structs.replace(cells, currency="CNY")
    return mapped(settings.map, settings.words, platform, cells)


def _check_time_format(field: str, form: str) -> None:
    """Raise UsageError for a time format that is not understood."""
    try:
        moments.stated(form)
    except ValueError as error:
        name = f"[map] time_format {field}".strip()
        raise UsageError(
            f"{name} = {form!r}: {error}; write it like %d/%m/%Y %H:%M:%S",
            f"{name} = {form!r}：无法理解（{error}）；请写成 %d/%m/%Y %H:%M:%S 这样的格式",
        ) from None


def _remove_spooled(taken: Taken) -> None:
    for path in taken.temporary:
        release(path)
