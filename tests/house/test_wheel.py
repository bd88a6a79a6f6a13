"""The wheel holds everything that the program needs: templates, settings, countries, examples, migrations."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests" / "story" / "golden.json").read_text(encoding="utf-8"))


def test_the_wheel_runs_elsewhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    [wheel] = tmp_path.glob("*.whl")
    elsewhere = tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(elsewhere)

    play = "import sys, alerts; print(alerts.__file__, file=sys.stderr); from alerts.cli import main; main()"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(elsewhere)}
    command = [sys.executable, "-c", play, "demo", "--once", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, check=True, timeout=100, text=True
    )
    assert done.stderr.splitlines()[0].startswith(str(elsewhere)), "the wheel's own code ran"
    assert json.loads(done.stdout) == GOLDEN
