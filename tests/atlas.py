"""The atlas of the seven points: ``python tests/atlas.py --write`` (about two minutes, one core).

Runs EM from thousands of starts of every scheme and from every hard assignment of the seven
points to components, polishes each distinct end by Newton's method, tells maxima from saddles by
the Hessian, hunts further stationary points by Newton's method from random places, and counts
where the starts of each scheme end. Writes tests/atlas.json, and from it the tables of
book/atlas.md; ``--page`` writes the page alone. tests/test_atlas.py verifies every line anew.

Stationary points are searched in free coordinates: logarithms of weights up to a constant (the
last is 0), means, logarithms of variances. The signs of the Hessian's eigenvalues at a stationary
point are the same in all smooth coordinates.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np

import gmmtutor as gm
from gmmtutor import datasets, starts
from gmmtutor.fit import Climb, climb_together
from gmmtutor.kernel import EMMap

ROOT = Path(__file__).resolve().parent.parent
FILE, PAGE = ROOT / "tests" / "atlas.json", ROOT / "book" / "atlas.md"
COMMAND = "python tests/atlas.py --write"
SEVEN = datasets.seven_points()
N_STARTS, N_NEWTON, SEED = 20_000, 4_000, 0
TOL, MAX_ITER = 1e-10, 20_000  # gain per sample; rounds
SAME_HEIGHT = 1e-5
PLATEAU = "\N{MINUS SIGN}15.2458"  # where the second start lingers; the page speaks of it
PLUS_MINUS = ([-2, -1, 1, 2], [-0.8, -0.5, 0.5, 0.8])


# --- Starts --------------------------------------------------------------------------------------


def wide_net(X, n_components, rng):
    """Anything goes: means, weights and log variances are uniform on a generous range."""
    weights = rng.dirichlet(np.ones(n_components))
    means = rng.uniform(-4, 6, n_components)
    return gm.Mixture(weights, means, np.exp(rng.uniform(*np.log([0.01, 30]), n_components)))


SCHEMES = {
    "k-means++ points": starts.kmeans_plusplus_points,
    "random points": starts.random_points,
    "one point in each part": starts.quantile_points,
    "k-means clusters": starts.kmeans_clusters,
    "random shares": starts.random_responsibilities,
    "wide net": wide_net,
}


def drawn(scheme, n_components, n_starts, seed):
    """Starts of a scheme; the seed counts per scheme, so that one more scheme moves no other."""
    rng = np.random.default_rng([seed, n_components, list(SCHEMES).index(scheme)])
    return [SCHEMES[scheme](SEVEN, n_components, rng) for _ in range(n_starts)]


def hard_assignments(n_components):
    """The M-step of every assignment of the points that leaves no component on fewer than two."""
    for labels in itertools.product(range(n_components), repeat=len(SEVEN)):
        if min(labels.count(k) for k in range(n_components)) > 1:
            yield gm.m_step(SEVEN, np.eye(n_components)[list(labels)])


def ends(first, tol=TOL, max_iter=MAX_ITER, together=5_000):
    """Mixtures at which EM stops, None where a component has collapsed or emptied."""
    em, found = EMMap(SEVEN), []
    for i in range(0, len(first), together):
        group = first[i : i + together]
        for outcome in climb_together(em, group, em.enter(group), tol, max_iter):
            done = isinstance(outcome, Climb)
            found.append(em.leave(outcome.parameters) if done else None)
    return found


# --- Stationary points ---------------------------------------------------------------------------


def to_free(mixture):
    """Free coordinates (3K - 1,), components in the order of their means."""
    order = mixture.means[:, 0].argsort()
    weights, variances = mixture.weights[order], mixture.variances[order]
    logs = np.log(weights[:-1] / weights[-1])
    return np.concatenate([logs, mixture.means[order, 0], np.log(variances)])


def parts_of(free):
    """Weights, means, variances (..., K) of free coordinates (..., 3K - 1)."""
    n_components = (free.shape[-1] + 1) // 3
    logs, means, log_variances = np.split(free, [n_components - 1, 2 * n_components - 1], axis=-1)
    logs = np.concatenate([logs, np.zeros_like(logs[..., :1])], axis=-1)
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True), means, np.exp(log_variances)


def gradient(free):
    """Gradient of the log-likelihood in free coordinates, shape (..., 3K - 1)."""
    weights, means, variances = (part[..., np.newaxis, :] for part in parts_of(free))
    apart = SEVEN[:, np.newaxis] - means  # (..., N, K)
    joint = np.log(weights) - np.log(variances) / 2 - apart**2 / variances / 2
    resp = np.exp(joint - joint.max(axis=-1, keepdims=True))
    resp /= resp.sum(axis=-1, keepdims=True)
    by_weight = (resp - weights)[..., :-1].sum(axis=-2)
    by_mean = (resp * apart / variances).sum(axis=-2)
    by_log_variance = (resp * (apart**2 / variances - 1)).sum(axis=-2) / 2
    return np.concatenate([by_weight, by_mean, by_log_variance], axis=-1)


def hessian(free, step=1e-5):
    """Hessian in free coordinates (..., F, F), by central differences of the gradient."""
    bumps = step * np.eye(free.shape[-1])
    up, down = (gradient(free[..., np.newaxis, :] + sign * bumps) for sign in (1, -1))
    rows = (up - down) / (2 * step)
    return (rows + np.swapaxes(rows, -1, -2)) / 2


def newton(free, n_rounds=60, longest=0.5):
    """Newton's method for a zero of the gradient, no coordinate moving more than `longest`."""
    with np.errstate(all="ignore"):
        for _ in range(n_rounds):
            curved = hessian(free) + 1e-13 * np.eye(free.shape[-1])
            free = np.where(np.isfinite(curved).all(axis=(-2, -1))[..., None], free, 0.0)
            curved = np.nan_to_num(curved) + 1e-13 * np.eye(free.shape[-1])
            step = np.linalg.solve(curved, gradient(free)[..., np.newaxis])[..., 0]
            size = np.abs(step).max(axis=-1, keepdims=True)
            free = free - step * np.minimum(1, longest / np.maximum(size, longest))
    return free


def described(free):
    """A stationary point as the atlas lists it."""
    weights, means, variances = parts_of(free)
    order = means.argsort()
    mixture = gm.Mixture(weights[order], means[order], variances[order])
    free = to_free(mixture)
    return {
        "log_likelihood": gm.log_likelihood(SEVEN, mixture),
        "weights": mixture.weights.tolist(),
        "means": mixture.means[:, 0].tolist(),
        "variances": mixture.variances.tolist(),
        "largest_gradient": float(np.abs(gradient(free)).max()),
        "eigenvalues": np.linalg.eigvalsh(hessian(free)).tolist(),
    }


def of(entry):
    """The mixture of an entry of the atlas."""
    return gm.Mixture(entry["weights"], entry["means"], entry["variances"])


def is_interior(free):
    """Whether a zero of the gradient is a mixture of K different components in the open."""
    weights, means, variances = parts_of(free)
    pairs = itertools.combinations(range(len(means)), 2)
    apart = [abs(means[j] - means[k]) + abs(np.log(variances[j] / variances[k])) for j, k in pairs]
    inside = -3 < means.min() and means.max() < 5 and variances.max() < 2 * SEVEN.var()
    return min(weights) > 1e-4 and variances.min() > 1e-4 and min(apart) > 1e-3 and inside


def stationary(places):
    """Distinct interior stationary points near these free coordinates (R, F), highest first."""
    found = {}
    polished = newton(places)
    small = np.abs(gradient(polished)).max(axis=-1) < 1e-9
    for free in polished[small]:
        if is_interior(free):
            entry = described(free)
            found.setdefault(
                (round(entry["log_likelihood"], 6), *np.round(entry["means"], 3)), entry
            )
    return sorted(found.values(), key=lambda entry: -entry["log_likelihood"])


def is_maximum(entry):
    return entry["eigenvalues"][-1] < 0


# --- The atlas -----------------------------------------------------------------------------------


def counted(found, optima):
    """How many ends lie at each optimum, in this order; collapsed; stopped elsewhere."""
    heights = np.array([entry["log_likelihood"] for entry in optima])
    counts = [0] * (len(heights) + 2)
    for end in found:
        if end is None:
            counts[-2] += 1
            continue
        apart = np.abs(heights - gm.log_likelihood(SEVEN, end))
        counts[apart.argmin() if apart.min() < SAME_HEIGHT else -1] += 1
    return counts


def charted(n_components):
    """Optima, saddles that were met, and where the starts of every scheme end."""
    places = {name: ends(drawn(name, n_components, N_STARTS, SEED)) for name in SCHEMES}
    places["all hard assignments"] = ends(list(hard_assignments(n_components)))
    distinct = {}
    for end in itertools.chain.from_iterable(places.values()):
        if end is not None and end.weights.min() > 1e-4:
            distinct.setdefault(round(gm.log_likelihood(SEVEN, end), 4), to_free(end))
    rng = np.random.default_rng([SEED, n_components])
    far = [to_free(wide_net(SEVEN, n_components, rng)) for _ in range(N_NEWTON)]
    points = stationary(np.array([*distinct.values(), *far]))
    optima = [entry for entry in points if is_maximum(entry)]
    return {
        "optima": optima,
        "saddles": [entry for entry in points if not is_maximum(entry)],
        "ends": {name: counted(found, optima) for name, found in places.items()},
    }


def chart():
    """The whole atlas as it is written to the file."""
    about = {"command": COMMAND, "n_starts": N_STARTS, "n_newton": N_NEWTON, "seed": SEED}
    return about | {"components": {str(k): charted(k) for k in (2, 3)}}


# --- The page ------------------------------------------------------------------------------------


def listed(values, decimals):
    return ", ".join(f"{value:.{decimals}f}".replace("-", "−") for value in values)


def optima_table(n_components, entries):
    lines = [
        f"```{{table}} Interior optima with {n_components} components",
        f":name: tab-atlas-optima-{n_components}",
        "",
        "| | ℓ | weights | means | variances | largest eigenvalue of the Hessian |",
        "| --- | ---: | --- | --- | --- | ---: |",
    ]
    for entry in entries:
        cells = [listed([entry["log_likelihood"]], 6)]
        cells += [listed(entry[part], 4) for part in ("weights", "means", "variances")]
        cells += [listed(entry["eigenvalues"][-1:], 3)]
        lines.append(f"| {name_of(n_components, entries, entry)} | " + " | ".join(cells) + " |")
    return [*lines, "```", ""]


def name_of(n_components, entries, entry):
    """Letters in the order of their heights: A and B for three components, P, Q, R for two."""
    return ("AB" if n_components == 3 else "PQR")[entries.index(entry)]


def ends_table(n_components, chart):
    names = [name_of(n_components, chart["optima"], entry) for entry in chart["optima"]]
    columns = [*names, "collapsed", "elsewhere"]
    lines = [
        f"```{{table}} Where EM ends with {n_components} components, in per cent",
        f":name: tab-atlas-ends-{n_components}",
        "",
        f"| starts | number | {' | '.join(columns)} |",
        f"| --- | ---: |{' ---: |' * len(columns)}",
    ]
    for scheme, counts in chart["ends"].items():
        drawn = scheme != "all hard assignments"  # those are all there are: no error
        cells = [share(count, sum(counts), drawn) for count in counts]
        lines.append(f"| {scheme} | {sum(counts)} | {' | '.join(cells)} |")
    return [*lines, "```", ""]


def share(count, total, with_error=True):
    """Per cent and standard error; none of all or all of all stand bare, the page says why."""
    if count in (0, total):
        return "100" if count else "0"
    part = count / total
    error = 100 * np.sqrt(part * (1 - part) / total)
    unbroken = f"\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{error:.2f}"
    return f"{100 * part:.2f}{unbroken if with_error else ''}"


def saddles_table(n_components, entries):
    lines = [
        f"```{{table}} Saddles met with {n_components} components, the list need not be complete",
        f":name: tab-atlas-saddles-{n_components}",
        "",
        "| ℓ | directions upwards | weights | means | variances |",
        "| ---: | ---: | --- | --- | --- |",
    ]
    for entry in entries:
        height = listed([entry["log_likelihood"]], 4)
        ways_up = (np.array(entry["eigenvalues"]) > 0).sum()
        cells = [f"**{height}**" if height == PLATEAU else height, str(ways_up)]
        cells += [listed(entry[part], 3) for part in ("weights", "means", "variances")]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, "```", ""]


def page_part(atlas):
    """The generated part of book/atlas.md."""
    lines = []
    for k in (3, 2):
        chart = atlas["components"][str(k)]
        lines += [f"## {'Three' if k == 3 else 'Two'} components", ""]
        lines += optima_table(k, chart["optima"]) + ends_table(k, chart)
        lines += saddles_table(k, chart["saddles"])
    return "\n".join(lines)


def markers():
    return f"% begin atlas: {COMMAND}\n", "% end atlas\n"


def generated(page):
    """What stands between the markers of the page."""
    begin, end = markers()
    return page.partition(begin)[2].partition(end)[0]


def write_page(atlas):
    begin, end = markers()
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(begin)
    tail = rest.partition(end)[2]
    PAGE.write_text(f"{head}{begin}{page_part(atlas)}{end}{tail}", encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the file and the page")
    parser.add_argument("--page", action="store_true", help="write the page from the file")
    options = parser.parse_args()
    if options.page:
        write_page(json.loads(FILE.read_text(encoding="utf-8")))
        return
    atlas = chart()
    if options.write:
        FILE.write_text(json.dumps(atlas, indent=1) + "\n", encoding="utf-8", newline="\n")
        write_page(atlas)
    else:
        print(page_part(atlas))


if __name__ == "__main__":
    main()
