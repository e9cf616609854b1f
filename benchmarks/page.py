"""docs/reference/benchmarks.md: how to run them, and the results that were kept."""

import os
import platform
from pathlib import Path

from benchmarks.workspace import Workspace
from howdah.foundation.settings import CHECKOUT

PAGE = CHECKOUT / "docs/reference/benchmarks.md"

HOW = """\
# Benchmarks

Every number that Howdah promises is measured by a program that you can run:

```
./howdah bench all                                      # everything, on 1 million documents
./howdah bench search --documents 50000 --users 50000   # a quick look at one
./howdah bench --help
```

They run on a stack of their own below `HOWDAH_HOME/bench`, on ports from 28400, and never touch the
developer's. The first program loads the data set, which stays until another size is asked for.
`--json` prints JSON; `--rounds` says how often each comparison is repeated; the exit code is 1 when
a promise was missed. What depends on the size is not judged on fewer than a million documents.

## How it is measured

- **Data.** Real English: the descriptions of Debian's packages and seven manuals that Debian ships
  (PostgreSQL, Python, Git, SQLite, Django, Linux, Debian policy), fetched with apt, unpacked into
  the workspace and not installed. 1,000,000 documents of 0.5 to 4 KB are put together from their
  paragraphs; 1,000 organizations weigh 1/k, so that the largest holds 13 %; 1,000,000 users have
  preferences whose values are shared by 0.1 % to 50 % of them. Rows depend on the texts and a seed
  only. The architecture document's table, with its indexes, holds the same documents beside ours.
- **CPU, not wall time.** What a request or statement costs is the CPU that the kernel accounts to
  the processes involved: the application's, PgBouncer's and PostgreSQL's, ended children included.
  It says the same on a machine that others use too.
- **Pairwise.** Subjects take turns within one run, A B A B, every second round in the opposite
  order, after a first round that is not counted. Figures are medians; a ratio is the median of the
  rounds' ratios.
- **Peers** (`benchmarks/peers/`) are small programs that answer the same requests with the bare
  query: no sign-in check, no tenancy, no metrics, no request log. They are tuned as somebody who
  knows the stack would: FastAPI with asyncpg on uvicorn, uvloop and httptools, orjson for the rows,
  no reset query; Django REST framework and Flask on the same server as ours. Same SQL, same rows,
  same indexes, same PgBouncer, two worker processes each.
- **Clients** are Debian's `wrk`, on loopback, bounded in time.
"""


def write_page(workspace: Workspace, names: list[str], into: Path = PAGE) -> list[str]:
    """Writes the page from the kept results; returns the names that have none."""
    folder = workspace.folder / "results"
    found = {name: folder / f"{name}.md" for name in names}
    missing = [name for name, path in found.items() if not path.exists()]
    sections = [path.read_text() for name, path in found.items() if name not in missing]
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text("\n".join([HOW, f"# Results\n\n{_machine()}\n", *sections]))
    return missing


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"On {os.cpu_count()} cores and {memory_gb:.0f} GB of memory, {platform.machine()}, "
        f"Python {platform.python_version()}, PostgreSQL 15, from Debian 12."
    )
