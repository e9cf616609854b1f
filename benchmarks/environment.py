"""The Python environment of the benchmarks: the product's packages and the peers', hash-locked."""

import hashlib
import subprocess
import venv
from pathlib import Path

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import CHECKOUT

REQUIREMENTS = CHECKOUT / "requirements/bench.txt"


def ensure_environment(folder: Path) -> Path:
    """The environment's python; built when it is missing or the requirements changed."""
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    python = folder / "bin/python"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    venv.create(folder, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
    done = subprocess.run(
        [*command, "--requirement", str(REQUIREMENTS)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(
            f"The benchmarks' packages could not be installed: {done.stderr.strip()[-400:]}"
        )
    stamp.write_text(wanted)
    return python
