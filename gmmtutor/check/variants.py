"""Answers that differ from the plain truth and are sound all the same."""

from itertools import islice, permutations, product

import numpy as np

from gmmtutor.check.carried import moment_spread
from gmmtutor.check.recipe import RULES, Work
from gmmtutor.kmeans import squared_distances

MOST_COMPONENTS = 5  # whose orders are all tried
MOST_TIES = 256  # ways to break ties that are tried
TIE = 1e-12  # relative difference of what is equal but for rounding
ROUNDED_TO = (2, 3, 4)
ROUNDING_REACH = 0.02  # of the largest entry: rounded intermediates move an answer no farther
SHARE_REACH = 0.04  # of each share: how far a unit of the last digit may move it
CARRIED_REACH = 0.003  # of the largest entry: the same, for many small roundings together
CARRIED = 3  # so many decimals at least are carried by hand
SPREAD = 2.0  # standard deviations of the sum of many roundings
PARAMETERS = ("weights", "means", "covariances")


def _rounded(name, decimals):
    return lambda work: np.round(RULES[name](work), decimals)


def _rounded_log(name, decimals):
    return lambda work: np.log(np.round(np.exp(RULES[name](work)), decimals))


def rounded_recipes(digits):
    """Yield the replaced rules of one who goes on with rounded intermediate results.

    Parameters
    ----------
    digits : int or None
        Decimals of the answer; intermediate results have no fewer than that, or than 3.
    """
    fewest = min(3, 3 if digits is None else digits)
    for decimals in (d for d in ROUNDED_TO if d >= fewest):
        plain = {name: _rounded(name, decimals) for name in ("used", "counts", "new_means")}
        logs = {name: _rounded_log(name, decimals) for name in ("log_component", "log_joint")}
        total = {"log_total": _rounded("log_total", decimals)}
        density = {"log_total": _rounded_log("log_total", decimals)}
        moments = {"mixture_mean": _rounded("mixture_mean", decimals)}
        likelihood = {"log_likelihood": _rounded("log_likelihood", decimals)}
        yield from ({name: rule} for name, rule in plain.items())
        yield from ({name: rule} for name, rule in logs.items())
        yield from (plain, total, density, moments, likelihood)


def from_rounded(parts, work):
    """Return whether the answer is what rounded intermediate results lead to."""
    if not all(_near(part, work) for part in parts):
        return False
    digits = parts[0].answer.decimals
    if any(_all_fit(parts, Work(work.given, rules)) for rules in rounded_recipes(digits)):
        return True
    return digits is not None and all(_carried(part, work) for part in parts)


def _carried(part, work):
    """Return whether roundings carried along, one in each product, can explain an answer."""
    if part.fits(work):
        return True
    name, decimals = part.quantity.name, part.answer.decimals
    if decimals is None or is_cut_off(part, work):
        return False
    if name == "responsibilities":
        return _a_unit_off(part, work)
    if name not in ("means", "covariances"):
        return any(part.fits(Work(work.given, rules)) for rules in rounded_recipes(decimals))
    reach = SPREAD * moment_spread(name, work) * 0.5 * 10.0 ** -max(decimals, CARRIED)
    reach = reach.reshape(part.quantity.of(work).shape)
    reach = reach if part.at is None else reach[part.at]
    target = part.target(work)
    reach = np.minimum(reach, CARRIED_REACH * np.abs(target).max())
    gap = np.abs(part.answer.values - target)
    return bool((gap <= reach + part.answer.half_unit).all())


def _a_unit_off(part, work):
    """Return whether one share of a row is off by a unit, and the rows still sum to 1."""
    values, target = part.answer.values, part.target(work)
    unit = 2 * part.answer.half_unit
    gap = np.abs(values - target)
    off = part.answer.misses(target, part.scale)
    near = gap <= np.minimum(1.5 * unit, SHARE_REACH * np.abs(target))
    if values.ndim == 0 or not (near | ~off).all():
        return False
    one = (off.sum(axis=-1) <= 1) | (values.shape[-1] == 2)
    return bool((one & (np.abs(values.sum(axis=-1) - 1) < 1.5 * unit)).all())


def is_cut_off(part, work):
    """Return whether the digits are those of the right numbers cut off, not rounded."""
    power = 10.0**part.answer.decimals
    cut = np.trunc(part.target(work) * power) / power
    return bool(np.allclose(part.answer.values, cut, rtol=0, atol=1e-9 / power))


def _near(part, work):
    target = part.target(work)
    gap = np.abs(part.answer.values - target)
    return bool((gap <= ROUNDING_REACH * np.abs(target).max()).all())


def _all_fit(parts, work):
    return all(part.fits(work) for part in parts)


def from_ties(parts, work):
    """Return whether the answer is right if points as near to two centres take the other side.

    Parameters
    ----------
    parts : tuple of Part
    work : Work

    Returns
    -------
    bool
    """
    rules = {"kmeans_step": "nearest", "kmeans_labels": "nearest", "hard_assignments": "labels"}
    rule = rules.get(parts[0].quantity.name)
    if rule is None:
        return False
    best = _best_choices(rule, work)
    if (best.sum(axis=1) == 1).all():
        return False
    return any(
        _all_fit(parts, Work(work.given, {rule: _constant(labels)}))
        for labels in _assignments(parts, best)
    )


def _best_choices(rule, work):
    """Return which choices are best for each point, a table (N, K) of bool."""
    if rule == "labels":
        closeness, scale = work.compute("log_joint"), 1.0
    else:
        closeness = -squared_distances(work.X, work.centres_before)
        scale = float(np.abs(work.X).max()) ** 2
    best = closeness.max(axis=1, keepdims=True)
    return closeness >= best - TIE * (np.abs(best) + scale)


def _assignments(parts, best):
    """Yield the labels (N,) to try: the student's own where they are given, else all choices."""
    first = best.argmax(axis=1)
    for part in parts:
        if part.quantity.name != "kmeans_step" and part.fixed() == ():
            own = np.nan_to_num(part.answer.values, nan=-1).astype(int)
            allowed = (own >= 0) & (own < best.shape[1])
            allowed[allowed] = best[allowed, own[allowed]]
            yield np.where(allowed, own, first)
            return
    choices = (np.flatnonzero(row) for row in best)
    yield best.shape[1] - 1 - best[:, ::-1].argmax(axis=1)
    yield from (np.array(labels) for labels in islice(product(*choices), MOST_TIES))


def permuted(parts, work):
    """Return the order of the components in which all parts fit, or None.

    Parameters
    ----------
    parts : list of Part
    work : Work

    Returns
    -------
    tuple of int or None
        Entry j is the component that the answer has in place j.
    """
    axes = [_component_axis(part) for part in parts]
    if any(axis is None for axis in axes):
        return None
    targets = [part.target(work) for part in parts]
    n_components = targets[0].shape[axes[0]]
    if not 1 < n_components <= MOST_COMPONENTS:
        return None
    for order in permutations(range(n_components)):
        if all(
            part.answer.fits(np.take(target, order, axis), part.scale)
            for part, target, axis in zip(parts, targets, axes, strict=True)
        ):
            return order
    return None


def _component_axis(part):
    axis = part.quantity.component_axis
    if axis is None:
        return None
    left = axis - len(part.fixed())
    return left if left >= 0 else None


def refreshed_updates(work):
    """Yield the parameters of multicycle ECM: responsibilities refreshed between the updates.

    Parameters
    ----------
    work : Work
        With X, resp and start.

    Yields
    ------
    dict
        New weights (K,), means (K, D), covariances (K, D, D).
    """
    flags = [flag for flag in product((False, True), repeat=2) if any(flag)]
    for order in permutations(PARAMETERS):
        for refresh in flags:
            try:
                yield _cycle(work, order, refresh)
            except (ValueError, np.linalg.LinAlgError):
                continue  # a component has emptied or collapsed


def _cycle(work, order, refresh):
    """Update the parameters in this order, with E-steps in between where told."""
    parameters = {name: getattr(work.start, name) for name in PARAMETERS}
    resp = work.resp
    for name, again in zip(order, (*refresh, False), strict=True):
        centres = _constant(parameters["means"])
        step = Work({"X": work.X, "resp": resp}, {"centres": centres})
        parameters = parameters | {name: step.compute(f"new_{name}")}
        if again:
            resp = Work({"X": work.X, **parameters}).compute("posterior")
    return parameters


def from_refreshed(parts, work):
    """Return whether the answer comes from an EM that refreshes its responsibilities."""
    if "start" not in work.given or "resp" not in work.given:
        return False
    for parameters in refreshed_updates(work):
        rules = {f"new_{name}": _constant(value) for name, value in parameters.items()}
        if _all_fit(parts, Work(work.given, rules)):
            return True
    return False


def _constant(value):
    return lambda work: value
