/** A line the size of a word. */

import { h, s } from "./dom";

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

/** What stands behind the points of a sparkline. */
interface Behind {
  /** The points that have something to open; a click takes the nearest, the keyboard the last. */
  places: number[];
  /** What the point `at` is, in words. */
  name: (at: number) => string;
  open: (at: number) => void;
}

/** A sparkline whose points open what stands behind them. */
export function openable(line: SVGElement | null, points: number, { places, name, open }: Behind): HTMLElement | null {
  if (!line || places.length === 0) return line && h("span", {}, line);
  const button = h("button", { type: "button", class: "pick", title: name(places.at(-1)!) }, line);
  function under(event: MouseEvent): number {
    const { left, width } = button.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * (points - 1);
    return places.reduce((nearest, place) => (Math.abs(place - at) < Math.abs(nearest - at) ? place : nearest));
  }
  button.addEventListener("mousemove", (event) => (button.title = name(under(event))));
  button.addEventListener("click", (event) => open(event.detail === 0 ? places.at(-1)! : under(event)));
  return button;
}
