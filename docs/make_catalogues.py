"""Bring the catalogues of the other languages up to date with the source, and compile them: `make catalogues`.

A template is what `say(...)`, `say.plural(...)`, `Message(...)` or `linked(...)` is given, what stands in a report's
table whose name ends in `_WORDS`, what `report/text/templates.py`, `messages.py`, the catalogue of integrity tests,
the dialects of CSV logs and the packs of national rules hold, and what a page's template says. New ones come without a
translation; one that vanished waits at the end of the file (`#~`), and is there again should it return.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from dronecheck import messages
from dronecheck.airspace.zone import ZoneKind
from dronecheck.evidence.consistency import TESTS
from dronecheck.flight import Completeness
from dronecheck.geofence.result import Topic
from dronecheck.geofence.settings import LANGUAGES
from dronecheck.readers.csvlog.dialects import dialects
from dronecheck.report.text.templates import CLAUSES, REMEDIES, TERMS, WHY_OPEN, Plural, all_templates
from dronecheck.rules import Pack, packs

SOURCE = Path(__file__).parents[1] / "src" / "dronecheck"
LOCALE = SOURCE / "report" / "text" / "locale"
NAMES = {"zh": "Simplified Chinese", "ko": "Korean"}
HEAD = """# {name}. Not reviewed by a native speaker. Written by `make catalogues`; the msgstr lines are yours.
# Fixed terms (`FIXED` in docs/make_catalogues.py): {fixed}.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
FIXED = {  # a term of the English templates, as a pattern, and the words for it: each translation holds one of them
    "zh": {
        "fix(?:es)?": "定位", "logs?": "日志", "clocks?": "时钟", "take-off": "起飞", "landing": "降落",
        "track": "航迹 轨迹", "terrain": "地形", "aerodromes?": "机场", "ellipsoid": "椭球", "outlines?": "轮廓 边界",
        "margins?": "裕度", "photos?": "照片", "films?": "影片", "authorised": "授权", "rules?": "规则 规定",
        "border": "边界 边境 国境 越境",
    },
    "ko": {
        "fix(?:es)?": "측위 위치", "logs?": "로그", "clocks?": "시계", "take-off": "이륙", "landing": "착륙",
        "track": "항적 경로 트랙 궤적", "terrain": "지형", "aerodromes?": "비행장", "ellipsoid": "타원체",
        "outlines?": "윤곽 경계", "margins?": "여유", "photos?": "사진", "films?": "영상", "authorised": "승인 허가",
        "rules?": "규칙 규정", "border": "국경 경계",
    },
}  # fmt: skip
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # of every catalogue, so that the same words are the same bytes
_SAYING = ("say", "_say", "Message", "linked", "self")  # `self(...)` in `Words`

Msgid = str | tuple[str, str]  # a template, or one for one thing and one for several


def templates(source: Path = SOURCE) -> dict[Msgid, list[str]]:
    """List every template with the modules it stands in, in the order of modules and lines."""
    found: dict[Msgid, list[str]] = {}
    pages = (*source.glob("report/**/*.j2"), *source.glob("evidence/**/*.j2"))
    paths = {path.relative_to(source).as_posix(): path for path in (*source.rglob("*.py"), *pages)}
    for module, path in sorted(paths.items()):
        tables = _worded(path) if module.startswith("report/") else []
        for msgid in [*_declared(module), *tables, *_said(path)]:
            modules = found.setdefault(msgid, [])
            if module not in modules:
                modules.append(module)
    found.pop("", None)
    return found


def placeholders(text: str) -> list[str]:
    """List the fields of a template as they are written, sorted: a translation has the same."""
    fields = string.Formatter().parse(text)
    return sorted(f"{name}!{conversion or ''}:{spec}" for _, name, spec, conversion in fields if name is not None)


def faults(catalogue: Catalog) -> Iterator[str]:
    """Say what a catalogue lacks: words, or a placeholder."""
    for entry in catalogue:
        if not entry.id:
            continue
        msgid = entry.id if isinstance(entry.id, str) else entry.id[1]
        text = entry.string if isinstance(entry.string, str) else entry.string[0]
        if not text:
            yield f"not translated: {msgid!r}"
        elif placeholders(text) != placeholders(msgid):
            yield f"other placeholders: {msgid!r} and {text!r}"


def strays(catalogue: Catalog) -> Iterator[str]:
    """Say which translations have another word for a fixed term."""
    for term, words in FIXED[str(catalogue.locale)].items():
        stands = re.compile(rf"(?<![-\w{{.]){term}(?![-\w}}.])(?! \w+ that)")
        for entry in catalogue:
            msgid = entry.id if isinstance(entry.id, str) else entry.id[1]
            text = entry.string if isinstance(entry.string, str) else entry.string[0]
            if msgid and stands.search(msgid) and not any(word in text for word in words.split()):
                yield f"{term}: {msgid!r} and {text!r}"


def read(language: str, folder: Path = LOCALE) -> Catalog:
    """Read a language's catalogue; an empty one where there is none yet."""
    path = folder / f"{language}.po"
    if not path.is_file():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, language)


def updated(old: Catalog, wanted: dict[Msgid, list[str]]) -> Catalog:
    """Return a catalogue of what is wanted, with the translations that the old one has."""
    known = {_key(entry.id): entry for entry in (*old.obsolete.values(), *old) if entry.id and _is_translated(entry)}
    made = Catalog(old.locale, fuzzy=False, creation_date=_EPOCH, revision_date=_EPOCH)
    for msgid, modules in wanted.items():
        entry = known.pop(_key(msgid), None)
        text = entry.string if entry else "" if isinstance(msgid, str) else ("",)
        if isinstance(text, str) is not isinstance(msgid, str):  # a template that now counts, or no longer does
            text = text[0] if isinstance(msgid, str) else (text,)
        made.add(msgid, text, locations=[(module, None) for module in modules])
    for key in sorted(known):
        made.obsolete[key] = known[key]
        known[key].locations = []
    return made


def po(catalogue: Catalog) -> bytes:
    """Write a catalogue as text: one line a template, so that a change of one is a change of one."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True, include_lineno=False)
    language = str(catalogue.locale)
    fixed = "; ".join(f"{_plain(term)} = {words.replace(' ', ', ')}" for term, words in FIXED[language].items())
    head = HEAD.format(language=language, name=NAMES[language], fixed=fixed)
    return head.encode() + buffer.getvalue().lstrip(b"\n")


def _plain(term: str) -> str:
    return re.sub(r"\(\?:\w+\)\?|s\?", "", term)


def mo(catalogue: Catalog) -> bytes:
    """Compile a catalogue; what is not translated stays out, and is English."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _key(msgid: Msgid) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _is_translated(entry: object) -> bool:
    text = getattr(entry, "string", "")
    return bool(text if isinstance(text, str) else text[0])


def _declared(module: str) -> list[Msgid]:
    """List what a module holds as data: no call names it."""
    if module == "report/text/templates.py":
        tables = (*CLAUSES.values(), *WHY_OPEN.values(), *REMEDIES.values(), *TERMS.values())
        every = (one for table in tables for one in all_templates(table))
        return [(one.one, one.other) if isinstance(one, Plural) else one for one in every]
    if module == "messages.py":
        return [text for name, text in vars(messages).items() if name.isupper() and name[0] != "_"]
    if module == "readers/csvlog/dialects.py":
        return [dialect.operator_only for dialect in dialects() if dialect.operator_only]
    if module == "evidence/consistency/__init__.py":
        return [test.title for test in TESTS]
    if module == "rules/pack.py":
        return [text for pack in packs() for text in _of_pack(pack)]
    if module == "report/text/sentences.py":  # words for values of closed sets
        kinds = (*Completeness, *ZoneKind)
        return [*(q.value.capitalize() for q in Topic), *(kind.value for kind in kinds)]
    return []


def _of_pack(pack: Pack) -> Iterator[str]:
    """Yield what reports say of a pack of rules; paragraphs and sources stay as their law has them."""
    yield from (pack.title, *pack.applies_if, *pack.not_checkable)
    for rule in pack.rule:
        yield from (rule.title, *rule.exceptions, *rule.not_in_log)


def _worded(path: Path) -> list[Msgid]:
    """List what a module's tables of words hold."""
    if path.suffix != ".py":
        return []
    named = _assigned(ast.parse(path.read_text("utf-8")).body)
    return [text for name, value in named.items() if name.endswith("_WORDS") for text in _table(value)]


def _said(path: Path) -> Iterator[Msgid]:
    text = path.read_text("utf-8")
    return _said_by_page(text) if path.suffix == ".j2" else _said_by_code(ast.parse(text))


def _said_by_page(text: str) -> Iterator[Msgid]:
    """Yield what a page's template says, and the titles and heads of its tables."""
    from jinja2 import Environment, nodes

    tree = Environment().parse(text)
    counts = {"say": 1, "table": 2, "section": 2}  # how many of a call's arguments are words
    calls = [(call.args, getattr(call.node, "name", "")) for call in tree.find_all(nodes.Call)]
    spoken = [args[: counts[name]] for args, name in calls if name in counts]
    spoken += [[each.node] for each in tree.find_all(nodes.Assign) if getattr(each.target, "name", "") == "heads"]
    for node in (node for group in spoken for node in group):
        consts = [node] if isinstance(node, nodes.Const) else node.find_all(nodes.Const)
        yield from (const.value for const in consts if isinstance(const.value, str))


def _said_by_code(tree: ast.Module) -> Iterator[Msgid]:
    """Yield what a module's calls say, function by function: a name may hold the template."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    own = _assigned(tree.body)
    for scope in functions:
        nodes = list(ast.walk(scope))
        yield from _calls(nodes, {**own, **_assigned(nodes)})
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for node in (node for body in bodies for node in body):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _calls(ast.walk(node), own)


def _calls(nodes: Iterable[ast.AST], names: dict[str, ast.expr]) -> Iterator[Msgid]:
    for node in nodes:
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if name in _SAYING:
            yield from _texts(node.args[0], names)
        elif name == "plural" and isinstance(called, ast.Attribute) and len(node.args) > 2:
            yield from zip(_texts(node.args[0], names), _texts(node.args[1], names), strict=True)


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, ast.expr]:
    """Return what simple names are given, `A, B = 1, 2` included."""
    found: dict[str, ast.expr] = {}
    for node in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(value, ast.expr):
            continue
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            found |= {t.id: v for t, v in zip(target.elts, value.elts, strict=False) if isinstance(t, ast.Name)}
        elif isinstance(target, ast.Name):
            found[target.id] = value
    return found


def _table(node: ast.expr) -> Iterator[str]:
    """Yield the texts of a table of words; the keys of a dict are none."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _table(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from _table(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _texts(node: ast.expr, names: dict[str, ast.expr]) -> list[str]:
    """List the texts that an expression may be: constants, their sums, names of them, one or the other."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return _texts(node.body, names) + _texts(node.orelse, names)
    if isinstance(node, ast.Name) and node.id in names:
        return _texts(names[node.id], {name: value for name, value in names.items() if name != node.id})
    if isinstance(node, ast.JoinedStr):
        parts = [_texts(p.value if isinstance(p, ast.FormattedValue) else p, names) for p in node.values]
        return ["".join(part[0] for part in parts)] if all(len(part) == 1 for part in parts) else []
    return []


def main() -> int:
    """Update and compile all catalogues; 1 where one lacks words."""
    wanted, bad = templates(), 0
    for language in LANGUAGES[1:]:
        catalogue = updated(read(language), wanted)
        LOCALE.mkdir(exist_ok=True)
        (LOCALE / f"{language}.po").write_bytes(po(catalogue))
        (LOCALE / f"{language}.mo").write_bytes(mo(catalogue))
        said = list(faults(catalogue))
        bad += len(said)
        print(*(f"{language}: {fault}" for fault in said), sep="\n", end="\n" * bool(said))
        print(f"{language}: {len(wanted)} templates, {len(said)} to mend")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
