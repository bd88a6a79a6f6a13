"""The small fields of a case in a case file, some of which come as text or as a mapping: read into plain words."""

import re

from alerts.domain import caseevents
from alerts.domain.caseevents import Told
from alerts.domain.documents import Part


def code(part: Part) -> str:
    found = part.needed("code")
    if found and not re.fullmatch(r"\w[\w.-]{0,39}", found):
        part.reader.refuse(part.line_of("code"), f"code: “{found}” is not a code: letters, digits and “-”, at most 40")
    return found


def topics(part: Part) -> tuple[str, ...]:
    words = (*part.words("concerns"), *part.words("topics"))
    return tuple(dict.fromkeys(" ".join(word.split()) for word in words))


def court(part: Part) -> str:
    node = part.node("court")
    if node is None or isinstance(node.value, str):
        return part.text("court")
    place = part.reader.part(node, "a court", ("kind", "town", "region"))
    region = f"{place.text('region')} region" if place.node("region") else ""
    return ", ".join(filter(None, (place.text("kind"), place.text("town"), region)))


def detention(part: Part, told: Told) -> str:
    node = part.node("detention")
    if node is None or isinstance(node.value, str):
        return part.text("detention")
    place = part.reader.part(node, "a detention", ("place", "town", "distance_from_home_km", "home", "note"))
    away, home = place.text("distance_from_home_km"), place.text("home")
    far = f"{away} km from home" if away else ""
    where = ", ".join(filter(None, (place.text("place"), place.text("town"), far)))
    where = f"{where} in {home}" if far and home else where
    return f"{where} ({told.cited(caseevents.notes(place))})" if place.node("note") else where


def proceeding(part: Part) -> str:
    """The kind of proceeding, who sues, and for how much."""
    said = [part.text("proceeding"), f"plaintiffs: {part.text('plaintiffs')}" if part.node("plaintiffs") else ""]
    node = part.node("claim")
    if node is not None and isinstance(node.value, str):
        said.append(f"claim: {part.text('claim')}")
    elif node is not None:
        claim = part.reader.part(node, "a claim", ("amount", "currency", "about_eur", "note"))
        euro = f" ({claim.text('about_eur')} EUR)" if claim.node("about_eur") else ""
        said.append(f"claim: {claim.text('amount')} {claim.text('currency')}{euro}")
    return "; ".join(filter(None, said))
