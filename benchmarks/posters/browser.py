"""A warm page of headless Chromium, driven through the DevTools protocol over a pipe.

Just enough for a benchmark: open a page, run a function in it, take a PNG of it. Commands are JSON
documents that end in a zero byte (`--remote-debugging-pipe`: the browser reads file 3, writes 4).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", "--mute-audio",
    "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--force-color-profile=srgb", "--allow-file-access-from-files", "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One Chromium with one page of `width` × `height` CSS pixels, one device pixel each."""

    def __init__(self, program: str, profile: Path, width: int, height: int) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def files() -> None:  # in the child: its ends of both pipes as files 3 and 4
            kept = os.dup(to_browser), os.dup(from_browser)
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        arguments = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            arguments, preexec_fn=files, close_fds=False, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        self._left, self._count, self._session = b"", 0, ""
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def open(self, address: str) -> None:
        """Load a page and wait until its fonts and pictures are there."""
        self._call("Page.enable")
        self._call("Page.navigate", url=address)
        self.run("document.readyState === 'complete' || new Promise(r => onload = r)")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        result = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def png(self, *, fast: bool) -> bytes:
        """What the page shows. `fast` asks for the quickest compression, as PNG level 1."""
        shot = self._call("Page.captureScreenshot", format="png", optimizeForSpeed=fast)
        return base64.b64decode(shot["data"])

    def cpu_seconds(self) -> float:
        """Processor time of the browser and of every process under it (Linux)."""
        tick, parents, times = os.sysconf("SC_CLK_TCK"), {}, {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(status.parent.name)] = int(fields[1])
            times[int(status.parent.name)] = sum(map(int, fields[11:15])) / tick
        total = 0.0
        for process in times:
            above: int | None = process
            while above and above != self._process.pid:
                above = parents.get(above)
            total += times[process] if above else 0.0
        return total

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def _call(self, method: str, **values: Any) -> dict[str, Any]:
        self._count += 1
        command = {"id": self._count, "method": method, "params": values}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])

    def _next(self) -> bytes:
        while b"\0" not in self._left:
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self._left += part
        message, _, self._left = self._left.partition(b"\0")
        return message
