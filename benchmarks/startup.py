"""How long `contentfab --help` takes against a bare two-command Typer program, as a ratio.

Both are started in turn, so that a busy machine slows both; the medians are compared.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 25
LIMIT = 1.8
BARE = """
import typer
app = typer.Typer()
@app.command()
def one(name: str) -> None: ...
@app.command()
def two(count: int = 1) -> None: ...
if __name__ == "__main__":
    app()
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        commands = {
            "bare": [sys.executable, str(bare), "--help"],
            "contentfab": [sys.executable, "-m", "contentfab", "--help"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(RUNS + 1):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                if turn:  # the first turn warms the disk cache
                    seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = medians["contentfab"] / medians["bare"]
    for name, value in medians.items():
        print(f"{name:11} {value * 1000:6.0f} ms (median of {RUNS})")
    print(f"ratio       {ratio:6.2f} (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
