/** Asks for the token, once a tab. */

import { byId, h } from "./dom";
import { forget, keep } from "./token";

/** Shows the form instead of the page; `said` is why the last token was refused, if one was. */
export function askForToken(said: string | null, enter: () => void): void {
  forget();
  const field = h("input", { id: "token", type: "password", autocomplete: "off", required: true, "aria-describedby": "token-help" });
  const form = h(
    "form",
    { class: "gate" },
    h("h2", {}, "Who is asking?"),
    said ? h("p", { class: "refused", role: "alert" }, said) : null,
    h("label", { for: "token" }, "Token"),
    field,
    h(
      "p",
      { id: "token-help", class: "note" },
      "One of those in ",
      h("code", {}, "API_TOKEN"),
      " of this installation; whoever runs it has it. It stays in this tab and is gone when the tab closes.",
    ),
    h("button", { type: "submit", class: "primary" }, "Open the page"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(field.value.trim());
    enter();
  });
  byId("notice").replaceChildren(form);
  field.focus();
}
