/** Log lines that a filter selects, newest first; each part of the filter can be taken away. */

import { template } from "./badges";
import { announce, h, type Child } from "./dom";
import { findLines } from "./find";
import { counted } from "./format";
import { lineRow } from "./line";
import { excerpt } from "./logtext";
import { failure } from "./panel";
import { LEVELS, SEVERITIES, type LogLine } from "./rows";
import { showLines, type LineFilter } from "./state";
import { minute } from "./time";

const PAGE = 100;

/** What a chip says about a part of the filter. */
function chipText(key: keyof LineFilter, value: string): string {
  if (key === "anomaly") return value === "true" ? "anomalies only" : "no anomalies";
  if (key === "since") return `from ${minute(value)}`;
  if (key === "until") return `before ${minute(value)}`;
  if (key === "q") return `contains “${value}”`;
  if (key === "template_id") return "one pattern";
  if (key === "trace_id") return `trace ${excerpt(value, 40)}`;
  return `${key.replace("_id", "")} ${value}`;
}

function chips(filter: LineFilter): HTMLElement {
  const entries = Object.entries(filter) as [keyof LineFilter, string][];
  return h(
    "ul",
    { class: "chips", "aria-label": "Filters" },
    entries.map(([key, value]) => {
      const text = chipText(key, value);
      const rest = { ...filter };
      delete rest[key];
      return h("li", {}, h("button", { type: "button", "aria-label": `Remove filter: ${text}`, on: { click: () => showLines(rest) } }, text, h("span", { "aria-hidden": "true" }, " ×")));
    }),
  );
}

function choice(label: string, key: "level" | "severity", values: readonly string[], filter: LineFilter): HTMLElement {
  const select = h(
    "select",
    { "aria-label": label },
    h("option", { value: "" }, `any ${label}`),
    [...values].reverse().map((value) => h("option", { value, selected: filter[key] === value }, value)),
  );
  select.addEventListener("change", () => {
    const { [key]: _, ...rest } = filter;
    showLines(select.value ? { ...rest, [key]: select.value } : rest);
  });
  return select;
}

function search(filter: LineFilter): HTMLElement {
  const text = h("input", { type: "search", name: "q", value: filter.q ?? "", placeholder: "Text in the message", "aria-label": "Text in the message" });
  const form = h(
    "form",
    { role: "search", class: "line-search" },
    text,
    choice("level", "level", LEVELS, filter),
    choice("severity", "severity", SEVERITIES, filter),
    h("button", { type: "submit" }, "Search"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { q: _, ...rest } = filter;
    const wanted = text.value.trim();
    showLines(wanted ? { ...rest, q: wanted } : rest);
  });
  return form;
}

/** The view of the lines that `filter` selects; it fills itself. */
export function linesView(filter: LineFilter): HTMLElement {
  const list = h("ol", { class: "lines" });
  const note = h("p", { class: "note", role: "status" }, "Loading…");
  const older = h("button", { type: "button", class: "quiet", hidden: true }, "Show older");
  const view = h("div", {}, search(filter), chips(filter), note, list, older);
  let next: string | null = null;
  let first: LogLine | undefined;

  async function extend(): Promise<void> {
    older.disabled = true;
    try {
      const { items: found, next: further } = await findLines({ ...filter }, next, PAGE);
      next = further;
      list.append(...found.map((line) => lineRow(line)));
      first ??= found[0];
      note.replaceChildren(...heading(filter, first, list.childElementCount, next));
      announce(note.textContent ?? "");
    } catch (error) {
      note.textContent = "";
      const broken = failure(error, () => {
        broken.remove();
        void extend();
      });
      older.before(broken);
    }
    older.hidden = next === null;
    older.disabled = false;
  }

  older.addEventListener("click", () => void extend());
  void extend();
  return view;
}

function heading(filter: LineFilter, first: LogLine | undefined, shown: number, next: string | null): (Node | string)[] {
  if (shown === 0 && next) return [`No line fits since ${minute(next.split("~")[0]!)}. Older ones have not been looked at yet.`];
  if (shown === 0) return ["No line fits. Take a filter away, or widen the time."];
  const text = `${counted(shown, "line")}${next ? ", more below" : ""}, newest first`;
  const pattern: Child = filter.template_id && first?.template_text ? template(excerpt(first.template_text, 200)) : null;
  return pattern ? [`${text}: `, pattern as Node] : [text];
}
