"""The identity of a template: a hash, so that no round trip has to hand numbers out."""

from functools import lru_cache
from hashlib import blake2b

from scoring import normalize
from scoring.rows import Unit


@lru_cache(maxsize=100_000)
def _hashed(source: str, text: str) -> int:
    content = f"{normalize.VERSION}\0{source}\0{text}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


def template_id(unit: Unit) -> int:
    """Return the 64-bit id of a unit's template: normaliser version, source and text, hashed.

    Among a million templates the chance of any two sharing one is about 3 in 100 million.
    """
    return _hashed(unit.source, unit.text)
