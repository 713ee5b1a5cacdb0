"""Runs a program of the example with its flights in another topic: `NAME MODULE ARGUMENT...`.

With DIE_AFTER=n in the environment it kills itself, by SIGKILL, before the n-th instruction (of Python's
bytecode) of the module's functions.
"""

from __future__ import annotations

import itertools
import os
import runpy
import signal
import sys
import types
from typing import Any

from example_app import app as example
from example_app.models import Flight
from framework import Topic


def die_after(instructions: int, module: str) -> None:
    """Let this process live for so many instructions of a module's functions."""
    filename = f"{module.replace('.', os.sep)}.py"
    numbers = itertools.count()

    def trace(frame: types.FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(filename) or frame.f_code.co_name == "<module>":
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and next(numbers) == instructions:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def main() -> None:
    _, name, module, *arguments = sys.argv
    example.flights = Topic(name, payload=Flight)
    if "DIE_AFTER" in os.environ:
        die_after(int(os.environ["DIE_AFTER"]), module)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
