"""One language: its sentences from templates/locale/<language>.po, and names that Unicode CLDR knows."""

import gettext
import re
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"
"""The language of the msgids: it needs no catalogue."""


class Catalogue:
    """`whole`: every sentence is there. `reviewed`: a native reader has read them."""

    def __init__(self, language: str, file: Path | None = None) -> None:
        self.language = language
        self.locale = _locale(language)
        self.whole = self.reviewed = language == SOURCE
        self._words: gettext.NullTranslations = gettext.NullTranslations()
        if file:
            text = file.read_text(encoding="utf-8")
            self.whole = _header(text, "X-Scope") == "whole"
            self.reviewed = _header(text, "X-Reviewed-By") != "nobody yet"
            compiled = BytesIO()
            write_mo(compiled, read_po(BytesIO(text.encode()), locale=language))
            compiled.seek(0)
            self._words = gettext.GNUTranslations(compiled)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, with its values."""
        return self._words.gettext(sentence) % values

    def say_many(self, one: str, many: str, count: int) -> str:
        """The sentence for so many, its `count` filled in."""
        return self._words.ngettext(one, many, count) % {"count": count}

    def template(self, sentence: str) -> str:
        """The sentence in this language, its marks not yet filled in."""
        return self._words.gettext(sentence)

    def template_for(self, one: str, many: str, count: int) -> str:
        return self._words.ngettext(one, many, count)

    def known(self, words: str, context: str = "word") -> str:
        """The desk's own words (a topic, a title), translated where the catalogue has them, else as they are."""
        return self._words.pgettext(context, words) if words else ""

    def claim(self, words: str) -> str:
        """A vague date as it was written; in quotes where this language has no words for it."""
        found = self.known(words, "claim")
        return f"«{words}»" if found == words and self.language != SOURCE else found

    def country(self, code: str) -> str:
        """Its name: CLDR's, unless the catalogue knows what the country calls itself today."""
        found = self.known(code, "country")
        return found if found != code else str(self.locale.territories.get(code.upper(), code))

    def language_name(self, code: str) -> str:
        return str(self.locale.languages.get(code, code))

    def city(self, zone: str) -> str:
        """The city that a zone is named after: `Asia/Almaty` is Almaty."""
        found = self.locale.time_zones.get(zone, {}).get("city")
        return str(found) if found else self.place(zone.rpartition("/")[2].replace("_", " "))

    def place(self, words: str) -> str:
        return self.known(words, "place")


def catalogues(folder: Path) -> Iterator[Catalogue]:
    yield Catalogue(SOURCE)
    for file in sorted(folder.glob("*.po")):
        yield Catalogue(file.stem, file)


def _locale(language: str) -> Locale:
    with suppress(UnknownLocaleError, ValueError):
        return Locale.parse(language.replace("-", "_"))
    return Locale.parse(SOURCE)


def _header(text: str, name: str) -> str:
    # Babel keeps only the header fields that it knows.
    found = re.search(rf'^"{name}: (.*)\\n"$', text, re.MULTILINE)
    return found[1].strip() if found else ""
