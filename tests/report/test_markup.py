"""Markup is made in one module: no template and no other module can forget to escape."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import UndefinedError
from jinja2.nodes import Filter, ScopedEvalContextModifier

from dronecheck.safe import html
from dronecheck.safe.html import Markup, data_block, element, joined, render, safe
from tests.conftest import REPO
from tests.report.test_html import Skeleton
from tests.support.hostile import HOSTILE

SOURCE = REPO / "src" / "dronecheck"
TEMPLATES = sorted(SOURCE.rglob("*.j2"))
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "safe" / "html.py")
PAGES = [path for path in MODULES if {"page", "fleet"} & set(path.parts) or path.name == "notebook.py"]
LITERAL_FIRST = {"element", "data_block", "packaged", "render", "document"}


def name_of(template):
    return f"{template.parent.parent.relative_to(SOURCE).as_posix()}/{template.name}"


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_template_escapes_all_it_is_given(template):
    parsed = html._environment().parse(template.read_text("utf-8"))
    assert {node.name for node in parsed.find_all(Filter)} <= {"length", "list", "lower", "replace", "thousands"}
    assert not list(parsed.find_all(ScopedEvalContextModifier))  # {% autoescape false %}
    assert "Markup" not in template.read_text("utf-8")
    assert html._environment().get_template(name_of(template))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_makes_no_markup_of_its_own(module):
    tree = ast.parse(module.read_text("utf-8"))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        assert called != "Markup" or not call.args, ast.unparse(call)
        if module in PAGES and called in LITERAL_FIRST:
            is_passed_on = module.name == "document.py" and ast.unparse(call.args[0]) == "template"
            assert isinstance(call.args[0], ast.Constant) or is_passed_on, ast.unparse(call)
    assert "__html__" not in module.read_text("utf-8")


@pytest.mark.parametrize("module", PAGES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_tags_stand_in_templates(module):
    tree = ast.parse(module.read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if re.search(r"</?[a-z]+[ >/]", text)] == []


def test_pages_are_looked_at():
    named = {path.name for path in PAGES}
    assert named >= {"write.py", "charts.py", "map.py", "svg.py", "page.py", "notebook.py"}
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("name", HOSTILE)
def test_elements_and_blocks_hold_any_text_as_text(name):
    made = joined([element("p", {"title": name, "class": "x"}, name, element("b", {}, name)), data_block("d", name)])
    assert Skeleton(made).tags == [("p", ("class", "title")), ("b", ()), ("script", ("id", "type"))]
    assert "</script" not in data_block("d", name).removesuffix("</script>").lower()


def test_markup_is_not_escaped_again_and_all_else_is():
    assert safe(safe("<b>")) == "&lt;b&gt;"
    assert safe("'\"&\x1b") == "&#x27;&quot;&amp;\\x1b"
    assert element("g", {}, element("i", {}), 3) == "<g><i></i>3</g>"
    assert isinstance(safe(3), Markup)
    assert safe("x" * 5000).endswith("x…")
    assert len(safe("0" * 5000, 5000)) == 5000


def test_a_value_that_is_not_given_is_a_fault_and_no_gap():
    with pytest.raises(UndefinedError):
        render("report/page/map.svg.j2", box="0 0 1 1")


def test_a_template_is_written_in_one_line_with_spaces_between_words_alone():
    text = '<p\n   class="a"\n   id="{{ a }}">\n  one\n  two\n  {{ a }}\n</p>\n<b>{% if a %}\n x {% endif %}</b> c\n'
    made = html._environment().from_string(text).render(a="<\n>")
    assert made == '<p class="a" id="&lt;\\x0a&gt;">one two&lt;\\x0a&gt;</p><b>x </b> c'
