"""`vigil match`: who is named in which text, with names and texts of your own. Needs no desk."""

import csv
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from alerts.cli.desk import as_json, print_json
from alerts.domain.errors import Invalid
from alerts.domain.watching import Tier
from watchers.matching import Form, Hit, Index

LETTERS = {Tier.SURE: "A", Tier.LIKELY: "B", Tier.PERHAPS: "C"}
HEADERS = {"id", "person", "person_id"}, {"form", "name", "spelling"}
COLUMNS = 2


@click.command("match")
@click.option("--people", required=True, metavar="FILE.csv", help="Columns id and form; a row for each spelling.")
@click.option(
    "--texts", required=True, metavar="FILE.tsv", help="On each line an id, a TAB and a text. “-”: from stdin."
)
@as_json
def match_(people: str, texts: str, as_json: bool) -> None:
    """Say which of your people are named in which of your texts, in whatever spelling and case.

    Tier A: sure. B: likely. C: perhaps, so that nobody would be notified. Start and end count characters of the text as
    it stands in the file. A first line of the people’s file that names its columns is no person.
    """
    index = Index(Form("", person, form) for person, form in read_people(people))
    gc.freeze()  # the index stays until the end: looking through it again and again takes a fifth of the time
    found = ((text, hit) for text, words in read_texts(texts) for hit in index.find(words))
    if as_json:
        print_json({"hits": [_shown(text, hit) for text, hit in found]})
    else:
        _table(found)


def read_people(file: str) -> list[tuple[str, str]]:
    """Id and spelling, in the order of the file. Raises Invalid, with the line and the way out."""
    found: list[tuple[str, str]] = []
    reader = csv.reader((line for _, line in _lines(file)), strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise Invalid(f"{file}, line {reader.line_num}: this is not CSV: {error}. Is a quote missing?") from None
        if row is None:
            break
        values = [value.strip() for value in row]
        if not any(values) or (not found and _is_header(values)):
            continue
        if len(values) != COLUMNS:
            way = "a form with a comma in it needs quotes around it" if len(values) > COLUMNS else "write id,form"
            raise Invalid(f"{file}, line {reader.line_num}: {len(values)} columns instead of id and form: {way}.")
        if not all(values):
            raise Invalid(f"{file}, line {reader.line_num}: the {'form' if values[0] else 'id'} is empty: fill it in.")
        found.append((values[0], values[1]))
    if not found:
        raise Invalid(f"{file} names nobody: write a line “id,form” for each spelling of each person.")
    return found


def read_texts(file: str) -> Iterator[tuple[str, str]]:
    """Id and text, line by line. Raises Invalid, with the line and the way out."""
    for number, line in _lines(file):
        id, tab, text = line.partition("\t")
        if tab:
            yield id, text
        elif line.strip():
            raise Invalid(f"{file}, line {number}: there is no TAB: write an id, a TAB and the text on one line.")


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, without its end; a line ends with LF or CR LF alone, since a text may hold others."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    raise Invalid(f"{file}, line {number}: this is not UTF-8 text: save the file as UTF-8.") from None
                yield number, text.removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}. Give the path of a file that is there.") from None


def _is_header(values: list[str]) -> bool:
    return len(values) == COLUMNS and all(v.lower() in names for v, names in zip(values, HEADERS, strict=True))


def _shown(text: str, hit: Hit) -> dict[str, str | int | float]:
    return {
        "text": text, "person": hit.person_id, "tier": LETTERS[hit.tier], "form": hit.form,
        "start": hit.start, "end": hit.end, "score": hit.score,
    }  # fmt: skip


def _table(found: Iterator[tuple[str, Hit]]) -> None:
    count = 0
    for text, hit in found:
        count += 1
        words = " ".join(hit.words.split())
        click.echo(
            f"{LETTERS[hit.tier]} {hit.score:5.1f}  {text}  {hit.start}–{hit.end}  "
            f"“{words}” is {hit.person_id}: {hit.form}"
        )
    click.echo(f"{count:,} found." if count else "Nobody was found.")
