/** The models that score, and whether the logs still look like what they learned from. */

import { get } from "../api";
import { h, type Child } from "../dom";
import { counted, percent, ago } from "../format";
import type { Panel } from "../panel";
import type { Drift, Model, Page } from "../rows";
import { openable, sparkline } from "../sparkline";
import { showLines } from "../state";

/** Population stability index: the customary limits. */
const SOME_DRIFT = 0.1;
const MUCH_DRIFT = 0.25;

interface Models {
  models: Model[];
  drift: Drift[];
}

/** The version, as a way to what it scored. */
function version({ model_id, version: name, count_logs }: Model): HTMLElement {
  const code = h("code", {}, name);
  if (count_logs === 0) return code;
  const open = () => showLines({ model_id: String(model_id) });
  return h("button", { type: "button", class: "text", title: "Lines that it scored", on: { click: open } }, code);
}

function model(row: Model): HTMLElement {
  const judged = row.count_confirmed + row.count_false_alarms;
  return h(
    "li",
    { "data-model": row.version },
    h("div", { class: "meta" }, h("span", { class: `badge role-${row.role}` }, row.role), version(row), h("span", { class: "muted" }, ago(row.registered_at))),
    h(
      "p",
      { class: "note" },
      row.count_logs > 0
        ? `${counted(row.count_logs, "log")}, ${percent(row.count_anomalies / row.count_logs)} anomalous, agrees with ${percent(row.share_agreed)} of declared levels`
        : "has scored nothing yet",
      judged > 0 && `; ${counted(row.count_confirmed, "anomaly", "anomalies")} confirmed of ${judged} judged`,
    ),
  );
}

function verdict(psi: number | null): [string, string] {
  if (psi === null) return ["unknown", ""];
  if (psi < SOME_DRIFT) return ["none", "good"];
  return psi < MUCH_DRIFT ? ["some", "warn"] : ["much: train again", "bad"];
}

/** One figure batch by batch; each opens the lines of its batch. */
function line(past: Drift[], what: string, figure: (batch: Drift) => number, said: (value: number) => string): HTMLElement | null {
  const values = past.map(figure);
  const heard = `${what} of the last ${counted(past.length, "batch", "batches")}`;
  return openable(sparkline(values, heard), values.length, {
    places: [...values.keys()],
    name: (at) => `Batch ${past[at]!.batch_id}: ${said(values[at]!)}`,
    open: (at) => showLines({ batch_id: String(past[at]!.batch_id) }),
  });
}

function driftOf(rows: Drift[]): Child {
  const latest = rows[0];
  if (!latest) return h("p", { class: "note" }, "Drift shows after the first batch.");
  const past = [...rows].reverse();
  const open = () => showLines({ batch_id: String(latest.batch_id) });
  const scored = (text: string) => h("button", { type: "button", class: "text", title: `Lines of batch ${latest.batch_id}`, on: { click: open } }, text);
  const [word, mood] = verdict(latest.score_psi);
  const unseen = latest.share_unseen_words;
  return h(
    "dl",
    { class: "drift" },
    h("dt", { title: "Population stability index of anomaly scores: below 0.1 none, above 0.25 much" }, "Score drift"),
    h("dd", { class: mood, "data-drift": "score" }, scored(word), latest.score_psi !== null && h("span", { class: "muted" }, ` ${latest.score_psi.toFixed(3)}`)),
    h("dd", {}, line(past, "Score drift", ({ score_psi }) => score_psi ?? 0, (psi) => psi.toFixed(3))),
    h("dt", { title: "Share of words that training never saw" }, "Unseen words"),
    h("dd", {}, scored(percent(unseen))),
    h("dd", {}, line(past, "Unseen words", ({ share_unseen_words }) => share_unseen_words ?? 0, percent)),
  );
}

export const modelsPanel: Panel<Models> = {
  id: "models",
  title: "Models and drift",
  key: () => "",
  load: async () => {
    const [models, drift] = await Promise.all([get<Page<Model>>("models"), get<Page<Drift>>("drift")]);
    const order = { champion: 0, challenger: 1, retired: 2 };
    return {
      models: [...models.data.items].sort((one, two) => order[one.role] - order[two.role]),
      drift: [...drift.data.items].sort((one, two) => two.batch_id - one.batch_id).slice(0, 60),
    };
  },
  isEmpty: ({ models }) => models.length === 0,
  empty: () => ["No model has scored yet. Train one: ", h("code", {}, "python -m training")],
  render: ({ models, drift }) => [driftOf(drift), h("ul", { class: "rows" }, models.slice(0, 4).map(model))],
};
