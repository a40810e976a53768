"""The contract ``merchantwatch.check/1``. Fields may be added, never changed."""

from typing import IO

import msgspec

from merchantwatch.errors import MerchantwatchError, UnrecognisedError
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.reports.json_values import time
from merchantwatch.results.checks import Checked, CheckedInput, CheckedRule, Supply
from merchantwatch.results.inputs import Fault
from merchantwatch.results.records import NOTHING_JUDGED
from merchantwatch.support.harmless import in_json

SCHEMA = "merchantwatch.check/1"


def render(checked: Checked, file: IO[bytes]) -> None:
    """Write it as JSON."""
    file.write(in_json(msgspec.json.format(msgspec.json.encode(as_dict(checked)), indent=1)))
    file.write(b"\n")


def as_dict(checked: Checked) -> dict[str, object]:
    """Return it as a dictionary of plain values."""
    return {
        "schema": SCHEMA,
        "lang": checked.lang,
        "notes": _notes(checked),
        "inputs": [_input(item, checked.lang) for item in checked.inputs],
        "failed": [_unread(error, checked.lang) for error in checked.failed],
        "skipped": [_unread(error, checked.lang) for error in checked.skipped],
        "unknown_words": {
            field: [{"word": word, "lines": lines} for word, lines in words]
            for field, words in checked.unknown_words
        },
        "rules": [_rule(rule) for rule in checked.rules],
        "supplies": [_supply(supply) for supply in checked.supplies],
    }


def _notes(checked: Checked) -> list[dict[str, object]]:
    why, assumed = checked.nothing_to_judge, checked.platform_assumed
    notes = [(NOTHING_JUDGED, why)] if why else []
    notes += [(assumed.code, assumed.text)] if assumed else []
    return [{"code": code, "text": text.of(checked.lang)} for code, text in notes]


def _input(item: CheckedInput, lang: str) -> dict[str, object]:
    file = item.file
    return {
        "path": file.path,
        "format": file.format,
        "kind": file.kind,
        "version": item.version.name if item.version else None,
        "encoding": file.encoding,
        "encoding_why": item.encoding_why.of(lang) if item.encoding_why else None,
        "rows": file.rows,
        "quarantined": file.quarantined,
        "no_records": file.no_records,
        "superseded": item.superseded,
        "faults": [_fault(fault, lang) for fault in item.faults],
        "left_out": [_fault(fault, lang) for fault in item.no_records],
        "headers": item.headers,
        "columns": dict(item.columns),
        "unused": list(item.unused),
        "shop": file.shop,
        "shop_from": file.shop_from,
        "exported_at": time(file.exported_at),
        "exported_at_from": file.exported_at_from,
    }


def _fault(fault: Fault, lang: str) -> dict[str, object]:
    return {
        "reason": fault.reason,
        "column": fault.column,
        "rows": fault.rows,
        "first_row": fault.first_row,
        "shown": fault.shown,
        "text": REASONS[fault.reason].text.of(lang),
    }


def _unread(error: MerchantwatchError, lang: str) -> dict[str, object]:
    nearest = error.nearest if isinstance(error, UnrecognisedError) else ()
    return {
        "text": error.message(lang),
        "nearest": [
            {"format": form.code, "missing": list(form.missing), "foreign": list(form.foreign)}
            for form in nearest
        ],
    }


def _rule(rule: CheckedRule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "status": rule.status,
        "missing": list(rule.missing),
        "lacking": list(rule.lacking),
    }


def _supply(supply: Supply) -> dict[str, object]:
    return {
        "format": supply.form.code if supply.form else None,
        # One header each, as in version 1; others that would do stand under `instead`.
        "fields": {field: next(iter(headers), "") for field, headers in supply.fields},
        "instead": {field: headers[1:] for field, headers in supply.fields if headers[1:]},
        "rules": list(supply.codes),
    }
