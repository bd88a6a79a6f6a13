"""A page without a feed: each block is an item, known again by its words; read in a child that can be ended."""

from __future__ import annotations

import pytest

from alerts.domain.errors import Invalid
from watchers import parsing
from watchers.page import parse

URL = "https://court.example/hearings"
LIST = """<!doctype html><html lang="ru"><body><nav><a href="/">Главная страница суда</a></nav>
<table class="hearings"><tr><th>Дата</th></tr>
<tr><td>3 декабря 10:00</td><td>Сампл А.</td><td><a href="/case/7">дело 7</a></td></tr>
<tr><td>4 декабря 14:00</td><td>Примеров К.</td><td><a href="javascript:alert(1)">дело 8</a></td></tr></table>
<script>var x = "не текст страницы вообще"</script></body></html>""".encode()
ARTICLE = """<html lang="ky"><body><nav><ul><li>Башкы бет менюсу</li></ul></nav><article><h1>Билдирүү</h1>
<p>Укук коргоочу Аида Сампл үйүнөн кармалганын адвокаты билдирди, сот жыйыны жакында өтөт.</p>
<p>Туугандары жолугушууга уруксат ала албай жатканын айтышууда жана жардам сурашууда.</p>
</article></body></html>""".encode()


def test_what_the_selector_finds_are_the_items_the_newest_last() -> None:
    second, first = parse(LIST, "text/html; charset=utf-8", URL, "table.hearings tr")
    assert first.title == "3 декабря 10:00 · Сампл А. · дело 7" and first.language == "ru"
    assert (first.link, second.link) == ("https://court.example/case/7", URL), "a program is no link"
    assert first.published is None


def test_a_block_whose_words_change_is_a_new_item_and_the_others_are_known() -> None:
    before = parse(LIST, "text/html", URL, ".hearings tr")
    after = parse(LIST.replace(b"10:00", b"09:00"), "text/html", URL, ".hearings tr")
    assert len({item.fingerprint for item in before} - {item.fingerprint for item in after}) == 1


def test_without_a_selector_the_main_text_is_read_paragraph_by_paragraph() -> None:
    found = parse(ARTICLE, "", URL)
    assert any("Аида Сампл" in item.title for item in found)
    assert not any("менюсу" in item.title for item in found)


@pytest.mark.parametrize(("charset", "says"), [("utf-8", ""), ("cp1251", ""), ("cp1251", "windows-1251")])
def test_a_name_is_read_right_whatever_the_page_says_of_its_letters(charset: str, says: str) -> None:
    text = LIST.decode().replace("<body>", f'<meta charset="{says}"><body>' if says else "<body>")
    assert any("Сампл" in item.title for item in parse(text.encode(charset), "text/html", URL, ".hearings tr"))


@pytest.mark.parametrize(("body", "pick", "says"), [
    (LIST, "table.cases tr", "no part “table.cases tr” any more"), (LIST, "tr[", "is no CSS selector"),
    (b"  ", "", "empty"), (b"<html><body></body></html>", "", "no text"),
])  # fmt: skip
def test_a_page_that_was_rebuilt_is_said_in_words(body: bytes, pick: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse(body, "text/html", URL, pick)


async def test_it_is_read_in_the_child_that_reads_feeds() -> None:
    found = (await parsing.read("watchers.page", LIST, "text/html", URL, ".hearings tr")).items
    assert len(found) == 2
    assert await parsing.read("watchers.page", ARTICLE, "text/html", URL)


@pytest.mark.parametrize("body", [
    b"<html>" + b"<div>" * 200_000, b"<html><p " + b"a=1 " * 100_000 + b">text of a paragraph that is long enough</p>",
    b"<html>" + b"<!--" * 250_000, b"\x00\xff" * 100_000,
])  # fmt: skip
async def test_a_hostile_page_ends_in_words(body: bytes) -> None:
    try:
        await parsing.read("watchers.page", body, "text/html", URL)
    except Invalid as refusal:
        assert str(refusal)
