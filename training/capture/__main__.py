"""`python -m training.capture`: make a run, check the corpus, write its table of counts."""

import argparse
import json
import platform
import re
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from training.capture import box, collect, corpus, packages, readme, sandbox, verify
from training.capture.ledger import Ledger, stamp
from training.capture.program import Program
from training.capture.programs import available, select
from training.capture.scheduler import Course, Scheduler

REFUSALS = (sandbox.SandboxError, packages.MissingPackagesError, box.SetupError, OSError)


def main(argv: list[str]) -> int:
    options = parser().parse_args(argv)
    try:
        return int(options.command(options))
    except REFUSALS as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    names = [program.name for program in available]
    top = argparse.ArgumentParser(prog="python -m training.capture", description=__doc__)
    commands = top.add_subparsers(required=True)
    for name, command in (("run", run), ("inside", inside)):
        help_text = "run programs, break them, keep their logs (root)" if name == "run" else None
        sub = commands.add_parser(name, help=help_text or argparse.SUPPRESS)
        sub.add_argument("name", type=run_name, help="the run's folder in the corpus")
        sub.add_argument("--minutes", type=float, default=12)
        sub.add_argument("--programs", nargs="+", choices=names, default=names, metavar="PROGRAM")
        sub.add_argument("--seed", type=int, default=1, help="of the plan of faults and the work")
        sub.add_argument("--gap", type=float, default=22, help="mean clean seconds between faults")
        sub.add_argument("--faults", nargs="+", default=[], help="inject these kinds only")
        sub.add_argument("--seen", default="{}", help=argparse.SUPPRESS)
        sub.set_defaults(command=command)
    commands.add_parser("verify", help="check the corpus").set_defaults(command=check)
    commands.add_parser("readme", help="write its counts").set_defaults(command=write_readme)
    help_text = "count anomalous lines, and compare the rule with what was read by eye"
    commands.add_parser("labels", help=help_text).set_defaults(command=count_labels)
    return top


def run(options: argparse.Namespace) -> int:
    """Check what is needed, run inside a sandbox, keep what was written."""
    chosen = select(options.programs)
    check_faults(options.faults, chosen)
    if (corpus.CORPUS / options.name).exists():
        raise FileExistsError(f"the corpus has a run named {options.name!r}; choose another name")
    packages.check(chosen)
    seen = json.dumps(collect.times_of_fault())
    arguments = ["--minutes", str(options.minutes), "--seed", str(options.seed)]
    arguments += ["--gap", str(options.gap)]
    arguments += ["--faults", *options.faults] if options.faults else []
    arguments += ["--seen", seen, "--programs", *options.programs]
    copy = sandbox.lay_out(options.name)
    try:
        packages.install_node_modules(chosen, copy / "apps")
        status = sandbox.enter(options.name, arguments)
        if status:
            print(f"the run ended with status {status}; nothing was kept", file=sys.stderr)
            return status
        folder = collect.keep(options.name, sandbox.outer(options.name) / box.ROOT.name)
        print(f"kept {corpus.facts(options.name)['lines']} lines in {folder.name}")
        readme.write()
        return check(options)
    finally:
        sandbox.remove(options.name)


def check_faults(names: Iterable[str], chosen: Iterable[type[Program]]) -> None:
    """Refuse faults that no chosen program has, before anything is started."""
    unused = box.Box(0)
    known = [kind.name for program in chosen for kind in program(unused).faults()]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise box.SetupError(
            f"no such fault: {', '.join(unknown)}; the chosen programs have {', '.join(known)}"
        )


def run_name(text: str) -> str:
    """Accept what can name a folder of the corpus."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot name a run: use up to 40 small letters, digits and hyphens"
        )
    return text


def inside(options: argparse.Namespace) -> int:
    """The part of `run` that happens in the namespaces."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also when started in the background
    sandbox.furnish(options.name)
    started = datetime.now(UTC)
    chosen = select(options.programs)
    shared = box.Box(options.seed, [program.name for program in chosen])
    programs = [program(shared) for program in chosen]
    scheduler = Scheduler(shared, programs, Ledger(box.ROOT / "ledger.jsonl", options.name))

    course = Course(options.minutes, options.gap, json.loads(options.seen), tuple(options.faults))

    def say(text: str) -> None:
        print(f"{(datetime.now(UTC) - started).total_seconds():7.1f} s  {text}", flush=True)

    try:
        scheduler.run(course, say)
    except KeyboardInterrupt:
        return 130
    facts = {
        "run": options.name,
        "start": stamp(started),
        "end": stamp(datetime.now(UTC)),
        "seed": options.seed,
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.machine()}",
        "versions": {program.name: program.version() for program in programs if program.stems},
        "programs": {program.name: list(program.stems) for program in programs if program.stems},
        "client_errors": dict(sorted(scheduler.client_errors.items())),
        "restarted": dict(sorted(scheduler.restarted.items())),
        "failed_faults": scheduler.failed_faults,
        "failed_chores": scheduler.failed_chores,
    }
    (box.ROOT / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return 0


def check(_: argparse.Namespace) -> int:
    """Print what is wrong with the corpus, or how much of it is right."""
    found = [problem for name in corpus.runs() for problem in verify.problems(name)]
    for problem in found:
        print(problem, file=sys.stderr)
    lines = sum(corpus.facts(name)["lines"] for name in corpus.runs())
    print(f"{len(corpus.runs())} runs, {lines} lines, {len(found)} problems")
    return 1 if found else 0


def write_readme(_: argparse.Namespace) -> int:
    readme.write()
    return 0


def count_labels(_: argparse.Namespace) -> int:
    """Print how many lines are anomalous, and how far a person agreed with that."""
    # Not at the top: labels need the normaliser, and in the sandbox there is this package alone.
    from training.capture import labels

    count = count_anomalous = 0
    changed: list[str] = []
    for program in labels.programs():
        lines = list(labels.labelled(program))
        count += len(lines)
        count_anomalous += sum(line.is_anomalous for line in lines)
        changed += labels.changed(lines)
    print(f"{count} lines, {count_anomalous} of them anomalous ({count_anomalous / count:.1%})")
    pairs = [(each["rule"], each["eye"]) for each in labels.reviewed()]
    print(json.dumps({name: round(figure, 3) for name, figure in labels.agreement(pairs).items()}))
    for line in changed:
        print(f"{line}: the rule says otherwise than when it was read", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
