/** The bearer token: from `#token=…` of the address, or asked for; kept for this tab only. */

const KEY = "logkiln.token";

/** Takes a token out of the address bar, where it would be copied along with links. */
export function takeFromAddress(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, "", location.pathname + location.search);
}

export const token = (): string | null => sessionStorage.getItem(KEY);

export function keep(value: string): void {
  sessionStorage.setItem(KEY, value);
}

export function forget(): void {
  sessionStorage.removeItem(KEY);
}
