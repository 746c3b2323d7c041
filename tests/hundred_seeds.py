"""The grade of a correct submission is the same for 100 seeds: run it as a program."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from gmmtutor.grading import assignment, catalogue, sandbox
from gmmtutor.grading.grade import grade


def score_of(loaded, job):
    """Return the score of one submission with one seed."""
    handed_in, seed = job
    return grade(loaded, handed_in, seed, sandbox.command)["score"]


def main(number="100", *names):
    """Grade every correct submission of the assignments with so many seeds."""
    sandbox.require()
    different = 0
    for name in names or ("responsibilities", "m-step-and-em", "robust-em"):
        loaded = assignment.load(name)
        correct = [e for e in catalogue.entries(loaded) if e.kind == "correct"]
        given = [
            catalogue.handed_in(catalogue.solution(loaded)),
            *(e.submission() for e in correct),
        ]
        jobs = [(given[n % len(given)], n) for n in range(int(number))]
        score = partial(score_of, loaded)
        with ThreadPoolExecutor(2) as pool:
            scores = Counter(pool.map(score, jobs))
        print(f"{name}: {number} seeds, scores {dict(scores)} of {loaded.plan.points}")
        different += set(scores) != {loaded.plan.points}
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
