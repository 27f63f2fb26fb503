// The token, kept for this tab only, and requests that carry it.

const KEPT_AS = "gridpatrol.token";
const EXPIRES_AS = "gridpatrol.expires";
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * A request that was answered with a problem; `status` 0 when nobody answered.
 * `evidence` is "altered" where a picture no longer has its SHA-256.
 */
export class RequestError extends Error {
  constructor(status, { detail, evidence = null }) {
    super(detail);
    this.status = status;
    this.evidence = evidence;
  }

  get isTokenProblem() {
    return this.status === 401 || this.status === 403;
  }
}

/** Take a token from `#token=...` out of the address, where it would be seen and kept. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  keepToken(token);
  history.replaceState(null, "", location.pathname + location.search);
}

export function keptToken() {
  return sessionStorage.getItem(KEPT_AS) ?? "";
}

export function keepToken(token) {
  sessionStorage.setItem(KEPT_AS, token);
  sessionStorage.removeItem(EXPIRES_AS);
}

export function forgetToken() {
  sessionStorage.removeItem(KEPT_AS);
  sessionStorage.removeItem(EXPIRES_AS);
}

/** Begin a session by name and password. */
export async function beginSession(name, password) {
  forgetToken();
  const headers = { "Content-Type": "application/json" };
  keepSession(await requestJson("/sessions", { method: "POST", headers, body: JSON.stringify({ name, password }) }));
}

/** Exchange the session's token for a new one, shortly before it is over; others hold by themselves. */
export async function renewSession() {
  const expires = sessionStorage.getItem(EXPIRES_AS);
  if (expires === null || Date.parse(expires) - Date.now() > RENEW_BEFORE_MS) return;
  keepSession(await requestJson("/sessions/current/renewal", { method: "POST" }));
}

/** End the session, if the token is one's. */
export async function endSession() {
  if (sessionStorage.getItem(EXPIRES_AS) !== null) await request("/sessions/current", { method: "DELETE" });
}

function keepSession(session) {
  keepToken(session.token);
  sessionStorage.setItem(EXPIRES_AS, session.expires_at);
}

/** Fetch a path of the API; throws RequestError unless it went well. */
export async function request(path, options = {}) {
  const token = keptToken();
  const headers = { ...options.headers, ...(token === "" ? {} : { Authorization: `Bearer ${token}` }) };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, { detail: error.message });
  }
  if (!answer.ok) throw new RequestError(answer.status, await problemOf(answer));
  return answer;
}

export async function requestJson(path, options = {}) {
  return (await request(path, options)).json();
}

async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return { detail: `${answer.status} ${answer.statusText}` };
  }
}
