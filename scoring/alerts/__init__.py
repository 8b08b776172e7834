"""What is worth telling, and telling it.

Rules are rows (`alert_rules`). What they find is written to the outbox `ml_alerts` in the batch's
own transactions: about logs with each chunk, about the batch and what it shows at its end, by
`close`.
Delivery comes after the commit and in another transaction, see `deliver`.
"""

from scoring.alerts.rules import close

__all__ = ["close"]
