"""The replay of 2010 sends exactly what the reviewed log says, on both databases."""

import asyncio
import json
import subprocess
from pathlib import Path

from desk import VIGIL

from alerts.demo.exercise import Exercise
from alerts.demo.log import sent

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))


def test_the_replay_yields_the_golden_log(tmp_path: Path, database_url: str) -> None:
    async def play() -> tuple[list[dict[str, str]], int]:
        exercise = Exercise(tmp_path, database_url=database_url)
        await exercise.open()
        try:
            await exercise.play(lambda: asyncio.sleep(0))
            return await asyncio.to_thread(sent, exercise.app), len(exercise.catcher.mails)
        finally:
            await exercise.close()

    log, arrived = asyncio.run(play())
    assert log == GOLDEN
    assert arrived == len(GOLDEN), "each mail arrived once"


def test_the_command_prints_the_golden_log(tmp_path: Path) -> None:
    command = [str(VIGIL), "demo", "--once", "--json"]
    done = subprocess.run(
        command, capture_output=True, cwd=tmp_path, env={"HOME": str(tmp_path)}, check=True, timeout=100
    )
    assert json.loads(done.stdout) == GOLDEN


def test_of_real_people_only_their_own_subscribers_hear_and_no_day_is_made_up() -> None:
    dushanbe = [entry for entry in GOLDEN if "Dushanbe" in entry["subject"] and entry["language"] == "en"]
    assert {entry["kind"] for entry in dushanbe} == {"reminder", "correction"}
    assert all("February 2010" in entry["subject"] for entry in dushanbe if entry["kind"] == "reminder")
