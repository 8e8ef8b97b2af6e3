"""Search by any name: how names are folded, and what is listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.products.digest import digest_plan
from patrolplan.products.places import gather_site_facts
from patrolplan.products.searching import fold_name, list_places
from sample_plan import build_layers, build_plan, load_theatre


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Gourma-Rharous", "gourma rharous"),
        ("ABEÏBARA", "abeibara"),
        ("  I-n-Délimane ", "i n delimane"),
        ("N\u2019Gouma", "n gouma"),
        ("تمبكتو", "تمبكتو"),
        ("\u202eoaG", "oag"),
    ],
)
def test_names_are_folded(name, folded) -> None:
    assert fold_name(name) == folded


@given(st.text())
def test_folding_twice_changes_nothing(name) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


def list_rows(layers):
    plan = build_plan(count=1)
    return {
        row.place_id: row
        for row in list_places(
            plan, digest_plan(plan, layers), gather_site_facts(layers)
        )
    }


def test_every_site_and_base_is_listed_by_all_its_names() -> None:
    rows = list_rows(load_theatre())
    assert len(rows) == 34
    assert {"timbuktu", "tombouctou"} <= set(rows["tombouctou"].keys)
    assert "adjelhoc" in " ".join(rows["aguelhok"].keys)
    assert rows["tombouctou"].name.en == "Timbuktu"
    assert "Tombouctou" in rows["tombouctou"].others.en
    assert "Timbuktu" in rows["tombouctou"].others.fr
    assert rows["base-gao"].is_base


def test_a_place_without_aliases_is_listed_by_its_name() -> None:
    rows = list_rows(build_layers(name="x|y| |x"))
    assert rows["gao"].keys[-2:] == ("x", "y")
    assert rows["kidal"].keys == ("kidal",)
    assert rows["kidal"].others.en == ""
