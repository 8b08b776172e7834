/** Starts the page, and looks for a new batch every minute. */

import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/marks.css";
import "./styles/cards.css";
import "./styles/charts.css";
import "./styles/heat.css";
import "./styles/anomalies.css";
import "./styles/lists.css";
import "./styles/states.css";
import "./styles/lines.css";
import { ApiError, forgetAnswers } from "./api";
import { sayDemo } from "./demo";
import { announce, byId, h, type Child } from "./dom";
import { drawFilters, setUpShortcuts } from "./filterbar";
import { count } from "./format";
import { askForToken } from "./gate";
import { loadJudgements } from "./judge";
import { onMutes } from "./mutes";
import { failure, loadPanels, mount } from "./panel";
import { alertsPanel } from "./panels/alerts";
import { anomaliesPanel } from "./panels/anomalies";
import { batchesPanel } from "./panels/batches";
import { dayTrend, drawCards, loadStatus } from "./panels/cards";
import { mislabelledPanel } from "./panels/mislabelled";
import { modelsPanel } from "./panels/models";
import { mutesPanel } from "./panels/mutes";
import { outsidePanel } from "./panels/outside";
import { patternsPanel } from "./panels/patterns";
import { levelsPanel, severityPanel } from "./panels/shares";
import { sourcesPanel } from "./panels/sources";
import { timelinePanel } from "./panels/timeline";
import { tracesPanel } from "./panels/traces";
import type { Status } from "./rows";
import { setUpSheet } from "./sheet";
import { endAt } from "./state";
import { takeFromAddress, token } from "./token";

const LOOK_EVERY_MS = 60_000;

let shown: Status | null = null;
let ready = false;

/** What stands in the page's place: a form, an error, or what to do first. */
function notice(content: Child): void {
  byId("notice").replaceChildren(...(content ? [content as Node] : []));
  byId("page").hidden = content !== null;
}

function firstSteps(status: Status): HTMLElement {
  const waiting = status.count_unscored;
  const step = (text: string, command: string) => h("li", {}, text, h("pre", {}, command));
  return h(
    "div",
    { class: "gate first-steps" },
    h("h2", {}, waiting ? `${count(waiting)} logs wait for their first batch` : "No logs yet"),
    h(
      "ol",
      {},
      !waiting && step("Bring logs in:", "python -m ingest FILE…"),
      step("Train the models on them:", "python -m training"),
      step("Score them:", "python -m scoring"),
    ),
    h("p", { class: "note" }, "This page looks again every minute."),
  );
}

/** Loads everything anew; the token or the API may refuse. */
async function load(): Promise<void> {
  if (!token()) return ask(null);
  try {
    const [status] = await Promise.all([loadStatus(), loadJudgements()]);
    shown = status;
    endAt(status.refreshed_at, status.first_logged_at);
    if (status.count_predictions === 0) return notice(firstSteps(status));
    notice(null);
    drawCards(status, []);
    if (!ready) {
      ready = true;
      setUpSheet();
      void drawFilters();
    }
    await Promise.all([loadPanels(), dayTrend().then((trend) => drawCards(status, trend))]);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return ask(`${error.message} ${error.advice}`);
    notice(h("div", { class: "gate" }, failure(error, () => void load())));
  }
}

function ask(said: string | null): void {
  notice(h("div"));
  askForToken(said, () => {
    forgetAnswers();
    void load();
  });
}

/** After a batch every number may have changed; before it none has. */
async function look(): Promise<void> {
  if (document.hidden || !token() || byId("notice").querySelector("form")) return;
  forgetAnswers();
  try {
    const status = await loadStatus();
    const fresh = shown?.last_batch_id !== status.last_batch_id || shown?.refreshed_at !== status.refreshed_at;
    if (!fresh && shown && shown.count_predictions > 0) {
      drawCards(status, await dayTrend());
      // Whether a batch is due is a matter of now; a reader in the middle of it is not disturbed.
      if (!byId("batches").contains(document.activeElement)) await loadBatches();
      return;
    }
    await load();
    announce("A new batch arrived; the page is up to date");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) ask(error.message);
    // A missed look is made up for by the next; what is shown stays true as of its batch.
  }
}

takeFromAddress();
setUpShortcuts();
mount(timelinePanel);
mount(sourcesPanel);
mount(anomaliesPanel);
mount(patternsPanel);
mount(tracesPanel);
const loadAlerts = mount(alertsPanel);
mount(severityPanel);
mount(levelsPanel);
mount(outsidePanel);
mount(mislabelledPanel);
mount(modelsPanel);
const loadBatches = mount(batchesPanel);
const loadMuted = mount(mutesPanel);
onMutes(() => void Promise.all([loadAlerts(), loadMuted()]));
void sayDemo();
void load();
setInterval(() => void look(), LOOK_EVERY_MS);
document.addEventListener("visibilitychange", () => void look());
