"""An S3 service for tests: moto's application behind granian, which speaks TLS.

s3_service(folder)   an empty bucket, for as long as the context lasts
"""

import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError

from howdah.foundation.certificates.authority import issue, new_authority
from howdah.foundation.certificates.requests import CertificateRequest
from tests.backups.writing import until
from tests.database.own_server import free_port

HOST, BUCKET = "localhost", "howdah-backups"


@dataclass(frozen=True)
class S3Service:
    """Where it is, and who vouches for it."""

    port: int
    authority: Path

    def settings(self) -> dict[str, str]:
        """The environment of a stack that keeps its backups there."""
        return {
            "HOWDAH_BACKUP__ENABLED": "true",
            "HOWDAH_BACKUP__REPOSITORY": "s3",
            "HOWDAH_BACKUP__S3_ENDPOINT": HOST,
            "HOWDAH_BACKUP__S3_PORT": str(self.port),
            "HOWDAH_BACKUP__S3_BUCKET": BUCKET,
            "HOWDAH_BACKUP__S3_CA_FILE": str(self.authority),
        }

    def make_bucket(self) -> bool:
        """Make the bucket; False while the service does not answer."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        request = urllib.request.Request(f"https://{HOST}:{self.port}/{BUCKET}", method="PUT")
        try:
            with urllib.request.urlopen(request, context=trust) as answer:
                return bool(answer.status == 200)
        except URLError:
            return False


@contextmanager
def s3_service(folder: Path) -> Iterator[S3Service]:
    """The service, with an empty bucket; what it holds is in its memory."""
    now = datetime.now(UTC)
    authority = new_authority("tests", str(folder), now)
    pair = issue(authority, CertificateRequest("s3", (HOST,), "root"), now)
    files = {"ca.crt": authority.pem, "s3.crt": pair.certificate, "s3.key": pair.key}
    for name, pem in files.items():
        (folder / name).write_bytes(pem)
    service = S3Service(free_port(), folder / "ca.crt")
    application = "tests.backups.s3_application:application"
    place = ["--host", "127.0.0.1", "--port", str(service.port)]
    shown, kept = str(folder / "s3.crt"), str(folder / "s3.key")
    tls = ["--ssl-certificate", shown, "--ssl-keyfile", kept]
    command = [sys.executable, "-m", "granian", application, "--interface", "wsgi", *place]
    command += [*tls, "--workers", "1", "--blocking-threads", "4", "--log-level", "warning"]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            until(lambda: process.poll() is not None or service.make_bucket(), "the S3 service")
            assert process.poll() is None, "the S3 service ended"
            yield service
        finally:
            os.killpg(process.pid, signal.SIGTERM)
