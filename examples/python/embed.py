"""Texts as vectors, by hashed words: which of some texts are about the same thing. Standard library only."""
import math
from array import array
from operator import mul

from tokens import words_and_pairs

SIZE = 256


def embed(text):
    """A vector of length 1, as a Float32Array there."""
    vector = [0.0] * SIZE
    for token in words_and_pairs(text):
        # The sign keeps tokens that fall on one place from adding up (Weinberger et al., "Feature Hashing", 2009).
        place, sign = place_of(token)
        vector[place] += sign
    length = math.sqrt(sum(x * x for x in vector))
    if length == 0:
        raise ValueError("a text without words has no direction")
    return array("f", [x / length for x in vector])


def embed_all(texts):
    """For a batch: each caller passes one text and gets its vector, and with how many it came."""
    return [{"vector": embed(text), "togetherWith": len(texts)} for text in texts]


def nearest(query, vectors):
    """Cosine similarities, best first: [{ index, similarity }]."""
    scored = [{"index": i, "similarity": sum(map(mul, query, vector))} for i, vector in enumerate(vectors)]
    return sorted(scored, key=lambda each: -each["similarity"])


async def fetched(texts):
    """Many at a time in one container: an `async def` waits without holding others up."""
    import asyncio

    await asyncio.sleep(0.2)
    print(f"{len(texts)} texts came in")
    return len(texts)


def place_of(token):
    hashed = 2166136261
    for byte in token.encode():
        hashed = (hashed ^ byte) * 16777619 % 2**32  # FNV-1a, since `hash` is another one in each process.
    return hashed % SIZE, 1 if hashed >> 31 else -1
