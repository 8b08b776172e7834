"""A batch that writes nothing: what it would score, and what alerts it would bring."""

from contextlib import closing
from io import BytesIO
from typing import Any

from scoring.aside import Aside
from scoring.beside import ReadingProcess
from scoring.clock import Clock
from scoring.encode import Shared, encode_groups
from scoring.judging import Judging
from scoring.model import Models
from scoring.reader import chunks
from scoring.selection import Selection, count_expected, window
from scoring.tally import Tally
from sql.database import connect
from sql.progress import SILENT, Progress

MOST_TOLD = 20
"""Alerts that are shown at most: the most severe, and of these what has most logs."""

NEW_MODEL = 0
"""Stands for a model that has no number yet; numbers begin at 1."""


def rehearse(
    url: str,
    selection: Selection,
    models: Models,
    bar: Progress = SILENT,
    process: ReadingProcess | None = None,
) -> dict[str, Any]:
    """Judge the selected logs; return the counts, `anomalies`, the rows of a `Tally`, and what the
    rules would tell of these logs.

    What rules tell at the end of a run, of surges or silences, needs its predictions counted.
    """
    aside, tally = Aside(), Tally()
    counts = {"count_logs": 0, "count_anomalies": 0, "count_set_aside": 0}
    with (
        closing(connect(url, "logkiln rehearsal")) as database,
        closing(connect(url, "logkiln reader")) as reading,
        database.transaction(),
    ):
        database.execute("batch.keep_open")
        known = database.rows("batch.model_id", version=models.version)
        model_id = known[0]["model_id"] if known else NEW_MODEL
        parameters = window(database, selection) | {"model_id": model_id}
        bar.expect(count_expected(parameters))
        judging = Judging(models, database, Clock(), past_ends=parameters["past_ends"])
        database.execute("groups.create_staging")
        for chunk in chunks(url, reading, parameters, process):
            judged = judging.judge(chunk)
            counts["count_logs"] += len(chunk)
            counts["count_anomalies"] += judged.count_anomalies
            counts["count_set_aside"] += aside.look(judged)
            tally.add(judged)
            groups, units, verdicts = judged.groups, judged.units, judged.verdicts
            shared = Shared.of(groups, units, verdicts)
            rows = encode_groups(chunk, groups, units, shared, verdicts, model_id)
            database.copy_in("groups.copy_groups", BytesIO(rows))
            bar.advance(len(chunk))
        told = database.rows(
            "groups.insert_alerts in alert_rules.would_tell", are_counted=False, most=MOST_TOLD
        )
    return {
        **counts,
        "set_aside": aside.reasons,
        "anomalies": tally.rows(),
        "would_alert": told,
    }
