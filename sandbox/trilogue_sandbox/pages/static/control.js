// The control plane of the sandbox that this page belongs to.

export const base = document.documentElement.dataset.base;

/** Send JSON and return what comes back; what is wrong is an Error with the sandbox's words. */
export async function control(method, path, body) {
  const response = await fetch(`${base}/__sandbox__/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const document = await response.json();
  if (!response.ok) throw new Error(document.error);
  return document;
}

/** Make an element with text in it. */
export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
