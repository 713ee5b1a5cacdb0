"""What generated decoders call for the rare forms: numbers of several bytes, and what is wrong with them.

Each takes the position of the number's first byte, and returns the number and the position after it. An
IndexError means that the bytes end: the decoder makes a sentence of it.
"""

from __future__ import annotations

from typing import Final

from framework.avro.errors import AvroDecodeError

# The numbers of one byte.
ZIGZAG: Final = tuple(number >> 1 ^ -(number & 1) for number in range(128))

# The numbers of two bytes by the second, then by the first, which is 128 too large as it says that another
# follows: 50 ns less than to compute them, and 10 ns less than one table by the sum.
ZIGZAG_PAIRS: Final = tuple(
    (*ZIGZAG, *(number >> 1 ^ -(number & 1) for number in range(start, start + 128)))
    for start in range(0, 1 << 14, 128)
)

# The lengths of one byte; -1 where more follow, or where it is negative. 8 ns less than a mask and a shift.
LENGTHS: Final = tuple(-1 if byte & 129 else byte >> 1 for byte in range(256))


def read_varint(data: bytes, pos: int) -> tuple[int, int]:
    """Return the zigzag form of a long."""
    # No loop, which takes half as long again. Each constant is the bits that say that another byte follows.
    low = data[pos]
    if low < 128:
        return low, pos + 1
    byte = data[pos + 1]
    low += (byte << 7) - 0x80
    if byte < 128:
        return low, pos + 2
    byte = data[pos + 2]
    low += (byte << 14) - 0x4000
    if byte < 128:
        return low, pos + 3
    byte = data[pos + 3]
    low += (byte << 21) - 0x20_0000
    if byte < 128:
        return low, pos + 4
    # Python's numbers are faster up to 30 bits, so the others are added up apart.
    low -= 0x1000_0000
    high = data[pos + 4]
    if high < 128:
        return low + (high << 28), pos + 5
    byte = data[pos + 5]
    high += (byte << 7) - 0x80
    if byte < 128:
        return low + (high << 28), pos + 6
    high, pos = _read_rest(data, pos + 6, high - 0x4000)
    return low + (high << 28), pos


def _read_rest(data: bytes, pos: int, high: int) -> tuple[int, int]:
    for shift in (14, 21, 28):
        byte = data[pos]
        pos += 1
        high += (byte & 127) << shift
        if byte < 128:
            return high, pos
    byte = data[pos]
    if byte > 127:
        raise AvroDecodeError("a number takes more than 10 bytes")
    if byte > 1:
        raise AvroDecodeError("a number is out of the range of 64 bits")
    return high + (byte << 35), pos + 1


# For the generator, which names them by the kind.
read_long = read_varint


def read_int(data: bytes, pos: int) -> tuple[int, int]:
    """Return the zigzag form of an int."""
    number, pos = read_varint(data, pos)
    if number >> 32:
        value = number >> 1 ^ -(number & 1)
        raise AvroDecodeError(f"{value} is out of the range of an int, which has 32 bits")
    return number, pos


def read_index(data: bytes, pos: int) -> tuple[int, int]:
    """Return the index of an enum's symbol or of a union's branch."""
    number, pos = read_varint(data, pos)
    return number >> 1 ^ -(number & 1), pos


def read_length(data: bytes, pos: int) -> tuple[int, int]:
    """Return the length of a string or of bytes."""
    number, pos = read_varint(data, pos)
    if number & 1:
        raise AvroDecodeError(f"the length is negative: {number >> 1 ^ -1}")
    return number >> 1, pos


def read_block(data: bytes, pos: int) -> tuple[int, int]:
    """Return how many items the next block of an array or map has; a size in bytes is read over."""
    number, pos = read_varint(data, pos)
    if not number & 1:
        return number >> 1, pos
    count = (number >> 1) + 1
    size, pos = _block_size(data, pos)
    if pos + size > len(data):
        raise IndexError
    return count, pos


def skip_block(data: bytes, pos: int) -> tuple[int, int]:
    """Return how many items of the next block must be read over: -1 if the whole block was."""
    number, pos = read_varint(data, pos)
    if not number & 1:
        return number >> 1, pos
    size, pos = _block_size(data, pos)
    if pos + size > len(data):
        raise IndexError
    return -1, pos + size


def _block_size(data: bytes, pos: int) -> tuple[int, int]:
    number, pos = read_varint(data, pos)
    if number & 1:
        raise AvroDecodeError(f"the size of a block is negative: {number >> 1 ^ -1}")
    return number >> 1, pos


def wrong_index(what: str, index: int, choices: str) -> AvroDecodeError:
    """Return the error for the index of an enum or a union that is none of its choices."""
    return AvroDecodeError(f"{what} index {index} is out of range: the {what} has {choices}")


def wrong_byte(data: bytes, pos: int, count: int) -> AvroDecodeError:
    """Return the error for the index of a union whose first byte is none of those of its branches."""
    index, end = read_index(data, pos)
    if 0 <= index < count:
        return AvroDecodeError(f"union index {index} takes {end - pos} bytes instead of 1")
    return wrong_index("union", index, f"{count} types")


def wrong_symbol(symbol: str, name: str) -> AvroDecodeError:
    """Return the error for a symbol that the reader's schema doesn't have."""
    return AvroDecodeError(f"the reader's {name} has no symbol {symbol!r} and no default")
