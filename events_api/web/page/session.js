// The token, kept for this tab only, and requests that carry it.

const KEPT_AS = "gridpatrol.token";

/** A request that was answered with a problem; `status` 0 when nobody answered. */
export class RequestError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  get isTokenProblem() {
    return this.status === 401 || this.status === 403;
  }
}

/** Take a token from `#token=...` out of the address, where it would be seen and kept. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  sessionStorage.setItem(KEPT_AS, token);
  history.replaceState(null, "", location.pathname + location.search);
}

export function keptToken() {
  return sessionStorage.getItem(KEPT_AS) ?? "";
}

export function keepToken(token) {
  sessionStorage.setItem(KEPT_AS, token);
}

export function forgetToken() {
  sessionStorage.removeItem(KEPT_AS);
}

/** Fetch a path of the API; throws RequestError unless it went well. */
export async function request(path, options = {}) {
  const headers = { ...options.headers, Authorization: `Bearer ${keptToken()}` };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, error.message);
  }
  if (!answer.ok) throw new RequestError(answer.status, await problemText(answer));
  return answer;
}

export async function requestJson(path) {
  return (await request(path)).json();
}

async function problemText(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `${answer.status} ${answer.statusText}`;
  }
}
