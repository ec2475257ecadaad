"""The files of a generated log over HTTP, by a process of its own: what a benchmark fetches costs it only the fetching.

`python -m bench.served_log FOLDER` prints its address.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from bench.generated_log import SETUP_CHECKPOINT
from federation.tlog.tiles import CHECKPOINT_PATH

TYPES = {"checkpoint": "text/plain", "tile": "application/octet-stream", "blobs": "application/x-ndjson"}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the server: below it stand `/log` and, as it was before the first record, `/setup`."""
    command = [sys.executable, "-m", "bench.served_log", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _serve(folder: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        kind = path.partition("/")[0]
        is_setup = request.match_info["log"] == "setup" and path == CHECKPOINT_PATH
        file = folder / (SETUP_CHECKPOINT if is_setup else path)
        if not file.is_file():
            return web.Response(status=404)
        headers = {"Content-Encoding": "gzip"} if kind == "blobs" else {}
        return web.Response(body=file.read_bytes(), content_type=TYPES[kind], headers=headers)

    application = web.Application()
    application.router.add_get("/{log:log|setup}/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)

    async def run() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
