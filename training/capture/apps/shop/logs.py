# mypy: disable-error-code="import-not-found,import-untyped"
"""The shop's logging: UTC stamps, level, logger and request id on every line."""

import logging
import time
from logging.handlers import WatchedFileHandler
from typing import Any

from flask import g, has_request_context

LINE = "%(asctime)s %(levelname)s [%(process)d] %(name)s [%(request_id)s] %(message)s"


class RequestId(logging.Filter):
    """Adds the request's id, or a dash outside of requests."""

    def filter(self, record: Any) -> bool:
        """Let every record pass."""
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


def set_up(path: str) -> None:
    """Send everything from DEBUG up to the file."""
    handler = WatchedFileHandler(path)
    handler.addFilter(RequestId())
    formatter = logging.Formatter(LINE)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])


def logger(name: str) -> logging.Logger:
    """Give a named logger."""
    return logging.getLogger(name)
