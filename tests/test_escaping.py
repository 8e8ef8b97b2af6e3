from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template

from patrolplan.products.escaping import escape_text, normalise_text, strip_for_text

# Surrogates and control characters too: a name may come from a broken file.
any_text = st.text(st.characters(exclude_categories=()))
code_like = st.text(st.sampled_from("{}%#`$\\<>\"'&;/!-=()\r\n\0\u2028\u202ea\u06237*"))


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("Ménaka", "Ménaka"),
        ("{{7*191}}", "&#123;&#123;7*191&#125;&#125;"),
        ("`${a}\\`", "&#96;&#36;&#123;a&#125;&#92;&#96;"),
        ("<b a=\"1\" c='2'>&", "&lt;b a=&quot;1&quot; c=&#x27;2&#x27;&gt;&amp;"),
        ("one\r\ntwo\nthree\u2028four\u2029five\tsix", "one two three four five six"),
        ("a\0b\x1bc\x7fd\x9fe", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("\udc80", "\ufffd"),
        ("Gao\u202eoaG\u202c\u2066x\u2069", "GaooaGx"),
        ("\u0643\u064a\u062f", "\u2068\u0643\u064a\u062f\u2069"),
        ("__proto__", "&#95;&#95;proto&#95;&#95;"),
        (12.5, "12.5"),
        ("", ""),
    ],
)
def test_escapes(value: object, escaped: str) -> None:
    assert escape_text(value) == escaped


def test_escaping_twice_shows_entities() -> None:
    assert escape_text(escape_text("<")) == "&amp;lt;"


@given(any_text | code_like)
def test_shows_the_normalised_text(text: str) -> None:
    assert html.unescape(escape_text(text)) == normalise_text(text)


@given(any_text | code_like)
def test_holds_nothing_that_could_be_code(text: str) -> None:
    escaped = escape_text(text)
    assert not set("{}`$\\_<>\"'\r\n\0\u2028\u2029") & set(escaped)
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in escaped)
    escaped.encode("utf-8")


@given(any_text | code_like)
def test_survives_any_number_of_templates(text: str) -> None:
    escaped = escape_text(text)
    once = Template(escaped).render()
    assert Template(once).render() == escaped


@given(any_text | code_like)
def test_normalising_is_idempotent(text: str) -> None:
    normal = normalise_text(text)
    assert normalise_text(normal) == normal


@given(any_text | code_like)
def test_stripped_text_is_inert_and_stable(text: str) -> None:
    stripped = strip_for_text(text)
    assert not set("{}`$\\<>\"'\r\n\0\u2028\u2029") & set(stripped)
    assert strip_for_text(stripped) == stripped


def test_stripping_keeps_names_readable() -> None:
    assert strip_for_text("N'Tillit {Gossi} & <Hombori>") == (
        "N\u2019Tillit (Gossi) & \u2039Hombori\u203a"
    )
