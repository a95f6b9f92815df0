// Notices on this device: the only place that asks a browser for them. Everything it says stands in
// the page; the one address that a worker may be made from stands here.
"use strict";

(async () => {
  const part = document.querySelector("[data-devices]");
  if (!part) return;
  const { send, tell } = window.sallyport;
  const on = part.querySelector("[data-tell-here]");
  const WORKER = "/static/worker.js";
  // The page's policy knows this one name; whatever is asked of it, it gives this one address.
  const policy = window.trustedTypes?.createPolicy("sallyport-worker", {
    createScriptURL: () => WORKER,
  });

  function lacking() {
    if (!window.isSecureContext) return part.dataset.insecure;
    if (!("serviceWorker" in navigator) || !("PushManager" in window)) return part.dataset.unable;
    if (Notification.permission === "denied") return part.dataset.denied;
    return "";
  }

  function cannot(why) {
    const said = part.querySelector("[data-lacking]");
    said.textContent = why;
    said.hidden = false;
    on.disabled = true;
  }

  async function nameOf(subscription) {
    const bytes = new TextEncoder().encode(subscription.endpoint);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `d_${hex.slice(0, 20)}`;
  }

  function label() {
    const brand = navigator.userAgentData?.brands.find((one) => !/not.*brand/i.test(one.brand));
    const platform = navigator.userAgentData?.platform ?? navigator.platform;
    return [brand?.brand, platform].filter(Boolean).join(", ");
  }

  async function subscribed(registration) {
    const key = { userVisibleOnly: true, applicationServerKey: part.dataset.key };
    try {
      return await registration.pushManager.subscribe(key);
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      // An older key of this gateway: what was subscribed with it is of no use any more.
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      return registration.pushManager.subscribe(key);
    }
  }

  async function tellHere() {
    if ((await Notification.requestPermission()) !== "granted") {
      cannot(part.dataset.denied);
      return;
    }
    on.disabled = true;
    tell(part.dataset.asking);
    try {
      await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : WORKER, {
        scope: "/",
      });
      const subscription = await subscribed(await navigator.serviceWorker.ready);
      await send("/devices", { ...subscription.toJSON(), label: label() });
    } catch (error) {
      tell(part.dataset.failed.replace("{why}", error.name));
    } finally {
      on.disabled = false;
    }
  }

  async function mark() {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = await registration?.pushManager.getSubscription();
    if (!subscription) return;
    const name = await nameOf(subscription);
    const line = part.querySelector(`[data-device="${name}"]`);
    if (!line) return;
    line.querySelector("[data-here]").hidden = false;
    on.hidden = true;
    line.addEventListener("submit", () => subscription.unsubscribe());
  }

  const why = lacking();
  if (why) {
    cannot(why);
    return;
  }
  on.addEventListener("click", tellHere);
  await mark();
})();
