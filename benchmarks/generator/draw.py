"""Whole columns of random numbers and words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from generator.columns import DECIMAL

Numbers: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Draw:
    """Draws for ``size`` lines; the same seed draws the same."""

    def __init__(self, seed: Sequence[int], size: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.size = size

    def chance(self, share: float) -> Numbers:
        """Draw true for a share of the lines."""
        return self.rng.random(self.size) < share

    def between(self, low: int, high: int) -> Numbers:
        """Draw whole numbers from low up to, but not including, high."""
        return self.rng.integers(low, high, self.size)

    def skewed(self, count: int) -> Numbers:
        """Draw from range(count), the second half as often as the first, and so on (Zipf)."""
        ranks: Numbers = np.exp(self.rng.random(self.size) * np.log(count + 1))
        return np.minimum(ranks.astype(np.int64), count) - 1

    def word(self, choices: Sequence[str | None]) -> Numbers:
        """Draw one of the words."""
        return np.array(choices, dtype=object)[self.between(0, len(choices))]

    def ciphertext(self, sign: str, length: int) -> pa.Array:
        """Draw text of a fixed length that looks encrypted."""
        picks = np.frombuffer(self.rng.bytes(self.size * length), dtype=np.uint8) & 63
        text = np.frombuffer(_LETTERS, dtype=np.uint8)[picks]
        text[0::length] = text[1::length] = ord(sign)
        starts = np.arange(0, (self.size + 1) * length, length, dtype=np.int32)
        return pa.StringArray.from_buffers(self.size, pa.py_buffer(starts), pa.py_buffer(text))


def decimal(cents: Numbers) -> pa.Array:
    """Turn cents into decimals."""
    hundredths = pc.dictionary_encode(pa.array(cents))
    values = [Decimal(cent).scaleb(-2) for cent in hundredths.dictionary.to_pylist()]
    return pa.array(values, DECIMAL).take(hundredths.indices)


def named(pattern: str, numbers: Numbers, count: int) -> pa.Array:
    """Write numbers below ``count`` as names, like ``"SKU-{:06}"``."""
    return pa.array([pattern.format(i) for i in range(count)]).take(pa.array(numbers))
