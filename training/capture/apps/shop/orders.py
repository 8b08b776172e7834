# mypy: disable-error-code="import-not-found"
"""Orders: placing, showing, summing up."""

from typing import Any

import pricing
import store
from logs import logger

log = logger("shop.orders")


class OutOfStock(Exception):
    """A product has fewer pieces left than were ordered."""

    code = 409


def place(customer: int, lines: dict[str, int]) -> dict[str, Any]:
    """Place an order of `lines` (product id to pieces) and take it from the stock."""
    total = 0.0
    for product, pieces in lines.items():
        rows = store.query(
            "update product set stock = stock - %s where id = %s and stock >= %s returning price",
            pieces, int(product), pieces,
        )  # fmt: skip
        if not rows:
            log.warning("order of customer %d rejected: product %s out of stock", customer, product)
            raise OutOfStock(f"product {product}")
        price = pricing.gross(float(rows[0][0])) * pieces
        total += price * (1 - pricing.discount(pieces))
    order = store.query(
        "insert into orders (customer_id, total) values (%s, %s) returning id", customer, total
    )[0][0]
    for product, pieces in lines.items():
        store.query("insert into order_line values (%s, %s, %s)", order, int(product), pieces)
    if total > 900:
        log.warning("order %d of customer %d needs approval: total %.2f", order, customer, total)
    log.info(
        "order %d placed by customer %d, %d lines, total %.2f", order, customer, len(lines), total
    )
    return {"order": order, "total": total}


def find(order: int) -> dict[str, Any] | None:
    """Give one order with its lines."""
    rows = store.query("select id, customer_id, total, state from orders where id = %s", order)
    if not rows:
        log.info("order %d not found", order)
        return None
    lines = store.query("select product_id, quantity from order_line where order_id = %s", order)
    return {"order": rows[0][0], "total": float(rows[0][2]), "lines": lines}


def report(days: int) -> dict[str, Any]:
    """Sum up the sales of some days."""
    rows = store.query(
        "select state, count(*), coalesce(sum(total), 0), pg_sleep(0.15) from orders"
        " where placed_at > now() - make_interval(days => %s) group by state", days,
    )  # fmt: skip
    log.info("sales report over %d days: %d states", days, len(rows))
    return {state: [count, float(total)] for state, count, total, _ in rows}
