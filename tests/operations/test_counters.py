"""Counting costs no process its life, and the files of ended processes neither pile up nor vanish."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from clinic_site import counters, metrics

KEY = mmap_key("clinic_requests", "clinic_requests_total", ["area"], ["pages"], "Answered.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "METRICS_DIR", tmp_path / "metrics")
    monkeypatch.setattr(counters, "_ready_in", None)
    return settings.METRICS_DIR


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def write(folder: Path, process: int, value: float) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"counter_{process}.db"
    file = MmapedDict(path)
    file.write_value(KEY, value, 0.0)
    file.close()
    return path


def counted() -> float:
    (metric,) = counters.Counts().collect()
    (sample,) = metric.samples
    return sample.value


def test_what_ended_processes_counted_stays_in_the_sum_and_in_one_file(folder: Path) -> None:
    gone = [write(folder, ended_process(), value) for value in (3, 4)]
    mine = write(folder, os.getpid(), 5)

    sums = [counted(), counted()]

    assert sums == [12, 12]
    assert sorted(folder.glob("counter_*")) == sorted([folder / "counter_0.db", mine])
    assert not any(path.exists() for path in gone)


def test_every_byte_has_its_place_before_a_file_is_mapped(folder: Path) -> None:
    counters.make_ready()

    files = [folder / f"{kind}_{os.getpid()}.db" for kind in counters.KINDS]
    assert [path.stat().st_size for path in files] == [counters.ROOM] * 2
    assert all(path.stat().st_blocks * 512 >= counters.ROOM for path in files)  # no holes


def test_without_room_nothing_is_counted_and_no_half_file_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full(handle: int, start: int, length: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", disk_is_full)
        with pytest.raises(OSError, match="No space left"):
            counters.make_ready()
        assert list(folder.iterdir()) == []

    counters.make_ready()  # there is room again, and so there are counters again


def test_a_damaged_file_does_not_take_the_others_with_it(folder: Path) -> None:
    write(folder, ended_process(), 3)
    (folder / f"counter_{ended_process()}.db").touch()  # killed before its file had a beginning

    assert counted() == 3


def test_all_labels_there_can_be_fit_in_the_room(folder: Path) -> None:
    folder.mkdir()
    areas = [*metrics.AREAS, "static", "other"]
    used = {kind: MmapedDict(folder / f"{kind}_1.db") for kind in counters.KINDS}
    for area in areas:
        for name in ("_sum", *(f"_bucket{edge}" for edge in range(13))):
            labels = ["area", "le"], [area, "0.005"]
            used["histogram"].read_value(
                mmap_key(
                    "clinic_request_seconds", f"clinic_request_seconds{name}", *labels, "T" * 30
                )
            )
        for method in [*metrics.METHODS, "other"]:
            for status in range(1, 6):
                labels = ["area", "method", "status"], [area, method, f"{status}xx"]
                used["counter"].read_value(
                    mmap_key("clinic_requests", "clinic_requests_total", *labels, "R" * 20)
                )

    capacities = {file._capacity for file in used.values()}
    for file in used.values():
        file.close()
    assert capacities == {counters.ROOM}
