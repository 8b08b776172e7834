/** Small marks that many panels share. */

import { h } from "./dom";
import { standsFor } from "./levels";
import type { Level, Severity } from "./rows";

/** A severity in words and colour. */
export function severityBadge(severity: Severity): HTMLElement {
  return h("span", { class: `badge severity-${severity}` }, severity);
}

/** The predicted level; struck through before it, a declared one that says otherwise. */
export function levelBadge(predicted: Level, declared?: string | null): HTMLElement {
  const differs = declared && standsFor(declared) !== predicted;
  return h(
    "span",
    { class: "levels" },
    differs && h("span", { class: "declared", title: "Level that the program declared" }, declared),
    differs && h("span", { class: "arrow" }, " → "),
    h("span", { class: `level level-${predicted}`, title: "Level that the model predicts" }, predicted),
  );
}

/** A horizontal bar from 0 to `of`, in a colour class; for eyes only, the number stands beside it. */
export function bar(value: number, of: number, colour: string): HTMLElement {
  const fill = h("span", { class: `fill ${colour}` });
  fill.style.width = of > 0 ? `${Math.max(value > 0 ? 1 : 0, (100 * value) / of)}%` : "0";
  return h("span", { class: "bar", "aria-hidden": "true" }, fill);
}

/** Normalised text with its masks (`<*>`) set back. */
export function template(text: string): HTMLElement {
  const parts = text.split(/(<(?:\*|[a-z_]+)>)/).map((part, at) => (at % 2 === 1 ? h("var", {}, part) : part));
  return h("span", { class: "template" }, parts);
}
