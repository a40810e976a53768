"""Good files made bad in every way a byte can be: never a traceback, never a row unaccounted for."""

import csv
import gzip
import io
import random
import re
import zipfile
from collections import Counter

import pytest
from conftest import AS_OF, SAMPLE
from mutated_rows import PERSON, drawn, row_of
from workbooks import write_ods, write_xls, write_xlsb, write_xlsx

import merchantwatch as mw

_ROWS_TOGETHER = 20
"""How many drawn files are scanned at once."""

ODD = [
    b"\x00", b'"', b'""', b",", b"\r", b"\n", b"\xff", b"\xe4\xb8", b"=1+1", b"9" * 400, b"1e999",
    b"'; drop table rows; --", b"\t", b"NaN", b"0000-00-00 00:00:00", b"9999-12-31 23:59:59", b"-1",
    b"{{x}}", b"\xef\xbb\xbf", b"\xc2\xa0", b";",
]  # fmt: skip


def _mutated(data: bytes, seed: int) -> bytes:
    draw = random.Random(seed)
    head = data.split(b"\r\n", 1)[0]
    body = bytearray(b"\r\n".join(data.split(b"\r\n")[1:50]))
    for _ in range(draw.randint(1, 6)):
        at, kind = draw.randrange(len(body)), draw.randrange(5)
        if kind == 0:
            body[at:at] = draw.choice(ODD)
        elif kind == 1:
            body[at : at + draw.randint(1, 200)] = b""
        elif kind == 2:
            body[at] = draw.randrange(256)
        elif kind == 3:
            body[at:at] = body[at // 2 : at // 2 + 300]
        else:
            del body[max(at, 1) :]
    return head + b"\r\n" + bytes(body)


STRINGS = [
    "", " ", "-", "无", "6.9E+18", "1e999", "NaN", "41:01.0", "8:00", "46346.5", "99999", "合计", "子订单编号",
    "=1+1", "'007", '="1"', "\x00", "\u200b1\u200b", "1,2,3", "一\n二", '"', '""', ";", "<<<<<<< HEAD", "9" * 40,
    "0000-00-00 00:00:00", "2026-11-21T00:00:00Z", "-0.00", "¥", "元", "\ud7ff", "𠮷", "a" * 5000, "{{x}}", "%s",
]  # fmt: skip


def _cells_replaced(data: bytes, seed: int) -> list[list[str]]:
    """The first rows in shuffled columns, some cells odd, some rows repeated, cut or left out."""
    draw = random.Random(seed)
    header, *rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[:40]
    order = list(range(len(header)))
    draw.shuffle(order)
    table = [[row[at] for at in order] for row in (header, *rows)]
    for _ in range(draw.randint(1, 30)):
        row = table[draw.randrange(1, len(table))]
        row[draw.randrange(len(row))] = draw.choice(STRINGS)
    for _ in range(draw.randint(0, 3)):
        at = draw.randrange(1, len(table))
        kind = draw.randrange(4)
        if kind == 0:
            table.insert(at, list(draw.choice(table)))
        elif kind == 1:
            table.insert(at, table[at][: draw.randrange(len(header))])
        elif kind == 2:
            table.insert(at, [])
        else:
            table[at] = [*table[at], "x"]
    return table


def _csv(table, path, seed):
    draw = random.Random(seed)
    delimiter = draw.choice(",\t;|")
    with path.open("w", encoding=draw.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
                   newline="") as file:  # fmt: skip
        quoting = draw.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
        end = draw.choice(["\n", "\r\n", "\r"])
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)
        writer.writerows(table)
    return path


def _hold(paths, folder, name="orders.csv") -> None:
    """Each file is refused by its name, or read, and every row of it is accounted for.

    The first alone too: of several files those that are refused stand in the report.
    """
    _scanned(paths, folder, name)
    _scanned(paths[:1], folder, name)


def _scanned(paths, folder, name) -> None:
    try:
        report = mw.scan(paths, as_of=AS_OF)
    except mw.InputError as error:
        if len(paths) == 1:
            assert str(paths[0]) in str(error)
            return
        for path in paths:
            with pytest.raises(mw.InputError, match=re.escape(str(path))):
                mw.scan(path, as_of=AS_OF)
        return
    with report:
        result = report.to_dict()
        read = {item["path"].partition("[")[0] for item in result["inputs"]}
        refused = [[str(path) in text for text in result["failed"]].count(True) for path in paths]
        assert [str(path) not in read for path in paths] == [count == 1 for count in refused]
        accounting = result["accounting"]
        rows = accounting.pop("rows_read")
        assert rows == sum(accounting.values())
        assert sum(item["rows"] for item in result["inputs"]) == rows or name == "parcels.csv"
        report.write(folder / "hits.csv")
        report.write(folder / "q.csv", "quarantine")
        with (folder / "q.csv").open(encoding="utf-8-sig", newline="") as file:
            aside = Counter(row["file"] for row in csv.DictReader(file))
        assert aside == Counter({item["path"]: item["quarantined"] for item in result["inputs"]})


@pytest.mark.parametrize("name", ["orders.csv", "parcels.csv"])
@pytest.mark.parametrize("first", range(0, 100, 10))
def test_mutated_files(name, first, tmp_path):
    whole = (SAMPLE / name).read_bytes()
    paths = [tmp_path / f"{seed}.csv" for seed in range(first, first + 10)]
    for seed, path in enumerate(paths, start=first):
        path.write_bytes(_mutated(whole, seed))
    _hold(paths, tmp_path, name)


@pytest.mark.parametrize("name", ["orders.csv", "parcels.csv"])
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_mutated_cells(name, first, tmp_path):
    whole, paths = (SAMPLE / name).read_bytes(), []
    for seed in range(first, first + 10):
        table = _cells_replaced(whole, seed)
        path = tmp_path / f"{seed}.xlsx"
        if seed % 3:
            paths.append(_csv(table, path.with_suffix(".csv"), seed))
        else:
            cells = [[cell.replace("\x00", "") for cell in row] for row in table]
            paths.append(write_xlsx(path, cells))
    _hold(paths, tmp_path, name)


@pytest.mark.parametrize("container", ["xlsx", "ods", "xls", "xlsb", "gz", "zip", "parquet"])
def test_mutated_containers(container, tmp_path):
    """Bytes flipped and files cut: refused, or read to the last row."""
    data = (SAMPLE / "orders.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[:30]
    path = tmp_path / f"a.{container}"
    if container in ("xlsx", "ods", "xls", "xlsb"):
        {"xlsx": write_xlsx, "ods": write_ods, "xls": write_xls, "xlsb": write_xlsb}[container](
            path, rows
        )
    elif container == "gz":
        path.write_bytes(gzip.compress(data))
    elif container == "parquet":
        path.write_bytes((SAMPLE / "parquet" / "orders.parquet").read_bytes())
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("orders.csv", data)
    whole, paths = path.read_bytes(), []
    for seed in range(12):
        draw = random.Random(seed)
        broken = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        paths.append(tmp_path / f"{seed}.{container}")
        end = draw.choice([len(broken), draw.randrange(len(broken))])
        paths[-1].write_bytes(bytes(broken[:end]))
    path.unlink()
    _hold(paths, tmp_path)


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        first = metafunc.config.getoption("--mutations-from")
        last = first + metafunc.config.getoption("--mutations")
        parts = [
            range(n, min(n + _ROWS_TOGETHER, last)) for n in range(first, last, _ROWS_TOGETHER)
        ]
        metafunc.parametrize("seeds", parts, ids=[f"{part[0]}-{part[-1]}" for part in parts])


def test_mutated_rows(seeds, tmp_path):
    """Rows by an oracle of their own: as many as the file has, none with the cells of another.

    ``--mutations=5000`` draws as many files as one likes, ``--mutations-from`` others of them.
    """
    files = {seed: drawn(seed) for seed in seeds}
    paths = {}
    for seed, file in files.items():
        paths[seed] = tmp_path / f"{seed}.csv"
        encoding = ("utf-8", "utf-8-sig", "gb18030")[seed % 3]
        paths[seed].write_bytes(file.text.encode(encoding))
    with mw.scan(list(paths.values()), as_of=AS_OF) as report:
        found = {item["path"]: item for item in report.to_dict()["inputs"]}
        hits = report.hits("DY100")
        aside = report.quarantine
        accounting = report.to_dict()["accounting"]
        text = str(report.to_dict()["quarantine"]) + str(report.to_dict()["notes"])
    assert PERSON not in text
    assert accounting.pop("rows_read") == sum(accounting.values())
    for seed, file in files.items():
        item = found[str(paths[seed])]
        assert (item["rows"], item["no_records"]) == (file.rows, file.none), seed
        mine = hits[hits["source_file"] == str(paths[seed])]
        judged = set()
        for hit in mine.itertuples():
            number = int(hit.line_id[-3:])
            whole = row_of(seed, number)
            judged.add(number)
            if number in file.whole:
                times = [str(hit.created_at), str(hit.paid_at), str(hit.promised_ship_at)]
                assert (hit.order_id, times) == (whole[0], whole[4:7]), (seed, number)
        assert judged >= file.whole, (seed, file.whole - judged)
        assert judged <= file.whole | file.doubtful, seed
        assert (aside["file"] == str(paths[seed])).sum() == item["quarantined"], seed
