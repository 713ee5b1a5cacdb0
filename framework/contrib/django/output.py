"""What a command writes into the `stdout=` of `call_command`."""

from __future__ import annotations

from typing import Any


class TextOutput:
    """A stream of text that also takes bytes, as `--raw` writes them.

    Args:
        out: The stream, such as an `io.StringIO`; bytes that aren't UTF-8 are escaped in it.
    """

    def __init__(self, out: Any) -> None:
        """Write text to `out` as it is."""
        self._out = out
        self.buffer = _Bytes(out)

    def __getattr__(self, name: str) -> Any:
        """Be like the stream in all else."""
        return getattr(self._out, name)


class _Bytes:
    def __init__(self, out: Any) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        self._out.write(bytes(data).decode(errors="backslashreplace"))
        return len(data)

    def flush(self) -> None:
        self._out.flush()
