"""Templates hold no prose of their own, and every mail can be made from every fixture in every language."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from readings import DAY, DETAILS, LETTERS, READINGS, SETTINGS

from alerts.domain.alerts import Kind
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.messages import Message
from alerts.render import Render

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
ALL = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt"))
MESSAGES = [path for path in ALL if path.is_relative_to(TEMPLATES / "messages")]
ONE_LINE = "There is no edition in your language yet; you get the first one, in %(language)s."
SPOKEN_ATTRIBUTES = r'\b(?:title|alt|placeholder|aria-label|aria-description|summary|label)="([^"]*)"'
SAYS = ("say", "say_many")
MARK = re.compile(r"%\((\w+)\)[sd]")
WORD = re.compile(r"[\w@’'/.-]*\w")

PARSER = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])
render = Render(SETTINGS)


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_no_prose_of_its_own(path: Path) -> None:
    tree = PARSER.parse(path.read_text())
    own = "".join(node.data for node in tree.find_all(nodes.TemplateData))
    own = re.sub(r"<!--.*?-->|<(style|script)\b.*?</\1>", " ", own, flags=re.DOTALL)
    spoken = re.findall(SPOKEN_ATTRIBUTES, own)
    shown = re.sub(r"<[^>]*>|&#?\w+;", " ", own)
    constants = [
        str(child.value)
        for output in tree.find_all(nodes.Output)
        for child in output.nodes
        if isinstance(child, nodes.Const)
    ]
    prose = [words for words in (shown, *spoken, *constants) if re.search(r"[^\W\d_]", words)]
    assert not prose


def test_the_russian_catalogue_has_every_sentence() -> None:
    words = _read(TEMPLATES / "locale/ru.po")
    have = {message.id[0] if isinstance(message.id, tuple) else message.id for message in words if message.id}
    missing = [sentence for sentence in sentences() if sentence not in have]
    assert not missing


@pytest.mark.parametrize("path", sorted((TEMPLATES / "locale").glob("*.po")), ids=lambda path: path.stem)
def test_a_translation_is_whole_and_keeps_the_marks_of_its_sentence(path: Path) -> None:
    words = _read(path)
    for message in words:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), f"{message.id} is not translated"
        assert not message.fuzzy, f"{message.id} is fuzzy"
        for string in said:
            allowed = set(MARK.findall(ids[-1]))
            assert set(MARK.findall(string)) | ({"count", "num"} & allowed) == allowed, message.id
            assert "%" not in MARK.sub("", string), f"a lone % in {message.id}"
    assert ONE_LINE in words


@pytest.mark.parametrize("language", render.languages)
@pytest.mark.parametrize("name", READINGS)
def test_a_mail_says_the_same_in_text_and_html(name: str, language: str) -> None:
    message = _mail(name, language)
    shown = _plain(message.html)
    said = f"{message.subject} {message.text}".casefold()
    assert set(WORD.findall(said)) - set(WORD.findall(shown)) == set(), "said in the text only"
    assert set(WORD.findall(shown)) - set(WORD.findall(said)) - {"mailto"} == set(), "said in the HTML only"


@pytest.mark.parametrize("language", render.languages)
@pytest.mark.parametrize("name", READINGS)
def test_a_mail_is_fit_to_be_sent(name: str, language: str) -> None:
    message = _mail(name, language)
    assert len(message.text.splitlines()) > 5
    for part in (message.text, message.html):
        assert all(len(line.encode()) <= 998 for line in part.split("\n"))
        marks = re.findall(r"%\(\w+\)s|\{\{|\{%|\bNone\b|Undefined", part)
        assert marks == (["%(x)s", "{{"] if "hostile" in name else [])
    assert message.subject and not re.search(r"[\r\n\x00-\x1f]", message.subject)
    for header, value in message.headers.items():
        assert value and value.isascii() and not re.search(r"[\r\n]", value), header
    assert not re.search(r"<(script|img|link|iframe|form|object)\b|<[^>]*\bsrc=|url\(", message.html, re.IGNORECASE)


@pytest.mark.parametrize("language", render.languages)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_can_be_made_in_every_language(kind: LetterKind, language: str) -> None:
    for link in LETTERS:
        letter = render.letter(kind, language, link=link, details=DETAILS, id="1@example.org", date=DAY)
        assert link in letter.text
        assert not re.search(r"%\(|\{\{", letter.text + letter.html + letter.subject)
        body = letter.text.split("-" * 40)[1].strip().splitlines()
        assert len(body) <= 5


def test_every_kind_of_alert_has_a_fixture() -> None:
    assert {reading.alert.kind for reading in READINGS.values()} == set(Kind)
    used = {
        path.relative_to(TEMPLATES / "messages").parts[0]
        for path in MESSAGES
        if len(path.parts) > len(TEMPLATES.parts) + 2
    }
    assert used == {*Kind, "letters"}


def _read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=path.stem)


def sentences() -> Iterator[str]:
    """Every sentence that a template or the code asks the catalogue for."""
    for path in ALL:
        tree = PARSER.parse(path.read_text())
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
                first = call.args[0]
                assert isinstance(first, nodes.Const), f"{path}: line {call.lineno}: write the sentence itself into _()"
                yield first.value
    for path in sorted((ROOT / "alerts/render").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAYS:
                for sentence in _choices(node.args[0]):
                    assert isinstance(sentence, ast.Constant), (
                        f"{path}:{node.lineno}: write the sentence itself into say()"
                    )
                    yield str(sentence.value)


def _choices(node: ast.expr) -> list[ast.expr]:
    return [*_choices(node.body), *_choices(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _mail(name: str, language: str) -> Message:
    reading = READINGS[name]
    reading = replace(reading, language=language, edition=replace(reading.edition, language=language))
    return render.message(reading, id="1@example.org", date=DAY)


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _plain(html: str) -> str:
    page = _Shown()
    page.feed(html)
    return " ".join(" ".join(page.words).split()).casefold()
