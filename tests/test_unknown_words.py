"""A word that no format knows is reported at the top of every face; nothing says that all was judged."""

import json

import pytest
from conftest import LATE, douyin, write_csv

WORD = {**LATE, "售后状态": "一个新词"}
ALL = ("nothing: every rule was judged on every line", "无，全部规则已判定")


@pytest.fixture
def faces(run, tmp_path):
    """What the head of each face says of an export of one line, on one line each."""

    def result(row, lang, *options):
        path = write_csv(tmp_path / "orders.csv", douyin(row))
        given = ["--as-of", "2026-11-21", "--lang", lang, *options]
        outputs = ["-o", "text", "-o", "html:r.html", "-o", "json:r.json"]
        text = run("scan", path, *given, *outputs).stdout
        page = (tmp_path / "r.html").read_text("utf-8")
        return {
            "text": " ".join(text.split())[:400],
            "html": " ".join(page.split("<header>")[1].split("<table")[0].split()),
            "check": " ".join(run("check", path, "--lang", lang).stdout.split())[:200],
            "json": json.loads((tmp_path / "r.json").read_text("utf-8")),
        }

    return result


@pytest.mark.parametrize(
    ("lang", "message"),
    [
        ("en", "words that no format knows (lines: case_status 1)"),
        ("zh", "有不认识的取值（case_status 1 行）"),
    ],
)
def test_every_face_says_so_at_its_top(lang, message, faces):
    """Also where only signals of risk read the field."""
    found = faces(WORD, lang, "--select", "IR107,IR900,DY100")
    for face in ("text", "html"):
        assert message.replace(" ", "") in found[face].replace(" ", ""), face
        assert not any(all_judged in found[face] for all_judged in ALL)
    assert "case_status 1" in found["check"]
    assert found["json"]["totals"]["unknown_words"] == {"case_status": 1}


def test_known_words_are_not_reported(faces):
    found = faces(LATE, "en", "--select", "DY100")
    assert "no format knows" not in found["text"] + found["html"] + found["check"]
    assert ALL[0] in found["text"]
    assert found["json"]["totals"]["unknown_words"] == {}


def test_a_line_that_no_signal_could_judge_is_not_all_judged(faces):
    """The word makes signals leave the line unjudged, whatever the rules say."""
    found = faces(WORD, "en", "--select", "IR107,IR900")
    signal = next(entry for entry in found["json"]["rules"] if entry["code"] == "IR107")
    assert signal["unjudged"] == 1
    assert ALL[0] not in found["text"]
