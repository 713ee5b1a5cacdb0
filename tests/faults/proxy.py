"""A network that misbehaves: a proxy on 127.0.0.1 between a client and a broker.

It knows where one answer of Kafka's protocol ends and the next begins, and which are of a fetch: so metadata
and look-ups stay whole while messages are damaged. What it does is set by its attributes, at any time.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import random
import socket
import struct
import threading

FETCH = 1
"""The number of a fetch in Kafka's protocol."""
_HEAD = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")


class Proxy:
    """Listens on `port` from `start()` to `stop()`, and hands everything on to `target`."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.heal()

    def heal(self) -> None:
        """Misbehave no more; connections that live stay."""
        self.delay = 0.0
        """Seconds that each answer is held back."""
        self.piece = 0
        """Bytes of an answer that are sent at one go; 0 is all of it."""
        self.cuts = 0.0
        """The share of answers in whose middle the connection ends."""
        self.damage: cabc.Callable[[bytearray], None] | None = None
        """Changes the bytes of each answer to a fetch."""
        self.damaged = 0
        """How many answers were damaged."""
        self.cut = 0
        """How many connections were cut."""
        self._chance = random.Random(1)

    def start(self) -> None:
        """Accept connections, unless it does so already."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def stop(self) -> None:
        """Accept no more, and end those that live: the address is dead."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone doesn't wake the thread that accepts.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """End every connection now."""
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            _end(connection)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections |= {client, broker}
            asked: dict[int, int] = {}
            for work in (self._hand_on_requests, self._hand_on_answers):
                threading.Thread(target=self._until_it_ends, args=[work, client, broker, asked]).start()

    def _until_it_ends(
        self,
        work: cabc.Callable[[socket.socket, socket.socket, dict[int, int]], None],
        client: socket.socket,
        broker: socket.socket,
        asked: dict[int, int],
    ) -> None:
        try:
            work(client, broker, asked)
        except OSError:
            pass
        finally:
            _end(client)
            _end(broker)
            with self._lock:
                self._connections -= {client, broker}

    def _hand_on_requests(self, client: socket.socket, broker: socket.socket, asked: dict[int, int]) -> None:
        while frame := _frame(client):
            kind, _, number = _REQUEST.unpack_from(frame)
            asked[number] = kind
            broker.sendall(_HEAD.pack(len(frame)) + frame)

    def _hand_on_answers(self, client: socket.socket, broker: socket.socket, asked: dict[int, int]) -> None:
        while frame := _frame(broker):
            kind = asked.pop(_HEAD.unpack_from(frame)[0], None)
            if kind == FETCH and self.damage is not None:
                self.damage(frame)
                self.damaged += 1
            if self.delay:
                threading.Event().wait(self.delay)
            data = _HEAD.pack(len(frame)) + frame
            if self._chance.random() < self.cuts:
                self.cut += 1
                client.sendall(data[: len(data) // 2])
                return
            piece = self.piece or len(data)
            for start in range(0, len(data), piece):
                client.sendall(data[start : start + piece])


def flip_a_bit_of(marker: bytes, seed: int) -> cabc.Callable[[bytearray], None]:
    """Damage for a proxy: one bit of the answer is flipped, in each place where these bytes stand."""
    chance = random.Random(seed)

    def damage(frame: bytearray) -> None:
        at = frame.find(marker)
        while at >= 0:
            frame[at + chance.randrange(len(marker))] ^= 1 << chance.randrange(8)
            at = frame.find(marker, at + len(marker))

    return damage


def _frame(connection: socket.socket) -> bytearray:
    """The next request or answer, without its length; empty where the connection has ended."""
    head = _read(connection, _HEAD.size)
    return _read(connection, _HEAD.unpack(head)[0]) if head else head


def _read(connection: socket.socket, size: int) -> bytearray:
    data = bytearray()
    while len(data) < size:
        more = connection.recv(min(1 << 16, size - len(data)))
        if not more:
            return bytearray()
        data += more
    return data


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
