import { control, element } from "./control.js";

const POLL_MILLISECONDS = 700;

function bubble(message, tap) {
  const item = element("div", "", { class: message.is_from_contact ? "bubble own" : "bubble theirs" });
  item.append(element("span", message.text, { class: "text" }));
  const received = message.is_received ? "" : " waiting";
  item.append(element("small", `${message.at.slice(5, 19).replace("T", " ")} · ${message.status}`, { class: `status${received}` }));
  if (message.is_received && message.choices.length) {
    const choices = element("div", "", { class: "choices" });
    for (const choice of message.choices) {
      const button = element("button", choice.label, { type: "button" });
      button.addEventListener("click", () => tap(message.id, choice.id));
      choices.append(button);
    }
    item.append(choices);
  }
  return item;
}

class Person {
  constructor(section) {
    this.platform = section.dataset.platform;
    this.contact = section.dataset.contact;
    this.log = section.querySelector("[role=log]");
    this.error = section.querySelector(".error");
    this.shown = new Map();
    const form = section.querySelector(".say");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await this.act("say", { text: form.elements.text.value })) form.reset();
    });
    section.querySelector("[data-read]")?.addEventListener("click", () => this.act("mark_read", {}));
  }

  /** Do something as this person, and show the chat then; false if the sandbox did not take it. */
  async act(action, given) {
    try {
      const chat = await control("POST", `${this.platform}/${action}`, { contact: this.contact, ...given });
      this.show(chat.messages);
      this.error.textContent = "";
      return true;
    } catch (error) {
      this.error.textContent = error.message;
      return false;
    }
  }

  /** Replace only what has changed, so that a screen reader hears of that alone and the focus stays. */
  show(messages) {
    const bottom = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    const kept = new Set(messages.map((message) => message.id));
    for (const [id, { item }] of this.shown) if (!kept.has(id)) (item.remove(), this.shown.delete(id));
    for (const message of messages) {
      const known = this.shown.get(message.id);
      const state = JSON.stringify(message);
      if (known?.state === state) continue;
      const item = bubble(message, (id, choice) => this.act("tap", { message: id, choice }));
      known ? known.item.replaceWith(item) : this.log.append(item);
      this.shown.set(message.id, { item, state });
    }
    if (bottom) this.log.scrollTop = this.log.scrollHeight;
  }
}

const people = [...document.querySelectorAll(".person")].map((section) => new Person(section));

async function poll() {
  if (!document.hidden) await Promise.all(people.map((person) => person.act("show_chat", {})));
  setTimeout(poll, POLL_MILLISECONDS);
}

document.getElementById("platform").addEventListener("change", (event) => {
  document.getElementById("contact").setAttribute("list", `known-${event.target.value}`);
});
poll();
