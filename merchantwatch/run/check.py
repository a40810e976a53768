"""The conductor of ``check``: formats, columns read, and the rules that a scan could judge by."""

from collections.abc import Iterator, Sequence

from merchantwatch.fields import KEY_FIELDS
from merchantwatch.formats import Format, fold
from merchantwatch.formats.supplying import of_platforms, supplied
from merchantwatch.language.text import Text
from merchantwatch.pipeline import cross_line
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import columns_read, stored_fields
from merchantwatch.reading.hash_key import InstallationKey
from merchantwatch.reading.headers import BY_BOM, BY_DECODING, BY_HEADER, BY_TEXT
from merchantwatch.results import accounting, collect, quarantine, unjudged
from merchantwatch.results.checks import Checked, CheckedInput, CheckedRule, RuleStatus, Supply
from merchantwatch.results.judged import Judged
from merchantwatch.results.notes import platforms
from merchantwatch.rules import Risk, Rule
from merchantwatch.run.scan import look
from merchantwatch.settings import Settings

_WHY_ENCODING = {
    BY_BOM: Text(zh="文件以 BOM 开头", en="the file begins with its mark (BOM)"),
    BY_DECODING: Text(zh="所读内容全部按它解码无误", en="all that is read decodes as it"),
    BY_HEADER: Text(zh="按它解码才有认识的表头", en="only so are its headers known ones"),
    BY_TEXT: Text(zh="按此编码读起来最像文字", en="read so, it looks most like text"),
}


def check(inputs: Sequence[object], settings: Settings) -> Checked:
    """Recognise and read the inputs, and judge nothing.

    A file that cannot be read is among the failures. Raises UsageError for invalid settings.
    """
    with look(inputs, settings) as looked:
        unknown = accounting.unknown_words(looked.engine, looked.tally)
        rules = tuple(sorted(_rules(looked), key=lambda rule: rule.code))
        return Checked(
            lang=settings.lang,
            inputs=tuple(_inputs(looked)),
            failed=tuple(looked.taken.failed),
            skipped=tuple(looked.taken.skipped),
            unknown_words=tuple((field, tuple(words)) for field, words in unknown.items()),
            platform_assumed=platforms.assumed(settings, looked.tally),
            rules=rules,
            supplies=tuple(_supplies(looked)),
            nothing_to_judge=unjudged.nothing_judged(looked.tally.accounting(), _statuses(rules)),
        )


def _statuses(rules: Sequence[CheckedRule]) -> set[str]:
    """Return the status that each rule would have in a scan."""
    statuses = {"evaluable": "evaluated", "not_evaluable": "not_evaluated"}
    return {statuses.get(rule.status, rule.status) for rule in rules}


def _inputs(looked: Judged) -> Iterator[CheckedInput]:
    by_position = sorted(looked.taken.exports, key=lambda export: export.position)
    files = collect.inputs(looked.taken, looked.tally)
    hashed = _hashed(looked)
    problems = quarantine.problems(looked.engine, looked.tally)
    for export, file in zip(by_position, files, strict=True):
        headers = [fold(header) for header in export.source.headers]
        fields = columns_read(export, stored_fields(looked.book))
        read = {export.cells[name].index for name in fields}
        columns = [(name, headers[export.cells[name].index]) for name in fields]
        for cell in export.hints:
            read.add(cell.index)
            columns.append((cell.hint.field, headers[cell.index]))
        # Named, so that a user sees which personal columns a scan would hash.
        for name in hashed.read_of(export, KEY_FIELDS):
            ways = [way.columns for way in export.keys[name]]
            read |= {index for way in ways for index in way}
            shown = [" + ".join(headers[index] for index in way) for way in ways]
            columns.append((name, " | ".join(shown)))
        yield CheckedInput(
            file=file,
            form=export.form,
            version=export.form.version_of(headers),
            headers=len(headers),
            encoding_why=_WHY_ENCODING.get(file.encoding_from or ""),
            superseded=looked.tally.rows.get(export.number, {}).get("superseded", 0),
            faults=quarantine.faults(export, problems[export.number]),
            no_records=quarantine.no_records(export, problems[export.number]),
            columns=tuple(columns),
            unused=tuple(h for index, h in enumerate(headers) if index not in read),
        )


def _hashed(looked: Judged) -> Keys:
    """Return which personal columns a scan would read, as hashes."""
    # Nothing is hashed here, so that no key need be created in the user's folder.
    platforms = looked.tally.lines.layout.platforms
    return cross_line.keys(
        looked.book, looked.taken.exports, platforms, lambda: InstallationKey(b"")
    )


def _rules(looked: Judged) -> Iterator[CheckedRule]:
    labels = {export.number: export.label for export in looked.taken.exports}
    for bound in looked.book.rules:
        lacking = tuple(labels[number] for number in looked.plan.uncarried.get(bound.code, ()))
        yield _rule(looked, bound.rule, bound.rule.is_signal, lacking)
    if looked.book.risk:
        yield _rule(looked, looked.book.risk, False, ())


def _rule(
    looked: Judged, entry: Rule | Risk, signal: bool, lacking: tuple[str, ...]
) -> CheckedRule:
    missing = _missing(looked, entry)
    return CheckedRule(
        entry.code, entry.name, entry.title, signal, _status(looked, entry), missing, lacking
    )


def _missing(looked: Judged, entry: Rule | Risk) -> tuple[str, ...]:
    """Return the fields without which a rule cannot be evaluated; the risk needs any signal."""
    if isinstance(entry, Rule):
        return looked.plan.missing.get(entry.code, ())
    if looked.plan.judges_risk:
        return ()
    signals = [bound.code for bound in looked.book.signals]
    return tuple(dict.fromkeys(f for code in signals for f in looked.plan.missing.get(code, ())))


def _status(looked: Judged, entry: Rule | Risk) -> RuleStatus:
    if isinstance(entry, Risk):
        if looked.plan.judges_risk:
            return "evaluable"
        return "not_evaluable" if looked.tally.platforms else "not_applicable"
    if entry.code in looked.plan.not_applicable:
        return "not_applicable"
    return "not_evaluable" if entry.code in looked.plan.missing else "evaluable"


def _supplies(looked: Judged) -> Iterator[Supply]:
    """Yield the exports that would supply missing fields; at the end fields of no known export."""
    wanted: dict[str, dict[str, list[str]]] = {}
    headers: dict[tuple[str, str], tuple[str, ...]] = {}
    forms: dict[str, Format] = {}
    platforms = {name for names in looked.tally.platforms.values() for name in names}
    read = {export.form.code for export in looked.taken.exports}
    for bound in looked.book.rules:
        judged_platforms = platforms if bound.for_all else set(bound.platforms)
        missing = looked.plan.missing.get(bound.code, ())
        for field, found in supplied(missing, of_platforms(judged_platforms), read).items():
            code = found.form.code if found else ""
            if found:
                forms[code], headers[code, field] = found
            wanted.setdefault(code, {}).setdefault(field, []).append(bound.code)
    # Fields that no known export has, under the code "", come last.
    for code in sorted(wanted, key=lambda code: (code == "", code)):
        fields = wanted[code]
        codes = dict.fromkeys(code for codes in fields.values() for code in codes)
        named = tuple((field, headers.get((code, field), ())) for field in fields)
        yield Supply(forms.get(code), named, tuple(sorted(codes)))
