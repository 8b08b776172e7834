"""The metrics are Prometheus' text format, and their numbers those of the views."""

import re
from datetime import datetime

from api import _metrics
from tests.api.conftest import Ask

# https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
HELP = re.compile(r"# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*")
TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)")
SAMPLE = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-z_]+=\"(?:[^\"\\\n]|\\[\\\"n])*\",?)*\})? ([0-9.e+]+)"
)


def read(text: str) -> dict[str, dict[str, float]]:
    """Read metrics to {name: {labels: value}}; AssertionError at a line that is none."""
    assert text.endswith("\n")
    found: dict[str, dict[str, float]] = {}
    told: list[str] = []
    for line in text[:-1].split("\n"):
        if help_ := HELP.fullmatch(line):
            told = [help_[1]]
        elif type_ := TYPE.fullmatch(line):
            told.append(type_[1])
            assert type_[2] == ("counter" if type_[1].endswith("_total") else "gauge")
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert told == [sample[1]] * 2, "HELP and TYPE stand before the samples"
            labelled = found.setdefault(sample[1], {})
            assert (sample[2] or "") not in labelled
            labelled[sample[2] or ""] = float(sample[3])
    return found


def test_metrics_are_the_numbers_of_stats(ask: Ask) -> None:
    reply = ask("metrics")
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    metrics = read(reply.text)
    stats = ask("stats").json["data"]
    assert metrics["logkiln_predictions_total"] == {
        f'{{level="{row["predicted_level"]}"}}': row["count_logs"] for row in stats["levels"]
    }
    assert sum(metrics["logkiln_anomalies_total"].values()) == 31
    assert metrics["logkiln_source_logs_total"] == {
        f'{{source="{row["source"]}"}}': row["count_logs"] for row in stats["sources"]
    }
    refreshed = datetime.fromisoformat(stats["overview"]["refreshed_at"]).timestamp()
    assert metrics["logkiln_refreshed_timestamp_seconds"] == {"": refreshed}
    assert len(metrics) == 14  # no log waits, so there is no time of the oldest that does


def test_a_hostile_source_stays_one_label() -> None:
    name = 'a"} 1\nlogkiln_x{b="\\'
    [line] = [*_metrics._metric("x", "gauge", "X.", [({"source": name}, 1)])][1:]
    assert read(f"# HELP logkiln_x X.\n# TYPE logkiln_x gauge\n{line}")["logkiln_x"].keys() == {
        '{source="a\\"} 1\\nlogkiln_x{b=\\"\\\\"}'
    }
