/**
 * What the widgets share: they ask the API that their script came from, or that `api` names, again every
 * minute, and show what they got, or in words why they got nothing.
 */

import { ApiError, ask } from "../api";
import { h } from "../dom";
import { token as tokenOfTab } from "../token";
import styles from "./widgets.css?inline";

const EVERY_MS = 60_000;

/** The installation that this script came from; `currentScript` is set while the script first runs. */
const OWN_HOME = new URL(".", (document.currentScript as HTMLScriptElement).src).href;

/** One sheet for all widgets of a page. Made by script, it needs no `unsafe-inline` in the page's policy. */
const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export abstract class Widget extends HTMLElement {
  static observedAttributes = ["api", "token", "figure", "label", "hours", "source", "severity", "limit"];

  #timer = 0;
  #turn = 0;
  readonly #root = this.attachShadow({ mode: "open" });

  /** The action to ask for, with its parameters. */
  protected abstract question(): string;

  /** What to show of its `data`. */
  protected abstract draw(data: unknown): Node;

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [sheet];
    void this.#load();
    this.#timer = window.setInterval(() => document.hidden || void this.#load(), EVERY_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.#load();
  }

  /** An attribute, or `otherwise`. */
  protected value(name: string, otherwise: string): string {
    return this.getAttribute(name) ?? otherwise;
  }

  /** Parameters out of the attributes of the same names. */
  protected parameters(names: string[], fixed: Record<string, string> = {}): string {
    const query = new URLSearchParams(fixed);
    for (const name of names) if (this.hasAttribute(name)) query.set(name, this.value(name, ""));
    return query.toString();
  }

  /** Where the page of this installation is: what a click on the widget opens. */
  protected page(query: Record<string, string>): string {
    return `${this.#home()}?${new URLSearchParams(query)}`;
  }

  /** The installation's own address, with a slash at its end. */
  #home(): string {
    const given = this.value("api", OWN_HOME);
    return given.endsWith("/") ? given : `${given}/`;
  }

  async #load(): Promise<void> {
    const mine = ++this.#turn;
    let content: Node;
    try {
      const { data } = await ask(`${this.#home()}api/${this.question()}`, this.#token());
      content = this.draw(data);
      this.removeAttribute("data-failed");
    } catch (error) {
      this.setAttribute("data-failed", "");
      const said = error instanceof ApiError ? `${error.message} ${error.advice}` : (error as Error).message;
      content = h("p", { class: "failed", role: "alert" }, said);
    }
    if (mine === this.#turn) this.#root.replaceChildren(content);
  }

  /** Its own token; on the installation's own pages also the one that the tab keeps. */
  #token(): string {
    const isOurs = this.#home().startsWith(`${location.origin}/`);
    return this.getAttribute("token") ?? (isOurs ? tokenOfTab() : null) ?? "";
  }
}
