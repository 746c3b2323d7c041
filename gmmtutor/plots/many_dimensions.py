"""Pictures of mixtures in two dimensions."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Ellipse, Rectangle

from gmmtutor.mixture import Mixture, responsibilities, weighted_log_prob
from gmmtutor.plots.parts import component_names, labels_on_top
from gmmtutor.plots.style import (
    COLOURS,
    GREY,
    INK,
    PAPER,
    WRONG,
    axes_for,
    component_look,
    in_style,
    tint,
)
from gmmtutor.validation import as_samples


def blend(resp):
    """Mix the components' colours in proportion to responsibilities.

    Parameters
    ----------
    resp : array_like, shape (N, K)

    Returns
    -------
    ndarray, shape (N, 3)
        RGB, each from 0 to 1.
    """
    resp = np.asarray(resp, dtype=float)
    palette = np.array([to_rgb(component_look(k)[0]) for k in range(resp.shape[1])])
    return np.clip(resp @ palette, 0, 1)


@in_style
def ellipses(
    mixture,
    X=None,
    resp=None,
    *,
    sds=(1, 2),
    labels=("x1", "x2"),
    names=None,
    wrong=False,
    ax=None,
):
    """Draw a mixture in two dimensions as ellipses, the data coloured by responsibility.

    Parameters
    ----------
    mixture : Mixture
        Of two features.
    X : array_like, shape (N, 2), optional
    resp : array_like, shape (N, K), optional
        The mixture's own responsibilities when left out.
    sds : sequence of float
        Mahalanobis distances of the ellipses from the mean.
    labels : pair of str
        Names of the features, with units.
    names : sequence of str, optional
    wrong : bool
        Hatch the ellipses.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``ellipses`` (K lists), ``means`` (K lines), ``data`` (K collections, by the largest
        responsibility), ``labels``.
    """
    ax = axes_for(ax, 3.8)
    artists = {"ellipses": [], "means": [], "data": []}
    if X is not None:
        X = as_samples(X, 2)
        resp = responsibilities(X, mixture) if resp is None else np.asarray(resp, dtype=float)
        nearest, shade = resp.argmax(axis=1), blend(resp)
    for k in range(mixture.n_components):
        colour, _, style, marker, _ = component_look(k)
        if X is not None:
            own = nearest == k
            artists["data"].append(ax.scatter(*X[own].T, s=14, c=shade[own], marker=marker, lw=0))
        look = {"fill": False, "ec": colour, "ls": style, "lw": 2}
        look |= {"hatch": WRONG[k % len(WRONG)]} if wrong else {}
        artists["ellipses"].append([ax.add_patch(ellipse(mixture, k, sd, **look)) for sd in sds])
        mean = mixture.means[k]
        artists["means"] += ax.plot(*mean, marker=marker, mfc=colour, mec=PAPER, ms=10, ls="")
    ax.autoscale_view()
    ax.set(xlabel=labels[0], ylabel=labels[1])
    artists["labels"] = labels_on_top(
        ax, mixture.means[:, 0], component_names(names, len(mixture.means))
    )
    return artists


def ellipse(mixture, k, sd, **look):
    """Make the ellipse of Mahalanobis distance `sd` around the mean of component k.

    Parameters
    ----------
    mixture : Mixture
        Of two features.
    k : int
        Counted from 0.
    sd : float
    **look
        Handed to ``matplotlib.patches.Ellipse``.

    Returns
    -------
    matplotlib.patches.Ellipse
    """
    eigenvalues, vectors = np.linalg.eigh(mixture.covariances[k])
    angle = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    width, height = 2 * sd * np.sqrt(eigenvalues[::-1])
    return Ellipse(mixture.means[k], width, height, angle=angle, **look)


@in_style
def territories(
    mixture, X=None, *, limits, sds=(1,), labels=("x1", "x2"), names=None, steps=301, ax=None
):
    """Tint the plane by the component that has the largest share, and draw the boundaries.

    Parameters
    ----------
    mixture : Mixture
        Of two features and at least two components.
    X : array_like, shape (N, 2), optional
    limits : ((float, float), (float, float))
        Of the two axes.
    sds : sequence of float
        Mahalanobis distances of the ellipses from the mean.
    labels : pair of str
    names : sequence of str, optional
    steps : int
        Points along each axis at which the shares are compared.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        What `ellipses` gives, and ``fields`` (filled contours, one for each component that has
        the largest share somewhere) and ``boundaries`` (contours, one for each that has it
        somewhere and not everywhere: its log-odds against the largest other one are 0, equation
        (eq-log-odds-matrix)).
    """
    ax = axes_for(ax, 3.8)
    first, second = (np.linspace(*pair, steps) for pair in limits)
    places = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    joint = weighted_log_prob(places, mixture)  # (steps^2, K)
    artists = {"fields": [], "boundaries": []}
    for k in range(mixture.n_components):
        lead = joint[:, k] - np.delete(joint, k, axis=1).max(axis=1)
        lead, colour = lead.reshape(steps, steps), component_look(k)[0]
        shade = {"colors": [tint(colour, 0.13)], "zorder": 0}
        line = {"colors": [INK], "linewidths": 1.2, "linestyles": "-", "zorder": 1}
        if lead.max() <= 0:
            continue
        artists["fields"].append(ax.contourf(first, second, lead, [0, lead.max() + 1], **shade))
        if lead.min() < 0:
            artists["boundaries"].append(ax.contour(first, second, lead, [0], **line))
    artists |= ellipses(mixture, X, sds=sds, labels=labels, names=(), ax=ax)
    ax.set(xlim=limits[0], ylim=limits[1])
    names = component_names(names, mixture.n_components)
    artists["labels"] = labels_on_top(ax, mixture.means[:, 0], names)
    return artists


@in_style
def whitened(X, mean, covariance, weight=None, *, labels=("x1", "x2"), ax=None):
    """Show a Gaussian's ellipses, and the circles that whitening makes of them.

    Parameters
    ----------
    X : array_like, shape (N, 2)
    mean : array_like, shape (2,)
    covariance : array_like, shape (2, 2)
        Its Cholesky factor L whitens: z = L^-1 (x - mean).
    weight : array_like, shape (N,), optional
        How much each sample counts, 0 to 1; the area of its dot.
    labels : pair of str
    ax : sequence of two matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``ellipses`` (two, of Mahalanobis distance 1 and 2), ``circles``, ``data`` (two
        collections), ``axes`` (the principal axes as four arrows, one standard deviation long:
        two on the left and their images on the right).
    """
    panels = axes_for(ax, 3.0, 1, 2)
    one = Mixture([1], [mean], [covariance])
    X, mean, factor = as_samples(X, 2), one.means[0], np.linalg.cholesky(one.covariances[0])
    weight = np.ones(len(X)) if weight is None else np.asarray(weight, dtype=float)
    eigenvalues, vectors = np.linalg.eigh(one.covariances[0])
    ends = (np.sqrt(eigenvalues) * vectors).T  # (2, 2): a row is an axis, one sd long
    ends *= np.where(ends[:, :1] < 0, -1, 1)  # to the right
    look = {"fill": False, "ec": COLOURS[0], "lw": 2}
    artists = {"axes": [], "data": []}
    artists["ellipses"] = [panels[0].add_patch(ellipse(one, 0, sd, **look)) for sd in (1, 2)]
    artists["circles"] = [panels[1].add_patch(Circle((0, 0), sd, **look)) for sd in (1, 2)]
    for panel, centre, map_to in ((panels[0], mean, np.eye(2)), (panels[1], np.zeros(2), factor)):
        data = np.linalg.solve(map_to, (X - mean).T).T + centre
        artists["data"].append(panel.scatter(*data.T, s=36 * weight, color=INK, zorder=3))
        for end in np.linalg.solve(map_to, ends.T).T:
            arrow = {"arrowstyle": "-|>", "color": GREY, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
            artists["axes"].append(panel.annotate("", centre + end, centre, arrowprops=arrow))
        panel.set_aspect("equal", adjustable="datalim")
        panel.autoscale_view()
    panels[0].set(xlabel=labels[0], ylabel=labels[1], title="as measured")
    panels[1].set(xlabel="z1", ylabel="z2", title="whitened")
    return artists


@in_style
def strip_square_circle(Z, shares, *, ax=None):
    """Show why fewer points lie within a circle than within a strip of the same half-width 1.

    Parameters
    ----------
    Z : array_like, shape (N, 2)
        Draws of two independent standard normals.
    shares : sequence of three float
        Probabilities of strip, square and circle, for the titles.
    ax : sequence of three matplotlib.axes.Axes, optional

    Returns
    -------
    dict
        ``shapes`` (three), ``inside`` and ``outside`` (three lines each).
    """
    panels = axes_for(ax, 2.5, 1, 3, sharey=True)
    Z = as_samples(Z, 2)
    inside = (
        np.abs(Z[:, 0]) <= 1,
        (np.abs(Z) <= 1).all(axis=1),
        (Z**2).sum(axis=1) <= 1,
    )
    look = {"fill": False, "ec": COLOURS[0], "lw": 2.4, "zorder": 4}
    shapes = Rectangle((-1, -4), 2, 8, **look), Rectangle((-1, -1), 2, 2, **look)
    artists = {"shapes": [], "inside": [], "outside": []}
    names = "strip", "square", "circle"
    parts = zip(panels, names, shares, (*shapes, Circle((0, 0), 1, **look)), inside, strict=True)
    for panel, name, share, shape, within in parts:
        artists["shapes"].append(panel.add_patch(shape))
        dots = {"ls": "", "marker": ".", "ms": 3}
        artists["inside"] += panel.plot(*Z[within].T, color=INK, **dots)
        artists["outside"] += panel.plot(*Z[~within].T, color=GREY, alpha=0.35, **dots)
        panel.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xlabel="z1")
        panel.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2], title=f"{name}: {100 * share:.0f}%")
    panels[0].set_ylabel("z2")
    return artists
