/** The frame of every panel: heading, loading, empty, failed, and drawn again when its inputs change. */

import { ApiError, forgetAnswers } from "./api";
import { h, byId, type Child } from "./dom";
import { onChange, state, type State } from "./state";

export interface Panel<Data> {
  id: string;
  title: string;
  /** What the panel's content depends on; it loads again when this changes. */
  key: (state: State) => string;
  load: (state: State) => Promise<Data>;
  /** True where there is nothing to draw. */
  isEmpty: (data: Data) => boolean;
  /** What to say then, and what to do. */
  empty: (state: State) => Child;
  render: (data: Data, state: State) => Child;
  /** Controls beside the heading. */
  tools?: (state: State) => Child;
}

const loaders: (() => Promise<void>)[] = [];

/** Puts `panel` into its section of the page; returns what loads it anew. */
export function mount<Data>(panel: Panel<Data>): () => Promise<void> {
  const heading = h("h2", { id: `${panel.id}-title` }, panel.title);
  const tools = h("div", { class: "tools" });
  const body = h("div", { class: "body" }, skeleton());
  const section = byId(panel.id);
  section.setAttribute("aria-labelledby", heading.id);
  section.append(h("header", {}, heading, tools), body);

  let turn = 0;
  let key = "";
  async function load(): Promise<void> {
    const mine = ++turn;
    const asked = state();
    key = panel.key(asked);
    section.setAttribute("aria-busy", "true");
    tools.replaceChildren(...list(panel.tools?.(asked)));
    let content: Child;
    try {
      const data = await panel.load(asked);
      content = panel.isEmpty(data) ? h("div", { class: "empty" }, panel.empty(asked)) : panel.render(data, asked);
    } catch (error) {
      content = failure(error, () => void load());
    }
    // A slower answer to an older question must not replace a newer one.
    if (mine !== turn) return;
    body.replaceChildren(...list(content));
    section.setAttribute("aria-busy", "false");
  }

  onChange((next) => {
    if (panel.key(next) !== key) void load();
  });
  loaders.push(load);
  return load;
}

/** Loads every panel anew, at the start and after each batch. */
export async function loadPanels(): Promise<void> {
  await Promise.all(loaders.map((load) => load()));
}

/** Moves view and focus to a panel. */
export function reveal(id: string): void {
  const section = byId(id);
  section.scrollIntoView({ block: "start" });
  section.focus({ preventScroll: true });
}

/** What went wrong, what to do, and a button that tries again. */
export function failure(error: unknown, again: () => void): HTMLElement {
  if (!(error instanceof ApiError)) console.error(error);
  const message = error instanceof ApiError ? error.message : "This part of the page failed to draw.";
  const advice = error instanceof ApiError ? error.advice : "The browser's console says more; try again.";
  const retry = h("button", { type: "button" }, "Try again");
  retry.addEventListener("click", () => {
    forgetAnswers();
    again();
  });
  return h("div", { class: "failure", role: "alert" }, h("p", {}, h("strong", {}, message), " ", advice), retry);
}

function list(child: Child): (Node | string)[] {
  if (Array.isArray(child)) return child.flatMap(list);
  if (child === null || child === undefined || child === false) return [];
  return [child instanceof Node ? child : String(child)];
}

function skeleton(): HTMLElement {
  return h("div", { class: "skeleton", role: "status" }, h("span", { class: "hidden" }, "Loading"));
}
