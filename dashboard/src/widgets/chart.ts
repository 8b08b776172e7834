/** `<logkiln-chart figure="count_anomalies" hours="24" source="shop">`: bars by hour. */

import { h, s } from "../dom";
import { count } from "../format";
import type { Hour } from "../rows";
import { Widget } from "./element";

const HOUR_MS = 3_600_000;
const HEIGHT = 40;

/** Every hour up to the last one, those without logs as zero. */
function series(hours: Hour[], figure: keyof Hour, length: number): number[] {
  const byHour = new Map(hours.map((hour) => [Date.parse(hour.hour_at), Number(hour[figure])]));
  const last = Math.max(...byHour.keys());
  return Array.from({ length }, (_, at) => byHour.get(last - (length - 1 - at) * HOUR_MS) ?? 0);
}

export class ChartWidget extends Widget {
  protected question(): string {
    return `trends?${this.parameters(["source"], { hours: this.value("hours", "24") })}`;
  }

  protected draw(data: unknown): Node {
    const figure = this.value("figure", "count_anomalies");
    const hours = data as Hour[];
    if (hours[0] && !(figure in hours[0])) {
      throw new Error(`figure is ${figure}; expected one of ${Object.keys(hours[0]).filter((name) => name.startsWith("count_")).join(", ")}.`);
    }
    const length = Number(this.value("hours", "24"));
    const values = hours.length > 0 ? series(hours, figure as keyof Hour, length) : [];
    const most = Math.max(...values, 1);
    const label = this.value("label", figure.replaceAll("_", " "));
    const sum = count(values.reduce((total, value) => total + value, 0));
    const bars = values.map((value, at) => {
      const height = value === 0 ? 0 : Math.max(1, (value / most) * HEIGHT);
      return s("rect", { x: at + 0.1, y: HEIGHT - height, width: 0.8, height });
    });
    const source = this.getAttribute("source");
    return h(
      "a",
      { class: "chart", href: this.page({ ...(source ? { source } : {}) }) },
      h("span", { class: "label" }, `${label}, ${length} h`),
      h("span", { class: "sum" }, sum),
      s(
        "svg",
        { viewBox: `0 0 ${length} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${label} by hour, ${sum} in ${length} hours, at most ${count(most)} in one` },
        ...bars,
      ),
    );
  }
}
