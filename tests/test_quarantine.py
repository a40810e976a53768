"""The quarantine as a file: every row that could not be understood, and nothing personal."""

import csv
import gzip
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from conftest import AS_OF, LATE, ROOT, SAMPLE, douyin, write_csv
from workbooks import write_xlsx

import merchantwatch as mw
from merchantwatch.formats import fold, formats, known_headers
from merchantwatch.language.quarantine_reasons import REASONS

pytestmark = pytest.mark.looks_at("DY100")

FORMATS = sorted((ROOT / "tests" / "formats").rglob("export.csv"))
MARK = "马克私密MARKER"


def _read(path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_quarantined_row_stands_in_it(scan, tmp_path):
    rows = douyin(
        *[{**LATE, "承诺发货时间": "2026-13-01"}, {**LATE, "子订单编号": "6.9E+18"}] * 1500
    )
    path = write_csv(tmp_path / "a.csv", rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("1,2\r\n")
    parcels = tmp_path / "p.csv"
    parcels.write_text("运单号,订单编号,揽收时间\nSF1,1,8:00\nSF2,2,-\n", "utf-8")
    report = scan(path, parcels)
    report.write(tmp_path / "q.csv", "quarantine")
    found = _read(tmp_path / "q.csv")
    assert len(found) == 3002
    assert [int(item["row"]) for item in found[:-1]] == list(range(2, 3003))
    assert found[0] == {
        "file": str(path), "row": "2", "column": "承诺发货时间", "value": "2026-13-01", "reason": "DQ204",
        "what_to_do": REASONS["DQ204"].text.en,
    }  # fmt: skip
    assert found[1]["reason"] == "DQ102"
    assert (found[-2]["reason"], found[-2]["value"]) == ("DQ301", "2 / 15")
    assert found[-1] | {"file": str(parcels), "row": "2", "reason": "DQ203"} == found[-1]
    assert len(report.quarantine) == 1000


@pytest.mark.every_engine
def test_rows_of_all_files_stand_in_the_order_of_files_and_rows(scan, tmp_path):
    bad, good = {**LATE, "承诺发货时间": "2026-13-01"}, {**LATE}
    expected = []
    for name, exported in (("a", 21), ("c", 19), ("d", 20)):
        path = tmp_path / f"{name}.csv"
        lines = (
            write_csv(path, douyin(good, bad, good, bad)).read_text("utf-8-sig").splitlines(True)
        )
        path.write_text("".join([*lines[:3], "1,2\n", *lines[3:], "3,4\n"]), "utf-8-sig")
        os.utime(path, (exported * 86400, exported * 86400))
        expected += [(str(path), row) for row in (3, 4, 6, 7)]
    parcels = tmp_path / "b.csv"
    parcels.write_text("运单号,订单编号,揽收时间\nSF1,1,8:00\nSF2,2,-\nSF3,3,9:00\n", "utf-8")
    write_csv(tmp_path / "e.csv", douyin(good, good))
    expected[4:4] = [(str(parcels), 2), (str(parcels), 4)]
    report = scan(tmp_path / "e.csv", *(tmp_path / f"{name}.csv" for name in "dcba"))
    assert [
        (item["file"], item["row"]) for item in report.quarantine.to_dict("records")
    ] == expected
    by_file = {Path(item["path"]).stem: item for item in report.to_dict()["inputs"]}
    assert {name: item["quarantined"] for name, item in by_file.items()} == {
        "a": 4, "b": 2, "c": 4, "d": 4, "e": 0,
    }  # fmt: skip


def test_its_cells_are_harmless_to_a_spreadsheet(export, scan, tmp_path):
    cells = ("=1+1", "+1:00", "-1+2")
    scan(export(*[{**LATE, "承诺发货时间": cell} for cell in cells], name="=a.csv")).write(
        tmp_path / "q.csv", "quarantine"
    )
    assert [item["value"] for item in _read(tmp_path / "q.csv")] == ["1+1", "'+1:00", "'-1+2"]


def test_without_bad_rows_it_holds_its_header(export, scan, tmp_path):
    scan(export(LATE)).write(tmp_path / "q.csv", "quarantine")
    assert _read(tmp_path / "q.csv") == []


def test_a_folder_passes_over_an_earlier_quarantine(export, scan, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(export({**LATE, "承诺发货时间": "?"}), folder / "a.csv")
    scan(folder).write(folder / "q.csv", "quarantine")
    result = scan(folder).to_dict()
    assert (len(result["inputs"]), result["skipped"]) == (1, [])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rules_lists_every_reason(lang, run):
    listed = run("rules", "--lang", lang).stdout
    for code, reason in REASONS.items():
        assert f"{code}  {reason.meaning.of(lang)}" in listed
        printed = run("rule", code.lower(), "--lang", lang).stdout if code == "DQ104" else listed
        assert reason.remedy.of(lang) in printed


def test_the_command_writes_it(run, tmp_path):
    done = run("scan", SAMPLE / "orders.csv", "--as-of", AS_OF, "-o", "quarantine:q.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [item["reason"] for item in _read(tmp_path / "q.csv")] == ["DQ102"]


# ---------------------------------------------------------------------------- nothing personal


def _marked(path: Path, target: Path) -> Path:
    """An export with the mark in every cell of every column that its format does not read."""
    from merchantwatch.reading import open_csv

    source = open_csv(path, "")
    with path.open(encoding=source.header.encodings[0], newline="") as file:
        header, *rest = (
            row for row in csv.reader(file) if row
        )  # one may stand behind a blank line
    rows = [row for row in rest if len(row) == len(header)]
    form = next(form for form in formats() if form.code == path.parts[-3])
    read = known_headers(form)
    notes = {spec for spec in form.columns.get("seller_note", ()) if isinstance(spec, str)}
    hidden = [n for n, name in enumerate(header) if fold(name) not in read or fold(name) in notes]
    assert hidden
    for row in rows:
        for index in hidden:
            row[index] = MARK
    broken = list(rows[-1])
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows, broken[:-1], broken])
        file.write(f'{MARK},"{MARK}\n')
    return target


def _packed(path: Path, container: str) -> Path:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if container == "xlsx":
        return write_xlsx(path.with_suffix(".xlsx"), [row for row in rows if len(row) > 2])
    if container == "gz":
        target = path.with_suffix(".csv.gz")
        target.write_bytes(gzip.compress(path.read_bytes()))
        return target
    if container == "zip":
        with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
            archive.write(path, "orders.csv")
        return path.with_suffix(".zip")
    return path


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_no_personal_cell_of_any_format_gets_out(path, tmp_path, monkeypatch, capfd):
    """Outputs, what is printed, and every temporary file, which stays here to be looked into."""
    container = ("csv", "gz", "zip", "xlsx")[FORMATS.index(path) % 4]
    work, out = tmp_path / "work", tmp_path / "out"
    work.mkdir()
    out.mkdir()
    source = _packed(_marked(path, tmp_path / "a.csv"), container)
    monkeypatch.setattr(tempfile, "tempdir", str(work))
    for owner, name in ((shutil, "rmtree"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, lambda *_, **__: None)
    try:
        with mw.scan(source, as_of=AS_OF) as report:
            for fmt in ("text", "json", "html", "csv", "parquet", "quarantine"):
                report.write(out / f"report.{fmt}", fmt)
            assert MARK not in str(report.to_dict())
            assert MARK not in report.hits().to_csv()
    except mw.InputError as error:
        assert MARK not in str(error) + error.zh
    for file in [*work.rglob("*"), *out.rglob("*")]:
        if file.is_file():
            assert MARK.encode() not in file.read_bytes(), file
    captured = capfd.readouterr()
    assert MARK not in captured.out + captured.err
