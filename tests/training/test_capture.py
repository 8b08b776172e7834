"""The committed corpus is what its run wrote, and its ledger is borne out by the lines."""

import gzip
import hashlib
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from training.capture import __main__ as command
from training.capture import collect, corpus, packages, programs, readme, sandbox, verify
from training.capture.box import Box
from training.capture.effects import Trace, inside
from training.capture.ledger import stamp as stamp_text
from training.capture.program import FaultKind
from training.capture.scheduler import plan
from training.capture.stamps import stamp, stamps

LEAST_PROGRAMS, LEAST_LINES, LEAST_FAULTS, LEAST_RUNS = 20, 1_200_000, 90, 13
MOST_BYTES = 15_000_000

runs = pytest.mark.parametrize("run", corpus.runs())


@cache
def moments_of(run: str) -> dict[str, list[datetime]]:
    return {file.program: list(stamps(file.lines())) for file in corpus.files(run)}


@runs
def test_checksums_counts_and_ledger_hold(run: str) -> None:
    assert verify.problems(run) == []


@runs
def test_windows_follow_each_other_without_overlap(run: str) -> None:
    windows = corpus.ledger(run)
    for before, after in itertools.pairwise(windows):
        assert before.start < before.end <= after.start


@runs
def test_every_fault_has_lines_of_its_programs_inside_its_window(run: str) -> None:
    moments = moments_of(run)
    for window in corpus.ledger(run):
        if window.fault:
            assert window.program in window.affected
            for stem in window.affected:
                assert any(inside(moment, window) for moment in moments[stem]), (
                    f"{window.fault} says that {stem} was affected"
                )


@runs
def test_faults_take_well_under_half_of_the_time_and_have_clean_stretches_around(run: str) -> None:
    windows = corpus.ledger(run)
    broken = sum((w.end - w.start for w in windows if w.fault), timedelta())
    clean = sum((w.end - w.start for w in windows if not w.fault), timedelta())
    assert broken < clean * 0.8
    assert not windows[0].fault
    assert not windows[-1].fault
    for before, after in itertools.pairwise(windows):
        assert not (before.fault and after.fault)


def test_the_corpus_has_the_stated_breadth() -> None:
    names = corpus.runs()
    programs = {name for run in names for name in corpus.facts(run)["programs"]}
    faults = {window.fault for run in names for window in corpus.ledger(run) if window.fault}
    lines = sum(1 for run in names for file in corpus.files(run) for _ in file.lines())
    assert len(names) >= LEAST_RUNS
    assert len(programs) >= LEAST_PROGRAMS
    assert len(faults) >= LEAST_FAULTS
    assert lines >= LEAST_LINES


def test_nearly_every_kind_of_fault_is_in_two_runs() -> None:
    runs_of: dict[str, set[str]] = {}
    for run in corpus.runs():
        for window in corpus.ledger(run):
            if window.fault:
                runs_of.setdefault(window.fault, set()).add(run)
    single = sorted(kind for kind, names in runs_of.items() if len(names) < 2)
    assert len(single) < 0.1 * len(runs_of), f"in one run only: {', '.join(single)}"


def test_the_corpus_stays_small() -> None:
    sizes = [file.path.stat().st_size for run in corpus.runs() for file in corpus.files(run)]
    assert sum(sizes) < MOST_BYTES


def test_the_counts_in_the_readme_are_current() -> None:
    assert readme.table() in (corpus.CORPUS / "README.md").read_text(encoding="utf-8")


def test_a_changed_byte_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = min(corpus.runs(), key=lambda name: int(corpus.facts(name)["lines"]))
    shutil.copytree(corpus.CORPUS / run, tmp_path / run)
    monkeypatch.setattr(corpus, "CORPUS", tmp_path)
    file = corpus.files(run)[0]
    raw = bytearray(gzip.decompress(file.path.read_bytes()))
    raw[len(raw) // 2] ^= 1
    file.path.write_bytes(gzip.compress(bytes(raw)))
    assert any(f"{run}/{file.program}: sha256" in problem for problem in verify.problems(run))


def test_an_unknown_run_is_refused_with_the_known_names() -> None:
    with pytest.raises(FileNotFoundError, match=corpus.runs()[0]):
        corpus.ledger("no-such-run")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"2026-11-24 06:03:10.123 UTC [7] LOG:  x", "2026-11-24T06:03:10.123000+00:00"),
        (b"2026/11/24 06:03:10 [notice] 1#1: x", "2026-11-24T06:03:10+00:00"),
        (b'::1 - - [24/Nov/2026:07:03:10 +0100] "GET / H"', "2026-11-24T06:03:10+00:00"),
        (b"9:M 24 Nov 2026 06:03:10.123 * Ready", "2026-11-24T06:03:10.123000+00:00"),
        (b"<38>1 2026-11-24T06:03:10.123456+00:00 h sshd", "2026-11-24T06:03:10.123456+00:00"),
        (b"[2026-11-24 06:03:10,123: INFO/Main] x", "2026-11-24T06:03:10.123000+00:00"),
        (b"[2026-11-24 06:03:10 +0000] [1] [INFO] x", "2026-11-24T06:03:10+00:00"),
        (b'{"level":30,"time":1795500190123,"pid":1}', "2026-11-24T06:03:10.123000+00:00"),
        (b"2026-11-24  6:03:10 0 [Note] x", "2026-11-24T06:03:10+00:00"),
        (b"Traceback (most recent call last):", None),
    ],
)
def test_the_time_is_read_from_each_native_format(line: bytes, expected: str | None) -> None:
    moment = stamp(line)
    assert (moment and moment.astimezone(UTC).isoformat()) == expected


def test_what_runs_in_the_sandbox_needs_nothing_but_its_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "outer", tmp_path.joinpath)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    code = sandbox.lay_out("small").parents[1]
    command = [sys.executable, "-S", "-m", "training.capture", "inside", "--help"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_verify_prints_what_it_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path)
    monkeypatch.setattr(corpus, "CORPUS", tmp_path)
    assert command.main(["verify"]) == 0
    assert capsys.readouterr().out == "1 runs, 201 lines, 0 problems\n"


def test_a_fault_that_shows_nowhere_joins_the_clean_stretches_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path)
    monkeypatch.setattr(corpus, "CORPUS", tmp_path)
    monkeypatch.setattr(collect, "CORPUS", tmp_path)
    unseen = collect.narrow("small")
    assert unseen == ["frozen at 2026-11-24T06:02:20.000000Z"]
    faults = [(window.fault, window.affected) for window in corpus.ledger("small")]
    assert faults == [(None, ()), ("lost", ("worker",)), (None, ())]


def write_run(folder: Path) -> None:
    """Write a small run: a worker that ticks each second and says once that it lost something."""
    start = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    text = "".join(
        f"{start + timedelta(seconds=s):%Y-%m-%d %H:%M:%S.000} tick {s}\n" for s in range(200)
    )
    run = folder / "small"
    run.mkdir()
    lost = f"{text}2026-11-24 06:01:50.000 lost 7\n".encode()
    (run / "worker.log.gz").write_bytes(gzip.compress(lost, mtime=0))
    kinds = [(None, 0, 100), ("lost", 100, 120), (None, 120, 140), ("frozen", 140, 150)]
    with (run / "ledger.jsonl").open("w", encoding="utf-8") as stream:
        for kind, since, until in [*kinds, (None, 150, 200)]:
            window = {
                "run": "small",
                "program": kind and "worker",
                "affected": ["worker"] if kind else [],
                "fault": kind,
                "start": stamp_text(start + timedelta(seconds=since)),
                "end": stamp_text(start + timedelta(seconds=until)),
            }
            stream.write(json.dumps(window) + "\n")
    described = collect.describe(corpus.LogFile("worker", run / "worker.log.gz"))
    digest = hashlib.sha256((run / "ledger.jsonl").read_bytes()).hexdigest()
    facts = {"files": {"worker": described}, "lines": 201, "ledger_sha256": digest}
    (run / "run.json").write_text(json.dumps(facts), encoding="utf-8")


def test_the_plan_takes_least_seen_faults_first_and_is_fixed_by_the_seed() -> None:
    kinds = [FaultKind(name, "redis", ("redis",), lambda: None) for name in "abcdef"]
    seen = {"a": 2, "b": 1}
    orders = [[kind.name for kind in plan(kinds, seen, random.Random(7))] for _ in range(2)]
    assert orders[0] == orders[1]
    assert orders[0][-2:] == ["b", "a"]
    assert sorted(orders[0]) == list("abcdef")


def test_selecting_a_program_brings_what_it_needs_in_the_order_of_starting() -> None:
    names = [program.name for program in programs.select(["haproxy"])]
    assert names.index("rsyslog") < names.index("postgresql") < names.index("shop")
    assert names.index("nginx") < names.index("haproxy") < names.index("visitors")
    assert "rabbitmq" not in names


def test_missing_packages_are_named_with_the_line_that_installs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "_installed", lambda name: name != "redis-server")
    with pytest.raises(packages.MissingPackagesError, match=r"apt-get install .*redis-server$"):
        packages.check(programs.select(["redis"]))


def test_a_plain_user_is_told_what_needs_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(sandbox.SandboxError, match="need root"):
        sandbox.lay_out("never")


def test_every_fault_kind_has_a_name_of_its_own() -> None:
    box = Box(1)
    names = [kind.name for program in programs.available for kind in program(box).faults()]
    assert len(names) == len(set(names))


def test_a_fault_shows_in_lines_of_an_unknown_form_or_an_unusual_number(tmp_path: Path) -> None:
    start = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    cuts = [start + timedelta(seconds=second) for second in (0, 100, 120, 200)]
    clean, fault, after = (
        corpus.Fault("", (), name, *cuts[i : i + 2]) for i, name in enumerate((None, "x", None))
    )
    lines = [f"{start + timedelta(seconds=s):%Y-%m-%d %H:%M:%S.000} got {s}" for s in range(200)]
    for extra, expected in (("got 7", False), ("lost 7", True)):
        path = tmp_path / f"{extra}.log.gz"
        text = "\n".join([*lines, f"2026-11-24 06:01:50.000 {extra}"])
        path.write_bytes(gzip.compress(text.encode()))
        trace = Trace(corpus.LogFile("x", path), [clean, fault, after])
        assert trace.shows(fault) is expected
    path.write_bytes(gzip.compress("\n".join(lines[:103]).encode()))
    assert Trace(corpus.LogFile("x", path), [clean, fault, after]).shows(fault)


def test_a_name_that_is_no_folder_and_an_unknown_fault_are_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        command.main(["run", "../elsewhere"])
    assert "cannot name a run" in capsys.readouterr().err
    assert command.main(["run", "new", "--programs", "redis", "--faults", "fire"]) == 1
    assert "no such fault: fire; the chosen programs have redis-" in capsys.readouterr().err


def test_a_run_is_kept_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "CORPUS", tmp_path / "corpus")
    monkeypatch.setattr(collect, "CORPUS", tmp_path / "corpus")
    write_run(tmp_path)
    root = tmp_path / "root"
    (root / "log").mkdir(parents=True)
    raw = gzip.decompress((tmp_path / "small/worker.log.gz").read_bytes())
    (root / "log/worker.log").write_bytes(raw)
    (root / "log/idle.log").write_bytes(b"")
    shutil.copy(tmp_path / "small/ledger.jsonl", root)
    with pytest.raises(FileNotFoundError, match="facts"):
        collect.keep("small", root)
    assert corpus.runs() == []
    (root / "facts.json").write_text('{"run": "small"}', encoding="utf-8")
    collect.keep("small", root)
    assert corpus.runs() == ["small"]
    assert [file.program for file in corpus.files("small")] == ["worker"]
    assert corpus.facts("small")["unseen_faults"] == ["frozen at 2026-11-24T06:02:20.000000Z"]
    assert verify.problems("small") == []
