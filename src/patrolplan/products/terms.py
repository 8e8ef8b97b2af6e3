"""Words of the layers and the roster, such as surfaces, roles and days, in words."""

from __future__ import annotations

import re
from typing import Final

from patrolplan.products.catalogue import mark, translate

__all__ = ["translate_term"]

_TERMS: Final = {
    "light_4x4": mark("light 4x4"),
    "armoured": mark("armoured vehicle"),
    "truck": mark("truck"),
    "boat": mark("boat"),
    "light_ambulance": mark("light ambulance"),
    "light_recovery": mark("light recovery vehicle"),
    "light_bowser": mark("light 4x4 with fuel drums"),
    "armoured_ambulance": mark("armoured ambulance"),
    "armoured_recovery": mark("armoured recovery vehicle"),
    "armoured_bowser": mark("protected fuel tanker"),
    "truck_recovery": mark("recovery truck"),
    "truck_bowser": mark("fuel tanker"),
    "recovery": mark("recovery vehicle"),
    "ambulance": mark("ambulance"),
    "bowser": mark("fuel bowser"),
    "vehicles": mark("a second vehicle"),
    "rations": mark("food"),
    "women_protection_adviser": mark("women protection adviser"),
    "child_protection_adviser": mark("child protection adviser"),
    "human_rights_officer": mark("human rights officer"),
    "civil_affairs_officer": mark("civil affairs officer"),
    "community_liaison_assistant": mark("community liaison assistant"),
    "interpreter": mark("interpreter"),
    "medic": mark("medic"),
    "police": mark("police"),
    "women_in_team": mark("women in the team"),
    "liaison_officer": mark("liaison officer"),
    "cmcoord_officer": mark("civil-military coordination officer"),
    "protection_adviser": mark("protection adviser"),
    "legal_adviser": mark("legal adviser"),
    "head_of_office": mark("head of office"),
    "sector_commander": mark("sector commander"),
    "keep_clear": mark("keeping clear"),
    "aid_liaison": mark("liaison with aid"),
    "visit_harm": mark("harm by our visit"),
    "joint_forces": mark("joint forces"),
    "ceasefire_liaison": mark("ceasefire liaison"),
    "yes": mark("yes"),
    "no": mark("no"),
    "unanswered": mark("not answered"),
    "prevention": mark("prevention"),
    "pre-emption": mark("pre-emption"),
    "response": mark("response"),
    "consolidation": mark("consolidation"),
    "road": mark("road"),
    "track": mark("track"),
    "ferry": mark("ferry"),
    "river": mark("river"),
    "paved": mark("paved"),
    "paved_degraded": mark("paved, degraded"),
    "unpaved": mark("unpaved"),
    "track_minor": mark("minor track"),
    "sand": mark("sand"),
    "water": mark("water"),
    "off_track": mark("off track"),
    "open_ground": mark("off track, no line known"),
    "elevation": mark("elevation"),
    "land_cover": mark("land cover"),
    "friction": mark("a friction raster"),
    "open": mark("open"),
    "slow": mark("slow"),
    "caution": mark("caution"),
    "closed": mark("closed"),
    "unknown": mark("unknown"),
    "town": mark("town"),
    "commune": mark("commune"),
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
    "high": mark("high"),
    "medium": mark("medium"),
    "low": mark("low"),
}


_MIX: Final = re.compile(r"[^:&]+:[0-9]+(&[^:&]+:[0-9]+)+")


def translate_term(term: object, lang: str) -> str:
    """Return a word of the layers or the roster (a surface, a role) in a language.

    Parameters
    ----------
    term
        The word as the data has it; unknown words are shown without underscores.
    lang
        ``en`` or ``fr``.
    """
    word = str(term)
    if "+" in word:
        return " + ".join(translate_term(part, lang) for part in word.split("+"))
    known = _TERMS.get(word.lower())
    if known is None and _MIX.fullmatch(word):
        # A convoy of several classes, by their shares.
        parts = (part.split(":") for part in word.split("&"))
        return " + ".join(f"{n} × {translate_term(kind, lang)}" for kind, n in parts)
    return translate(known, lang) if known else word.replace("_", " ")
