"""The memory of a step is kept for the next one."""

import subprocess
import sys

import pytest

STEPS = """
import resource, sys
if sys.argv[1] == "keep":
    from babybert_tui.memory import keep_freed_memory
    keep_freed_memory()
from threading import Thread

def faults():
    def steps():
        for _ in range(20):
            parts = [bytearray(3 << 20) for _ in range(4)]
            for part in parts:
                part[::4096] = b"x" * len(part[::4096])
            del parts, part
    steps()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    steps()
    found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

found = []
thread = Thread(target=faults)
thread.start()
thread.join()
print(found[0])
"""


def page_faults(mode: str) -> int:
    done = subprocess.run([sys.executable, "-c", STEPS, mode], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc")
def test_a_step_does_not_ask_the_system_for_memory_again() -> None:
    assert page_faults("keep") < 1000 < page_faults("usual")
