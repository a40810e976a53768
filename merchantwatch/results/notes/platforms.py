"""The platform whose rules judge a file that names none."""

from merchantwatch.formats import DEFAULT_PLATFORM, MAPPED
from merchantwatch.language.text import Text
from merchantwatch.results.accounting import Tally
from merchantwatch.results.notes.files import some_of
from merchantwatch.results.records import PLATFORM_ASSUMED, Note
from merchantwatch.settings import Settings

_RULES_OF = {"douyin": Text(zh="抖店", en="Douyin's")}


def assumed(settings: Settings, tally: Tally) -> Note | None:
    """Return the note on mapped exports whose platform is only assumed, if there are any."""
    if settings.platform:
        return None
    mapped = [e for e in tally.exports if e.form.code == MAPPED and e.form.kind == "orders"]
    if not mapped:
        return None
    lines = sum(tally.lines_by_source.get(export.number, 0) for export in mapped)
    text = Text(
        zh="没有说明 {files} 属于哪个平台：按{rules}规则判定；如属其他平台请用 --platform 指明",
        en="nothing names the platform of {files}: judged by {rules} rules; if it is another, name "
        "it with --platform",
    )
    files = some_of({export.label for export in mapped})
    return Note(PLATFORM_ASSUMED, lines, text.fill(files=files, rules=_RULES_OF[DEFAULT_PLATFORM]))
