// The console's only script: keys, filter, palette, acts, live updates. It never makes markup out of
// text: nodes are found or cloned, and text is set as text.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const news = one("[data-news]");
  const words = JSON.parse(document.body.dataset.words ?? "{}");

  // A sentence of the catalogue with its values filled in.
  function say(name, values = {}) {
    return (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, value) => values[value] ?? whole);
  }

  function tell(text) {
    if (!news) return;
    delete news.dataset.failed;
    news.textContent = text;
    news.hidden = !text;
  }

  // What went wrong stands there until the person does something: no news of the stream replaces it.
  function fail(text) {
    tell(text);
    if (news) news.dataset.failed = text;
  }

  // Send something that a person does, and go where that leads, or to `then`. Returns what came back;
  // tells what went wrong.
  async function send(path, body, then) {
    let answer;
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(body ?? {}),
      });
      answer = await response.json();
    } catch {
      fail(say("silent"));
      return null;
    }
    if (answer.error) {
      fail(`${sentence(answer.error.what)} ${sentence(answer.error.fix)}`);
      return null;
    }
    if (answer.to) location.assign(then ?? answer.to);
    return answer;
  }

  // Have the person's passkey sign what the gateway has prepared, and hand the signature back.
  // One at a time: pressed twice, it begins once.
  let signing = false;

  async function ceremony(begin, finish, body, busy, then) {
    if (signing) return;
    signing = true;
    busy?.setAttribute("disabled", "");
    try {
      const asked = await send(begin, body);
      if (!asked) return;
      tell(say("touch"));
      const credential = asked.create
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.create),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.get),
          });
      tell("");
      const signed = { ceremony: asked.ceremony, credential: credential.toJSON() };
      return await send(finish, signed, then);
    } catch (error) {
      fail(say("unsigned", { why: error.name }));
    } finally {
      signing = false;
      busy?.removeAttribute("disabled");
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    const [begin, finish] = {
      "sign-in": ["/sign-in/begin", "/sign-in/finish"],
      add: ["/passkeys/begin", "/passkeys"],
    }[button.dataset.passkey];
    ceremony(begin, finish, {}, button, button.dataset.then);
  });

  // Open a dialog for what was pressed: its hidden fields and shown words come from the button.
  function show(dialog, given) {
    for (const name of ["scope", "verdict", "version"]) {
      const hidden = one(`[name="${name}"]`, dialog);
      if (hidden) hidden.value = given[name] ?? "";
      const shown = one(`[data-shown="${name}"]`, dialog);
      if (shown) shown.textContent = given[name] ?? "";
    }
    dialog.showModal();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-sign]");
    if (!form) return;
    event.preventDefault();
    form.closest("dialog")?.close();
    const path = form.dataset.sign;
    const found = await ceremony(`${path}/begin`, path, Object.fromEntries(new FormData(form)));
    if (!found?.link) return;
    one("[data-link-shown]").textContent = location.origin + found.link;
    one("[data-link]").hidden = false;
    one("[data-link]").scrollIntoView({ block: "center" });
  });

  // Recovery codes come once: they stand on the page until one leaves it.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-codes]");
    if (!button) return;
    const found = await send("/recovery/codes");
    if (!found?.codes) return;
    const shown = one("[data-codes-shown]");
    shown.replaceChildren();
    for (const code of found.codes) {
      const line = document.createElement("li");
      line.append(document.createElement("code"));
      line.firstChild.textContent = code;
      shown.append(line);
    }
    shown.hidden = false;
    button.disabled = true;
  });

  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-verify]")) return;
    const said = one("[data-verified]");
    said.textContent = say("reading");
    const found = await send("/ledger/verify");
    if (found) said.textContent = sentence(found.said);
  });

  // Answers: the page opens a dialog or the passkey; nothing is sent before the passkey has signed.
  document.addEventListener("click", (event) => {
    const open = event.target.closest("[data-open]");
    if (open) show(one(`[data-dialog="${open.dataset.open}"]`), open.dataset);
    event.target.closest("[data-close]")?.closest("dialog").close();
    const answer = event.target.closest("[data-answer]");
    if (!answer) return;
    const kind = { yes: "approve", no: "reject" }[answer.dataset.answer] ?? answer.dataset.answer;
    const part = answer.closest("[data-part]") ?? answer.closest("dialog");
    const because = part?.querySelector("[data-because]")?.value ?? "";
    const named = part ? all("[data-said]", part) : [];
    const said = Object.fromEntries(named.map((field) => [field.dataset.said, field.value]));
    const typed = part ? all("[data-field]", part) : [];
    const fields = Object.fromEntries(typed.map((field) => [field.dataset.field, field.value]));
    const confirm = one("[data-confirm]")?.value ?? "";
    answer.closest("dialog")?.close();
    const ahead = kind === "approve" ? beforehand() : null;
    const path = answer.dataset.at ?? `/approvals/${encodeURIComponent(answer.dataset.approval)}`;
    const body = { kind, because, confirm, fields, ...said, ...(ahead ? { ahead } : {}) };
    ceremony(`${path}/begin`, `${path}/answer`, body, answer);
  });

  // What a yes covers besides: so many more of the kind, for so long; nothing where none is named.
  function beforehand() {
    const count = Number(one("[data-ahead=at_most]")?.value ?? 0);
    if (!count) return null;
    const free = all("[data-free]:checked").map((field) => field.dataset.free);
    return { at_most: count, minutes: Number(one("[data-ahead=minutes]").value), free };
  }

  // --- A list: Space picks the marked row, and what was picked is looked at together.
  const bar = one("[data-picked]");
  const picked = () => all("[data-pick]:checked").map((field) => field.dataset.pick);

  function count() {
    const n = picked().length;
    bar.hidden = n === 0;
    one("[data-picked-said]").textContent = say("picked", { n });
  }

  function pick() {
    const field = one('[data-row][aria-current="true"] [data-pick]');
    field.checked = !field.checked;
    count();
  }

  if (bar) {
    document.addEventListener("change", (event) => {
      if (event.target.closest("[data-pick]")) count();
    });
    one("[data-list]").addEventListener("click", () => {
      location.assign(`/lists?ids=${picked().map(encodeURIComponent).join(",")}`);
    });
    one("[data-unpick]").addEventListener("click", () => {
      for (const field of all("[data-pick]")) field.checked = false;
      count();
    });
    count();
  }

  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + ".";

  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) send(act.dataset.act, act.dataset.backTo ? { back: act.dataset.backTo } : {});
    const menu = event.target.closest("[data-menu]");
    if (menu) {
      const open = one("#nav").classList.toggle("open");
      menu.setAttribute("aria-expanded", String(open));
    }
    if (event.target.closest("[data-palette]")) palette();
    if (event.target.closest("[data-clear]")) filter("");
  });

  // A form with `data-send` goes out as JSON: its named fields, as text.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-send]");
    if (!form) return;
    event.preventDefault();
    send(form.dataset.send, Object.fromEntries(new FormData(form)));
  });

  // --- Filter: hides rows as one types; the words stand in the address.
  const field = one("[data-filter]");

  function filter(wished) {
    if (!field) return;
    field.value = wished;
    const wanted = wished.toLowerCase().split(/\s+/).filter(Boolean);
    let hidden = 0;
    for (const row of all("[data-row]")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      hidden += row.hidden ? 1 : 0;
    }
    for (const group of all("[data-group]")) group.hidden = !one("[data-row]:not([hidden])", group);
    const none = one("[data-none]");
    if (none) {
      none.hidden = !(hidden && !one("[data-row]:not([hidden])"));
      one("[data-none-said]").textContent = say("none", { words: wished, n: hidden });
    }
    const address = new URL(location);
    if (wished) address.searchParams.set("q", wished);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
  }

  if (field) {
    field.addEventListener("input", () => filter(field.value));
    if (field.value && !field.form) filter(field.value);
  }

  // --- Keys. One letter each; off while one types, and where a person turned them off.
  const keysOff = () => localStorage.getItem("keys") === "off";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  function move(step) {
    const rows = all("[data-row]:not([hidden])");
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    for (const row of rows) row.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    one("a.whole", next)?.focus();
  }

  const PLACES = {
    i: "/inbox", d: "/drafts", a: "/agents", w: "/workflows", l: "/ledger", c: "/controls", p: "/people",
  };
  let going = false;

  function soonest() {
    const row = one('[data-group="soon"] [data-row]:not([hidden]) a.whole');
    if (row) row.click();
  }

  function help() {
    const box = one("[data-help-box]");
    if (box && !box.open) box.showModal();
  }

  function showKeys() {
    const said = say(keysOff() ? "keys.on" : "keys.off");
    for (const button of all("[data-keys-switch]")) button.textContent = said;
  }

  showKeys();

  // --- What this person set for this browser: the theme, which the gateway reads so that no page
  // flickers, and whether single keys do anything.
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-set]")?.dataset.themeSet;
    if (theme) setTheme(theme);
    if (event.target.closest("[data-keys-switch]")) {
      localStorage.setItem("keys", keysOff() ? "on" : "off");
      showKeys();
    }
    if (event.target.closest("[data-help]")) {
      one("[data-palette-box]").close();
      help();
    }
    if (event.target.closest("[data-print]")) {
      one("[data-palette-box]").close();
      print();
    }
  });

  function setTheme(theme) {
    const lasts = theme === "system" ? 0 : 31536000;
    document.cookie = `theme=${theme}; Path=/; Max-Age=${lasts}; SameSite=Strict`;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of all("button.theme")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
    }
  }

  addEventListener("beforeprint", () => {
    for (const folded of all("details")) folded.open = true;
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keysOff() || typing(event.target)) return;
    if (one("dialog[open]")) return;
    if (going) {
      const there = PLACES[event.key.toLowerCase()];
      going = false;
      if (there) location.assign(there);
      return;
    }
    const keys = {
      j: () => move(1),
      k: () => move(-1),
      n: () => soonest(),
      s: () => one("#sent")?.scrollIntoView(),
      g: () => { going = true; },
      "/": () => field?.focus(),
      "?": () => help(),
    };
    const cell = one(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:not([disabled])`);
    if (one('[data-row][aria-current="true"] [data-pick]')) keys[" "] = () => pick();
    const run = keys[event.key] ?? (cell && !event.repeat && (() => cell.click()));
    if (run) {
      event.preventDefault();
      run();
    }
  });

  // --- Find or do.
  const box = one("[data-palette-box]");

  function palette() {
    if (!box || box.open) return;
    box.showModal();
    one("input", box).value = "";
    narrow("");
  }

  function narrow(wished) {
    for (const item of all("li", box)) {
      item.hidden = !item.textContent.toLowerCase().includes(wished.toLowerCase());
    }
    one("[data-palette-none]", box).hidden = Boolean(one("li:not([hidden])", box));
  }

  if (box) {
    const input = one("input", box);
    input.addEventListener("input", () => narrow(input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") one("li:not([hidden]) :is(a, button)", box)?.click();
      if (event.key === "ArrowDown") one("li:not([hidden]) :is(a, button)", box)?.focus();
    });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const found = all("li:not([hidden]) :is(a, button)", box);
      const at = found.indexOf(document.activeElement);
      if (!step || at < 0) return;
      event.preventDefault();
      (found[at + step] ?? input).focus();
    });
    const twin = one("[data-twin]", box);
    twin.href = `${location.pathname}.json${location.search}`;
  }

  // --- High risk: the answers open when every section was in sight to its end.
  const high = one("[data-high]");
  if (high) {
    const left = new Set(all("[data-see]"));
    const cells = all(".cell:not([disabled])");
    const note = one("[data-unseen]");
    const count = () => {
      note.textContent = left.size ? say("unseen", { n: left.size }) : say("seen");
      for (const cell of cells) cell.toggleAttribute("disabled", left.size > 0);
    };
    // A section can be longer than any window, so what counts is its end.
    const look = () => {
      for (const section of left) {
        const end = section.getBoundingClientRect().bottom;
        if (end >= 0 && end <= innerHeight + 1) left.delete(section);
      }
      count();
    };
    for (const event of ["scroll", "resize"]) addEventListener(event, look, { passive: true });
    look();
  }

  // --- How long a yes can still be taken back; its button closes when it cannot.
  const running = all("[data-left]").map((shown) => ({ shown, left: Number(shown.dataset.left) }));
  if (running.length) {
    const began = performance.now();
    const count = setInterval(() => {
      const passed = (performance.now() - began) / 1000;
      for (const { shown, left } of running) {
        const now = Math.max(0, Math.ceil(left - passed));
        shown.textContent = now > 90 ? `${Math.ceil(now / 60)}\u00a0min` : `${now}\u00a0s`;
        if (!now) shown.closest("button").disabled = true;
      }
      if (running.every(({ left }) => left <= passed)) clearInterval(count);
    }, 1000);
  }

  // --- Live: the stream says that something changed; the person decides when to read it.
  function offer(said, link) {
    const failed = news?.dataset.failed;
    if (failed) fail(`${failed} `);
    else tell(`${said} `);
    const read = document.createElement("a");
    read.href = location.href;
    read.textContent = link;
    news?.append(read);
  }

  // In an empty inbox nothing can move away from under somebody's eyes or hands.
  function isIdle() {
    const reads = one("[data-row], dialog[open]") || document.activeElement !== document.body;
    return document.body.dataset.page === "inbox" && !reads;
  }

  function fresh(told) {
    const { of, waits } = document.body.dataset;
    return of ? told[of] - Number(waits) : 0;
  }

  function changed(told, again = true) {
    const more = fresh(told);
    if (more > 0 && isIdle() && again) location.reload();
    else if (more > 0) offer(say("new", { n: more }), say("reload"));
    else offer(say("changed"), say("reload"));
  }

  async function signedOut() {
    const found = await fetch("/live").catch(() => null);
    found?.body?.cancel();
    return Boolean(found && (found.status === 401 || found.redirected));
  }

  const LIVE = ["inbox", "approval", "list", "drafts", "controls"];
  if (LIVE.includes(document.body.dataset.page) && "EventSource" in window) {
    let seen = null;
    let lost = false;
    let stream = null;
    const wasRead = performance.getEntriesByType("navigation")[0]?.type === "reload";
    const listen = () => {
      stream = new EventSource("/live");
      stream.addEventListener("changed", (event) => {
        const told = JSON.parse(event.data);
        // What came while the page was on its way. Twice in a row it is not read by itself.
        if (seen === null && fresh(told) > 0) changed(told, !wasRead);
        else if (seen !== null && seen !== event.data) changed(told);
        else if (lost && !news?.dataset.failed) tell("");
        lost = false;
        seen = event.data;
      });
      stream.addEventListener("error", broken);
    };
    // A browser tries again by itself unless it was refused; then nothing but a session is missing,
    // or something stands in between that may go away.
    const broken = async () => {
      lost = true;
      const refused = stream.readyState === EventSource.CLOSED;
      const out = refused && (await signedOut());
      if (out) offer(say("out"), say("in"));
      else offer(say("lost", { at: document.body.dataset.clock.slice(-5) }), say("now"));
      if (refused && !out) setTimeout(listen, 5000);
    };
    listen();
    addEventListener("pagehide", () => stream.close());
  }

  window.sallyport = { send, tell, ceremony };
})();
