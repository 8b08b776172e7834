"""What can go wrong when an alert is delivered."""


class ChannelError(Exception):
    """A channel is set up wrongly; nothing was sent anywhere."""


class DeliveryError(Exception):
    """A channel did not take a message; it stays in the outbox and is tried again.

    The message never holds an address, a password or a token: it is printed and stored.
    """

    def __init__(self, said: str, *, is_lasting: bool = False, retry_after: float = 0) -> None:
        """Take what went wrong.

        `is_lasting`: trying again soon is no use; `retry_after`: the seconds asked for.
        """
        super().__init__(said)
        self.is_lasting, self.retry_after = is_lasting, retry_after
