"""Running programs and new certificate files."""

from howdah.foundation.processes.supervisor import Supervisor


def tell_to_read_again(supervisor: Supervisor, program: str) -> None:
    """Have a running program read its certificate files again.

    Patroni hands it on to its PostgreSQL. etcd reads them at every handshake, and SIGHUP would
    end it.
    """
    if not program.startswith("etcd-"):
        supervisor.signal(program, "HUP")
