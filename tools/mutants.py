"""Plant faults in the core, one at a time, and see whether the tests of its module notice.

    .venv-mutants/bin/python tools/mutants.py [functional/softmax | functional/masks | …] …

mutmut plants them all, each to be switched on by its name. Starting pytest takes longer than most
tests, so here pytest collects them once, and every fault gets a fork of that process, which runs
the tests that reach the faulty function, quickest first, until one fails. The results are kept
where mutmut looks for them: `.venv-mutants/bin/mutmut show NAME` shows a fault.
"""

import os
import pickle
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from time import process_time

import pytest
from mutmut.__main__ import create_mutants
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils import file_utils
from mutmut.utils.format_utils import mangled_name_from_mutant_name as function_of

TESTS = {  # of each module, below tests/
    "functional/softmax": ["functional/test_softmax"],
    "functional/masks": ["functional/test_masks"],
    "functional/scores": ["functional/test_scores"],
    "functional/attention": [
        "functional/test_attention",
        "functional/test_attention_errors",
        "functional/test_finite",
    ],
    "functional/positions": ["functional/test_positions"],
    "nn/attention": [
        "nn/test_attention",
        "nn/test_attention_errors",
        "nn/test_attention_masked",
        "nn/test_attention_properties",
        "nn/test_cache",
        "nn/test_finite",
        "nn/test_from_torch",
        "nn/test_kernels_masked",
    ],
    "decoding/steps": ["decoding/test_decoding", "decoding/test_beams"],
    "decoding/__init__": ["decoding/test_decoding"],
    "decoding/beams": ["decoding/test_beams", "decoding/test_decoding"],
}
ENOUGH = 0.95  # the share of a module's faults that its tests have to notice
SURVIVED, NO_TEST = 0, 33  # mutmut's codes
WORKERS = len(os.sched_getaffinity(0))  # the processors that this process may use


class Faults:
    """A pytest plugin: instead of running the tests once, run them for every fault."""

    def __init__(self, modules: list[str]):
        self.modules = modules
        self.missed: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        session.config.pluginmanager.unregister(name="terminalreporter")
        print("| module | faults | noticed | |\n|---|--:|--:|--:|")
        scores = [self.score(module, session) for module in self.modules]
        print("\nNot noticed (tests/mutants.md says why):", *self.missed or ["none"], sep="\n  ")
        session.testsfailed = sum(score < ENOUGH for score in scores)
        return True

    def score(self, module: str, session: pytest.Session) -> float:
        """The share of a module's faults that its tests notice."""
        faults = SourceFileMutationData(path=Path(f"src/attnlab/{module}.py"))
        faults.load()
        codes = faults.exit_code_by_key = dict.fromkeys(faults.exit_code_by_key, NO_TEST)
        reach = reached(session, [i for i in session.items if _name(i) in TESTS[module]])
        limit = 5 + 2 * int(sum(seconds for _, seconds, _ in reach))  # of processor time
        jobs = {
            name: noticing(session, name, tests, limit)
            for name in codes
            if (tests := [test for test, _, reaches in reach if function_of(name) in reaches])
        }
        codes |= exit_codes(jobs)
        faults.save()
        missed = [name for name, code in codes.items() if code in (SURVIVED, NO_TEST)]
        self.missed += missed
        noticed = len(codes) - len(missed)
        print(f"| {module} | {len(codes)} | {noticed} | {noticed / len(codes):.1%} |", flush=True)
        return noticed / len(codes)


def _name(test: pytest.Item) -> str:
    """Where a test's file is below tests/, without its ending."""
    return test.path.relative_to(Path("mutants/tests").resolve()).with_suffix("").as_posix()


def reached(session: pytest.Session, tests: list) -> list[tuple[pytest.Item, float, set[str]]]:
    """The tests, quickest first, each with its seconds and the functions that it reaches."""
    read, write = os.pipe()
    if os.fork() == 0:  # torch must not have run in the process that is forked for the faults
        set_mutant_under_test("stats")
        found = []
        for test in tests:
            start = process_time()
            passes(session, test)
            found.append((process_time() - start, set(state()._stats)))
            state()._stats.clear()
        with os.fdopen(write, "wb") as pipe:
            pickle.dump((session.testsfailed, found), pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        failed, found = pickle.load(pipe)
    os.wait()
    if failed:
        print(f"{failed} tests fail without a fault: see `make unit`", flush=True)
        pytest.exit(returncode=1)
    rows = [(test, *row) for test, row in zip(tests, found, strict=True)]
    return sorted(rows, key=lambda row: row[1])


def passes(session: pytest.Session, test: pytest.Item) -> bool:
    test.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
    return session.testsfailed == 0


def noticing(session: pytest.Session, name: str, tests: list, limit: int) -> Callable[[], int]:
    """A job for a process of its own: 1 if one of the tests fails under the fault `name`."""

    def job() -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))  # it may loop for ever
        set_mutant_under_test(name)
        return SURVIVED if all(passes(session, test) for test in tests) else 1

    return job


def exit_codes(jobs: dict[str, Callable[[], int]]) -> Iterator[tuple[str, int]]:
    """Run each job in a fork, as many at a time as there are processors; its name and code."""
    waiting, running = list(jobs.items()), {}
    while waiting or running:
        if waiting and len(running) < WORKERS:
            name, job = waiting.pop()
            if (pid := os.fork()) == 0:
                silence = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silence, 1)
                os.dup2(silence, 2)
                os._exit(job())
            running[pid] = name
        else:
            pid, status = os.wait()
            yield running.pop(pid), os.waitstatus_to_exitcode(status)


def main(modules: list[str]) -> int:
    Path("mutants").mkdir(exist_ok=True)
    with open(os.devnull, "w") as silence, redirect_stdout(silence):
        file_utils.copy_src_dir()
        file_utils.copy_also_copy_files()
        create_mutants(WORKERS)
    file_utils.setup_source_paths()
    tests = [f"mutants/tests/{name}.py" for module in modules for name in TESTS[module]]
    options = ["-qs", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
    options += ["-k", "not compile and not export"]  # torch can't see through a planted fault
    return pytest.main(
        ["--rootdir=mutants", "-c", "mutants/pyproject.toml", *options, *tests],
        plugins=[Faults(modules)],
    )


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(TESTS):
        sys.exit(f"usage: tools/mutants.py [{' | '.join(TESTS)}] …, got {sorted(unknown)}")
    sys.exit(main(sys.argv[1:] or list(TESTS)))
