"""A yardstick on the same feeds, in a process of its own: `python peers.py reader|rss2email COUNT PORT`.

Says `ready`, or `missing` where that program is not installed; then answers each line with one round.
"""

import contextlib
import importlib.util
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from presses import address

Rounds = Callable[[], int]
"""One round; answers how many feeds failed."""


def reader(urls: list[str], folder: Path) -> Rounds:
    import feedparser_sgmllib

    # reader's own copy of feedparser asks for the older name of the same module, and does not say that it needs it
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader

    made = make_reader(str(folder / "reader.sqlite"))
    for url in urls:
        made.add_feed(url)

    def round() -> int:
        done = made.update_feeds_iter(scheduled=False, workers=10)  # else it would ask nobody within the hour
        return sum(isinstance(result.value, Exception) for result in done)

    return round


def rss2email(urls: list[str], folder: Path) -> Rounds:
    """`r2e run --no-send`, as its users run it."""
    from rss2email.main import run

    config, data = str(folder / "rss2email.cfg"), str(folder / "rss2email.json")
    Path(config).write_text(
        "[DEFAULT]\nto = you@example.org\nfrom = desk@example.org\nverbose = error\n"
        + "".join(f"[feed.f{n}]\nurl = {url}\n" for n, url in enumerate(urls))
    )

    def round() -> int:
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            run(["-c", config, "-d", data, "run", "--no-send"])
        return said.getvalue().count("could not")

    return round


def main(name: str, count: int, port: int) -> None:
    if importlib.util.find_spec(name) is None:
        print("missing", flush=True)
        return
    urls = [f"http://{address(n)}:{port}/feed/{n}" for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        round = {"reader": reader, "rss2email": rss2email}[name](urls, Path(folder))
        print("ready", flush=True)
        while sys.stdin.readline():
            began = time.monotonic()
            failed = round()
            done = {"visited": count, "seconds": time.monotonic() - began, "failed": failed}
            print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
