"""Jinja2 with one language bound to it: `_`, `ngettext` and the filters speak it unless they are told another."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from alerts.domain.card import Card
from alerts.domain.counting import Proof
from alerts.domain.times import Instant, LocalTime, zone_info
from alerts.render import clean, clocks, courtcard
from alerts.render.catalogue import Catalogue
from alerts.render.explaining import explained


def environment(
    templates: Path, words: Catalogue, other: Callable[[str], Catalogue], known: Mapping[str, Any]
) -> Environment:
    """A template name ending in .html is escaped; a name that is not given is an error, never an empty place."""
    room = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @pass_eval_context
    def _(here: EvalContext, sentence: str, **values: Any) -> str:
        return _filled(here, words.template(sentence), values)

    @pass_eval_context
    def ngettext(here: EvalContext, one: str, many: str, count: int, **values: Any) -> str:
        return _filled(here, words.template_for(one, many, count), {"count": count, "num": count, **values})

    def spoken(language: str) -> Catalogue:
        return other(language) if language else words

    def when(time: LocalTime, language: str = "", zone: str = "") -> list[str]:
        return clocks.when(time, spoken(language), zone)

    def day(value: date, language: str = "") -> str:
        return clocks.day(value, spoken(language))

    def clock(value: Instant, zone: str, language: str = "") -> str:
        return clocks.clock(value, zone, spoken(language))

    def hour(value: Instant, zone: str) -> str:
        return clocks.hour(value.astimezone(zone_info(zone)))

    def country(code: str, language: str = "") -> str:
        return spoken(language).country(code)

    def language_name(code: str, language: str = "") -> str:
        return spoken(language).language_name(code)

    def counted(proof: Proof) -> list[str]:
        return explained(proof, words)

    def court_card(card: Card) -> courtcard.Rows:
        return courtcard.whole(card, words)

    def mailto(address: str) -> str:
        return f"mailto:{quote(address, safe='@')}"

    room.filters.update(
        when=when, day=day, clock=clock, hour=hour, country=country, language_name=language_name,
        counted=counted, court_card=court_card, mailto=mailto, city=words.city, known=words.known,
        paragraphs=clean.paragraphs, line=clean.line,
    )  # fmt: skip
    room.globals.update(known, _=_, gettext=_, ngettext=ngettext, language=words.language)
    return room


def _filled(here: EvalContext, sentence: str, values: dict[str, Any]) -> str:
    # Markup escapes the values, never the sentence, which is ours.
    return Markup(sentence) % values if here.autoescape else sentence % values
