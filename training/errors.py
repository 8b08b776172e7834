"""Why training cannot go on; the models in place stay as they are."""


class TrainingError(Exception):
    """The logs do not suffice, or the exported model does not agree with the fitted one."""
