"""The command line: ``python -m gmmtutor.grading build|grade|prove``."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from gmmtutor.grading import assignment, batch, build, sandbox

SEED = "GMMTUTOR_SEED"


def parser():
    """Return the parser of the command line."""
    main = argparse.ArgumentParser(prog="python -m gmmtutor.grading", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    first = commands.add_parser("build", help="write the student copy of an assignment")
    first.add_argument("assignment", help="its name, or its folder")
    first.add_argument("-o", "--out", type=Path, default=Path("release"))
    second = commands.add_parser("grade", help="grade a folder of submissions")
    second.add_argument("assignment", help="its name, or its folder")
    second.add_argument("submissions", type=Path, help="one file or one folder a student")
    second.add_argument("-o", "--out", type=Path, required=True)
    third = commands.add_parser("prove", help="prove that an assignment is sound")
    third.add_argument("assignment", help="its name, or its folder")
    third.add_argument("--seeds", type=int, default=3, help="try so many seeds (3)")
    third.add_argument("--mutants", type=int, help="try so many mutations only")
    for command in (second, third):
        command.add_argument("--seed", help=f"the course's secret (or {SEED})")
        command.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
        words = "run what students wrote with your own rights"
        command.add_argument("--unsandboxed", action="store_true", help=words)
    return main


def worker_command(options):
    """Return what gives the command line of a worker: in the sandbox, unless told otherwise."""
    if options.unsandboxed:
        print("Without a sandbox: submissions run with your rights.", file=sys.stderr)
        return sandbox.unsandboxed_command
    sandbox.require()
    return sandbox.command


def seed_of(options):
    """Return the course's seed: given, from the environment, or drawn once for this folder."""
    given = options.seed or os.environ.get(SEED)
    if given:
        return given
    kept = options.out / "seed.txt"
    if not kept.exists():
        options.out.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(16), encoding="utf-8")
        print(f"No --seed: one was drawn and kept in {kept}. Keep it secret.", file=sys.stderr)
    return kept.read_text(encoding="utf-8").strip()


def used():
    """Say how much memory this process used, where the system tells."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            peak = next(line for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):  # not Linux
        return ""
    return f" (the judge used {int(peak.split()[1]) / 1e3:.0f} MB)"


def run_build(options):
    target = build.write(assignment.load(options.assignment), options.out)
    print(f"The student copy is {target}")
    return 0


def run_grade(options):
    if not options.submissions.is_dir():
        raise assignment.BadAssignment(f"There is no folder {options.submissions}.")
    loaded, command = assignment.load(options.assignment), worker_command(options)
    seed = seed_of(options)
    results = batch.grade_folder(
        loaded, options.submissions, options.out, seed, command, jobs=options.jobs
    )
    print(f"{len(results)} submissions graded: {options.out / 'grades.csv'}{used()}")
    flagged = [r["student"] for r in results if r["tampered"] or r.get("grader_failed")]
    if flagged:
        print(f"Look at: {', '.join(flagged)}")
    return 0


def run_prove(options):
    from gmmtutor.grading import prove

    command = worker_command(options)
    loaded = assignment.load(options.assignment)
    return prove.main(loaded, options, command)


def main(words=None):
    """Run a command; return its exit code."""
    options = parser().parse_args(words)
    try:
        return {"build": run_build, "grade": run_grade, "prove": run_prove}[options.command](
            options
        )
    except (assignment.BadAssignment, sandbox.NoSandbox) as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
