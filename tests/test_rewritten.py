"""A file that is written while it is read: noticed, reported, exit 3; what was read is judged."""

import os

import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv
from workbooks import write_xlsx

from merchantwatch.cli import main
from merchantwatch.reading import CsvFile, ParquetFile, Sheet


def _more(path):
    with path.open("ab") as file:
        file.write(path.read_bytes()[-200:])


def _touched(path):
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def _replaced(path):
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    status = path.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def _gone(path):
    path.unlink()


@pytest.fixture
def reading(monkeypatch):
    """Do something to a file once it was opened and is read."""

    def meddle(kind, method, done):
        before = getattr(kind, method)

        def wrapped(self, *args):
            result = before(self, *args)
            monkeypatch.setattr(kind, method, before)  # once
            done()
            return result

        monkeypatch.setattr(kind, method, wrapped)

    return meddle


@pytest.mark.parametrize("written", [_more, _touched, _replaced, _cut, _gone])
def test_a_file_that_is_written_while_it_is_read(written, reading, export, scan):
    path, other = export(LATE, LATE), export(LATE, name="other.csv")
    reading(CsvFile, "read_into", lambda: written(path))
    report = scan(path, other)
    (failed,) = report.to_dict()["failed"]
    assert failed.startswith(f"{path}: it was written while it was read (")
    assert ("it is gone" in failed) == (written is _gone)
    assert report.to_dict()["accounting"]["rows_read"] == 3


def test_a_file_that_is_not_written_is_not_reported(export, scan):
    assert scan(export(LATE)).to_dict()["failed"] == []


@pytest.mark.parametrize("container", ["xlsx", "parquet"])
def test_other_containers(container, reading, scan, tmp_path):
    rows = douyin(LATE)
    if container == "xlsx":
        path = write_xlsx(tmp_path / "a.xlsx", [list(rows[0]), list(rows[0].values())])
        reading(Sheet, "read_into", lambda: _touched(path))
    else:
        path = tmp_path / "a.parquet"
        path.write_bytes((SAMPLE / "parquet" / "orders.parquet").read_bytes())
        reading(ParquetFile, "batches", lambda: _touched(path))
    assert "written while it was read" in scan(path).to_dict()["failed"][0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_exit_code_is_3(lang, reading, tmp_path, capsys):
    path = write_csv(tmp_path / "a.csv", douyin(LATE))
    reading(CsvFile, "read_into", lambda: _more(path))
    with pytest.raises(SystemExit) as error:
        main(["scan", str(path), "--as-of", AS_OF, "--lang", lang, "-q", "-o", "json"])
    assert error.value.code == 3
    texts = {"en": "scan it again once it is complete", "zh": "读取过程中文件被改写"}
    assert texts[lang] in capsys.readouterr().err.splitlines()[-1]
