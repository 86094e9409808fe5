"""A server in a process of its own, and what it costs."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """The real server (`meguri.api.serve`), or the bare one to compare with."""

    def __init__(self, module: str, folder: Path, url: str = "") -> None:
        self.port = free_port()
        command = [sys.executable, "-m", module, str(folder), str(self.port), url]
        self.process = subprocess.Popen(command)
        self._wait()

    def cpu_ms(self) -> float:
        """CPU time used so far by all its threads, in milliseconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1_000 / TICK

    def rss_mb(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def kill(self) -> None:
        """As a power cut would, as far as a process can feel one."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/api/v1/health")
                connection.getresponse().read()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("The server did not start") from None
                time.sleep(0.1)
        raise RuntimeError("The server did not answer within 30 s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
