"""Sentences of results: made once for every combination that occurs, then gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

Words = Callable[[int], str]


def bits(conditions: Sequence[NDArray[numpy.bool_]]) -> NDArray[numpy.int64]:
    """One integer per farm whose bit k says whether condition k holds (up to 62 conditions)."""
    mask = numpy.zeros(len(conditions[0]), dtype=numpy.int64)
    for position, condition in enumerate(conditions):
        mask |= condition.astype(numpy.int64) << position
    return mask


def phrases(words: Sequence[str], before: str = "", between: str = ", ") -> Words:
    """Reader of `bits`: the words of the conditions that hold, with `between` between them, after `before`."""

    def read(mask: int) -> str:
        named = [word for position, word in enumerate(words) if mask >> position & 1]
        return before + between.join(named) if named else ""

    return read


def sentences(where: NDArray[numpy.bool_], *parts: tuple[NDArray[Any], Words]) -> NDArray[numpy.object_]:
    """A text for each farm of `where` (empty elsewhere): the words of its parts, separated by semicolons.

    A part is an integer per farm and what to say for each integer that occurs; a part that says nothing is left out.
    """
    texts = numpy.full(len(where), "", dtype=object)
    combined = numpy.zeros(int(where.sum()), dtype=numpy.int64)
    said: list[list[str]] = []
    for codes, words in parts:
        distinct, index = numpy.unique(codes[where], return_inverse=True)
        said.append([words(int(code)) for code in distinct])
        combined = combined * len(distinct) + index
    distinct, index = numpy.unique(combined, return_inverse=True)
    whole = numpy.full(len(distinct), "", dtype=object)
    for position, code in enumerate(distinct):
        spoken = []
        for options in reversed(said):
            code, option = divmod(int(code), len(options))
            spoken.append(options[option])
        whole[position] = "; ".join(text for text in reversed(spoken) if text)
    texts[where] = whole[index]
    return texts
