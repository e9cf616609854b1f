import threading
from pathlib import Path

import pytest

from howdah.foundation.certificates.store import CertificateStore, Pair, write_file


def pair(number: int) -> Pair:
    return Pair(f"{number:04X}", b"certificate %d" % number, b"key %d" % number)


@pytest.fixture
def empty(tmp_path: Path) -> CertificateStore:
    made = CertificateStore(tmp_path / "certificates")
    made.prepare()
    return made


def issue(store: CertificateStore, number: int) -> None:
    store.stage("postgres-a", pair(number), "postgres")
    store.put_in_force("postgres-a", pair(number).serial)


def test_a_staged_pair_is_not_in_force(empty: CertificateStore) -> None:
    issue(empty, 1)
    empty.stage("postgres-a", pair(2), "postgres")
    assert empty.certificate("postgres-a").read_bytes() == b"certificate 1"
    assert empty.serial_in_force("postgres-a") == "0001"


def test_certificate_and_key_change_in_one_step(empty: CertificateStore) -> None:
    """A reader that resolves the link once always finds two that belong together."""
    issue(empty, 0)
    mixed, done = [], threading.Event()

    def read() -> None:
        while not done.is_set():
            folder = empty.certificate("postgres-a").resolve().parent
            shown = (folder / "postgres-a.crt").read_bytes().split()[-1]
            key = (folder / "postgres-a.key").read_bytes().split()[-1]
            if shown != key:
                mixed.append((shown, key))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 100):
        issue(empty, number)
    done.set()
    reader.join()
    assert mixed == []


def test_only_superseded_pairs_are_forgotten(empty: CertificateStore) -> None:
    for number in (1, 2, 3):
        issue(empty, number)
    empty.forget_superseded("postgres-a")
    assert empty.key("postgres-a").read_bytes() == b"key 3"
    folders = {path.name for path in (empty.folder / "issued" / "postgres-a").iterdir()}
    assert folders == {"in-force", "0003"}


def test_a_file_put_there_by_hand_gives_way_to_an_issued_one(empty: CertificateStore) -> None:
    empty.certificate("postgres-a").write_text("by hand")
    issue(empty, 1)
    assert empty.certificate("postgres-a").read_bytes() == b"certificate 1"


def test_nothing_half_written_is_left_in_place_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    write_file(path, b"one", "root", 0o644)
    write_file(path, b"two", "root", 0o644)
    assert path.read_bytes() == b"two"
    assert [item.name for item in tmp_path.iterdir()] == ["ca.crt"]
