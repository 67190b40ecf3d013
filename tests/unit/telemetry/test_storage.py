import json
import resource
import stat
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from telemetry._internal.export import storage as storage_module
from telemetry._internal.export.storage import Storage
from telemetry.testing import SteppingClock

ENVELOPES = [{"name": "one"}, {"name": "two"}]


def test_stored_envelopes_are_read_back(tmp_path: Path) -> None:
    Storage(tmp_path / "role").put(ENVELOPES)
    (blob,) = Storage(tmp_path / "role").gets()
    assert list(blob.get()) == ENVELOPES


def test_folder_is_not_readable_for_other_users(tmp_path: Path) -> None:
    (tmp_path / "role").mkdir(mode=0o755)
    Storage(tmp_path / "role").prepare()
    assert stat.S_IMODE((tmp_path / "role").stat().st_mode) == 0o700


def test_value_without_json_type_is_stored_as_text(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.put([{"price": Decimal("1.5")}])
    assert list(next(storage.gets()).get()) == [{"price": "1.5"}]
    assert not list(tmp_path.glob("*.tmp"))


def test_leased_file_is_hidden_until_the_lease_ends(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.put(ENVELOPES)
    blob = next(storage.gets())
    blob.lease(60)
    assert list(storage.gets()) == []
    blob.lease(0)
    assert len(list(storage.gets())) == 1


def test_file_can_be_leased_once(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.put(ENVELOPES)
    (first,), (second,) = storage.gets(), storage.gets()
    assert first.lease(60) is not None
    assert second.lease(60) is None


def test_full_folder_removes_and_counts_the_oldest_envelopes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_module, "_MAX_BYTES", 3 * len(json.dumps(ENVELOPES[0]) + "\n"))
    storage = Storage(tmp_path, SteppingClock())
    storage.put([{"name": "old"}, {"name": "old"}])
    storage.put([{"name": "new"}])
    assert storage.pop_discarded_count() == 0
    storage.put([{"name": "new"}])
    assert [envelope["name"] for blob in storage.gets() for envelope in blob.get()] == ["new", "new"]
    assert (storage.pop_discarded_count(), storage.pop_discarded_count()) == (2, 0)


def test_deleted_folder_is_created_again(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "role")
    storage.prepare()
    (tmp_path / "role").rmdir()
    assert list(storage.gets()) == []
    assert storage.put(ENVELOPES) is not None
    assert len(list(storage.gets())) == 1


def test_put_returns_none_when_the_disk_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    storage = Storage(tmp_path / "file" / "role")
    assert storage.put(ENVELOPES) is None
    assert list(storage.gets()) == []


def test_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o755)
    (tmp_path / "role").symlink_to(victim)
    with pytest.raises(OSError, match="role"):
        Storage(tmp_path / "role").prepare()
    (victim / "1.tmp").touch()
    assert Storage(tmp_path / "role").put(ENVELOPES) is None
    assert list(Storage(tmp_path / "role").gets()) == []
    (victim / "1.tmp").unlink()
    assert (stat.S_IMODE(victim.stat().st_mode), list(victim.iterdir())) == (0o755, [])


def test_files_with_other_names_are_left_unchanged(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "role")
    storage.prepare()
    for name in ("1.tmp", "0", "2020-01-01", "note.txt"):
        (tmp_path / "role" / name).touch()
    (tmp_path / "role" / "1.blob").mkdir()
    assert list(storage.gets()) == []
    assert len(list((tmp_path / "role").iterdir())) == 5


def test_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    storage_module.require_owner(tmp_path, 1000, 1000)
    storage_module.require_owner(tmp_path, 0, 1000, also_root=True)
    for also_root in (False, True):
        with pytest.raises(PermissionError, match="belongs to another user"):
            storage_module.require_owner(tmp_path, 1001, 1000, also_root=also_root)
        with pytest.raises(PermissionError, match="belongs to another user"):
            storage_module.require_owner(tmp_path, 1001, 0, also_root=also_root)


def test_full_disk_leaves_no_partial_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        assert Storage(tmp_path).put([{"name": "x" * 1000}]) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_files_are_not_readable_for_other_users(tmp_path: Path) -> None:
    Storage(tmp_path).put(ENVELOPES)
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600]


def test_file_sent_by_another_process_is_not_counted_as_discarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "_MAX_BYTES", 1)
    Storage(tmp_path).put(ENVELOPES)
    really_read = Path.read_bytes

    def vanish(path: Path) -> bytes:
        path.unlink()
        return really_read(path)

    monkeypatch.setattr(Path, "read_bytes", vanish)
    storage = Storage(tmp_path)
    assert storage.put(ENVELOPES) is not None
    assert storage.pop_discarded_count() == 0


def test_expired_files_are_removed(tmp_path: Path) -> None:
    def stamp(**ago: int) -> str:
        return (datetime.now(UTC) - timedelta(**ago)).strftime("%Y-%m-%dT%H%M%S.%f")

    (tmp_path / f"{stamp(days=8)}-0.blob").touch()
    (tmp_path / f"{stamp(minutes=2)}-1.blob.tmp").touch()
    (tmp_path / f"{stamp(minutes=2)}-2.blob").touch()
    (tmp_path / f"{stamp(seconds=2)}-3.blob.tmp").touch()
    assert [Path(blob.fullpath).name[-6:] for blob in Storage(tmp_path).gets()] == ["2.blob"]
    assert len(list(tmp_path.iterdir())) == 2
