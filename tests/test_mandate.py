"""What a mandate may hold: each figure up to its least and most, and no further."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patrolplan.errors import LayerError
from patrolplan.need import read_mandate
from patrolplan.need.mandate import Mandate, Sentence, VisitRule

RULE = {
    "layer": "seats",
    "purpose": "look",
    "counts": "points",
    "tier": 1,
    "phase": "response",
}
SENTENCE = {"theme": "A", "en": "x", "fr": "x"}
MANDATE = {"format": "patrolplan-mandate/1", "source": "x"}


def test_a_rule_that_says_no_more_asks_for_the_plain_thing() -> None:
    rule = VisitRule(**RULE)
    assert (rule.share, rule.points, rule.within_km, rule.min_people) == (1, 0, 5, 0)
    assert (rule.minutes, rule.absent_share) == (0, 1)
    assert (rule.at_rows, rule.beyond_base, rule.unknown) == (False, False, False)
    for name in ("farther_km", "min_risk", "max_risk", "hours", "cadence_days"):
        assert getattr(rule, name) is None
    assert (rule.kinds, rule.roles, rule.leads_from_level) == ((), (), None)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("share", 0, 10),
        ("points", 0, 1_000_000),
        ("within_km", 0, 1000),
        ("farther_km", 0, 1000),
        ("min_risk", 1, 5),
        ("max_risk", 1, 5),
        ("minutes", 0, 720),
        ("absent_share", 0, 1),
        ("leads_from_level", 1, 5),
        ("tier", 1, 3),
    ],
)
def test_a_figure_of_a_rule_stays_within_its_limits(name, least, most) -> None:
    for figure in (least, most):
        assert getattr(VisitRule(**RULE | {name: figure}), name) == figure
    nearly = 1 if name == "tier" else 0.01
    for figure in (least - nearly, most + nearly):
        with pytest.raises(ValidationError, match=name):
            VisitRule(**RULE | {name: figure})


def test_people_are_no_less_than_none_and_a_cadence_is_some_time() -> None:
    assert VisitRule(**RULE, min_people=0, cadence_days=0.01).min_people == 0
    assert VisitRule(**RULE, cadence_days=366).cadence_days == 366
    for wrong in ({"min_people": -1}, {"cadence_days": 0}, {"cadence_days": 366.01}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            VisitRule(**RULE | wrong)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"counts": "persons", "layer": "population"}, "persons of a table's rows"),
        ({"counts": "persons", "layer": "zones"}, "persons of a table's rows"),
        ({"leads_from_level": 3, "layer": "population"}, "lead by the level"),
        ({"leads_from_level": 3, "layer": "lines"}, "lead by the level"),
        ({"counts": "people", "layer": "lines"}, "points where the layer is lines"),
    ],
)
def test_a_rule_that_has_no_meaning_is_refused(rule, told) -> None:
    with pytest.raises(ValidationError, match=told):
        VisitRule(**RULE | rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"counts": "persons", "layer": "movements"},
        {"counts": "persons", "layer": "markets"},
        {"leads_from_level": 3, "layer": "zones"},
        {"leads_from_level": 3, "layer": "markets"},
        {"layer": "lines"},
        {"counts": "people", "layer": "population"},
    ],
)
def test_a_rule_that_has_one_is_taken(rule) -> None:
    assert VisitRule(**RULE | rule).layer == rule["layer"]


def test_a_sentence_is_some_words_and_a_letter() -> None:
    assert len(Sentence(**SENTENCE | {"en": "x" * 300}).en) == 300
    for wrong in ({"en": ""}, {"fr": "x" * 301}, {"theme": "a"}, {"theme": "AB"}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            Sentence(**SENTENCE | wrong)


def test_a_mandate_has_a_sentence_for_each_letter_at_most() -> None:
    one = Sentence(**SENTENCE)
    assert len(Mandate(**MANDATE, sentences=[one] * 26).sentences) == 26
    for count in (0, 27):
        with pytest.raises(ValidationError, match="sentences"):
            Mandate(**MANDATE, sentences=[one] * count)


def test_rules_are_listed_in_the_order_of_the_file() -> None:
    rules = [VisitRule(**RULE | {"tier": tier}) for tier in (3, 1, 2)]
    sentences = [
        Sentence(**SENTENCE | {"theme": "B"}, visits=rules[:2]),
        Sentence(**SENTENCE, visits=rules[2:]),
    ]
    told = Mandate(**MANDATE, sentences=sentences).list_rules()
    assert [(theme, rule.tier) for theme, rule in told] == [
        ("B", 3),
        ("B", 1),
        ("A", 2),
    ]


def test_a_theme_twice_is_named_once(tmp_path) -> None:
    path = tmp_path / "mandate.toml"
    assert read_mandate(path) is None
    sentences = [
        f'[[sentences]]\ntheme = "{theme}"\nen = "x"\nfr = "x"\n' for theme in "ABCBCB"
    ]
    head = 'format = "patrolplan-mandate/1"\nsource = "x"\n'
    path.write_text(head + "".join(sentences[:3]), encoding="utf-8")
    assert [sentence.theme for sentence in read_mandate(path).sentences] == [*"ABC"]
    path.write_text(head + "".join(sentences), encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_mandate(path)
    found = [(fault.where, fault.found) for fault in caught.value.faults]
    assert found == [("sentences", "theme 'B' twice"), ("sentences", "theme 'C' twice")]
