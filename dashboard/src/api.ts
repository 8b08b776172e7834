/** Asks the API; the only module that goes out. */

import { token } from "./token";

export interface Answer<Data> {
  action: string;
  batch_id: number | null;
  refreshed_at: string | null;
  data: Data;
}

export type Parameters = Record<string, string | number | null | undefined>;

/** An answer that is no success; `status` 0 where there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly advice: string;

  constructor(status: number, message: string, advice: string) {
    super(message);
    this.status = status;
    this.advice = advice;
  }
}

const TIMEOUT_MS = 15_000;
const asked = new Map<string, Promise<Answer<unknown>>>();

/** GETs `action`. Panels that ask the same share one request until `forgetAnswers`. */
export function get<Data>(action: string, parameters: Parameters = {}): Promise<Answer<Data>> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  const address = `api/${action}${text ? `?${text}` : ""}`;
  let answer = asked.get(address);
  if (!answer) {
    answer = ask(address, token() ?? "");
    asked.set(address, answer);
    answer.catch(() => asked.delete(address));
  }
  return answer as Promise<Answer<Data>>;
}

/** POSTs `fields` to `action`, once: what was lost on the way may have been kept. */
export async function post<Data>(action: string, fields: Record<string, string | number>): Promise<{ data: Data }> {
  const answer = await ask(`api/${action}`, token() ?? "", {
    method: "POST",
    body: JSON.stringify(fields),
    headers: { "Content-Type": "application/json" },
  });
  return answer as unknown as { data: Data };
}

/** Makes the next `get` ask again: after a batch, or when the reader tries again. */
export function forgetAnswers(): void {
  asked.clear();
}

/** GETs `address` with `bearer`, or as `more` says; an ApiError says what went wrong and what to do. */
export async function ask(address: string, bearer: string, more: RequestInit = {}): Promise<Answer<unknown>> {
  let response: Response;
  try {
    response = await fetch(address, {
      ...more,
      headers: { ...more.headers, Authorization: `Bearer ${bearer}`, Accept: "application/json" },
      // Always asked, mostly answered with 304: panels must not mix two batches.
      cache: "no-cache",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === "TimeoutError";
    throw new ApiError(
      0,
      late ? `The API did not answer within ${TIMEOUT_MS / 1000} seconds.` : "The API cannot be reached.",
      "Check that the server runs and that you are online; then try again.",
    );
  }
  if (!response.ok) throw await problem(response);
  try {
    return (await response.json()) as Answer<unknown>;
  } catch {
    throw new ApiError(
      response.status,
      "The address answered, but not with JSON.",
      "Check that /api/ leads to the Logkiln function.",
    );
  }
}

async function problem(response: Response): Promise<ApiError> {
  let detail = "";
  try {
    const body = (await response.json()) as { title?: string; detail?: string };
    detail = body.detail ?? body.title ?? "";
  } catch {
    // A proxy in between answers with HTML; the status alone says enough then.
  }
  const status = response.status;
  if (status === 401) {
    return new ApiError(status, "This token is not known here.", "Ask whoever runs this installation for one that is.");
  }
  // The API's own problems end with what to do; those of a proxy do not.
  return new ApiError(status, detail || `The server answered with status ${status}.`, detail ? "" : "Try again in a moment.");
}
