"""Prices with tax and discount."""

TAX = 0.19


def gross(net: float) -> float:
    """Add the tax."""
    return round(net * (1 + TAX), 2)


def discount(pieces: int) -> float:
    """Give the discount of a line."""
    return 0.05 if pieces >= 5 else 0.0
