"""Numbers and letters that stand for levels, by whose convention it is."""

SYSLOG_SEVERITIES = {
    0: "emerg", 1: "alert", 2: "crit", 3: "err", 4: "warning", 5: "notice", 6: "info", 7: "debug",
}  # fmt: skip
"""RFC 5424, table 2, by the keywords of syslog.conf."""

SYSLOG_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
)  # fmt: skip
"""RFC 5424, table 1, in the order of their numbers."""

PINO_LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
"""Of pino and bunyan; Python's logging has the same steps from 10 to 50 but names them in words."""

REDIS_LEVELS = {".": "debug", "-": "verbose", "*": "notice", "#": "warning"}
"""Of Redis' and Valkey's serverLogRaw."""

KLOG_LEVELS = {"I": "INFO", "W": "WARNING", "E": "ERROR", "F": "FATAL"}
"""Of glog and klog."""

MONGODB_LEVELS = {"F": "fatal", "E": "error", "W": "warning", "I": "info"}
"""Of MongoDB's structured log, where D1 to D5 are debug."""
