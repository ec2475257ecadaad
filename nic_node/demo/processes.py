"""Node processes that the demo starts and stops: each `nic serve` with a folder and a port of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from nic_node.errors import NotConfigured

START_SECONDS = 120.0
STOP_SECONDS = 15.0
FAST = {"NIC_POLL_SECONDS": "1.2", "NIC_JOB_SECONDS": "0.5", "NIC_LOG_LEVEL": "warning"}


@dataclass(slots=True, kw_only=True)
class NodeProcess:
    """One running node.

    Attributes:
        url: its address, as it printed it.
        setup_url: the one-time link, if nobody has set the school up yet.
    """

    name: str
    data: Path
    url: str = ""
    setup_url: str | None = None
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start the process and wait until it said where it is.

        Raises:
            NotConfigured: it ended, or said nothing in time; its own words are in node.log.
        """
        is_new = await asyncio.to_thread(self._write_settings)
        log = await asyncio.to_thread((self.data / "node.log").open, "ab")
        with contextlib.closing(log):
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "nic_node.cli",
                "serve",
                "--data",
                str(self.data),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=clean_environment(),
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._read_addresses(is_new=is_new)
        except TimeoutError as error:
            raise NotConfigured(f"The node {self.name} did not start in time; see {self.data / 'node.log'}.") from error

    def _write_settings(self) -> bool:
        """Whether this is the node's first start."""
        self.data.mkdir(parents=True, exist_ok=True)
        settings = self.data / "nic.env"
        if settings.exists():
            return False
        settings.write_text("".join(f"{name}={value}\n" for name, value in {**FAST, "NIC_PORT": "0"}.items()))
        return True

    async def _read_addresses(self, *, is_new: bool) -> None:
        self.url = await self._line()
        if not is_new:
            return
        port = self.url.rsplit(":", 1)[-1]
        # The address is the node's name in its network, so the next start must find the same one.
        settings = self.data / "nic.env"
        await asyncio.to_thread(settings.write_text, settings.read_text().replace("NIC_PORT=0", f"NIC_PORT={port}"))
        self.setup_url = (await self._line()).rsplit(" ", 1)[-1]

    async def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode().strip()
        if not line:
            raise NotConfigured(f"The node {self.name} ended while it started; see {self.data / 'node.log'}.")
        return line

    async def stop(self) -> None:
        """End it gently, and if it does not listen, for good."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


def clean_environment() -> dict[str, str]:
    """Ours without settings of another node: each reads its own nic.env."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NIC_") and name != "DATABASE_URL"}
