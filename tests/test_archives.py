"""Zips, names of files in any encoding, and inputs that are no files: nothing lost, nothing waits."""

import gzip
import os
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import AS_OF, LATE, douyin, write_csv
from workbooks import write_ods, write_xlsx

import merchantwatch as mw

pytestmark = pytest.mark.looks_at("DY100")

ROWS = douyin(*[LATE] * 6)


def _halves(folder):
    return [
        write_csv(folder / f"{at}.csv", ROWS[at * 3 : at * 3 + 3]).read_bytes() for at in range(2)
    ]


def _zip(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_two_files(scan, tmp_path):
    one, two = _halves(tmp_path)
    path = _zip(tmp_path / "a.zip", ("o.csv", one), ("o.csv", two))
    result = scan(path).to_dict()
    assert result["accounting"]["lines"] == 6
    assert [item["path"] for item in result["inputs"]] == [f"{path}[o.csv]", f"{path}[o.csv (2)]"]


@pytest.mark.parametrize(
    "folder", ["xl/", "xl/worksheets/", "content.xml/", "[Content_Types].xml/"]
)
def test_a_folder_makes_no_workbook(folder, scan, tmp_path):
    path = _zip(tmp_path / "a.zip", (f"{folder}o.csv", _halves(tmp_path)[0]))
    assert scan(path).to_dict()["accounting"]["lines"] == 3


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("gb18030", "十一月订单明细.csv"),
        ("big5", "訂單.csv"),
        ("cp932", "注文レポート.csv"),
        ("cp949", "주문내역.csv"),
        ("cp437", "Bestellungen für Köln.csv"),
        ("utf-8", "订单 und Größe.csv"),
    ],
)
@pytest.mark.parametrize("marked", [False, True])
def test_names_in_a_zip_are_shown_as_their_owner_knows_them(encoding, name, marked, scan, tmp_path):
    """Some programs read such a name as DOS did and mark what comes of it as UTF-8."""
    raw, data = name.encode(encoding), _halves(tmp_path)[0]
    if marked and (
        encoding == "cp437" or not any("\u2500" <= c <= "\u259f" for c in raw.decode("cp437"))
    ):
        pytest.skip("no frames among its letters: so it may be the name")
    stand_in = raw.decode("cp437") if marked else "x" * len(raw)
    path = _zip(tmp_path / "a.zip", (stand_in, data))
    if not marked:
        path.write_bytes(path.read_bytes().replace(stand_in.encode(), raw))
    (read,) = scan(path).to_dict()["inputs"]
    assert read["path"] == f"{path}[{name}]"


def test_thousands_of_unknown_members_cost_their_number_and_a_few_lines(scan, tmp_path):
    plain = ("o.csv", _halves(tmp_path)[0])
    took = []
    for count in (300, 1200):
        unknown = [(f"f{at:04}.csv", b"a,b,c\n1,2,3\n") for at in range(count)]
        path = _zip(tmp_path / f"{count}.zip", plain, *unknown)
        begun = time.process_time()
        result = scan(path).to_dict()
        took.append(time.process_time() - begun)
        assert len(result["inputs"]) == 1
        assert len(result["skipped"]) == 6
        assert f"{count - 5:,} more of the files" in result["skipped"][-1]
    assert took[1] < 12 * took[0]


def test_one_broken_member_is_reported_by_its_own_name(scan, tmp_path):
    path = _zip(tmp_path / "a.zip", ("a.csv", b"\xff\xff\xff,b\n"), ("o.csv", _halves(tmp_path)[0]))
    result = scan(path).to_dict()
    assert result["accounting"]["lines"] == 3
    assert result["failed"][0].startswith(f"{path}[a.csv]: ")


@pytest.mark.parametrize("name", ["csv", "parquet", "zip", "csv.gz"])
@pytest.mark.skipif(sys.platform != "linux", reason="names there are text")
def test_a_name_on_the_disk_that_is_no_utf8_is_shown_in_every_report(name, run, tmp_path):
    plain = write_csv(tmp_path / "plain.csv", ROWS)
    folder = os.fsencode(tmp_path) + b"/" + "店铺".encode("gb18030")
    Path(os.fsdecode(folder)).mkdir()
    path = Path(os.fsdecode(folder + b"/" + "订单".encode("gb18030") + f".{name}".encode()))
    data = plain.read_bytes()
    if name == "parquet":
        with path.open("wb") as file:
            pd.DataFrame(ROWS).to_parquet(file, index=False)
    elif name == "zip":
        _zip(path, ("o.csv", data))
    else:
        path.write_bytes(gzip.compress(data) if name == "csv.gz" else data)
    for argument in (str(path), os.fsdecode(folder), os.fsdecode(folder) + "/*"):
        files = ("-o", "html:out.html", "-o", "csv:out.csv", "-o", "json:out.json")
        done = run("scan", argument, "--as-of", AS_OF, "-o", "text", *files)
        assert (done.returncode, done.stderr) == (0, "")
        for form in ("html", "csv", "json"):
            shown = (tmp_path / f"out.{form}").read_text("utf-8-sig")
            assert f"店铺/订单.{name}" in shown


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes there")
def test_pipes_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "o.csv")
    for name in (tmp_path / "o.csv", "/dev/zero"):
        with pytest.raises(mw.InputError, match="it is a pipe or a device"):
            mw.scan(name, as_of=AS_OF)
    write_csv(tmp_path / "p.csv", ROWS)
    for name in (tmp_path, tmp_path / "*.csv"):
        assert mw.scan(str(name), as_of=AS_OF).to_dict()["accounting"]["lines"] == 6


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_a_workbook_whose_parts_begin_before_the_file_is_damaged(run, tmp_path, write):
    path = tmp_path / f"orders.{'ods' if write is write_ods else 'xlsx'}"
    write(path, [["订单编号", "订单状态"], ["1", "x"]])
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x05\x06") + 16  # the offset at which the list of parts begins
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") + 5_000).to_bytes(4, "little")
    path.write_bytes(data)
    done = run("scan", path)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "it is damaged" in done.stderr
