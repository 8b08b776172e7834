/** Window of time, source, search, and the zone that times are shown in. */

import { get } from "./api";
import { byId, h } from "./dom";
import type { Page, SourceRow } from "./rows";
import { go, onChange, RANGES, showLines, state, type State } from "./state";
import { range } from "./time";

const NAMES: Record<number, string> = { 6: "6 h", 24: "24 h", 72: "3 d", 168: "7 d", 336: "14 d" };

function windows({ hours, since, until }: State): HTMLElement {
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": "Window of time" },
    RANGES.map((range) =>
      h(
        "button",
        { type: "button", "aria-pressed": !since && hours === range, on: { click: () => go({ hours: range, since: null, until: null }) } },
        NAMES[range],
      ),
    ),
    since && until
      ? h("button", { type: "button", class: "zoom", "aria-pressed": true, "aria-label": `End the zoom to ${range(since, until)}`, on: { click: () => go({ since: null, until: null }) } }, range(since, until), h("span", { "aria-hidden": "true" }, " ×"))
      : null,
  );
}

function zones({ zone }: State): HTMLElement {
  const option = (value: State["zone"], text: string) =>
    h("button", { type: "button", "aria-pressed": zone === value, on: { click: () => go({ zone: value }) } }, text);
  return h("div", { class: "segments", role: "group", "aria-label": "Time zone" }, option("local", "local"), option("utc", "UTC"));
}

function sourceSelect({ source }: State, names: string[]): HTMLElement {
  const known = source && !names.includes(source) ? [source, ...names] : names;
  const select = h(
    "select",
    { "aria-label": "Source" },
    h("option", { value: "" }, "all sources"),
    known.map((name) => h("option", { value: name, selected: name === source }, name)),
  );
  select.addEventListener("change", () => go({ source: select.value || null }));
  return select;
}

function search(): HTMLElement {
  const text = h("input", { type: "search", id: "search", placeholder: "Search log lines  /", "aria-label": "Search log lines", "aria-keyshortcuts": "/" });
  const form = h("form", { role: "search" }, text);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { source, since, until } = state();
    const q = text.value.trim();
    showLines({
      ...(q ? { q } : {}),
      ...(source ? { source } : {}),
      ...(since && until ? { since, until } : {}),
    });
  });
  return form;
}

/** Fills the bar, and again when the address changes. */
export async function drawFilters(): Promise<void> {
  const bar = byId("filters");
  const sources = h("span");
  const times = h("span");
  const zone = h("span");
  bar.replaceChildren(times, sources, search(), zone);
  let names: string[] = [];
  const draw = () => {
    times.replaceChildren(windows(state()));
    sources.replaceChildren(sourceSelect(state(), names));
    zone.replaceChildren(zones(state()));
  };
  draw();
  onChange(() => keepFocus(bar, draw));
  try {
    names = (await get<Page<SourceRow>>("sources")).data.items.map(({ source }) => source).sort();
    draw();
  } catch {
    // The panel of sources asks the same and says why it failed.
  }
}

/** Redraws without losing the keyboard's place: the control with the same name has the focus after. */
function keepFocus(bar: HTMLElement, draw: () => void): void {
  const name = (element: Element) => element.getAttribute("aria-label") ?? element.textContent;
  const held = document.activeElement && bar.contains(document.activeElement) ? name(document.activeElement) : null;
  draw();
  if (held === null) return;
  const again = [...bar.querySelectorAll<HTMLElement>("button, select")].find((element) => name(element) === held);
  again?.focus();
}

/** "/" goes to the search, as everywhere. */
export function setUpShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as HTMLElement).closest("input, select, textarea, dialog");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byId("search").focus();
  });
}
