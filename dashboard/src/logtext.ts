/**
 * Log text is hostile. It is shown whole and literally: control characters, terminal escapes and
 * marks that reorder text (https://trojansource.codes) as visible symbols, long text cut.
 */

import { h } from "./dom";

/** Characters shown before a reader asks for the rest. */
export const SHOWN = 2000;

const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

function symbol(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

/** `text` with every invisible character made visible; line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(HIDDEN, symbol);
}

/** The first line or so of `text`, for lists. */
export function excerpt(text: string, length = 400): string {
  const cut = text.length > length ? `${text.slice(0, length)}\u2026` : text;
  return visible(cut);
}

/** All of `text`, the part past `SHOWN` behind a button. */
export function fullText(text: string): HTMLElement {
  const code = h("pre", { class: "message", tabindex: 0 }, visible(text.slice(0, SHOWN)));
  if (text.length <= SHOWN) return code;
  const more = h(
    "button",
    { type: "button", class: "quiet" },
    `Show all ${text.length.toLocaleString("en")} characters`,
  );
  more.addEventListener("click", () => {
    code.textContent = visible(text);
    more.remove();
    code.focus();
  });
  return h("div", {}, code, more);
}
