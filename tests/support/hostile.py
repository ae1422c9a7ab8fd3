"""Two hundred strings that files, zones and messages have no right to be called."""

# ruff: noqa: E501
from __future__ import annotations

import itertools

_MARKUP = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</style><style>*{display:none}</style>",
    "<!--", "-->", "]]>", "<![CDATA[x]]>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "</title><base href=//evil>", "</text></svg><iframe src=//evil>", "<math><mi xlink:href=javascript:alert(1)>",
    "\" onload=\"alert(1)", "' onmouseover='alert(1)", "`${alert(1)}`", "&lt;b&gt;", "&#60;b&#62;", "&amp;amp;",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "data:text/html,<b>", "{{7*7}}", "{% raw %}", "<%= 1 %>",
    "</table></main><form action=//evil>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//evil>",
    "<b", "<", ">", "&", "\"", "'", "\\", "\\u003cb\\u003e", "<\x00script>", "<scr\nipt>", "\"/><use href=#x>",
    "</script >", "<!DOCTYPE html>",
]  # fmt: skip
_CONTROL = [
    "\x1b[31mred", "\x1b]0;title\x07", "\x1b[2J\x1b[H", "\x9b31m", "\x08\x08\x08ok", "\rCLEAR", "a\nCLEAR", "\x00", "a\x00b",
    "\x7f", "\x85next", "\u2028line", "\u2029para", "\u202eright-to-left", "\u2066isolated\u2069", "\u200f\u200e",
    "\u202a\u202b\u202c", "\ud800", "\udfff\ud800", "\x0c", "\x0b", "\x1b", "\x1b[?1049h", "\x1bP+q\x1b\\", "\u061cmark",
]  # fmt: skip
_FORMULA = [
    "=cmd|' /C calc'!A0", "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"//evil\")", "=\"x\"", "|cmd",
    "%0A=1", ";=1", ",=1", "\"=1", "'=1", "\uff1d1+1", "\uff0b1", "\uff20x", " =1+1", "=",
]  # fmt: skip
_TEXT = [
    "$\\frac$", "$x^2$", "\\LaTeX", "_sub_", "^sup^", "$", "$$", "{", "}", "%s", "%n%n%n", "{0}", "{flight}", "\\x41", "\\",
    "신의주 丹东", "압록강 鸭绿江", "日本語", "العربية", "עברית", "Ünïcödé", "e\u0301" * 20, "\u0301", "🛩️", "👨‍👩‍👧‍👦", "ｆｕｌｌ", "𝕏",
    "x" * 300, "丹" * 300, "<" * 300, "\u202e" * 300, "=" * 300, "a" * 5000, "../../etc/passwd", "..", "...", ".", "-rf", "~",
    "C:\\con", "con", "nul", "a/b", "/etc/passwd", "file:///etc/passwd", "http://evil.example/x", " ", "", "NaN", "null",
    "undefined", "0", "-1", "1e999", "true", "__proto__", "constructor", "\ufeffx", "\ufffe", "\u200b", "\u00ad", "\xa0",
]  # fmt: skip
_SINGLE = [*_MARKUP, *_CONTROL, *_FORMULA, *_TEXT]
_PAIRS = [a + b for a, b in itertools.product(_CONTROL[:9], _MARKUP[:10])]

HOSTILE = list(dict.fromkeys([*_SINGLE, *_PAIRS]))[:200]
assert len(HOSTILE) == 200
