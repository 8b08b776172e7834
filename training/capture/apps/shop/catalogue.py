# mypy: disable-error-code="import-not-found"
"""Products: listing, looking up, searching."""

from typing import Any

import pricing
import store
from logs import logger

log = logger("shop.catalogue")


def offers() -> list[dict[str, Any]]:
    """Give ten products, cached for a few seconds."""
    cached = store.recall("offers")
    if cached is not None:
        return list(cached)
    rows = store.query("select id, name, price, stock from product order by random() limit 10")
    found = [_describe(row) for row in rows]
    store.remember("offers", found, 4)
    log.info("offers refreshed: %d products", len(found))
    return found


def find(product: int) -> dict[str, Any] | None:
    """Give one product."""
    key = f"product:{product}"
    cached = store.recall(key)
    if cached is not None:
        return dict(cached)
    rows = store.query("select id, name, price, stock from product where id = %s", product)
    if not rows:
        return None
    found = _describe(rows[0])
    if found["stock"] < 50:
        log.warning("product %d is running low: %d left", product, found["stock"])
    store.remember(key, found, 6)
    return found


def search(words: str) -> list[dict[str, Any]]:
    """Give products whose name holds the words."""
    rows = store.query(
        "select id, name, price, stock from product where name like %s limit 8", f"%{words}%"
    )
    log.info("search for %r found %d products", words, len(rows))
    return [_describe(row) for row in rows]


def _describe(row: tuple[Any, ...]) -> dict[str, Any]:
    price = float(row[2])
    return {"id": row[0], "name": row[1], "price": pricing.gross(price), "stock": row[3]}
