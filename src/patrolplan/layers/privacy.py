"""The gate against personal data: columns that look personal refuse a whole file.

patrolplan never needs to know who: no victim, witness, child or source. What looks
personal is refused at the door, with the column named and no cell of it told, so that
nothing of it reaches a message, a log or a product.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

__all__ = ["find_personal_columns", "fold_heading", "name_column"]

# Words of English and French headings, folded. The end of a word is free: victims,
# victimes, téléphones.
_ALWAYS: Final = (
    "victim", "survivor", "survivant", "rescape", "witness", "temoin", "informant",
    "informateur", "informer", "complainant", "plaignant", "perpetrator", "suspect",
    "accused", "detainee", "detenu", "hostage", "otage", "patient", "beneficiar",
    "beneficiaire", "respondent", "repondant", "interviewe", "reporter", "declarant",
    "firstname", "lastname", "surname", "fullname", "forename", "prenom", "nickname",
    "surnom", "birth", "naissance", "phone", "telephone", "portable", "whatsapp",
    "cellular", "email", "courriel", "passport", "passeport", "biometri", "photo",
    "fingerprint", "empreinte", "ethnic", "ethnie", "religion", "gender", "genre",
    "marital", "matrimonial", "father", "mother", "pere", "mere", "husband", "wife",
    "epoux", "epouse", "child", "enfant", "parent",
)  # fmt: skip
_WHOLE: Final = {
    "name", "names", "nom", "noms", "age", "ages", "dob", "ddn", "tel", "tels", "gsm",
    "mobile", "cell", "mail", "contact", "contacts", "address", "adresse", "cni",
    "nina", "nin", "ssn", "imei", "sex", "sexe", "person", "personne",
    "individual", "individu", "caller", "facebook", "telegram", "signal",
}  # fmt: skip
# A name of these is a name of no person.
_OF_PLACES: Final = {
    "place", "places", "location", "loc", "lieu", "site", "village", "town", "ville",
    "commune", "cercle", "region", "country", "pays", "district", "localite",
    "settlement", "zone", "adm", "admin", "event", "incident", "dataset", "conflict",
    "file", "layer", "base", "camp", "market", "marche", "feature", "geo",
}  # fmt: skip
_BY_WHOM: Final = {"reported", "recorded", "entered", "verified", "created", "taken"}
_SOURCE: Final = {"source", "sources", "src", "key"}
_SOURCE_OF: Final = {"id", "ids", "name", "names", "nom", "code", "codes", "person"}

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")
_FOREIGN_CALL: Final = re.compile(r"(?<![\d.])(?:\+|00)\d(?:[\s().-]*\d){7,13}")
_SPACED_CALL: Final = re.compile(r"(?<!\d)\d\d(?:[\s.-]\d\d){3,4}(?!\d)")
# A number of Mali: eight digits, of which the first is 2 or 5 to 9. A day such as
# 20141103 is one too, hence the first digit here.
_PLAIN_CALL: Final = re.compile(r"[5-9]\d{7}")
_PLAIN_HEADING: Final = re.compile(r"[^\W\d_][\w #+().:/%-]{0,39}")
_MOST_DIGITS: Final = 5


def fold_heading(heading: str) -> str:
    """Return a heading as it is compared: words of plain small letters, joined by _.

    Parameters
    ----------
    heading
        The heading, as it stands in the file.

    Examples
    --------
    >>> fold_heading("Numéro de Téléphone")
    'numero_de_telephone'
    >>> fold_heading("victimName")
    'victim_name'
    """
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", heading)
    plain = unicodedata.normalize("NFKD", parted.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return "_".join(re.findall(r"[^\W_]+", plain))


def name_column(heading: str, number: int) -> str:
    """Return how messages call a column: by its heading if that can be but one.

    A file without headings has data where they should be: what is long, or bears
    many digits, is called by its number.

    Parameters
    ----------
    heading
        The heading, as it stands in the file.
    number
        Which column it is, counted from 1.
    """
    digits = sum(c.isdigit() for c in heading)
    if _PLAIN_HEADING.fullmatch(heading) and digits <= _MOST_DIGITS:
        return heading
    return f"no. {number}"


def find_personal_columns(
    headings: Sequence[str], columns: Sequence[Sequence[str]]
) -> Iterator[int]:
    """Yield the numbers, from 0, of columns that look personal.

    Parameters
    ----------
    headings
        Headings of columns whose meaning is not known.
    columns
        The cells of each.
    """
    for number, (heading, cells) in enumerate(zip(headings, columns, strict=True)):
        if _names_persons(fold_heading(heading)) or _reaches_persons(cells):
            yield number


def _names_persons(folded: str) -> bool:
    # Digits aside: phone2, name1.
    words = [word.strip("0123456789") for word in folded.split("_")]
    joined = "".join(words)
    if any(word.startswith(_ALWAYS) for word in words):
        return True
    if any(start in joined for start in ("firstname", "lastname", "fullname", "phone")):
        return True
    if set(words) & _SOURCE and set(words) & _SOURCE_OF:
        return True
    if "by" in words and set(words) & _BY_WHOM:
        return True
    personal = set(words) & _WHOLE
    if personal <= {"name", "names", "nom", "noms"} and set(words) & _OF_PLACES:
        return False
    return bool(personal)


def _reaches_persons(cells: Sequence[str]) -> bool:
    """Return whether cells hold numbers to call, or addresses to write to."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if any(
        _EMAIL.search(cell) or _FOREIGN_CALL.search(cell) or _SPACED_CALL.search(cell)
        for cell in filled
    ):
        return True
    plain = sum(bool(_PLAIN_CALL.fullmatch(cell)) for cell in filled)
    return bool(filled) and 2 * plain >= len(filled)
