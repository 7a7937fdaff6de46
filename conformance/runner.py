"""Runs one module of CPython's tests and writes what happens to a journal, line by line, so that a crash loses nothing.

usage: runner.py MODULE JOURNAL

A line is `start<TAB>id`, `passed|failed|errored|skipped<TAB>id<TAB>reason`, or `end`. Ids that the journal already has an
outcome for are left out: after a crash the rest is run by starting again with the same journal.
"""

import importlib
import os
import re
import sys
import unittest

RANK = {"passed": 0, "skipped": 1, "failed": 2, "errored": 3}


def one_line(text):
    """The first line of a text, shortened, without what differs from run to run."""
    line = (str(text).strip().splitlines() or [""])[0].replace("\t", " ")
    line = re.sub(r"0x[0-9a-f]{6,}", "0x…", line)
    return line.encode("utf-8", "backslashreplace").decode()[:120]


def reason_of(error):
    kind, value, _ = error
    try:
        text = one_line(value)
    except Exception as problem:
        text = f"(str() raises {type(problem).__name__})"
    return f"{kind.__name__}: {text}" if text else kind.__name__


class Journal:
    def __init__(self, path):
        self.done = set()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    kind, _, rest = line.rstrip("\n").partition("\t")
                    if kind in RANK:
                        self.done.add(rest.partition("\t")[0])
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.process = os.getpid()

    def write(self, *words):
        # A test may fork, and its child may find its way back here.
        if os.getpid() == self.process:
            os.write(self.descriptor, ("\t".join(words) + "\n").encode("utf-8", "backslashreplace"))


class Recorder(unittest.TestResult):
    """A result that knows one outcome per test: the worst of its subtests."""

    def __init__(self, journal, names):
        super().__init__()
        self.journal = journal
        self.names = names
        self.at_work = None

    def startTest(self, test):
        super().startTest(test)
        self.at_work = self.names[id(test)]
        self.outcome = None
        self.journal.write("start", self.at_work)

    def stopTest(self, test):
        super().stopTest(test)
        outcome, reason = self.outcome or ("errored", "no outcome was reported")
        self.journal.write(outcome, self.at_work, reason)
        self.at_work = None

    def note(self, test, outcome, reason=""):
        if self.at_work is None:
            # The fixture of a class or module.
            self.journal.write(outcome, one_line(test.id()), reason)
        elif self.outcome is None or RANK[outcome] > RANK[self.outcome[0]]:
            self.outcome = outcome, reason

    def addSuccess(self, test):
        self.note(test, "passed")

    def addExpectedFailure(self, test, error):
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test):
        self.note(test, "failed", "unexpected success")

    def addSkip(self, test, reason):
        self.note(test, "skipped", one_line(reason))

    def addFailure(self, test, error):
        self.note(test, "failed", reason_of(error))

    def addError(self, test, error):
        self.note(test, "errored", reason_of(error))

    def addSubTest(self, test, subtest, error):
        if error is not None:
            failed = issubclass(error[0], test.failureException)
            self.note(test, "failed" if failed else "errored", reason_of(error))


def prune(suite, prefix, done, names, seen):
    """Names the tests of a suite, and takes out those that are done."""
    rest = []
    for test in suite._tests:
        if isinstance(test, unittest.TestSuite):
            prune(test, prefix, done, names, seen)
            rest.append(test)
            continue
        name = one_line(test.id().removeprefix(prefix))
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name += f"#{seen[name]}"
        if name not in done:
            names[id(test)] = name
            rest.append(test)
    suite._tests = rest


def load(name):
    from test import support

    # Resources (network, long tests, large files) are off, as they are by default in CPython's own runner.
    support.use_resources = ()
    module = importlib.import_module(name)
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(module)
    if loader.errors:
        raise ImportError(loader.errors[0].strip().splitlines()[-1])
    return suite


def main():
    module, path = sys.argv[1:]
    sys.argv[1:] = []
    journal = Journal(path)
    name = f"test.{module}"
    journal.write("start", "<import>")
    try:
        suite = load(name)
    except unittest.SkipTest as skip:
        journal.write("skipped", "<import>", one_line(skip))
    except BaseException:
        journal.write("errored", "<import>", reason_of(sys.exc_info()))
    else:
        journal.write("loaded")
        names = {}
        prune(suite, name + ".", journal.done, names, {})
        suite.run(Recorder(journal, names))
    journal.write("end")
    sys.stdout.flush()
    # What threads a test left behind must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
