"""The table of actions: what the function answers, with which parameters, from which statement.

Everything reads this table: the handler, the OpenAPI document, the page of documentation.
"""

from typing import NamedTuple

from api._parameters import (
    Parameter,
    choice,
    choices,
    cursor,
    flag,
    identity,
    moment,
    text,
    whole,
)

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SEVERITIES = ("low", "medium", "high", "critical")
FORMATS = ("json", "csv")


class Write(NamedTuple):
    """One thing to say: what a POST holds, and the block that keeps it."""

    about: str
    statement: str
    parameters: tuple[Parameter, ...]
    any_of: tuple[str, ...] = ()
    """At least one of these has to be given."""


class Action(NamedTuple):
    """One thing to ask for: by the block `statement`, or `name`, of sql/queries/`room`.sql."""

    name: str
    about: str
    room: str = "api"
    statement: str = ""
    parameters: tuple[Parameter, ...] = ()
    table: str | None = None
    """Where in the data the rows of a CSV are: a key, "" for the whole, None where none are."""
    split_by: str = ""
    """The parameter whose value, if any, ends the statement's name: one each is planned faster."""
    is_live: bool = False
    """Whether it answers as of now and not as of the last refresh: no ETag then."""
    writes: tuple[Write, ...] = ()
    """What a POST may do; its body has `revoke` for the second and not for the first."""
    key: str = ""
    """The column that identifies what a POST kept."""


FORMAT = choice("format", "JSON, or CSV where the answer is a table.", FORMATS, None)


def _limit(default: int) -> Parameter:
    return whole("limit", "How many at most.", default, 1, 500, bind="count_items")


_SOURCE = text("source", "Only this source.")
_OF_PATTERN = identity("template_id", "The template.")
_REVOKE = identity("revoke", "What to take back, by its id.", is_required=True)
VERDICTS = ("confirmed", "false_alarm")
YEAR_HOURS = 8760
_BEFORE = cursor("before", "Go on below this place: `next` of the page before.")

ACTIONS = {
    action.name: action
    for action in (
        Action(
            "health", "Whether the service works and batches come (`ok` or `late`); needs no token."
        ),
        Action("status", "The whole installation: totals, freshness, levels, severity.", table=""),
        Action("stats", "All counts at once: overview, levels, severity, sources."),
        Action("sources", "Every source, the one to look at first on top.", table="items"),
        Action(
            "trends",
            "Volume and anomalies by hour.",
            room="api_hours",
            parameters=(
                _SOURCE,
                whole("hours", "How far back from the last refresh.", 168, 1, 336),
                choice(
                    "by",
                    "Each of the forty busiest sources by itself, its hours as columns of numbers.",
                    ("source",),
                    None,
                ),
            ),
            table="",
            split_by="by",
        ),
        Action(
            "anomalies",
            "The latest anomalies with their reasons, newest first.",
            room="api_logs",
            parameters=(
                _limit(50),
                _SOURCE,
                choice("severity", "At least so severe.", SEVERITIES, None),
                _BEFORE,
            ),
            table="items",
        ),
        Action(
            "analyze",
            "Predictions, newest first. A page may be short, even empty, and still have a `next`: "
            "one request looks at `look` logs at most, where the rollups know of such.",
            room="api_logs",
            parameters=(
                _limit(50),
                _BEFORE,
                moment("since", "Logged at this time or later."),
                moment("until", "Logged before this time."),
                _SOURCE,
                choices("level", "Predicted as one of these levels.", LEVELS),
                choices("severity", "Of one of these severities.", SEVERITIES),
                flag("anomaly", "Anomalous or not."),
                identity("template_id", "Only logs of this template."),
                identity("batch_id", "Only logs that this batch scored."),
                identity("model_id", "Only logs that this model scored."),
                text(
                    "trace_id",
                    "Only logs of this request or job, which `traces` lists; for the scope `raw`.",
                ),
                text("q", "Text in the message; in the template for who may not see messages."),
                whole(
                    "look",
                    "How many logs to look at; more find rare ones at once.",
                    1000,
                    100,
                    20_000,
                ),
            ),
            table="items",
        ),
        Action(
            "log",
            "One log, and the lines of its source around it.",
            room="api_logs",
            parameters=(
                identity("id", "The log.", is_required=True),
                moment("at", "Its time; needed once the log itself is deleted."),
                whole("around", "How many lines before and after.", 5, 0, 50),
            ),
        ),
        Action(
            "patterns",
            "Templates: the most frequent, the rarest of the last day, those new in it, those "
            "surging, or those that came steadily and stopped; each with its logs hour by hour.",
            room="api_patterns",
            parameters=(
                choice("kind", "Which ones.", ("top", "rare", "new", "surging", "vanished"), "top"),
                _SOURCE,
                text("q", "Text in the template."),
                _limit(50),
            ),
            table="items",
            split_by="kind",
        ),
        Action(
            "mislabelled",
            "Logging calls whose declared level does not fit what they say.",
            room="api_patterns",
            parameters=(_SOURCE, _limit(50)),
            table="items",
        ),
        Action(
            "traces",
            "Requests and jobs, the latest first: which went otherwise than those that begin "
            "alike. `analyze` finds the lines of one by its `trace_id`.",
            room="api_patterns",
            parameters=(flag("anomaly", "Whether it did."), _limit(50)),
            table="items",
        ),
        Action(
            "models",
            "Every model: volume, agreement, what people said of it.",
            room="api_batches",
            table="items",
        ),
        Action(
            "forecast",
            "How many logs to expect in the next 24 hours, by source and hour.",
            room="api_hours",
            parameters=(_SOURCE,),
            table="items",
        ),
        Action(
            "batches",
            "The latest runs of the scorer and where their time went.",
            room="api_batches",
            parameters=(_limit(50),),
            table="items",
        ),
        Action(
            "drift",
            "Whether the logs still look like those of the training, by batch.",
            room="api_batches",
            parameters=(_limit(50),),
            table="items",
        ),
        Action(
            "outside",
            "Hours of the last day whose logs or anomalies left what the days before let expect.",
            room="api_hours",
            parameters=(_SOURCE, _limit(50)),
            table="items",
        ),
        Action(
            "declared",
            "How often which declared level met which predicted one, by source.",
            room="api_patterns",
            parameters=(_SOURCE, _limit(100)),
            table="items",
        ),
        Action(
            "daily",
            "Volume and anomalies by day and source, of the last 90 days.",
            room="api_hours",
            parameters=(_SOURCE, _limit(100)),
            table="items",
        ),
        Action(
            "schedule",
            "When batches were due and how late they began.",
            room="api_batches",
            parameters=(_limit(50),),
            table="items",
        ),
        Action(
            "freshness",
            "Whether batches are late and logs wait, at this moment.",
            table="",
            is_live=True,
        ),
        Action(
            "alerts",
            "What was worth telling, and whether it was told; `count_left_out` is what was not "
            "even kept.",
            room="api_batches",
            parameters=(_SOURCE, _limit(50)),
            table="items",
        ),
        Action(
            "feedback",
            "Verdicts that people gave and that hold; a POST gives one or takes one back.",
            room="api_people",
            parameters=(identity("template_id", "Only those on this template."), _limit(50)),
            table="items",
            is_live=True,
            key="feedback_id",
            writes=(
                Write(
                    "Say whether an anomaly was worth reading: of a log, or of a whole template.",
                    "submit_feedback",
                    (
                        choice("verdict", "What you say.", VERDICTS, None, is_required=True),
                        identity("id", "The log; with `at`."),
                        moment("at", "Its time."),
                        _OF_PATTERN,
                        text("note", "Why, in words."),
                    ),
                    any_of=("id", "template_id"),
                ),
                Write("Take a verdict back.", "revoke_feedback", (_REVOKE,)),
            ),
        ),
        Action(
            "mute",
            "Mutes that hold; a POST makes one or ends one.",
            room="api_people",
            parameters=(_limit(50),),
            table="items",
            is_live=True,
            key="mute_id",
            writes=(
                Write(
                    "Ask for no alerts of a template, of a source, or of one in the other.",
                    "mute_for",
                    (
                        _OF_PATTERN,
                        text("source", "The source."),
                        whole("hours", "For how long.", 168, 1, YEAR_HOURS),
                        text("reason", "Why, in words."),
                    ),
                    any_of=("template_id", "source"),
                ),
                Write("End a mute.", "unmute", (_REVOKE,)),
            ),
        ),
        Action("metrics", "Counts and freshness as Prometheus text.", statement="stats"),
        Action("openapi.json", "This interface as an OpenAPI 3.1 document."),
    )
}
