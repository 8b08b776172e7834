/** Colours for canvases, read from the style sheet, so that dark and light are said once. */

const scheme = window.matchMedia("(prefers-color-scheme: dark)");

/** The current value of the custom property `--name`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls `redraw` when the reader's system turns dark or light. */
export function onSchemeChange(redraw: () => void): void {
  scheme.addEventListener("change", redraw);
}
