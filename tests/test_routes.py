"""Known roads of the north: what the built-in network must find, with its source."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from patrolplan.errors import RouteError
from patrolplan.layers.names import find_place_id, fold_name
from patrolplan.network import RoadState, build_network, find_routes
from patrolplan.question import list_places

DRY = RoadState("light_4x4", "dry")
RAINS = RoadState("light_4x4", "rains")


@pytest.fixture(scope="module")
def find(layers, scenario):
    network = build_network(
        layers.lines,
        list_places(layers.population),
        snap_km=scenario.movement.snap_km,
    )

    def find_between(*names, state=DRY, alternatives=1):
        stops = [find_place_id(layers.population, name) for name in names]
        return find_routes(
            network, layers.speeds, stops, state, alternatives=alternatives
        )

    return find_between


@pytest.mark.parametrize(
    ("origin", "destination", "low_km", "high_km", "source"),
    [
        ("Gao", "Kidal", 300, 400, "about 350 by RFI and others; domain study 7.3"),
        ("Sévaré", "Gao", 520, 600, "573, by a project list 520; domain study 7.3"),
        ("Gao", "Ansongo", 90, 105, "100, Wikipedia FR; domain study 7.3"),
        ("Douentza", "Tombouctou", 196, 225, "196 to 214; domain study 7.3"),
    ],
)
def test_a_known_road_is_as_long_as_published(
    find, origin, destination, low_km, high_km, source
) -> None:
    (route,) = find(origin, destination)
    assert low_km <= route.length_m / 1000 <= high_km, source


def test_sevare_gao_is_driven_by_the_rn16_all_the_way(find, layers) -> None:
    # Malian press and government: the road is the RN16; domain study 7.3.
    (route,) = find("Sévaré", "Gao")
    refs = layers.lines.set_index("id")["ref"]
    assert {refs[line] for line in route.line_ids} == {"RN16"}


def test_douentza_timbuktu_crosses_by_the_ferry_of_koriome(find) -> None:
    # The ferry worked in 2009 and 2015; domain study 7.3.
    (route,) = find("Douentza", "Timbuktu")
    ferries = [piece for piece in route.pieces if piece.kind == "ferry"]
    assert [piece.line_id for piece in ferries] == ["koriome-ferry"]
    assert ferries[0].duration_min > 30


@pytest.mark.parametrize(
    ("state", "low_h", "high_h", "source"),
    [
        (DRY, 10, 12, "515 km in 10 to 12 h, a traveller's log of 2007; study 3.1"),
        (RAINS, 30 * 0.85, 30 * 1.15, "about 30 h, the same log; study 3.1"),
    ],
    ids=["dry", "rains"],
)
def test_tessalit_gao_takes_as_long_as_travellers_say(
    find, state, low_h, high_h, source
) -> None:
    (route,) = find("Tessalit", "Gao", state=state)
    assert low_h <= route.duration_min / 60 <= high_h, source


def test_a_route_is_as_long_there_as_back(find) -> None:
    (there,), (back,) = find("Mopti", "Taoudenni"), find("Taoudenni", "Mopti")
    assert there.length_m == pytest.approx(back.length_m)
    assert there.duration_min == pytest.approx(back.duration_min)


def test_a_route_is_drawn_without_a_gap(find) -> None:
    (route,) = find("Mopti", "Kidal")
    for piece, after in itertools.pairwise(route.pieces):
        assert piece.coordinates[-1] == after.coordinates[0]
    assert len(set(route.coordinates)) == len(route.coordinates)


def test_a_place_on_the_way_is_passed(find) -> None:
    (direct,) = find("Gao", "Kidal")
    (round_about,) = find("Gao", "Bourem", "Kidal")
    # Via Bourem about 380 to 400 km; domain study 7.3.
    assert 370 <= round_about.length_m / 1000 <= 410
    assert round_about.duration_min > direct.duration_min


# Alternatives and closures


def test_alternatives_differ_and_the_quickest_comes_first(find) -> None:
    routes = find("Gao", "Kidal", alternatives=3)
    assert len({route.line_ids for route in routes}) == 3
    durations = [route.duration_min for route in routes]
    assert durations == sorted(durations)
    assert routes[0] == find("Gao", "Kidal")[0]


def test_no_more_alternatives_come_than_there_are(find) -> None:
    routes = find("Tessalit", "Aguelhok", alternatives=20)
    assert 1 <= len(routes) < 20


def test_closing_the_ferry_changes_the_route(find) -> None:
    (usual,) = find("Douentza", "Timbuktu")
    closed = replace(DRY, closed=frozenset({"koriome-ferry"}))
    (other,) = find("Douentza", "Timbuktu", state=closed)
    assert "koriome-ferry" not in other.line_ids
    assert other.duration_min > usual.duration_min


def test_a_place_cut_off_is_said_so(find, layers) -> None:
    ends = layers.lines[["from_id", "to_id"]].eq("taoudenni").any(axis="columns")
    closed = frozenset(layers.lines.loc[ends, "id"])
    with pytest.raises(RouteError, match=r"No way .* light_4x4 in the dry season"):
        find("Gao", "Taoudenni", state=replace(DRY, closed=closed))


# Names


@pytest.mark.parametrize(
    ("name", "site_id"),
    [
        ("SEVARE", "sevare"),
        ("Sévaré", "sevare"),
        ("Tombouctou", "tombouctou"),
        ("timbuktu", "tombouctou"),
        ("gourma rharous", "gourma-rharous"),
        ("Gourma-Rharous", "gourma-rharous"),
        ("MÉNAKA", "menaka"),
        ("Adjelhoc", "aguelhok"),
        ("Anefif", "anefis"),
        ("i-n-tillit", "i-n-tillit"),
        ("  Gao ", "gao"),
    ],
)
def test_a_place_is_found_by_any_of_its_names(layers, name, site_id) -> None:
    assert find_place_id(layers.population, name) == site_id


def test_every_name_of_every_site_finds_it_alone(layers) -> None:
    for site in layers.population.itertuples():
        for name in (site.id, site.name, site.name_fr, *site.aliases.split("|")):
            assert find_place_id(layers.population, name) == site.id


def test_an_unknown_name_says_what_is_near(layers) -> None:
    with pytest.raises(
        RouteError, match=r"no place is called 'Tombuctu'; near: .*ombouctou"
    ):
        find_place_id(layers.population, "Tombuctu")


@pytest.mark.parametrize("name", ["", " ", "-", "Atlantis\nforged", "東京"])
def test_a_name_of_nothing_is_refused_on_one_line(layers, name) -> None:
    with pytest.raises(RouteError) as caught:
        find_place_id(layers.population, name)
    assert len(str(caught.value).splitlines()) == 1


def test_an_ambiguous_name_lists_its_places(layers) -> None:
    twins = layers.population.copy()
    twins.loc[twins["id"].isin(["gao", "kidal"]), "aliases"] = "Le Camp"
    with pytest.raises(RouteError, match="more than one place: gao, kidal"):
        find_place_id(twins, "le camp")


def test_folding_forgets_accents_case_and_marks() -> None:
    assert fold_name("Ti-n-Essako") == fold_name("TIN ESSAKO") == "tinessako"
    assert fold_name("N'Gouma") == fold_name("Ngouma")
