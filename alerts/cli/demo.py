"""`vigil demo`: see the desk at work, on the history of 2010, without settings."""

import asyncio
import logging
import signal
import tempfile
from pathlib import Path
from typing import Any

import click

from alerts.cli.desk import print_json
from alerts.cli.run import run_loop
from alerts.demo.exercise import Exercise
from alerts.demo.log import sent

STORY_SECONDS, JUMPS = 45, 22
"""In the browser the story takes about so long; it has about so many jumps on which something is done."""


@click.command("demo")
@click.option("--port", type=int, default=8080, show_default=True)
@click.option("--once", is_flag=True, help="Play the story without pages and pauses, print who was sent what, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print one JSON document.")
def demo_(port: int, once: bool, as_json: bool) -> None:
    """An exercise desk in a temporary folder: nothing to install or configure, and nothing leaves this computer."""
    if as_json and not once:
        raise click.UsageError("--json goes with --once.")
    with tempfile.TemporaryDirectory(prefix="vigil-demo-") as folder:
        if once:
            logging.getLogger().setLevel(logging.ERROR)
            _print(asyncio.run(_once(Path(folder))), as_json)
        else:
            run_loop(_open(Path(folder), port))


async def _once(folder: Path) -> list[dict[str, Any]]:
    exercise = Exercise(folder)
    await exercise.open()
    try:
        await exercise.play(lambda: asyncio.sleep(0))
        return await asyncio.to_thread(sent, exercise.app)
    finally:
        await exercise.close()


async def _open(folder: Path, port: int) -> None:
    from alerts.demo.pages import serve_demo
    from alerts.engine.running import work

    exercise, stop = Exercise(folder, port), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    logging.getLogger("vigil").setLevel(logging.ERROR)  # its keys are thrown away: nobody need copy them
    await exercise.open()
    logging.getLogger("vigil").setLevel(logging.WARNING)
    click.echo(f"The exercise desk is at http://localhost:{port} – Ctrl-C ends it, and nothing of it stays.", err=True)
    serving = asyncio.create_task(serve_demo(exercise, stop))
    playing = asyncio.create_task(exercise.play(lambda: asyncio.sleep(STORY_SECONDS / JUMPS)))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, playing, stopped], return_when=asyncio.FIRST_COMPLETED)
    if playing.done() and not stop.is_set() and not serving.done():
        playing.result()
        await asyncio.to_thread(exercise.go_live)
        await asyncio.wait(
            [serving, asyncio.create_task(work(exercise.app, stop))], return_when=asyncio.FIRST_COMPLETED
        )
    stop.set()
    playing.cancel()
    await serving
    await exercise.close()


def _print(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for entry in found:
        click.echo(f"{entry['at'][:16]}  {entry['kind']:10}  {entry['recipient']:32}  {entry['subject']}")
