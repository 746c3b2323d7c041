"""Grade a class of 300, 5% of them hostile: ``python tests/class_of_300.py [300 [2]]``.

Exit code 1 if a result is missing, if one has points that it did not earn, or if it takes too
long. Options: the number of submissions and of jobs.
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gmmtutor.grading import assignment, catalogue

HOSTILE = 20  # one in so many
MINUTES = 4
MEMORY = 200  # MB for the judge


def notebook(cells):
    """Return code cells as the text of a notebook."""
    rows = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c}
        for c in cells
    ]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def hand_in(loaded, folder, number):
    """Write a class's submissions; return {student: entry}, None for the solution itself."""
    entries = catalogue.entries(loaded)
    attacks = [entry for entry in entries if entry.kind == "attack"]
    honest = [None, *(entry for entry in entries if entry.kind != "attack")]
    given = {}
    for n in range(number):
        hostile = n % HOSTILE == HOSTILE - 1
        kind, turn = (attacks, n // HOSTILE) if hostile else (honest, n)
        entry = kind[turn % len(kind)]
        student = f"student-{n:03}"
        cells = entry.cells if entry else catalogue.solution(loaded)
        cells = catalogue.handed_in(cells, student).cells
        (folder / f"{student}.ipynb").write_text(notebook(cells), encoding="utf-8")
        given[student] = entry
    return given


def expected(loaded, entry):
    """Return the points that a submission earns."""
    if entry is None or entry.kind == "correct":
        return loaded.plan.points
    if entry.kind == "attack":
        return 0
    return loaded.plan.points - sum(c.points for c in loaded.plan.checks if c.id in entry.loses)


def faults(loaded, given, table):
    """Yield what is wrong with the lecturer's table."""
    with open(table, encoding="utf-8") as file:
        scores = {row["student"]: int(row["score"]) for row in csv.DictReader(file)}
    if set(scores) != set(given):
        yield f"{len(scores)} results for {len(given)} submissions"
    for student, entry in given.items():
        if scores.get(student) != expected(loaded, entry):
            name = entry.name if entry else "solution"
            yield f"{student} ({name}): {scores.get(student)}, not {expected(loaded, entry)}"


def main(number="300", jobs="2", name="responsibilities"):
    """Grade a class; print time, memory and faults."""
    loaded = assignment.load(name)
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "in"), Path(place, "out")
        folder.mkdir()
        given = hand_in(loaded, folder, int(number))
        words = ["-m", "gmmtutor.grading", "grade", name, folder, "-o", out, "--jobs", jobs]
        start = time.monotonic()
        run = subprocess.run(
            [sys.executable, *map(str, words), "--seed", "a class", "--memory"],
            stdout=subprocess.PIPE,
            text=True,
        )
        seconds = time.monotonic() - start
        found = list(faults(loaded, given, out / "grades.csv"))
    print(run.stdout + f"{number} submissions, {jobs} jobs: {seconds:.0f} s")
    memory = re.search(r"The judge used (\d+) MB", run.stdout)
    if memory is None or int(memory[1]) > MEMORY:
        found.append(f"the judge used more than {MEMORY} MB")
    if seconds > 60 * MINUTES:
        found.append(f"it took longer than {MINUTES} minutes")
    print("\n".join(found) or "every result is there, and has the points that it earned")
    return 1 if run.returncode or found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
