"""The document as PDF, read by another library: facts in it, fonts in it, same bytes, nothing of a name as markup."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys

import pytest
from pypdf import PdfReader

from dronecheck import Settings, check, read
from dronecheck.errors import UsageError
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.figures import style
from dronecheck.report.pdf.write import pdf, require_typst
from dronecheck.report.privacy import redact
from tests.conftest import REPO, make_flight
from tests.report.test_hostile import reported
from tests.report.test_html import hidden_home
from tests.support.hostile import HOSTILE
from tests.support.pictures import SCENES
from tests.support.scale import full_only, loops

FOUNDING = REPO / "samples" / "founding_dandong_sinuiju.ulg"


def text_of(raw):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)


def pdf_of(case, **disclosure):
    return pdf(redact(case, Disclosure(**disclosure)))


def fonts_of(raw):
    """Name and whether it is embedded, of every font on every page."""
    found = {}
    for page in PdfReader(io.BytesIO(raw)).pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            found[str(inner["/FontName"])] = any(key in inner for key in ("/FontFile2", "/FontFile3"))
    return found


def words_on(raw, folder):
    """The words of each page with their boxes (left, top, right, bottom) in points, and the page's width and height."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext (poppler-utils)")
    (folder / "document.pdf").write_bytes(raw)
    subprocess.run(["pdftotext", "-bbox", folder / "document.pdf", folder / "words.html"], check=True)
    html = (folder / "words.html").read_text("utf-8")
    box = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
    for width, height, page in re.findall(r'<page width="(.+?)" height="(.+?)">(.*?)</page>', html, re.DOTALL):
        yield float(width), float(height), [(word, *map(float, edges)) for *edges, word in box.findall(page)]


@pytest.fixture(scope="module")
def founding():
    flight = read(FOUNDING)
    return Case(flight, None, check(flight, None, Settings(max_height_m=120.0)))


@pytest.fixture(scope="module")
def built(founding):
    """The document of the founding flight, without a date."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        return pdf_of(founding)


def test_facts_figures_and_hashes_are_in_it(founding, built):
    flight, result = founding.flight, founding.result
    raw = built
    text = re.sub(r"[\s\u200b]+", " ", text_of(raw))
    assert "ENTERED North Korea (PRK)." in text
    finding = result.findings[0]
    assert f"{finding.depth_m / 1000:.2f} km inside at the deepest" in text
    assert f"{finding.entry.lat_deg:.3f} N {finding.entry.lon_deg:.3f} E ±666 m (95 %)" in text
    assert text.replace(" ", "").count(flight.source.sha256) >= len(PdfReader(io.BytesIO(raw)).pages)
    assert result.zone_sources[0].sha256 in text.replace(" ", "")
    assert "no legal advice" in text
    images = [image for page in PdfReader(io.BytesIO(raw)).pages for image in page.images]
    assert len(images) == 4
    assert all(fonts_of(raw).values())
    assert len(fonts_of(raw)) >= 2
    assert len(raw) < 1_500_000


def test_same_bytes_and_a_date_only_where_it_is_stated(founding, built, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = built
    assert hashlib.sha256(first).digest() == hashlib.sha256(pdf_of(founding)).digest()
    assert PdfReader(io.BytesIO(first)).metadata.creation_date is None
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    dated = [pdf_of(founding) for _ in range(2)]
    assert dated[0] == dated[1]
    assert f"{PdfReader(io.BytesIO(dated[0])).metadata.creation_date:%Y-%m-%d %H:%M:%S}" == "2023-11-14 22:13:20"


@pytest.mark.parametrize("language", ["zh", pytest.param("ko", marks=full_only)])
def test_other_languages_have_their_fonts(language):
    flight = read(FOUNDING)
    result = check(flight, None, Settings(language=language))
    try:
        raw = pdf_of(Case(flight, None, result))
    except UsageError as error:
        assert "fonts-noto-cjk" in str(error)
        pytest.skip("no Chinese or Korean font here")
    assert {"zh": "朝鲜", "ko": "북한"}[language] in text_of(raw)
    assert all(fonts_of(raw).values())
    assert len(fonts_of(raw)) >= 3


def test_hostile_names_are_text():
    case = reported(['#panic("x")', "*b* _i_ $x$ `r` @ref <label> https://evil.example", *HOSTILE[: loops(40, 8)]])
    raw = pdf_of(case)
    text = re.sub(r"[\s\u200b]", "", text_of(raw))
    for name in ('#panic("x")', "*b*_i_$x$`r`@ref<label>", "<script>alert(1)</script>"):
        assert name in text
    assert not PdfReader(io.BytesIO(raw)).pages[0].get("/Annots")


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=full_only), pytest.param("ko", marks=full_only)])
@pytest.mark.parametrize("scene", ["founding", "long names"])
def test_no_word_runs_out_of_the_page_or_over_another(scene, language, tmp_path):
    if language != "en" and not style.can_draw("中国한국"):
        pytest.skip("no font with Chinese and Korean letters")
    pages = list(words_on(pdf(SCENES[scene](language, tmp_path)), tmp_path))
    assert len(pages) > 3
    margin = 18 / 25.4 * 72
    for width, height, said in pages:
        assert said
        for word, left, top, right, bottom in said:
            assert left > margin - 1 and right < width - margin + 1 and top > 20 and bottom < height - 10, word
        for number, (word, *one) in enumerate(said):
            for other, *two in said[:number]:
                across, down = (min(one[k + 2], two[k + 2]) - max(one[k], two[k]) for k in (0, 1))
                assert across < 1 or down < 3, (word, other)


def test_home_and_serial_stay_out():
    case = hidden_home()
    home = f"{case.flight.home.lat_deg:.5f}"
    assert case.result.findings[0].entry is not None
    hidden = text_of(pdf_of(case, hide_home_m=300.0))
    assert home not in hidden
    assert "All within 300 m" in hidden
    assert "SECRET-1" not in hidden
    open_ = text_of(pdf_of(case, private=True))
    assert "All within 300 m" not in open_
    assert "SECRET-1" in open_


def test_a_log_without_a_position_and_a_missing_package(monkeypatch):
    flight = make_flight([], [])
    assert "CANNOT TELL" in text_of(pdf_of(Case(flight, None, check(flight))))
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UsageError, match=r"dronecheck\[pdf\]"):
        require_typst()
