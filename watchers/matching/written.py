"""Names that are found as they are written: in scripts that do not part their words, as Chinese."""

import re
from collections.abc import Iterable, Iterator

import ahocorasick

from watchers.matching.people import Form

_UNPARTED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese; and Korean, whose particles are glued to the name."""

_HAS = re.compile(f"[{_UNPARTED}]")
_DOTS = str.maketrans("", "", " \u00b7\u30fb\u2022\u2027")
_SEVERAL = 2


def unparted(form: str) -> bool:
    """Whether a name is of such a script."""
    return _HAS.search(form) is not None


class Written:
    """Finds such forms wherever they stand. A single sign is no name: it would be found in every line."""

    def __init__(self, forms: Iterable[Form]) -> None:
        found: dict[str, list[Form]] = {}
        for form in forms:
            for word in {form.form.strip(), form.form.translate(_DOTS)}:
                if len(word) >= _SEVERAL:
                    found.setdefault(word, []).append(form)
        self._automaton = ahocorasick.Automaton()
        for word, whose in found.items():
            self._automaton.add_word(word, (len(word), whose))
        if found:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[tuple[Form, int, int]]:
        """Each form with where it begins and ends."""
        if len(self._automaton) and unparted(text):
            for last, (length, whose) in self._automaton.iter(text):
                for form in whose:
                    yield form, last + 1 - length, last + 1
