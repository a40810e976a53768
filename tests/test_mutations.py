"""Good files made bad in every way a byte can be: never a traceback, never a row unaccounted for."""

import random

import pytest
from conftest import AS_OF, SAMPLE

import merchantwatch as mw

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


@pytest.mark.parametrize("name", ["orders.csv", "parcels.csv"])
@pytest.mark.parametrize("first", range(0, 100, 10))
def test_mutated_files(name, first, tmp_path):
    whole = (SAMPLE / name).read_bytes()
    for seed in range(first, first + 10):
        path = tmp_path / f"{seed}.csv"
        path.write_bytes(_mutated(whole, seed))
        try:
            report = mw.scan(path, as_of=AS_OF)
        except mw.InputError as error:
            assert str(path) in str(error)
            continue
        with report:
            told = report.to_dict()
            accounting = told["accounting"]
            rows = accounting.pop("rows_read")
            assert rows == sum(accounting.values())
            assert told["inputs"][0]["rows"] == rows or name == "parcels.csv"
            report.write(tmp_path / "hits.csv")
