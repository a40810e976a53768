"""All findings are read in the order of a report, however few of them it lists."""

import msgspec
import pytest
from conftest import AS_OF, SAMPLE

import merchantwatch as mw
from merchantwatch.results import findings

SOME = ("DY100", "DY101", "DY2", "DY301", "IR900")
"""Rules with two findings and with four, and the risk of lines, with many."""

pytestmark = [pytest.mark.xdist_group("read findings"), pytest.mark.looks_at(*SOME)]


@pytest.fixture
def sample(scan):
    def scanned(**options):
        return scan(*sorted(SAMPLE.glob("*.csv")), lang="en", **options).results

    return scanned


@pytest.fixture(scope="module")
def whole():
    """All findings, of a report that lists them all."""
    with mw.scan(sorted(SAMPLE.glob("*.csv")), as_of=AS_OF, lang="en", select=list(SOME)) as report:
        return report.results.findings


@pytest.mark.parametrize(("cap", "at_once"), [(1, 1), (1, 3), (3, 10_000), (10_000, 1)])
def test_all_findings_are_read_where_a_report_lists_few(sample, whole, monkeypatch, cap, at_once):
    monkeypatch.setattr(findings, "MOST_FINDINGS", cap)
    monkeypatch.setattr(findings, "_AT_ONCE", at_once)
    cut = sample()
    most = max(outcome.findings for outcome in cut.outcomes)
    assert (len(cut.findings) < len(whole)) == (cap < most)
    for _ in range(2):  # they can be read again
        assert list(cut.read_findings()) == list(whole)
    assert sum(outcome.findings for outcome in cut.outcomes) == len(whole)


def test_two_may_read_at_once(sample, whole, monkeypatch):
    monkeypatch.setattr(findings, "MOST_FINDINGS", 1)
    monkeypatch.setattr(findings, "_AT_ONCE", 2)
    cut = sample()
    assert list(zip(cut.read_findings(), cut.read_findings(), strict=True)) == [
        (finding, finding) for finding in whole
    ]


def test_what_is_suppressed_is_not_among_them(sample, monkeypatch, tmp_path):
    known = tmp_path / "known.toml"
    known.write_text('[[ignore]]\nrule = "DY100"\nreason = "r"\nuntil = 2027-01-01\n', "utf-8")
    monkeypatch.setattr(findings, "MOST_FINDINGS", 1)
    found = list(sample(ignore_file=known).read_findings())
    assert found
    assert "DY100" not in {finding.code for finding in found}
    assert all(finding.suppressed_by is None for finding in found)


def test_a_stored_report_has_those_that_it_lists(scan, tmp_path):
    from merchantwatch.reports.stored import read

    report = scan(SAMPLE / "orders.csv")
    found = read(report.write(tmp_path / "run.json"))
    assert list(map(msgspec.structs.asdict, found.read_findings())) == list(
        map(msgspec.structs.asdict, found.findings)
    )
