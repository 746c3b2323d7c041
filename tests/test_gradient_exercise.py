"""The exercise on the gradient step: its slips, with the gradient by differences."""

import json
from pathlib import Path

import numpy as np

from gmmtutor import Mixture, check, datasets, log_likelihood, responsibilities


def cell_of(notebook, start):
    """Return the source of the code cell of a chapter that begins so."""
    text = (Path(__file__).parent.parent / "book" / f"{notebook}.ipynb").read_text()
    cells = ("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return next(cell for cell in cells if cell.startswith(start))


def test_the_gradient_step_knows_its_slips():
    x, start = datasets.seven_points(), datasets.first_start()
    resp = responsibilities(x, start)
    source = cell_of("three-updates", "answer = None  # the three new means, from the gradient")
    names = {"np": np, "x": x, "start": start, "resp": resp, "check": check}
    exec(source, names)
    # The gradient by differences, not by the chapter's formula.
    old, variances, counts = start.means[:, 0], start.variances, resp.sum(axis=0)
    slope = np.empty(3)
    for k, bump in enumerate(1e-6 * np.eye(3)):
        sides = (Mixture(start.weights, old + sign * bump, variances) for sign in (1, -1))
        up, down = (log_likelihood(x, side) for side in sides)
        slope[k] = (up - down) / 2e-6
    step = variances / counts * slope
    slips = {
        "downhill": old - step,
        "step size is forgotten": old + slope,
        "not divided by the count": old + variances * slope,
        "divided by N": old + variances * slope / 7,
        "size lacks the variance": old + slope / counts,
        "size has the standard": old + np.sqrt(variances) / counts * slope,
        "gradient is divided by the standard": old + variances**1.5 / counts * slope,
        "gradient is not divided": old + variances**2 / counts * slope,
        "without the old mean": step,
        "gradient is given": slope,
        "responsibilities are left out": np.full(3, x.mean()),
        "old means": old,
    }
    assert len(slips) == len(names["mistakes"])
    for words, value in slips.items():
        for answer in (value, np.round(value, 2)):
            verdict = check.number(
                answer, old + step, decimals=2, within=0.005, mistakes=names["mistakes"]
            )
            assert len(verdict.misconceptions) == 1, (words, verdict)
            assert words in verdict.misconceptions[0]
    assert check.number([-2.7, -0.4, 3.7], old + step, decimals=2, within=0.005)
