import { base, control, element } from "./control.js";

const SHOWN = 100;
const CHANGING = ["rules", "clock", "restore"]; // what a switch may change on the page

// -- the journal ------------------------------------------------------------------------------------------------------

const journal = document.getElementById("journal");
const rows = journal.tBodies[0];
const state = document.getElementById("journal-state");

function row(entry) {
  const link = element("a", entry.number, { href: `${base}/journal/${entry.number}` });
  const number = element("td");
  number.append(link);
  const cells = [
    ...[entry.at.slice(11, 19), entry.method, entry.path, entry.status ?? "none"],
    ...[(entry.seconds * 1000).toFixed(1), entry.fault ?? ""],
  ];
  const made = element("tr");
  made.append(number, ...cells.map((text) => element("td", text)));
  return made;
}

let latest = Number(journal.dataset.latest);
const stream = new EventSource(`${base}/__sandbox__/journal/stream?after=${latest}`);
stream.onopen = () => (state.textContent = "Live");
stream.onerror = () => (state.textContent = "The sandbox does not respond");
stream.onmessage = (event) => {
  const entry = JSON.parse(event.data);
  if (entry.number === 1) {
    rows.replaceChildren(); // the sandbox was reset
  } else if (entry.number <= latest) {
    return;
  }
  latest = entry.number;
  rows.prepend(row(entry));
  while (rows.rows.length > SHOWN) rows.lastChild.remove();
};

// -- the switches -----------------------------------------------------------------------------------------------------

function value(field) {
  if (field.type === "number" || "number" in field.dataset) return Number(field.value);
  return "utc" in field.dataset ? `${field.value}Z` : field.value;
}

function body(form) {
  const given = [...form.elements].filter((field) => field.name && field.value !== "");
  const fields = Object.fromEntries(given.map((field) => [field.name, value(field)]));
  if (form.dataset.post !== "seed") return fields;
  return { platform: fields.platform, data: { [fields.key]: fields.count } };
}

async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  for (const id of CHANGING) document.getElementById(id).replaceWith(page.getElementById(id));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const result = document.getElementById("result");
  const [method, path] = form.dataset.delete ? ["DELETE", form.dataset.delete] : ["POST", form.dataset.post];
  const title = form.querySelector("h3").textContent;
  event.preventDefault();
  try {
    await control(method, path, method === "POST" ? body(form) : undefined);
    await refresh();
    result.className = "";
    result.textContent = `${title}: done.`;
  } catch (error) {
    result.className = "error";
    result.textContent = `${title}: ${error.message}`;
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.firstChild.textContent = "Copied";
  setTimeout(() => (button.firstChild.textContent = "Copy"), 1500);
});
