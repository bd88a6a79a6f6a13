"""`vigil feed check`: what the watcher reads in a file."""

import asyncio
from typing import Any

import click

from alerts.cli.desk import as_json, one_line, print_json, read_bytes
from alerts.domain.errors import Invalid
from alerts.domain.watching import Reading
from watchers import parsing
from watchers.feed.visit import LARGEST, READER

ANYWHERE = "https://feed.example.org/"
"""Where a file came from is not known: links that are relative become links of this address."""


@click.group("feed")
def feed_() -> None:
    """Look at feeds, without a desk."""


@feed_.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--content-type", default="", help="As the server that it came from would say.")
@click.option("--url", default=ANYWHERE, help="Where it came from, for its relative links.")
@as_json
def check(files: tuple[str, ...], content_type: str, url: str, as_json: bool) -> None:
    """Read each file as the watcher would: in a child process, for eight seconds at most. Needs no desk.

    Ends with 1 where none of them is a feed.
    """
    found = asyncio.run(_all(files, content_type, url))
    if as_json:
        print_json({"files": found})
    else:
        for one in found:
            said = one["error"] or f"{one['version'] or 'a feed'}, {len(one['items'])} items"
            click.echo(f"{one_line(one['file'])}: {one_line(said)}")
    if all(one["error"] for one in found):
        raise click.exceptions.Exit(1)


async def _all(files: tuple[str, ...], content_type: str, url: str) -> list[dict[str, Any]]:
    places = asyncio.Semaphore(2 * parsing.CHILDREN)

    async def one(file: str) -> dict[str, Any]:
        async with places:
            return await _checked(file, content_type, url)

    return await asyncio.gather(*(one(file) for file in files))


async def _checked(file: str, content_type: str, url: str) -> dict[str, Any]:
    try:
        body = await asyncio.to_thread(read_bytes, file)
        if len(body) > LARGEST:
            raise Invalid(f"the answer is longer than {LARGEST // 2**20} MiB")
        return _values(file, await parsing.read(READER, body, content_type, url), "")
    except Invalid as refusal:
        return _values(file, Reading(), str(refusal))
    except RuntimeError as bug:  # a document that finds a mistake of feedparser's or ours
        return _values(file, Reading(), f"a mistake in reading it: {str(bug).strip().splitlines()[-1]}")


def _values(file: str, reading: Reading, error: str) -> dict[str, Any]:
    items = [
        {
            "title": item.title, "link": item.link, "published": item.published and item.published.isoformat(),
            "language": item.language, "text": item.text, "fingerprint": item.fingerprint,
        }
        for item in reversed(reading.items)
    ]  # fmt: skip
    return {
        "file": file, "version": reading.version, "identity": reading.identity, "found": reading.found,
        "items": items, "error": error or None,
    }  # fmt: skip
