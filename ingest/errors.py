"""What can go wrong while logs are read, each in a sentence that says what to do."""


class IngestError(Exception):
    """Something about the input or the options; the message says what, and what to do."""


class BadOption(IngestError, ValueError):
    """An option has a value that means nothing here."""


class BadFile(IngestError):
    """A file cannot be read to its end; nothing of it was loaded."""
