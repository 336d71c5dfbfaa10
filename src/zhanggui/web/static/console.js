// Sends clicks, forms and keys of server-made HTML to the server, shows dialogs, writes times in the reader's zone.
(() => {
  const send = (act, more) => window.emitEvent && window.emitEvent("zgact", { act, ...more });

  const collect = (form) => {
    const fields = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") (fields[name] ??= []).push(value);
    return fields;
  };

  const plain = (element) => {
    const { act, change, ...rest } = element.dataset;
    return rest;
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) return document.getElementById(opener.dataset.open)?.showModal();
    if (event.target.closest("[data-close]")) return event.target.closest("dialog")?.close();
    if (event.target.closest("[data-drawer]")) return drawer();
    const actor = event.target.closest("[data-act]");
    if (!actor || actor.tagName === "FORM") return;
    const inner = event.target.closest("a[href], button, input, label, select, summary");
    if (inner && inner !== actor && actor.contains(inner)) return;
    event.preventDefault();
    if (actor.closest("dialog") && actor.dataset.stay === undefined) actor.closest("dialog").close();
    send(actor.dataset.act, plain(actor));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    form.closest("dialog")?.close();
    send(form.dataset.act, { ...plain(form), fields: collect(form) });
  });

  document.addEventListener("change", (event) => {
    const actor = event.target.closest("[data-change]");
    if (!actor) return;
    const form = actor.closest("form");
    const fields = form ? collect(form) : {};
    send(actor.dataset.change, { ...plain(actor), value: actor.value, checked: Boolean(actor.checked), fields });
  });

  // Forms that answer while one types wait until the fingers rest.
  let resting;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-live]");
    if (!form) return;
    clearTimeout(resting);
    resting = setTimeout(() => send(form.dataset.live, { ...plain(form), fields: collect(form) }), 350);
  });

  const typing = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true]");

  document.addEventListener("keydown", (event) => {
    const keys = document.querySelector("[data-keys]")?.dataset.keys.split(" ");
    if (event.key === "Escape") document.body.classList.remove("zg-drawer-open");
    if (!keys || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.key === "?") return document.getElementById("keys-help")?.showModal();
    if (!keys.includes(event.key)) return;
    event.preventDefault();
    send("key", { key: event.key, seen: document.querySelector("[data-seen]")?.dataset.seen ?? "" });
  });

  const drawer = () => {
    const open = document.body.classList.toggle("zg-drawer-open");
    document.querySelector("[data-drawer]")?.setAttribute("aria-expanded", String(open));
  };

  window.zg = {
    open: (id) => document.getElementById(id)?.showModal(),
    focus: (selector) => document.querySelector(selector)?.focus(),
    current: (id) => {
      for (const row of document.querySelectorAll("[data-row]")) {
        const here = row.dataset.row === id;
        row.classList.toggle("is-current", here);
        here ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
        if (here) row.scrollIntoView({ block: "nearest" });
      }
    },
    mark: (id, on) => {
      const box = document.querySelector(`[data-row="${CSS.escape(id)}"] input[type=checkbox]`);
      if (box) box.checked = on;
    },
    address: (url) => history.replaceState(history.state, "", url),
  };

  const language = document.documentElement.lang;
  const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const at = new Date(time.dateTime);
      time.textContent = clock.format(at);
      time.title = full.format(at);
    }
  };
  // The framework's upload button has an icon and no name, nor has its file field.
  const name = () => {
    for (const button of document.querySelectorAll(".q-uploader :is(a[role=button], input):not([aria-label])"))
      button.setAttribute("aria-label", button.closest(".q-uploader").querySelector(".q-uploader__title").textContent);
  };
  const tidy = () => {
    localise(document);
    name();
  };
  const start = () => {
    tidy();
    new MutationObserver(tidy).observe(document.body, { childList: true, subtree: true });
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
