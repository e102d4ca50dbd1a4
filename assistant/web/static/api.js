// Calls the JSON API of this site. Every page script goes through here: the token that proves
// that the request comes from our own page, and French messages for every failure.

const token = document.querySelector('meta[name="jeton"]').content;

/** A refusal or failure of the server, with a French sentence for the person. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status; // 0: the server was not reached; 401: logged out; 409: conflict
  }
}

/**
 * Ask the API. `path` starts with /api/. `body`, when given, is sent as JSON. With `keepalive`
 * the request is finished even when the page is left (at most 64 kB).
 * Returns the decoded JSON, or null for an empty answer. Throws ApiError.
 */
export async function api(method, path, body = undefined, { signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-Preuve-Jeton"] = token;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      signal,
      keepalive, // the request outlives the page
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError("Le serveur ne répond pas. Ce que vous tapez est gardé dans cette page.", 0);
  }
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const content = isJson ? await answer.json() : null;
  if (!answer.ok) {
    throw new ApiError(content?.erreur ?? "La demande a échoué.", answer.status);
  }
  return content;
}
