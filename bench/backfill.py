"""`python -m bench.backfill [RECORDS]`: a new member of a large network catches up; how long, and in how much memory.

Prints a JSON line a step: records so far, seconds and processor seconds for them, the most memory that this process and
those beside it have held, all together. Making the log (once a size) takes far longer than reading it.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.following_node import FollowingNode
from bench.generated_log import GeneratedLog, generated_log
from bench.served_log import served
from nic_node.mirror.examiners import Examiners

RECORDS = 1_000_000


def main(records: int) -> int:
    log = generated_log(records)
    with served(log.folder) as url, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_follow(Path(folder), log, url))
    return 0


async def _follow(folder: Path, log: GeneratedLog, url: str) -> None:
    node = await FollowingNode.opened(folder, log, f"{url}/log")
    examiners = Examiners()
    started = time.perf_counter()
    cpu = time.process_time()
    entries = records = 0
    done = False
    most_beside = 0
    while not done:
        report = await node.pull(examiners)
        entries, records, done = entries + report.new_entries, records + report.new_records, report.done
        most_beside = max(most_beside, sum(map(_peak_kib, examiners.pids)))
        line = {
            "entries": entries,
            "records": records,
            "seconds": round(time.perf_counter() - started, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "peak_mib": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + most_beside) / 1024),
        }
        print(json.dumps(line), flush=True)
    await examiners.rest()
    await node.close()
    size = (folder / "nic.sqlite3").stat().st_size
    print(json.dumps({"records": records, "database_mib": round(size / 2**20), "bytes_per_record": size // records}))


def _peak_kib(pid: int) -> int:
    """VmHWM of another process; 0, it is gone."""
    if not Path(f"/proc/{pid}/status").exists():
        return 0
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS))
