"""Log levels: the six of `log_level`, and what programs call them."""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""In rising order, as the enum `log_level` has them."""

RANKS = {level: rank for rank, level in enumerate(LEVELS)}

# Names that syslog (RFC 5424, 6.2.1), PostgreSQL, Python, Java, .NET, Go and Redis write.
_NAMES = {
    "TRACE": "TRACE FINEST FINER VERBOSE DEBUG5 DEBUG4 DEBUG3 DEBUG2 SILLY T",
    "DEBUG": "DEBUG DBG FINE CONFIG DEBUG1 D 7",
    "INFO": "INFO INFORMATION INFORMATIONAL NOTICE LOG STATEMENT HINT DETAIL NOTE I N 6 5",
    "WARN": "WARN WARNING WRN W 4",
    "ERROR": "ERROR ERR SEVERE FAILURE E 3",
    "FATAL": "FATAL CRITICAL CRIT ALERT EMERG EMERGENCY PANIC F C 2 1 0",
}
_BY_NAME = {name: level for level, names in _NAMES.items() for name in names.split()}


def declared(level: str | None) -> str:
    """Return the `log_level` that a program's own `level` stands for; empty where unknown."""
    if not level:
        return ""
    return _BY_NAME.get(level.strip().strip("[]<>:").upper(), "")
