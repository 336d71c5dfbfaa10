/* Zhanggui's chat for shop pages. One script tag:
 *   <script src="https://desk.example/widget/chat.js" data-merchant="main" data-locale="zh-CN" defer></script>
 * No framework, no cookies, no requests to anybody but the desk. Text from others is only ever set as text. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.zhangguiChat) return;
  var base = new URL(script.src).origin;
  var merchant = script.dataset.merchant || "main";
  var chinese = (script.dataset.locale || document.documentElement.lang || "zh-CN").toLowerCase().indexOf("zh") === 0;
  var locale = chinese ? "zh-CN" : "en";
  var words = chinese
    ? { open: "在线客服", title: "在线客服", close: "关闭", say: "请输入消息", send: "发送", person: "转人工", bot: "智能客服",
        staff: "客服", me: "我", lost: "连接断开，正在重连…", wait: "发送太快，请稍候。", failed: "未发送，点此重试",
        waiting: "正在等待人工客服", taken: "人工客服为您服务", label: "AI 生成的回复由程序提供" }
    : { open: "Chat with us", title: "Customer service", close: "Close", say: "Write a message", send: "Send",
        person: "Talk to a person", bot: "Assistant", staff: "Team", me: "Me", lost: "Connection lost, reconnecting…",
        wait: "Too fast, please wait a moment.", failed: "Not sent: click to try again", waiting: "Waiting for a person",
        taken: "A person is with you", label: "Replies by the assistant are made by a program" };
  var api = base + "/api/v1/chat/" + encodeURIComponent(merchant);
  var kept = "zhanggui.chat." + merchant;
  var store = read();
  var last = 0, shown = {}, stopped = false, pause = 1000, listening = false;

  function read() {
    try { return JSON.parse(localStorage.getItem(kept) || "{}"); } catch (broken) { return {}; }
  }
  function keep() {
    try { localStorage.setItem(kept, JSON.stringify(store)); } catch (full) { /* private mode: lasts as long as the page */ }
  }
  function make(tag, attributes, text) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (text !== undefined) element.textContent = text;
    return element;
  }
  function newKey() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  }

  /* -- what is on the page: in a shadow root, so that the shop's styles and ours leave each other alone -- */
  var host = make("div", { id: "zhanggui-chat" });
  var root = host.attachShadow({ mode: "open" });
  root.appendChild(make("style", {}, [
    ":host{all:initial;position:fixed;right:16px;bottom:16px;z-index:2147483000;font:15px/1.5 system-ui,sans-serif;color:#1c1917}",
    "button{font:inherit;cursor:pointer;border:0;border-radius:8px;min-height:40px;padding:0 14px;background:#9a3412;color:#fff}",
    "button:focus-visible,textarea:focus-visible,ol:focus-visible{outline:3px solid #2563eb;outline-offset:2px}",
    "section{display:none;flex-direction:column;width:min(360px,calc(100vw - 32px));height:min(560px,calc(100vh - 32px));",
    "background:#fff;border:1px solid #d6d3d1;border-radius:12px;overflow:hidden;box-shadow:0 8px 32px rgba(0,0,0,.2)}",
    "section.is-open{display:flex}header{display:flex;gap:8px;align-items:center;padding:8px 12px;background:#9a3412;color:#fff}",
    "h2{font-size:16px;margin:0;flex:1}header button{background:transparent;min-width:40px;padding:0}",
    "ol{list-style:none;margin:0;padding:12px;flex:1;overflow-y:auto}li{margin:0 0 10px;max-width:88%;clear:both}",
    "li b{display:block;font-size:12px;font-weight:600;color:#57534e}li p{margin:2px 0 0;padding:8px 10px;border-radius:10px;",
    "background:#f5f5f4;white-space:pre-wrap;overflow-wrap:anywhere}li.is-customer{margin-left:auto}li.is-customer p{background:#ffedd5}",
    "li.is-event{max-width:100%;text-align:center}li.is-event p{background:transparent;color:#57534e;font-size:13px}",
    "[role=status]{min-height:20px;padding:0 12px;font-size:13px;color:#57534e}form{display:flex;gap:8px;padding:8px;border-top:1px solid #e7e5e4}",
    "textarea{flex:1;font:inherit;resize:none;height:40px;border:1px solid #a8a29e;border-radius:8px;padding:8px;box-sizing:border-box}",
    "footer{display:flex;justify-content:space-between;align-items:center;padding:0 8px 8px;font-size:12px;color:#57534e}",
    "footer button{background:#f5f5f4;color:#1c1917;min-height:32px}.is-failed p{border:1px solid #b91c1c}",
    "@media (prefers-color-scheme:dark){:host{color:#f5f5f4}section{background:#1c1917;border-color:#44403c}li p{background:#292524}",
    "li.is-customer p{background:#7c2d12}textarea{background:#292524;color:#f5f5f4}footer button{background:#292524;color:#f5f5f4}",
    "li b,li.is-event p,[role=status],footer{color:#d6d3d1}}@media (prefers-reduced-motion:no-preference){ol{scroll-behavior:smooth}}"
  ].join("")));
  var opener = make("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel" }, words.open);
  var panel = make("section", { id: "panel", role: "dialog", "aria-labelledby": "title", lang: locale });
  var header = make("header");
  var closer = make("button", { type: "button", "aria-label": words.close }, "✕");
  header.appendChild(make("h2", { id: "title" }, words.title));
  header.appendChild(closer);
  var list = make("ol", { "aria-live": "polite", "aria-relevant": "additions", tabindex: "0", "aria-label": words.title });
  var status = make("div", { role: "status" });
  var form = make("form");
  var field = make("textarea", { "aria-label": words.say, placeholder: words.say, maxlength: "4000", rows: "1" });
  form.appendChild(field);
  form.appendChild(make("button", { type: "submit" }, words.send));
  var footer = make("footer");
  var person = make("button", { type: "button" }, words.person);
  footer.appendChild(make("span", {}, words.label));
  footer.appendChild(person);
  [header, list, status, form, footer].forEach(function (part) { panel.appendChild(part); });
  root.appendChild(opener);
  root.appendChild(panel);

  function show(message) {
    if (shown[message.number]) return;
    shown[message.number] = true;
    var mine = list.querySelector('[data-key]');
    if (message.sender === "customer" && mine && mine.querySelector("p").textContent === message.text) mine.remove();
    var item = make("li", { "class": "is-" + message.sender });
    var name = message.sender === "customer" ? words.me
      : message.sender === "staff" ? words.staff + (message.author ? " · " + message.author : "") : words.bot;
    if (message.sender !== "event") item.appendChild(make("b", {}, name));
    item.appendChild(make("p", {}, message.text));
    list.appendChild(item);
    list.scrollTop = list.scrollHeight;
  }
  function told(state) {
    status.textContent = state === "waiting" || state === "asked" ? words.waiting : state === "taken" ? words.taken : "";
  }

  /* -- talking to the desk -- */
  function session() {
    if (store.token) return Promise.resolve(store.token);
    return fetch(api + "/sessions", { method: "POST" }).then(function (answer) {
      if (!answer.ok) throw new Error("session " + answer.status);
      return answer.json();
    }).then(function (made) { store.token = made.token; keep(); return made.token; });
  }
  function forget() { store = {}; keep(); last = 0; shown = {}; list.textContent = ""; }

  function send(text, key) {
    var waiting = list.querySelector('[data-key="' + key + '"]') || make("li", { "class": "is-customer", "data-key": key });
    if (!waiting.firstChild) {
      waiting.appendChild(make("b", {}, words.me));
      waiting.appendChild(make("p", {}, text));
      list.appendChild(waiting);
      list.scrollTop = list.scrollHeight;
    }
    waiting.classList.remove("is-failed");
    session().then(function (token) {
      return fetch(api + "/messages", {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Visitor " + token },
        body: JSON.stringify({ text: text, key: key, locale: locale })
      });
    }).then(function (answer) {
      if (answer.status === 401) { forget(); return send(text, key); }
      if (answer.status === 429) throw new Error(words.wait);
      if (!answer.ok) throw new Error(words.failed);
      waiting.removeAttribute("data-failed");
      listen();
    }).catch(function (problem) {
      status.textContent = problem.message === words.wait ? words.wait : words.failed;
      waiting.classList.add("is-failed");
      /* The same key again: the desk keeps a message once, however often it is sent. */
      waiting.onclick = function () { waiting.onclick = null; send(text, key); };
    });
  }

  function listen() {
    if (listening || stopped) return;
    listening = true;
    session().then(function (token) {
      return fetch(api + "/events", { headers: { authorization: "Visitor " + token, "last-event-id": String(last) } });
    }).then(function (answer) {
      if (answer.status === 401) { forget(); throw new Error("forgotten"); }
      if (!answer.ok || !answer.body) throw new Error("no stream");
      pause = 1000;
      if (status.textContent === words.lost) status.textContent = "";
      return drain(answer.body.getReader(), new TextDecoder());
    }).catch(function () {
      status.textContent = words.lost;
      pause = Math.min(pause * 2, 30000);
    }).then(function () {
      listening = false;
      if (!stopped) setTimeout(listen, pause);
    });
  }
  function drain(reader, decoder) {
    var rest = "";
    function more() {
      return reader.read().then(function (part) {
        if (part.done) return undefined;
        rest += decoder.decode(part.value, { stream: true });
        var pieces = rest.split("\n\n");
        rest = pieces.pop();
        pieces.forEach(event);
        return more();
      });
    }
    return more();
  }
  function event(text) {
    var name = "", number = 0, data = "";
    text.split("\n").forEach(function (line) {
      if (line.indexOf("id: ") === 0) number = Number(line.slice(4));
      else if (line.indexOf("event: ") === 0) name = line.slice(7);
      else if (line.indexOf("data: ") === 0) data += line.slice(6);
    });
    if (name === "message") { if (number < last) shown = {}; last = number; show(JSON.parse(data)); }
    if (name === "state") told(JSON.parse(data).state);
  }

  function open(focus) {
    panel.classList.add("is-open");
    opener.style.display = "none";
    opener.setAttribute("aria-expanded", "true");
    store.open = true;
    keep();
    if (focus) field.focus();
    if (store.token) listen();
  }
  function close() {
    panel.classList.remove("is-open");
    opener.style.display = "";
    opener.setAttribute("aria-expanded", "false");
    store.open = false;
    keep();
    opener.focus();
  }
  opener.addEventListener("click", function () { open(true); });
  closer.addEventListener("click", close);
  panel.addEventListener("keydown", function (pressed) { if (pressed.key === "Escape") close(); });
  form.addEventListener("submit", function (submitted) {
    submitted.preventDefault();
    var text = field.value.trim();
    if (!text) return;
    field.value = "";
    send(text, newKey());
  });
  field.addEventListener("keydown", function (pressed) {
    if (pressed.key === "Enter" && !pressed.shiftKey && !pressed.isComposing) { pressed.preventDefault(); form.requestSubmit(); }
  });
  person.addEventListener("click", function () { send(chinese ? "转人工" : "I want to talk to a person", newKey()); });
  window.addEventListener("pagehide", function () { stopped = true; });
  window.addEventListener("pageshow", function () { stopped = false; if (store.open) open(false); });
  window.zhangguiChat = { open: function () { open(true); }, close: close };
  (document.body || document.documentElement).appendChild(host);
  if (store.open) open(false);
})();
