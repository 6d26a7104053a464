// The server's interface: one function per call. An answer other than 200 becomes an Error with its reason.

export class ApiError extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

async function answer(response) {
  const value = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new ApiError(response.status, value.error);
  return value;
}

export async function options() {
  return answer(await fetch("/api/options"));
}

export async function call(name, request) {
  let response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
  } catch {
    throw new ApiError(0, "The server does not answer: is `autograd-lite play` still running?");
  }
  return answer(response);
}

// When the tab goes: sent without waiting for an answer.
export function leave(session) {
  fetch("/api/end", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ session }),
    keepalive: true,
  }).catch(() => {});
}

// Bytes 0 … 254 in base64, as numbers -1 … 1.
export function levels(base64) {
  const text = atob(base64);
  return Float32Array.from(text, (c) => (c.charCodeAt(0) - 127) / 127);
}
