/** The sheet that slides over the page: log lines, and one log among its neighbours. */

import { byId, h } from "./dom";
import { linesView } from "./lines";
import { logView } from "./log";
import { go, onChange, state, type State } from "./state";

/** Opens, fills and closes the sheet as the address says. */
export function setUpSheet(): void {
  const sheet = byId<HTMLDialogElement>("sheet");
  const title = h("h2", { id: "sheet-title", tabindex: -1 });
  const back = h("button", { type: "button", class: "quiet" }, "← Lines");
  const close = h("button", { type: "button", class: "quiet close", "aria-label": "Close" }, "×");
  const linesHost = h("div", { class: "lines-view" });
  const logHost = h("div", { class: "log-view" });
  sheet.append(h("header", {}, back, title, close), linesHost, logHost);

  let shownLines = "";
  let shownLog = "";

  function show({ lines, log, zone }: State): void {
    if (!lines && !log) {
      if (sheet.open) sheet.close();
      shownLines = shownLog = "";
      return;
    }
    if (lines && shownLines !== JSON.stringify([lines, zone])) {
      shownLines = JSON.stringify([lines, zone]);
      linesHost.replaceChildren(linesView(lines));
    }
    if (log && shownLog !== JSON.stringify([log, zone])) {
      shownLog = JSON.stringify([log, zone]);
      logHost.replaceChildren(logView(log));
      sheet.scrollTop = 0;
    }
    linesHost.hidden = log !== null;
    logHost.hidden = log === null;
    back.hidden = !(lines && log);
    title.textContent = log ? "One log among its neighbours" : "Log lines";
    if (!sheet.open) sheet.showModal();
    title.focus();
  }

  back.addEventListener("click", () => go({ log: null }));
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  // Escape closes the dialog by itself; the address follows.
  sheet.addEventListener("close", () => go({ lines: null, log: null }));
  onChange(show);
  show(state());
}
