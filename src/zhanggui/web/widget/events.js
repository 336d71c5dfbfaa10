/* What visitors look at, told to Zhanggui by the shop's pages. One script tag:
 *   <script src="https://desk.example/widget/events.js" data-merchant="main" defer></script>
 * Nothing is stored and nothing is sent before the visitor agreed: call zhangguiEvents.consent(true) from the shop's
 * own consent banner, and consent(false) when they take it back. A browser that says "Global Privacy Control" or
 * "Do Not Track" counts as a no. No cookies, no names, no addresses, no page addresses: a random id of this browser,
 * the product or the words searched for (never such that hold an e-mail address or a long number), and when.
 *   <div data-zhanggui-view="SKU">            looked at, when the page shows it
 *   <button data-zhanggui-cart="SKU">         put into the cart, when clicked
 *   <main data-zhanggui-search="red shoes">   searched for
 * or by hand: zhangguiEvents.view("SKU"), .cart("SKU"), .search("red shoes"). */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.zhangguiEvents) return;
  var merchant = script.dataset.merchant || "main";
  var api = new URL(script.src).origin + "/api/v1/chat/" + encodeURIComponent(merchant);
  var kept = "zhanggui.events." + merchant;
  var refused = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  var MOST = 50, PAUSE = 2000;
  var waiting = [], timer = 0, asking = false;
  var store = read();

  function read() {
    try { return JSON.parse(localStorage.getItem(kept) || "{}") || {}; } catch (broken) { return {}; }
  }
  function keep() {
    try { localStorage.setItem(kept, JSON.stringify(store)); } catch (full) { /* private mode: as long as the page */ }
  }
  function forget() {
    store = {};
    waiting = [];
    try { localStorage.removeItem(kept); } catch (blocked) { /* there was nothing */ }
  }
  function agreed() { return !refused && store.consent === true; }
  function newKey() {
    var bytes = new Uint8Array(12);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  }
  function personal(text) { return /@|(\d[\s().+-]*){7,}/.test(text); }

  function happened(kind, field, value) {
    value = String(value === undefined || value === null ? "" : value).trim().slice(0, 200);
    if (!agreed() || !value || (field === "query" && personal(value))) return;
    var event = { id: newKey(), kind: kind, at: new Date().toISOString() };
    event[field] = value;
    waiting = waiting.concat([event]).slice(-MOST);
    if (!timer) timer = setTimeout(send, PAUSE);
  }
  function send() {
    clearTimeout(timer);
    timer = 0;
    if (!agreed() || !waiting.length) return;
    if (!store.token) return ask();
    var body = JSON.stringify({ token: store.token, events: waiting });
    // Plain text, so that the browser sends it without asking the desk first; it goes out even when the page closes.
    if (navigator.sendBeacon(api + "/beacon", new Blob([body], { type: "text/plain" }))) waiting = [];
  }
  function ask() {
    if (asking) return;
    asking = true;
    fetch(api + "/sessions", { method: "POST", credentials: "omit", referrerPolicy: "no-referrer" })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (content) {
        asking = false;
        if (!agreed() || !content.token) return;
        store.token = content.token;
        keep();
        send();
      })
      .catch(function () { asking = false; });
  }
  function look() {
    document.querySelectorAll("[data-zhanggui-view]").forEach(function (one) {
      happened("view", "product", one.dataset.zhangguiView);
    });
    document.querySelectorAll("[data-zhanggui-search]").forEach(function (one) {
      happened("search", "query", one.dataset.zhangguiSearch);
    });
  }

  window.zhangguiEvents = {
    consent: function (yes) {
      if (yes !== true || refused) return forget();
      if (store.consent === true) return;
      store.consent = true;
      keep();
      look();
    },
    view: function (product) { happened("view", "product", product); },
    cart: function (product) { happened("cart", "product", product); },
    search: function (words) { happened("search", "query", words); },
    send: send
  };
  if (refused) forget();
  document.addEventListener("click", function (click) {
    var one = click.target instanceof Element ? click.target.closest("[data-zhanggui-cart]") : null;
    if (one) happened("cart", "product", one.dataset.zhangguiCart);
  });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") send(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", look); else look();
})();
