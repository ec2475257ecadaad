"""`nic` as a shell runs it: a process with an exit code and two streams."""

import json
import subprocess
import sys
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "data" / "reference"


def test_the_streams_and_the_exit_code_of_a_real_process(tmp_path: Path) -> None:
    file = REFERENCE / "meta_bcg_logrr.csv"
    commands = [["evidence", "pool", str(file), "--json"], ["project", "list", "--data", str(tmp_path / "none")]]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "nic_node.cli", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    (pooled, silent), (nothing, sentence) = (process.communicate(timeout=120) for process in processes)

    assert [process.returncode for process in processes] == [0, 1]
    assert (json.loads(pooled)["k"], silent) == (13, "")
    assert (nothing, sentence.count("\n")) == ("", 1)
