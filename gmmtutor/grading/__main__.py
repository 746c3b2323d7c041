"""The command line: ``python -m gmmtutor.grading build|grade|prove``."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from gmmtutor.grading import assignment, batch, build, reports, sandbox, submission

SEED = "GMMTUTOR_SEED"
SHOWN = 15  # reasons that are printed at the end; reasons.csv has all


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
    words = "a CSV of two columns: name of a file or folder, and the student it belongs to"
    second.add_argument("--names", type=Path, help=words)
    second.add_argument("--book", default="", help="where the book's pages are, for links")
    second.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
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
    return f"The judge used {int(peak.split()[1]) / 1e3:.0f} MB."


def run_build(options):
    target = build.write(assignment.load(options.assignment), options.out)
    print(f"The student copy is {target}")
    return 0


def run_grade(options):
    if not options.submissions.is_dir():
        raise assignment.BadAssignment(f"There is no folder {options.submissions}.")
    if options.names and not options.names.is_file():
        raise assignment.BadAssignment(f"There is no list {options.names}.")
    loaded, command = assignment.load(options.assignment), worker_command(options)
    names = submission.names_from(options.names) if options.names else None
    results = batch.grade_folder(
        loaded,
        options.submissions,
        options.out,
        seed_of(options),
        command,
        jobs=options.jobs,
        names=names,
        book=options.book,
    )
    print(f"{len(results)} submissions graded: {options.out / 'grades.csv'}")
    tell(results, submission.ignored(options.submissions), names_left(options, names))
    if options.memory:
        print(used())
    return 0


def names_left(options, names):
    """Return the names of a list that no file or folder has."""
    there = {path.name for path in options.submissions.iterdir()}
    there |= {path.stem for path in options.submissions.iterdir()}
    return sorted(set(names or ()) - there - {"file"})  # the head of the column


def tell(results, ignored, left):
    """Print what a lecturer has to look at, and what was lost most often."""
    flagged = [(r["student"], "; ".join(reports.flags(r))) for r in results]
    lines = [f"  {student}: {words}" for student, words in flagged if words]
    if lines:
        say("Look at:", *lines)
    if ignored:
        say(f"Left alone, being no notebook and no module: {', '.join(ignored)}")
    if left:
        say(f"In the list of names, and not in the folder: {', '.join(left)}")
    counted = reports.counted(results)[:SHOWN]
    if counted:
        rows = [f"{number:6}  {check}: {reason}" for (check, reason), number in counted]
        say("Lost most often (students, check, reason):", *rows)


def say(*lines):
    """Print lines, in which a name may be of letters that the terminal does not have."""
    code = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(code, "backslashreplace").decode(code))


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
