"""What is worth telling, and telling it.

Rules are rows (`alert_rules`). What they find is written to the outbox `ml_alerts` in the batch's
own transactions: about logs with each chunk, about the batch and what it shows at its end, by
`close`.
Delivery comes after the commit and in another transaction, see `deliver`.
"""

from scoring.alerts.rules import close

WEBHOOK, SIGNED = "ALERT_WEBHOOK_URL", "ALERT_SIGNED_URL"
MAIL, GITHUB = "SMTP_URL", "ALERT_GITHUB_REPO"
SETTINGS = (WEBHOOK, SIGNED, MAIL, GITHUB)
"""Variables of the environment, each of which sets a channel up, see `channels`."""

__all__ = ["GITHUB", "MAIL", "SETTINGS", "SIGNED", "WEBHOOK", "close"]
