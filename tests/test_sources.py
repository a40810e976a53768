"""The words that a pack cites stand on the page that it names: compared with the pages where they are at hand."""

import re

import pytest
from conftest import ROOT

from merchantwatch.rules import built_in
from merchantwatch.rules.routes import routes

PAGES = next(
    (found for up in ROOT.parents if (found := up / "shared" / "domain" / "official").is_dir()),
    None,
)
WHERE = re.compile(r"^(\w+?)[ 《【].*(\d{4}-\d\d-\d\d)")
MOST = 60
CITED = [
    pytest.param(source, id=f"{bound.code}-{number}")
    for bound in built_in().rules
    for number, source in enumerate(
        [bound.rule.source, *(version.source for version in bound.rule.in_force)]
    )
    if source is not None and source.confidence == "official"
] + [pytest.param(route.source, id=route.fact) for route in routes()]
"""Every source that calls itself official, those of routes too. What is left out between its words is marked by …"""


def _bare(text):
    return re.sub(r"[\s*]", "", text)


@pytest.mark.parametrize("source", CITED)
def test_a_citation_is_short_and_names_page_and_day(source):
    assert len(source.clause) <= MOST
    assert WHERE.match(source.where), "page id, title, the day of the version"


@pytest.mark.skipif(PAGES is None, reason="the platforms' pages are not at hand")
@pytest.mark.parametrize("source", CITED)
def test_the_cited_words_stand_on_the_page(source):
    page = WHERE.match(source.where)[1]
    versions = [_bare(file.read_text(encoding="utf-8")) for file in PAGES.glob(f"*-{page}-*.txt")]
    parts = [_bare(words) for words in source.clause.split("…")]
    assert any(all(words in text for words in parts) for text in versions), source.clause
