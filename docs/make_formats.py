"""Write docs/formats.md from the formats: ``python docs/make_formats.py``."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from merchantwatch.fields import CASE_FIELDS
from merchantwatch.formats import Format, Part, dictionary, fold, formats
from merchantwatch.reports.format_list import KINDS, fingerprint

PAGE = Path(__file__).parent / "formats.md"
INTRO = """\
# Formats

What is recognised, by which headers, and what becomes of them. Written by `docs/make_formats.py`
from `merchantwatch/formats/*.toml`; `merchantwatch formats` shows the same in the terminal.

- Headers are compared after NFKC, without BOM, quotes, TABs and blanks around them, in any order.
  A file is of a format when it has all headers of one of its fingerprints and none that the format
  never has. A file that fits none is refused with the nearest formats and the headers it lacks, one
  that fits several with their names.
- Of several headers for a field, the first that is present counts. `快递信息*` is a part of a cell.
- A word that is known for one platform is known for all: [the dictionary](#words) is at the end.
  Case, blanks, and full or half width do not matter. A format names the words that its export is
  known to write, and those that mean something else in it. A word that neither knows stays beside
  its field, counted and shown; rules that read the field leave the line unjudged.
- How sure: **seen** in public code that reads the real export, **assumed** otherwise. Words marked
  `?` were not seen in such an export: they come from the back-office, the API or common use. No
  header list was read on a platform's own page.
- Times are wall-clock times of the platform. Columns with names, phones, addresses and buyers'
  messages are read by no format, but for those of `buyer_key` and `receiver_key`: where a rule
  needs them, and as hashes under a key of the installation. A masked or encrypted cell makes none.
"""
CASES = """\
Cases and parcels are joined onto the lines of order exports: by the line's id, else the order's,
else the tracking number. What belongs to no line is counted and named.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            INTRO,
            *_overview(),
            CASES,
            *(line for f in formats() for line in _section(f)),
            *_dictionary(),
        ]
    )


def _overview() -> Iterator[str]:
    yield "| format | platform | a row is one of | versions | fields of a case |"
    yield "|---|---|---|---|---|"
    for form in formats():
        versions = ", ".join(version.name for version in form.versions)
        supplied = {*form.columns, *form.always, *(item.field for item in form.derived)}
        case = sum(name in supplied for name in CASE_FIELDS)
        kind = KINDS[form.kind].en
        yield f"| [{form.code}](#{form.code}) | {form.platform} | {kind} | {versions} | {case} |"
    yield ""


def _section(form: Format) -> Iterator[str]:
    yield f"## {form.code}\n"
    yield f"{form.title.zh} · {form.title.en}. {form.where.zh} · {form.where.en}.\n"
    yield from _recognised_by(form)
    yield "| version | columns | when | how sure |"
    yield "|---|---|---|---|"
    for one in form.versions:
        yield f"| {one.name} | {one.columns or 'varies'} | {one.when} | {one.confidence} |"
    yield "\n| field | from |"
    yield "|---|---|"
    for field, specs in form.columns.items():
        yield f"| `{field}` | {', '.join(_header(spec) for spec in specs)} |"
    for field, value in form.always.items():
        yield f"| `{field}` | in every row: {value} |"
    for item in form.derived:
        words = ", ".join(f"{word} → {meaning}" for word, meaning in item.words.items())
        yield f"| `{item.field}` | also by `{item.words_of}`: {words} |"
    for hint in form.hints:
        words = ", ".join(f"{word} → {meaning}" for word, meaning in hint.words.items())
        yield f"| `{hint.field}` | also by {' or '.join(hint.headers)}: {words} |"
    for key in form.keys:
        columns = " and ".join(" or ".join(names) for names in key.of)
        yield f"| `{key.field}` | by {key.by}: a hash of {columns} |"
    yield ""
    yield from _words(form)
    yield from _manner(form)
    if form.basis and form.limits:
        yield f"How sure: {form.confidence}. {form.basis.en}\n"
        yield f"Cannot tell: {form.limits.en}\n"


def _recognised_by(form: Format) -> Iterator[str]:
    for one in form.recognise:
        never = f", and none of {', '.join(one.none)}" if one.none else ""
        yield f"Recognised by {fingerprint(one)}{never}.\n"


def _header(spec: str | Part) -> str:
    if isinstance(spec, str):
        return spec.replace("|", "\\|")
    if spec.take == "named":
        return f"{spec.header}* (its `{spec.at}`)"
    side = "before" if spec.take == "before_last" else "after"
    return f"{spec.header}* ({side} the last `{spec.at}`)"


def _words(form: Format) -> Iterator[str]:
    for field, words in form.words.items():
        assumed = {fold(word) for word in form.assumed.get(field, ())}
        yield _meanings(field, words, assumed)
    if form.words:
        yield ""


def _meanings(field: str, words: Mapping[str, str], assumed: Collection[str] = ()) -> str:
    meanings: dict[str, list[str]] = {}
    for word, meaning in words.items():
        meanings.setdefault(meaning, []).append(f"{word}{' ?' if word in assumed else ''}")
    text = "; ".join(f"**{meaning}** {', '.join(raw)}" for meaning, raw in meanings.items())
    return f"- `{field}`: {text}"


def _dictionary() -> Iterator[str]:
    yield "## Words\n"
    yield "What is understood in every export, from `merchantwatch/formats/dictionary/`.\n"
    for field, page in dictionary().items():
        yield _meanings(field, page.words)
        for meaning_name, words in page.also.items():
            yield _meanings(meaning_name, words) + f" (by `{field}`, where a format says so)"
    yield ""


def _manner(form: Format) -> Iterator[str]:
    sentences = [*_rows(form), *_cells(form)]
    if sentences:
        yield ". ".join(sentences) + ".\n"


def _rows(form: Format) -> Iterator[str]:
    """Yield what a row of an export is."""
    if form.once:
        yield "Stand only in an order's first row: " + ", ".join(f"`{f}`" for f in form.once)
    if form.items:
        yield f"Each `{form.items.prefix}1`, `{form.items.prefix}2` … of a row is a line"
    if form.no_lines:
        words = ", ".join(word for some in form.no_lines.values() for word in some)
        yield f"No lines, since theirs stand in other rows: {words}"
    for field, statuses in form.holds_for.items():
        yield f"`{field}` counts only for lines that are {', '.join(statuses)}"


def _cells(form: Format) -> Iterator[str]:
    """Yield how the cells of an export are read."""
    if form.empty:
        yield "Empty: " + ", ".join(f"`{cell}`" for cell in form.empty)
    if form.day_first:
        yield "Times are read day first, with AM or PM month first"
    for field, zone in form.zones.items():
        yield f"`{field}` is in {zone}"
    if not form.usual_promise:
        yield "No promise is computed where none is stated"
    if form.file_time:
        yield f"The file's name tells when it was exported: `{form.file_time.pattern}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
