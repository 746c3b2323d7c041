"""How often `gmmtutor.check` names the right mistake: ``python tests/check_power.py``.

Prints the tables as markdown, or as CSV with ``--csv``; with ``--page book/misconceptions.md`` it
writes them into that page (about five minutes). For every misconception and every check
to which it applies, random problems are drawn on which its answer, to the digits given, is neither
the truth nor the answer of another mistake; then the check must name it and nothing else.
"""

import argparse
import csv
import sys
import time
from pathlib import Path

import check_page
import numpy as np

from gmmtutor import check
from gmmtutor.check import carried, variants
from gmmtutor.check.misconceptions import candidates, paired_candidates
from gmmtutor.check.quantities import QUANTITIES, Part
from gmmtutor.check.reading import FULL_PRECISION, Answer
from gmmtutor.check.recipe import Work
from gmmtutor.datasets import random_mixture, random_problem
from gmmtutor.mixture import responsibilities

DIGITS = (None, 4, 3)  # None is full precision
RIGHT_DIGITS = (None, 2, 3, 4, 6)
PATIENCE = 60  # draws for each problem wanted
SHOWS = 0.01  # of the largest entry: an unlisted mistake that moves less may be rounding
LABELS = 60  # samples, where the answer is a label for each
TYPES = ("full", "tied", "diag", "spherical")
UPDATES = ("counts", "weights", "means", "covariances", "m_step")
BOUNDS = ("lower_bound", "q")
CRITERIA = ("aic", "bic")
MOMENTS = ("mixture_mean", "mixture_covariance")
CHECKS = (*(name for name in QUANTITIES if name != "kmeans_labels"), "m_step")


def draw(name, rng, n_features=None):
    """Draw a problem for a check.

    Returns
    -------
    given : dict
        For the recipe.
    ask : callable
        ``ask(answer, **options)`` returns the verdict.
    """
    if name == "n_parameters":
        return _draw_counting(rng)
    while True:
        given, ask = _drawn(name, rng, n_features or int(rng.choice([1, 1, 2])))
        if answers(name, given) is not None:  # no component is empty
            return given, ask


def _drawn(name, rng, n_features):
    """Draw a problem, whether or not it has an answer."""
    n_components = int(rng.integers(2, 4))
    n_samples = LABELS if name == "hard_assignments" else int(rng.integers(6, 10))
    options = {"separation": 2.0, "rng": rng}
    X, mixture = random_problem(n_samples, n_components, n_features, **options)
    start = random_mixture(n_components, n_features, **options)
    return _posed(name, rng, X, mixture, start)


def _posed(name, rng, X, mixture, start):
    """Return what a check of this name needs of a problem, and the way to ask it."""
    judge = getattr(check, name)
    given = {key: getattr(mixture, key) for key in ("weights", "means", "covariances")}
    resp = responsibilities(X, start)
    if name in UPDATES:
        late = {} if name == "counts" else {"start": start}
        return {"X": X, "resp": resp, **late}, lambda a, **o: judge(a, X, resp, **late, **o)
    if name in BOUNDS:
        return {"X": X, "resp": resp, **given}, lambda a, **o: judge(a, X, resp, mixture, **o)
    if name in MOMENTS:
        return given, lambda a, **o: judge(a, mixture, **o)
    if name == "kmeans_step":
        centres = rng.permutation(X)[: mixture.n_components] + 0.1
        posed = {"X": X, "centres_before": centres}
        return posed, lambda a, **o: judge(a, X, centres, **o)
    late = {"start": start} if name in ("responsibilities", "log_likelihood") else {}
    return {"X": X, **given, **late}, lambda a, **o: judge(a, X, mixture, **late, **o)


def _draw_counting(rng):
    numbers = int(rng.integers(2, 7)), int(rng.integers(2, 6)), str(rng.choice(TYPES))
    keys = ("n_components", "n_features", "covariance_type")
    given = dict(zip(keys, numbers, strict=True))
    return given, lambda a, **o: check.n_parameters(a, *numbers)


def answers(name, given, replaced=None):
    """Return the arrays that someone gives who makes this mistake; None if they have holes."""
    work = Work(given, replaced)
    names = ("weights", "means", "covariances") if name == "m_step" else (name,)
    try:
        arrays = tuple(QUANTITIES[part].of(work) for part in names)
    except (AttributeError, ValueError, np.linalg.LinAlgError):
        return None
    return arrays if all(np.isfinite(array).all() for array in arrays) else None


def same(a, b, digits):
    """Return whether two answers look the same to the digits given."""
    if any(x.shape != y.shape for x, y in zip(a, b, strict=True)):
        return False
    if digits is None:
        pairs = zip(a, b, strict=True)
        return all(np.allclose(x, y, rtol=1e-6, atol=1e-9) for x, y in pairs)
    return all(
        (np.round(x, digits) == np.round(y, digits)).all() for x, y in zip(a, b, strict=True)
    )


def everything(name, given):
    """Return [(row, answer)] of every mistake that can be made on a problem, and the truth."""
    work = Work(given)
    rows = [row for row in (*candidates(name), *paired_candidates(name)) if row.possible(work)]
    made = [(row, answers(name, given, row.replaces)) for row in rows]
    return [(row, arrays) for row, arrays in made if arrays is not None], answers(name, given)


def alone(name, given, row, mine, made, truth, digits):
    """Return whether nothing but this mistake gives its answer, to the digits given.

    Nor may a right calculation, whose every result is rounded to these digits, lead to it.
    A pair may look like a single mistake, which then is the simpler reason; so pairs must also
    differ from single mistakes, but not the other way round.
    """
    if same(mine, truth, digits) or by_rounding(name, given, mine, digits):
        return False
    return not any(
        other.id != row.id and len(other.parts) <= len(row.parts) and same(mine, theirs, digits)
        for other, theirs in made
    )


def by_rounding(name, given, mine, digits):
    """Return whether who rounds every result to these digits may come to an answer."""
    if digits is None or (name != "m_step" and QUANTITIES[name].whole):
        return False
    names = ("weights", "means", "covariances") if name == "m_step" else (name,)
    work = Work(given)
    parts = tuple(
        Part(QUANTITIES[part], Answer(np.round(array, digits), digits), None)
        for part, array in zip(names, mine, strict=True)
    )
    if any(part.answer.values.shape != part.target(work).shape for part in parts):
        return False
    return not carried.proves(parts, work) or variants.from_rounded(parts, work)


def ask_rounded(name, ask, arrays, digits):
    """Ask about an answer as it looks when rounded."""
    rounded = arrays if digits is None else tuple(np.round(array, digits) for array in arrays)
    answer = rounded if name == "m_step" else rounded[0]
    whole = name != "m_step" and QUANTITIES[name].whole
    return (
        ask(answer)
        if whole
        else ask(answer, decimals=FULL_PRECISION if digits is None else digits)
    )


def power_of(name, digits, n_problems, rng):
    """Count, for each mistake, how often it is named, and nothing else.

    Returns
    -------
    dict
        From id to [named, asked].
    """
    rows = (*candidates(name), *paired_candidates(name))
    score = {row.id: [0, 0] for row in rows if row.id != "underflow"}  # whose answers are NaN
    for _ in range(PATIENCE * n_problems):
        wanted = {identity for identity, (_, asked) in score.items() if asked < n_problems}
        if not wanted:
            break
        given, ask = draw(name, rng, 2 if wanted == {"diagonal-for-full"} else None)
        made, truth = everything(name, given)
        for identity in sorted(wanted):
            variants = [(row, arrays) for row, arrays in made if row.id == identity]
            if not variants:
                continue
            row, mine = variants[rng.integers(len(variants))]
            if alone(name, given, row, mine, made, truth, digits):
                verdict = ask_rounded(name, ask, mine, digits)
                score[identity][0] += verdict.misconceptions == (identity,)
                score[identity][1] += 1
    return score


def misconception_table(n_problems, seed=0):
    """Yield (check, id, digits, named, asked) for every mistake and check."""
    rng = np.random.default_rng(seed)
    for name in CHECKS:
        whole = name != "m_step" and QUANTITIES[name].whole
        for digits in (None,) if whole else DIGITS:
            for identity, counted in power_of(name, digits, n_problems, rng).items():
                yield name, identity, digits, *counted


def right_table(n_problems, seed=0):
    """Yield (check, digits, right, accused, asked) for right answers."""
    rng = np.random.default_rng(seed)
    for name in CHECKS:
        for digits in RIGHT_DIGITS:
            drawn = [draw(name, rng) for _ in range(n_problems)]
            verdicts = [ask_rounded(name, ask, answers(name, g), digits) for g, ask in drawn]
            accused = sum(bool(verdict.misconceptions) for verdict in verdicts)
            yield name, digits, sum(map(bool, verdicts)), accused, n_problems


def noise_table(n_problems, seed=0):
    """Yield (check, named, asked) for arrays of 6 entries and more that are off at random."""
    rng = np.random.default_rng(seed)
    for name in (
        "component_density",
        "density",
        "responsibilities",
        "means",
        "covariances",
        "m_step",
    ):
        named = asked = 0
        while asked < n_problems:
            given, ask = draw(name, rng, 2 if name in ("means", "covariances") else None)
            truth = answers(name, given)
            if sum(array.size for array in truth) < 6:
                continue
            asked += 1
            noisy = tuple(array * noise(array.shape, rng) for array in truth)
            named += bool(ask_rounded(name, ask, noisy, 3).misconceptions)
        yield name, named, asked


def noise(shape, rng):
    """Return factors that are off by 5 to 50%, up or down."""
    return 1 + rng.uniform(0.05, 0.5, shape) * rng.choice([-1, 1], shape)


def _normalised(table):
    return table / table.sum(axis=1, keepdims=True)


UNLISTED = {
    "responsibilities": {
        "half the logarithms": lambda w: _normalised(np.sqrt(w.posterior)),
        "squared": lambda w: _normalised(w.posterior**2),
        "a little for everyone": lambda w: (w.posterior + 0.1) / (1 + 0.1 * len(w.weights)),
        "tails of a Cauchy": lambda w: _normalised(w.weights / (1 + w.distances2)),
        "distances not squared": lambda w: _normalised(np.exp(-np.sqrt(w.distances2))),
        "squared weights": lambda w: _normalised(w.posterior * w.weights),
        "the neighbour's row": lambda w: np.roll(w.posterior, 1, axis=0),
    },
    "component_density": {
        "squared": lambda w: w.component**2,
        "scaled to a peak of 1 for all": lambda w: w.component / w.component.max(),
        "tails of a Cauchy": lambda w: 1 / (np.pi * (1 + w.distances2)),
    },
    "means": {
        "pulled to the old": lambda w: 0.7 * w.new_means + 0.3 * w.start.means,
        "squared responsibilities": lambda w: (w.used**2).T @ w.X / w.counts[:, np.newaxis],
        "one point too many": lambda w: w.used.T @ w.X / (w.counts[:, np.newaxis] + 1),
    },
    "covariances": {
        "divided by N - 1": lambda w: (
            w.new_covariances * (w.counts / (len(w.X) - 1))[:, None, None]
        ),
        "a ridge": lambda w: w.new_covariances + 0.3 * np.eye(w.X.shape[1]),
        "shared by all": lambda w: np.broadcast_to(
            w.new_covariances.mean(axis=0), w.new_covariances.shape
        ),
    },
}


def unlisted_table(n_problems, seed=0):
    """Yield (check, mistake, unknown, named, asked) for mistakes that are no row."""
    rng = np.random.default_rng(seed)
    for name, mistakes in UNLISTED.items():
        rule = QUANTITIES[name].rule
        for mistake, wrong in mistakes.items():
            verdicts = []
            while len(verdicts) < n_problems:
                given, ask = draw(name, rng, 2 if name in ("means", "covariances") else None)
                mine, truth = answers(name, given, {rule: _apply(wrong)}), answers(name, given)
                if _tells(name, given, mine, truth):
                    verdicts.append(ask_rounded(name, ask, mine, 3))
            unknown = sum(verdict.status == "unknown" for verdict in verdicts)
            named = sum(bool(verdict.misconceptions) for verdict in verdicts)
            yield name, mistake, unknown, named, n_problems


def _tells(name, given, mine, truth):
    """Return whether an unlisted mistake shows, and is not the same as a listed one here.

    It shows if some entry is off by more than `SHOWS` of the largest: less may be rounding
    carried along, which is right with a note.
    """
    if mine is None or all(_close(a, b) for a, b in zip(mine, truth, strict=True)):
        return False
    return not any(same(mine, theirs, 3) for _, theirs in everything(name, given)[0])


def _close(mine, truth):
    return np.abs(mine - truth).max() <= SHOWS * np.abs(truth).max()


def _apply(wrong):
    """Return a rule that computes from the untouched recipe."""
    return lambda work: wrong(Work(work.given))


def speed():
    """Return the slowest of all checks on the seven points, in milliseconds of this process."""
    from gmmtutor.datasets import second_start, seven_points

    X, start, rng = seven_points()[:, np.newaxis], second_start(), np.random.default_rng(0)
    slowest = 0.0
    for name in CHECKS:
        given, ask = (
            draw(name, rng) if name == "n_parameters" else _posed(name, rng, X, start, start)
        )
        wrong = tuple(1.07 * array + 0.01 for array in answers(name, given))
        ask_rounded(name, ask, wrong, 3)
        begun = time.process_time()
        ask_rounded(name, ask, wrong, 3)
        slowest = max(slowest, time.process_time() - begun)
    return 1000 * slowest


def _digits(digits):
    return "full" if digits is None else str(digits)


def _shown(value):
    return _digits(value) if value is None else str(value)


def write(title, head, rows, as_csv):
    """Print one table."""
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow((title, *head))
        writer.writerows((title, *map(_shown, row)) for row in rows)
        return
    print(f"\n**{title}**\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(_shown, row))} |", flush=True)


def write_page(path, n_problems, seed=0):
    """Write the generated parts of the page about misconceptions."""
    measured = check_page.measured_part(
        list(misconception_table(n_problems, seed)),
        list(right_table(n_problems, seed)),
        list(noise_table(5 * n_problems, seed)),
        list(unlisted_table(n_problems, seed)),
        speed(),
        n_problems,
        seed,
    )
    page = path.read_text(encoding="utf-8")
    page = check_page.replaced(page, "rows", check_page.rows_part())
    page = check_page.replaced(page, "measured", measured)
    path.write_text(page, encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=200, help="for each cell (200)")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--page", type=Path, help="write the tables into this page of the book")
    options = parser.parse_args()
    if options.page:
        write_page(options.page, options.problems)
    else:
        write_all(options.problems, options.csv)


def write_all(n, as_csv):
    """Print all tables."""
    write(
        "Mistakes named, and nothing else",
        ("check", "misconception", "decimals", "named", "of"),
        misconception_table(n),
        as_csv,
    )
    write(
        "Right answers",
        ("check", "decimals", "right", "accused", "of"),
        right_table(n),
        as_csv,
    )
    write("Noise of 5 to 50%", ("check", "named", "of"), noise_table(5 * n), as_csv)
    write(
        "Mistakes that are not listed",
        ("check", "mistake", "unknown", "named", "of"),
        unlisted_table(n),
        as_csv,
    )
    print(f"\nSlowest check on the seven points: {speed():.1f} ms", file=sys.stderr)


if __name__ == "__main__":
    main()
