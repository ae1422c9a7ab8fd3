"""What page and document say beside the findings: words, limits, who and how; what is copied is what is told."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import unicodedata
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from dronecheck import Settings, check, read
from dronecheck.report.case import Case, Disclosure, Exhibit
from dronecheck.report.page.write import page
from dronecheck.report.pdf.write import pdf, without_dates
from dronecheck.report.privacy import redact
from dronecheck.report.text.exhibit import LIMITS, border_accuracy, glossary
from dronecheck.report.text.words import words
from tests.conftest import REPO, make_flight
from tests.support.hostile import HOSTILE

FOUNDING = REPO / "samples" / "founding_dandong_sinuiju.ulg"
WHO = Exhibit("AB/1 <b>", "J. Doe", "dronecheck case founding_dandong_sinuiju.ulg --home CHN")


class Shown(HTMLParser):
    """The text of a page: no scripts, no styles."""

    def __init__(self, html):
        super().__init__()
        self.text, self.within = "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.within = tag

    def handle_endtag(self, tag):
        self.within = ""
        self.text += " "

    def handle_data(self, data):
        if self.within not in ("script", "style"):
            self.text += data


@pytest.fixture(scope="module")
def seen():
    flight = read(FOUNDING)
    return redact(Case(flight, None, check(flight)), Disclosure())


@pytest.fixture(scope="module")
def made(seen):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        return page(seen, WHO), pdf(seen, WHO)


def text_of(raw):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def test_words_limits_and_who_stand_in_page_and_document(seen, made):
    html, raw = made
    for text in (Shown(html).text, text_of(raw)):
        squeezed_text = squeezed(text)
        for term, meaning in glossary(words("en")):
            assert squeezed(term) in squeezed_text and squeezed(meaning) in squeezed_text
        for limit in LIMITS:
            assert squeezed(limit) in squeezed_text
        for value in (WHO.name, WHO.analyst, WHO.command, "no clock is read"):
            assert squeezed(value) in squeezed_text
    plain = Shown(page(seen)).text
    assert "Analyst" not in plain and "This document" not in plain and LIMITS[0] in plain


def test_words_are_those_that_the_reports_use(made):
    """Each term of the glossary stands in the report of a flight that has it."""
    text = Shown(made[0]).text
    for term in ("inside at the deepest", "known to", "sigma", "(95 %)", "P(inside)", "UTC", "ENTERED"):
        assert text.count(term) > 1


def test_the_limits_have_one_text():
    told = (REPO / "docs" / "limits.md").read_text("utf-8").split("At length:")[0]
    assert re.findall(r"^\d+\. (.+)$", told, re.MULTILINE) == list(map(str, LIMITS))
    assert len(LIMITS) == 10


def test_what_is_copied_holds_no_character_that_is_not_seen(seen, made):
    html, raw = made
    for text in (Shown(html).text, text_of(raw)):
        unseen = {char for char in text if unicodedata.category(char) in ("Cf", "Cc", "Co")} - {"\n"}
        assert unseen == set()
    digests = [seen.whole.source.sha256, seen.told.borders.sha256]
    for digest in digests:
        assert digest in Shown(html).text
        assert digest in text_of(raw)  # in one piece


def test_a_long_name_breaks_without_a_character():
    flight = make_flight([40.0, 40.001], [124.0, 124.001])
    name = "DJIFlightRecord_" + "0123456789" * 18 + ".txt"
    flight = replace(flight, source=replace(flight.source, path=flight.source.path.with_name(name)))
    reader = PdfReader(io.BytesIO(pdf(redact(Case(flight, None, check(flight)), Disclosure()))))
    places = []
    for sheet in reader.pages:
        sheet.extract_text(visitor_text=lambda text, cm, tm, font, size: places.append((tm[4], text)))
    assert name in "".join(text for _, text in places).replace("\n", "")
    assert max(x for x, _ in places) < 595  # points: the width of the sheet


def test_the_document_is_pdf_a_and_bears_no_date(seen, made, monkeypatch):
    raw = made[1]
    assert raw == pdf(seen, WHO, is_dated=False)
    reader = PdfReader(io.BytesIO(raw), strict=True)
    about = reader.xmp_metadata
    assert (about.pdfaid_part, about.pdfaid_conformance) == ("2", "B")
    assert about.xmp_create_date is None and reader.metadata.creation_date is None
    assert not re.search(rb"19040203|1904-02-03", raw)
    root = reader.trailer["/Root"]
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert "/ID" in reader.trailer and "/Encrypt" not in reader.trailer
    assert "/JavaScript" not in (root.get("/Names") or {}) and "/OpenAction" not in root
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert pdf(seen, WHO, is_dated=False) == raw
    dated = PdfReader(io.BytesIO(pdf(seen, WHO)), strict=True)
    assert dated.xmp_metadata.pdfaid_part == "2"
    assert f"{dated.metadata.creation_date:%F %T}" == f"{dated.xmp_metadata.xmp_create_date:%F %T}"


def test_letters_that_no_font_has_give_a_document_all_the_same(seen):
    raw = pdf(seen, Exhibit("".join(HOSTILE) + "\U0001fbf0\U00013000", "", ""))
    assert PdfReader(io.BytesIO(raw)).pages


def test_dates_elsewhere_are_not_overlooked():
    assert without_dates(b"/ModDate(D:19040203040506Z) x") == b" " * 27 + b" x"
    assert without_dates(b"<xmp:Other>1904-02-03T04:05:06Z</xmp:Other>") is None


def test_borders_are_as_well_known_as_the_finding_says(seen, made):
    finding = seen.told.findings[0]
    text = border_accuracy(seen.told, words("en"))
    assert f"finding 1: known to {finding.band_m:.0f} m" in text
    assert squeezed(text) in squeezed(Shown(made[0]).text) and squeezed(text) in squeezed(text_of(made[1]))
    flight = read(REPO / "samples" / "clear_dandong.csv")
    assert "finding" not in border_accuracy(check(flight, None, Settings()), words("en"))


def test_a_page_of_check_tells_the_command_that_gives_it(cli, tmp_path):
    log = shutil.copy(REPO / "samples" / "clear_dandong.csv", tmp_path / "my flight.csv")
    first, again = tmp_path / "a" / "page.html", tmp_path / "page.html"
    first.parent.mkdir()
    cli("check", log, "--report", first, "--max-height", "400ft", "--home", "CHN", "--hide-home", "200")
    told = re.search(r"dronecheck check .*?(?=</td>)", first.read_text("utf-8"))[0]
    command = unescape(told)
    assert command == "dronecheck check 'my flight.csv' --home CHN --max-height 121.92 --hide-home 200"
    assert str(tmp_path) not in first.read_text("utf-8")
    words = shlex.split(command)[1:]
    cli(words[0], tmp_path / words[1], *words[2:], "--report", again)
    assert again.read_bytes() == first.read_bytes()
