/** `<logkiln-anomalies limit="5" severity="high">`: the latest anomalies, each a link to its log. */

import { h } from "../dom";
import { ago } from "../format";
import { textOf } from "../group";
import { excerpt } from "../logtext";
import type { LogLine, Page } from "../rows";
import { Widget } from "./element";

export class AnomaliesWidget extends Widget {
  protected question(): string {
    return `anomalies?${this.parameters(["source", "severity"], { limit: this.value("limit", "5") })}`;
  }

  protected draw(data: unknown): Node {
    const { items } = data as Page<LogLine>;
    if (items.length === 0) return h("p", { class: "label" }, "No anomalies");
    return h("ol", { class: "anomalies", "aria-label": this.value("label", "Latest anomalies") }, items.map((line) => this.#entry(line)));
  }

  #entry(line: LogLine): HTMLElement {
    return h(
      "li",
      { class: `severity-${line.severity}` },
      h(
        "a",
        { href: this.page({ log: line.log_entry_id, at: line.logged_at }) },
        h("span", { class: "label" }, `${line.severity}, ${line.source}, ${ago(line.logged_at)}`),
        h("span", { class: "text" }, excerpt(textOf(line), 200)),
      ),
    );
  }
}
