/** A line or bars the size of a word. */

import { s } from "./dom";

/** Values as a line with the area below; `label` is what a screen reader hears. One value is no line. */
export function sparkline(values: number[], label: string, width = 96, height = 24): SVGElement | null {
  if (values.length < 2) return null;
  const top = Math.max(...values, 0) || 1;
  const step = width / Math.max(values.length - 1, 1);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${(height - 1 - (value / top) * (height - 3)).toFixed(1)}`);
  return s(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, preserveAspectRatio: "none" },
    s("polygon", { points: `0,${height} ${points.join(" ")} ${width},${height}` }),
    s("polyline", { points: points.join(" ") }),
  );
}
