"""Prove that an assignment is sound: every gate yields what is wrong, in words."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape

from gmmtutor.grading import build, catalogue, mutations
from gmmtutor.grading.grade import grade
from gmmtutor.progress import Progress

STUDENTS = ("ada", "student 17", "Łukasz")
CONSTANTS = (
    "0",
    "1",
    "2",
    "3",
    "[0.0, 0.0, 0.0]",
    "[1 / 3] * 3",
    "[]",
    "'a'",
    "'b'",
    "'c'",
    "'d'",
)
LONGEST = 35.0  # seconds for one attack
MOST_MEMORY = 650_000  # kB for a process of a submission
CANARY = 14  # letters of a line that are surely the solution's own


@dataclass
class Trial:
    """The setting of a proof: assignment, worker, seed, and what was graded already."""

    assignment: object
    command: object
    seed: str
    jobs: int = 2
    seeds: int = 3
    most_mutants: int | None = None
    show: bool | None = None
    known: dict = field(default_factory=dict)

    def grade_all(self, submissions, seed=None):
        """Grade submissions in parallel; return their results in order."""

        def one(handed_in):
            start = time.monotonic()
            result = grade(self.assignment, handed_in, seed or self.seed, self.command)
            return result | {"seconds": time.monotonic() - start}

        results = []
        with ThreadPoolExecutor(self.jobs) as pool, Progress(len(submissions), self.show) as bar:
            for done, result in enumerate(pool.map(one, submissions), 1):
                results.append(result)
                bar.update(done)
        return results

    def entries(self, kind):
        """Return the catalogue's entries of a kind, with their results."""
        if not self.known:
            found = catalogue.entries(self.assignment)
            graded = self.grade_all([entry.submission() for entry in found])
            self.known.update({e.name: (e, r) for e, r in zip(found, graded, strict=True)})
        return [pair for pair in self.known.values() if pair[0].kind == kind]


def lost(result):
    """Return {check: reasons} of what a submission lost."""
    return {c["id"]: c["misconceptions"] for c in result["checks"] if c["earned"] < c["points"]}


# --- gates -----------------------------------------------------------------------------------


def notebook_is_sound(trial):
    """Markers and metadata are right, points agree, and building twice gives the same bytes."""
    assignment = trial.assignment
    once, twice = (build.text(build.student_copy(assignment)) for _ in range(2))
    if once != twice:
        yield "Building twice gives different bytes."
    plan = assignment.plan
    wanted = {task.grade_id: task.points for task in plan.tasks}
    wanted |= {part.grade_id: part.points for part in plan.manual}
    found = build.graded(assignment.notebook)
    for name in sorted(wanted.keys() | found.keys()):
        points, planned = found.get(name), wanted.get(name)
        if points != planned:
            yield f"{name}: {points} points in the notebook, {planned} in checks.py."


def no_solution_leaks(trial):
    """No line of a solution or of a hidden test stands in the student copy."""
    text = build.text(build.student_copy(trial.assignment))
    for line in canaries(trial.assignment):
        if line in text:
            yield f"The student copy has a line of the solution: {line!r}."


def canaries(assignment):
    """Return the lines that stand in solutions and hidden tests alone."""
    cut, kept = set(), set()
    for cell in assignment.notebook["cells"]:
        inside = False
        for line in build.source(cell).splitlines():
            word = line.strip()
            inside = (inside or word in build.MARKERS) and word not in build.MARKERS.values()
            if word not in build.MARKERS:
                (cut if inside else kept).add(word)
    known = "\n".join(kept)
    return sorted(line for line in cut if len(line) >= CANARY and line not in known)


def leaks(assignment, files, elsewhere=""):
    """Yield (line, path) for each line of a solution in files that must have none.

    Parameters
    ----------
    assignment : Assignment
    files : iterable of Path
    elsewhere : str
        Text that is public anyway: what stands in it is no secret.
    """
    lines = [line for line in canaries(assignment) if line not in elsewhere]
    for path in files:
        text = unescape(path.read_text(encoding="utf-8", errors="ignore"))
        yield from ((line, path) for line in lines if line in text)


def solution_earns_all(trial):
    """The solution earns every point, for several seeds and students."""
    cells, plan = catalogue.solution(trial.assignment), trial.assignment.plan
    for number in range(trial.seeds):
        handed_in = [catalogue.handed_in(cells, student) for student in STUDENTS]
        for result in trial.grade_all(handed_in, f"{trial.seed}/{number}"):
            if result["score"] != plan.points or result["troubles"]:
                who = f"seed {number}, {result['student']}"
                yield f"{who}: the solution loses {lost(result)} {result['troubles']}"


def blank_earns_nothing(trial):
    """The copy as it was given out earns nothing, and neither does nothing at all."""
    cells = catalogue.blank(trial.assignment)
    for name, given in (("blank", cells), ("empty", ()), ("passing", _passing(cells))):
        for result in trial.grade_all([catalogue.handed_in(given)]):
            if result["score"]:
                yield f"The {name} submission earns {result['score']} points."


def _passing(cells):
    return tuple(cell.replace(build.STUB, "pass") for cell in cells)


def catalogue_is_large_enough(trial):
    """There are enough submissions of each kind."""
    for kind, least in trial.assignment.plan.catalogue.items():
        found = len(trial.entries(kind))
        if found < least:
            yield f"{found} submissions {kind}_*, and {least} are wanted."


def wrong_lose_what_they_say(trial):
    """Each wrong submission loses exactly the checks it names, for the reason it names."""
    for entry, result in trial.entries("wrong"):
        missed = lost(result)
        yield from _left_out(entry, result)
        if set(missed) != set(entry.loses):
            yield f"{entry.name} loses {sorted(missed)}, and should lose {sorted(entry.loses)}."
        for check, reason in entry.loses.items():
            if check in missed and (reason not in missed[check] if reason else missed[check]):
                yield f"{entry.name}: {check} gives the reason {missed[check]}, not {reason!r}."


def correct_earn_all(trial):
    """Each other way to be right earns every point."""
    for entry, result in trial.entries("correct"):
        yield from _left_out(entry, result)
        if result["score"] != result["points"]:
            yield f"{entry.name} loses {lost(result)}."


def _left_out(entry, result):
    """A cell that was left out has proved nothing."""
    if any("left out" in trouble for trouble in result["troubles"]):
        yield f"{entry.name}: a cell took too long and was left out."


def every_check_is_needed(trial):
    """Each check is the only one to catch some wrong submission."""
    alone = {next(iter(e.loses)) for e, _ in trial.entries("wrong") if len(e.loses) == 1}
    for check in trial.assignment.plan.checks:
        if check.id not in alone:
            yield f"No wrong submission is caught by {check.id} alone."


def attacks_gain_nothing(trial):
    """No attack earns more than a constant answer would, in bounded time and memory."""
    limit = constant_score(trial)
    for entry, result in trial.entries("attack"):
        if result["score"] > limit:
            yield f"{entry.name} earns {result['score']}, a constant answer {limit}."
        if result["seconds"] > LONGEST:
            yield f"{entry.name} takes {result['seconds']:.0f} s."
    import resource  # not on Windows, where no sandbox is either

    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if peak > MOST_MEMORY:
        yield f"A submission used {peak / 1000:.0f} MB."


def constant_score(trial):
    """Return the best score of a submission that gives the same constant to every question."""
    cells = catalogue.blank(trial.assignment)
    guesses = [catalogue.handed_in((*cells, _constant(trial, c))) for c in CONSTANTS]
    return max(result["score"] for result in trial.grade_all(guesses))


def _constant(trial, text):
    lines = []
    for check in trial.assignment.plan.checks:
        if check.judge:
            lines.append(f"{check.name} = {text}")
        else:
            lines.append(f"def {check.name}(*_):\n    return {text}\n")
    return "\n".join(lines)


def mutations_die(trial):
    """Each small mutation of the solution costs points, or is listed with its reason."""
    planted = list(mutations.mutants(catalogue.solution(trial.assignment)))
    allowed = trial.assignment.equivalent
    tried = [m for m in planted if m[0] not in allowed]
    if trial.most_mutants is not None:
        step = max(1, len(tried) // max(1, trial.most_mutants))
        tried = tried[::step][: trial.most_mutants]
    results = trial.grade_all([catalogue.handed_in(cells) for _, cells in tried])
    for (name, _), result in zip(tried, results, strict=True):
        if result["score"] == result["points"]:
            yield f"A mutation survives: {name}"
    for name in sorted(set(allowed) - {name for name, _ in planted}):
        yield f"EQUIVALENT lists a mutation that there is not: {name}"


GATES = (
    notebook_is_sound,
    no_solution_leaks,
    solution_earns_all,
    blank_earns_nothing,
    catalogue_is_large_enough,
    wrong_lose_what_they_say,
    correct_earn_all,
    every_check_is_needed,
    attacks_gain_nothing,
    mutations_die,
)


def main(assignment, options, command):
    """Run every gate and print what it finds; return 1 if something is wrong."""
    seed = options.seed or "proof"
    trial = Trial(assignment, command, seed, options.jobs, options.seeds, options.mutants)
    failed = 0
    for gate in GATES:
        start = time.monotonic()
        faults = list(gate(trial))
        failed += len(faults)
        mark = "FAILED" if faults else "ok"
        words = gate.__doc__.strip()
        print(f"{mark:>6}  {words}  {time.monotonic() - start:.1f} s", flush=True)
        for fault in faults:
            print(f"        {fault}", flush=True)
    print(f"{len(trial.known)} submissions in the catalogue.")
    return 1 if failed else 0
