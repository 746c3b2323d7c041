"""Tests judged: which planted mistakes does a reader's own test let through?"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from gmmtutor.check.functions import ALIASES, PARAMETERS, SAME_AS, TAKES, problems
from gmmtutor.check.misconceptions import candidates
from gmmtutor.check.number import SOLUTION
from gmmtutor.check.problems import from_parameters, quietly
from gmmtutor.check.quantities import QUANTITIES
from gmmtutor.check.reading import short
from gmmtutor.check.recipe import Work
from gmmtutor.check.verdict import Verdict
from gmmtutor.mixture import Mixture
from gmmtutor.validation import as_samples

RIGHT, START = "right", "start"
PARTS = {"m_step": PARAMETERS}
NAMED = 4  # at most so many mistakes are spelt out
NO_TEST = "No test yet: return True if `f` passes it, and False if not."
NO_NAMES = (
    "No test yet: return 'right' or the name of the mistake, where the exercise asks for names; "
    "else True if what it is given passes, and False if not."
)


def test_of(name, test, *, right=None, planted=None, n_features=1):  # noqa: PT028
    """Judge a test: it should pass the right function and let no planted mistake through.

    Parameters
    ----------
    name : str
        Of the check whose mistakes are planted, for example "responsibilities"; any name if
        `right` and `planted` are given.
    test : callable
        ``test(f)`` calls f as `function` does, ``f(X, mixture)`` or ``f(X, resp, start)``, and
        returns True if f passes. Asserting is as good; so is returning the id of the mistake.
    right : callable, optional
        The right function, in place of the package's.
    planted : sequence of str or dict of str to callable, optional
        The ids of the mistakes to plant, or wrong functions by what is wrong with them; when
        omitted, every known mistake that can be made with this many features.
    n_features : int

    Returns
    -------
    Verdict
        Right if all is told apart; its `misconceptions` are those that the test lets through.

    Raises
    ------
    ValueError
        If there is no check of that name, or no such mistake in it.
    """
    bugs = _bugs(name, planted, n_features)
    right = _Planted(name) if right is None else right
    if not callable(test):
        text = "Give the test itself, a function of the function `f` that it tests."
        return Verdict("unreadable", text)
    said = _outcome(test, right)
    for bug in bugs:
        bug.said = _outcome(test, bug.f)
    if all(answer is None for answer in (said, *(bug.said for bug in bugs))):
        several = isinstance(planted, dict) and len(planted) > 1
        return Verdict("unanswered", NO_NAMES if several else NO_TEST)
    if not _passes(said):
        return _fails_the_right_one(said)
    return _report([bug for bug in bugs if not getattr(bug.f, "blind", False)], bugs)


test_of.__test__ = False  # a tool for readers: pytest is not to collect it


@dataclass
class _Bug:
    """A planted mistake, and what the test says of it."""

    id: str
    name: str
    f: object
    apart: str = ""
    read: tuple = ()
    said: object = None

    @property
    def passed(self):
        return _passes(self.said)

    @property
    def mistaken(self):
        return isinstance(self.said, str) and self.said != RIGHT and self.said != self.id


class _Planted:
    """The package's function of that name, with one rule replaced.

    `blind` becomes true if the mistake needs the parameters before the step and a call has none.
    """

    def __init__(self, name, row=None):
        self.name, self.row, self.blind = SAME_AS.get(name, name), row, False
        self.layouts = TAKES[name]

    def __call__(self, *args, **named):
        given = _given(self._values(args, named))
        try:
            wrong = self.row is not None and self.row.possible(Work(given))
            return self._result(Work(given, self.row.replaces if wrong else None))
        except AttributeError:
            self.blind = True
            return self._result(Work(given))

    def _values(self, args, named):
        """Return the arguments by the names that the check gives them."""
        meant = {_meaning(key): value for key, value in named.items()}
        for takes in self.layouts:
            rest = [key for key in takes if key not in meant]
            if len(rest) == len(args) and len(takes) == len(args) + len(meant):
                return meant | dict(zip(rest, args, strict=True))
        forms = " or ".join(f"f({', '.join(takes)})" for takes in self.layouts)
        count = len(args) + len(named)
        raise TypeError(f"call it as {forms}, not with {count} argument{'s' * (count != 1)}")

    def _result(self, work):
        parts = PARTS.get(self.name, (self.name,))
        with np.errstate(all="ignore"):
            values = [QUANTITIES[part].of(work) for part in parts]
        if self.name in ("hard_assignments", "n_parameters"):
            values = [value.astype(int) for value in values]
        values = [value if value.ndim else value.item() for value in values]
        return tuple(values) if len(values) > 1 else values[0]


def _meaning(key):
    return next((name for name, names in ALIASES.items() if key.lower() in names), key)


def _given(values):
    """Return the arrays of a problem, as `Work` takes them."""
    if set(PARAMETERS) <= values.keys():
        values["mixture"] = Mixture(*(values.pop(key) for key in PARAMETERS))
    given = {key: values[key] for key in values if key not in ("mixture", "centres")}
    if "resp" in values:
        given["resp"] = np.asarray(values["resp"], dtype=float)
        given.setdefault("X", np.zeros(len(given["resp"])))
    if "X" in given:
        given["X"] = as_samples(given["X"])
    if "centres" in values:
        given["centres_before"] = as_samples(values["centres"], given["X"].shape[1])
    return given | (from_parameters(values["mixture"]) if "mixture" in values else {})


# --- which mistakes are planted ------------------------------------------------------------------


def _bugs(name, planted, n_features):
    if isinstance(planted, dict):
        return [_Bug(str(text), str(text), f) for text, f in planted.items()]
    if name not in TAKES:
        raise ValueError(f"there is no check {name!r}; choose one of {', '.join(TAKES)}.")
    rows = [row for row in _visible(name, n_features) if planted is None or row.id in planted]
    unknown = set(planted or ()) - {row.id for row in rows}
    if unknown:
        raise ValueError(f"no mistake of {name!r} is called {', '.join(sorted(unknown))}.")
    return [
        _Bug(row.id, row.name, _Planted(name, row), row.try_instead(0), row.read) for row in rows
    ]


@cache
def _visible(name, n_features):
    """Return the rows that give other answers than the right ones on some random problem."""
    without = () if any(START in takes for takes in TAKES[name]) else (START,)
    drawn = [_as_given(problem, without) for problem in problems(name, n_features, seed=0)]
    return tuple(
        row
        for row in candidates(SAME_AS.get(name, name))
        if any(_shows(name, row, given) for given in drawn)
    )


def _as_given(problem, without):
    return _given({key: value for key, value in problem.items() if key not in without})


def _shows(name, row, given):
    parts = PARTS.get(SAME_AS.get(name, name), (SAME_AS.get(name, name),))
    try:
        if not row.possible(Work(given)):
            return False
        pairs = [
            [QUANTITIES[part].of(Work(given, rules)) for part in parts]
            for rules in (None, row.replaces)
        ]
    except (AttributeError, ValueError, IndexError, ArithmeticError, TypeError):
        return False
    return not all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(*pairs, strict=True))


# --- what the test says --------------------------------------------------------------------------


def _outcome(test, f):
    """Return True, False, None, a name, or the exception with which the test stops."""
    try:
        with quietly():
            said = test(f)
    except AssertionError:
        return False
    except NotImplementedError:
        return None
    except (Exception, SystemExit) as error:
        return error
    if said is None or isinstance(said, str):
        return said
    if isinstance(said, bool | np.bool_ | Verdict):
        return bool(said)
    if isinstance(said, np.ndarray):
        text = "a test returns one True or False, and this one an array: put `.all()` behind it"
        return TypeError(text)
    return TypeError(f"a test returns True or False, and this one returns {short(said)}")


def _passes(said):
    return said is None or said is True or said == RIGHT


def _fails_the_right_one(said):
    text = "Not yet: your test fails the right function."
    if isinstance(said, Exception | SystemExit):
        problem = f"{type(said).__name__}: {said}".rstrip(": .")
        return Verdict("unreadable", f"Your test stops on the right function with {problem}.")
    if isinstance(said, str):
        text = f"Not yet: your test says {said!r} of the right function."
    question = "What does the right function give on your data, and which line refuses it?"
    compare = "Print what `f` gives beside the number that your test expects, all digits of both."
    hints = (question, compare, "A bound may be tighter than rounding allows, or a number off.")
    return Verdict("unknown", text, ladder=(*hints, SOLUTION, SOLUTION))


def _report(bugs, drawn):
    """Return the verdict on a test that passes the right function."""
    through = [bug for bug in bugs if bug.passed]
    mistaken = [bug for bug in bugs if bug.mistaken]
    count, blind = len({bug.id for bug in bugs}), len(drawn) - len(bugs)
    start = "Some mistakes need the parameters before the step: call `f(X, resp, start)`."
    rest = [start] if blind else []
    if not through and not mistaken:
        message = f"Right: your test passes the right function and catches {_all(count)}."
        return Verdict("right", " ".join([message, *rest]), notes=tuple(rest))
    clauses = [f"takes {bug.id!r} for {bug.said!r}" for bug in mistaken[:NAMED]]
    if through:
        number = len({bug.id for bug in through})
        clauses.insert(0, f"lets through {number} of {_planted(count)}: {_listed(through)}")
    message = " ".join([f"Not yet: your test {'; it '.join(clauses)}.", *rest])
    ids = tuple(dict.fromkeys(bug.id for bug in (*through, *mistaken)))
    return Verdict("wrong", message, ids, ladder=_ladder([*through, *mistaken]))


def _all(count):
    return f"all {count} planted mistakes" if count > 1 else "the planted mistake"


def _planted(count):
    return f"{count} planted mistakes" if count > 1 else "1 planted mistake"


def _listed(bugs):
    names = {bug.id: _called(bug) for bug in reversed(bugs)}
    names = list(reversed(names.values()))
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _called(bug):
    return bug.name if bug.name == bug.id else f"{bug.name} (`{bug.id}`)"


def _ladder(bugs):
    """Return five hints: a question, which mistake, data that tell it, where to read, all data."""
    first = bugs[0]
    where = f'Read the page "{first.read[0]}": {first.read[1]}.' if first.read else SOLUTION
    telling = {f"{bug.name}: {bug.apart}" for bug in bugs if bug.apart}
    look = "Call the right function and the wrong one on the same data until they differ."
    return (
        f"On which data would the answer change with this mistake: {first.name}?",
        f"Your test lets through: {_listed(bugs)}.",
        f"Try {first.apart}." if first.apart else look,
        where,
        f"Data that tell: {'; '.join(sorted(telling))}." if telling else SOLUTION,
    )
