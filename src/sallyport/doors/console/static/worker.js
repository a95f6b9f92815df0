// Shows what a push service delivers, and opens the console where it leads. It keeps nothing, answers
// nothing, and stands between no page and the gateway: it has no say over what is fetched.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Every push must show something; what cannot be read is shown as news of the inbox.
function said(data) {
  try {
    const found = data.json();
    if (typeof found.title === "string" && typeof found.path === "string") return found;
  } catch {
    // Shown as below.
  }
  return { id: "unread", title: "Sallyport", body: "Something waits for you.", path: "/inbox" };
}

self.addEventListener("push", (event) => {
  const found = said(event.data);
  const shown = {
    body: found.body ?? "",
    tag: found.id,
    icon: "/static/icon-192.png",
    data: { path: found.path },
  };
  event.waitUntil(self.registration.showNotification(found.title, shown));
});

// A notice leads to a page of this console and to no other place, whatever it says.
function here(path) {
  const address = new URL(path ?? "/inbox", self.location.origin);
  return address.origin === self.location.origin ? address.href : `${self.location.origin}/inbox`;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(here(event.notification.data?.path)));
});

async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const same = windows.find((one) => one.url === address);
  return same ? same.focus() : self.clients.openWindow(address);
}
