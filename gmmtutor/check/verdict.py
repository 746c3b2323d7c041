"""The verdict on an answer: what it is, what it says, how it shows itself."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from gmmtutor.check import display

RUNGS = 5
NO_MORE = "There is no further hint: the message says it all."
NOTHING_NEW = "This hint would only repeat an earlier one; ask for the next."


@dataclass(eq=False)
class Verdict:
    """The judgement of an answer; true if the answer is right.

    Attributes
    ----------
    status : str
        "right"; "different" (what another valid algorithm gives); "wrong" (the reason is known);
        "unknown" (not right, and no known mistake gives it); "few-digits"; "unreadable";
        "unanswered" (the place for the answer is still empty).
    message : str
        At most three sentences.
    misconceptions : tuple of str
        The ids of the mistakes each of which gives this answer on these data; empty when the
        answer is right, or when none does. A pair of mistakes made together is one id with a "+".
    notes : tuple of str
        What else is worth knowing about a right answer.
    where : str
        Which entries are off.
    compare : str
        The right value of a quantity on the way to the entry that is off.
    rows : tuple of Misconception
        The rows behind `misconceptions`; of a right answer, those that do not show on these data.
    example : dict or None
        A small problem on which a whole function visibly fails, what it gives there, and what
        is right.
    highest_hint : int
        Of the class: a lecturer may set it to less than 5 to switch off the last hints.
    """

    highest_hint: ClassVar[int] = RUNGS

    status: str
    message: str
    misconceptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    where: str = ""
    rows: tuple = field(default=(), repr=False)
    ladder: tuple[str, ...] = field(default=(), repr=False)
    compare: str = field(default="", repr=False)
    table: object = field(default=None, repr=False)
    example: dict | None = None
    _rung: int = field(default=0, init=False, repr=False)

    def __bool__(self):
        return self.status == "right"

    def hint(self, level=None):
        """Return a hint, from a question to the answer.

        Parameters
        ----------
        level : int, optional
            1 a question, 2 where, 3 what gives these numbers, 4 where to read, 5 the answer;
            when omitted, one rung higher at each call.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If the level is not one of 1 to 5.
        """
        if level is None:
            level = self._rung = self._next_rung()
        if level not in range(1, RUNGS + 1):
            raise ValueError(f"there are hints 1 to {RUNGS}, not {level!r}.")
        if not self.ladder:
            return self.message if level == 1 else NO_MORE
        if level > self.highest_hint:
            return f"Hints end at level {self.highest_hint} here."
        return self.ladder[level - 1] if self._says_more(level) else NOTHING_NEW

    def _says_more(self, level):
        """Return whether a rung is not a rung below once more."""
        rungs = self.ladder or (self.message,)
        return level <= len(rungs) and rungs[level - 1] not in rungs[: level - 1]

    def _next_rung(self):
        above = range(self._rung + 1, RUNGS + 1)
        return next((level for level in above if self._says_more(level)), RUNGS)

    def noted(self, note):
        """Return the same verdict with one more note, if there is one."""
        if not note:
            return self
        message = f"{self.message} {note}"
        return replace(self, message=message, notes=(*self.notes, note))

    def __repr__(self):
        return self.message

    def _repr_html_(self):
        return display.html(self)
