"""Put a submission's cells and our questions into the sandbox, and take its answers out."""

import json
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field

MOST_BYTES = 4_000_000  # that one process may send
MOST_LINES = 2_000  # about its cells
CHUNK = 65_536
KINDS = ("started", "loaded", "done", "value", "call", "cell")
WROTE = "The submission wrote to the grader's channel."


@dataclass(frozen=True)
class Clock:
    """How long a submission may take, in seconds.

    Attributes
    ----------
    start : float
        Until the worker is ready.
    cell : float
        For one cell: the import of a large library is slow.
    step : float
        For one call.
    total : float
        For everything, restarts included.
    restarts : int
        After a cell or call that ended the process, so many times the rest is tried anew, with
        half the time for each.
    """

    start: float = 30.0
    cell: float = 10.0
    step: float = 3.0
    total: float = 30.0
    restarts: int = 3


@dataclass(frozen=True)
class Question:
    """A call of a function of the submission: JSON arguments, under an id."""

    id: str
    name: str
    args: list


@dataclass
class Outcome:
    """What a submission answered.

    Attributes
    ----------
    values, calls : dict
        Name or id, and the worker's message about it.
    troubles : list of str
        What went wrong beside, in words.
    failed : dict
        Number of a cell, counted from 0, and what stopped it or one of its statements.
    tampered : bool
        Whether something else than the worker wrote to the channel.
    """

    values: dict = field(default_factory=dict)
    calls: dict = field(default_factory=dict)
    troubles: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    tampered: bool = False


class Ended(Exception):
    """The process ended before it was done; the message says how."""


class Tampered(Exception):
    """The channel carried what the worker never writes."""


def run(cells, values, questions, command, clock=None):
    """Run a submission, as often as it takes to get past what ends it.

    Parameters
    ----------
    cells : list of str
        The code, cell by cell.
    values : list of str
        Names of answers.
    questions : list of Question
    command : callable
        Returns the command line of a worker.
    clock : Clock, optional

    Returns
    -------
    Outcome
    """
    clock = clock or Clock()
    share = 1.0
    outcome, skip, deadline = Outcome(), set(), time.monotonic() + clock.total
    for _ in range(clock.restarts + 1):
        open_values = [name for name in values if name not in outcome.values]
        open_calls = [q for q in questions if q.id not in outcome.calls]
        request = _request(cells, skip, open_values, open_calls)
        exchange = Exchange(outcome, open_values, open_calls, clock, share, deadline)
        try:
            exchange.talk(command(), request)
            break
        except Tampered as problem:
            outcome.tampered = True
            outcome.troubles.append(str(problem))
            break
        except Ended as end:
            exchange.blame(str(end), skip)
            share = 0.5
        if time.monotonic() > deadline:
            outcome.troubles.append(f"All in all it took longer than {clock.total:.0f} seconds.")
            break
    _give_up(outcome, values, questions)
    return outcome


def _give_up(outcome, values, questions):
    """Say of what was not answered any more that it was not."""
    text = "When it was to be looked at, the submission had already been stopped; see above."
    for name in values:
        outcome.values.setdefault(name, {"value": name, "error": text, "whole": True})
    for question in questions:
        told = {"call": question.id, "error": text, "whole": True}
        outcome.calls.setdefault(question.id, told)


def _request(cells, skip, values, questions):
    calls = [{"id": q.id, "name": q.name, "args": q.args} for q in questions]
    request = {"cells": cells, "skip": sorted(skip), "values": values, "calls": calls}
    return json.dumps(request).encode("ascii")


class Exchange:
    """One process of a submission, from its request to its last line."""

    def __init__(self, outcome, values, questions, clock, share, deadline):
        self.outcome, self.clock, self.share, self.deadline = outcome, clock, share, deadline
        self.values = list(values)
        self.questions = {question.id: question for question in questions}
        self.cell, self.loaded, self.done, self.started = None, False, False, False
        self.lines = 0

    def talk(self, command, request):
        """Send the request, take the lines; raise Ended or Tampered if it goes wrong."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            try:
                process.stdin.write(request)
                process.stdin.close()
            except BrokenPipeError:
                raise Ended("The sandbox ended before it read the submission.") from None
            for line in self._lines(process.stdout):
                self._take(line)
        finally:
            stop(process)
        if not self.done:
            raise Ended(_how(process.returncode))

    def _lines(self, pipe):
        """Yield the lines of the process, with a limit on their time and their size."""
        buffer, seen = b"", 0
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            until = self._until()
            while not self.done:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise Ended(f"it did not come back within {self._patience():.3g} seconds")
                chunk = os.read(pipe.fileno(), CHUNK)
                if not chunk:
                    return
                seen += len(chunk)
                if seen > MOST_BYTES:
                    raise Tampered("The submission wrote far more than answers.")
                *lines, buffer = (buffer + chunk).split(b"\n")
                yield from lines
                if lines:
                    until = self._until()

    def _patience(self):
        if not self.started:
            return self.clock.start
        return self.share * (self.clock.step if self.loaded else self.clock.cell)

    def _until(self):
        return min(time.monotonic() + self._patience(), self.deadline)

    def _take(self, line):
        """Take in one line."""
        try:
            message = json.loads(line)
            kind = next(kind for kind in KINDS if kind in message)
        except (ValueError, RecursionError, StopIteration, TypeError):
            raise Tampered(WROTE) from None
        message.pop("whole", None)  # ours alone
        getattr(self, f"_{kind}")(message)

    def _started(self, message):
        _require(not self.started)
        self.started = True

    def _loaded(self, message):
        _require(self.started and not self.loaded)
        self.loaded = True

    def _done(self, message):
        _require(self.loaded)
        self.done = True

    def _cell(self, message):
        number = message["cell"]
        _require(not self.loaded and isinstance(number, int) and number >= (self.cell or 0))
        self.lines += 1
        _require(self.lines < MOST_LINES)
        self.cell = number
        if isinstance(message.get("error"), str) and len(self.outcome.troubles) < 20:
            self._stopped(message["error"][:400])

    def _stopped(self, how):
        """Note what stopped the cell at hand."""
        self.outcome.failed.setdefault(self.cell, how)
        text = f"Cell {self.cell + 1}: {how}"
        if text not in self.outcome.troubles:
            self.outcome.troubles.append(text)

    def _value(self, message):
        _require(self.loaded and message["value"] in self.values)
        self.values.remove(message["value"])
        self.outcome.values[message["value"]] = message

    def _call(self, message):
        name = message["call"]
        _require(self.loaded and isinstance(name, str) and name in self.questions)
        del self.questions[name]
        self.outcome.calls[name] = message

    def blame(self, how, skip):
        """Note which cell or call ended the process, so that the next one leaves it out."""
        if not self.loaded:
            if self.cell is None:
                self.outcome.troubles.append(f"The submission did not start: {how}.")
            else:
                skip.add(self.cell)
                self._stopped(f"{how}; it was left out.")
        elif self.values:
            name = self.values[0]
            text = f"When `{name}` was read, {how}."
            self.outcome.values[name] = {"value": name, "error": text, "whole": True}
        elif self.questions:
            name = next(iter(self.questions.values())).name
            for question in self.questions.values():
                if question.name == name:  # what failed once is not tried again and again
                    text = f"When `{name}` was called, {how}."
                    self.outcome.calls[question.id] = {
                        "call": question.id,
                        "error": text,
                        "whole": True,
                    }


def _require(sound):
    """Raise Tampered if a line is not the worker's."""
    if not sound:
        raise Tampered(WROTE)


def _how(code):
    if (code is not None and code < 0) or (code is not None and code > 128):
        number = -code if code < 0 else code - 128
        try:
            return f"the program was stopped by the signal {signal.Signals(number).name}"
        except ValueError:
            pass
    return "the program ended (as `os._exit` does), where an answer was expected"


def stop(process):
    """End a process and all that it started: in the sandbox they end with it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()
