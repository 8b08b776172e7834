/** `<logkiln-stat figure="count_anomalies_24h" label="Anomalies">`: one figure of the overview. */

import { h } from "../dom";
import { ago, count } from "../format";
import { Widget } from "./element";

/** A number with its separators; a time as its age. */
function shown(value: unknown): string {
  if (typeof value === "number") return count(value);
  if (typeof value === "string") return Number.isNaN(Date.parse(value)) ? value : ago(value);
  return "–";
}

export class StatWidget extends Widget {
  protected question(): string {
    return "status";
  }

  protected draw(data: unknown): Node {
    const figure = this.value("figure", "count_anomalies_24h");
    const figures = data as Record<string, unknown>;
    if (!(figure in figures)) {
      const known = Object.keys(figures).filter((name) => !Array.isArray(figures[name]));
      throw new Error(`figure is ${figure}; expected one of ${known.join(", ")}.`);
    }
    return h(
      "a",
      { class: "stat", href: this.page({}) },
      h("span", { class: "label" }, this.value("label", figure.replaceAll("_", " "))),
      h("span", { class: "value" }, shown(figures[figure])),
    );
  }
}
