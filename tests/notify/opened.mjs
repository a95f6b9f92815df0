// Opens a web push message as a browser does, by a library that knows nothing of ours: a line of JSON
// with `key`, `auth` and `body` on stdin, the text on stdout.
import { createECDH } from "node:crypto";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const ece = createRequire(new URL("../node/", import.meta.url))("http_ece");
const { key, auth, body } = JSON.parse(await text(process.stdin));
const mine = createECDH("prime256v1");
mine.setPrivateKey(Buffer.from(key, "base64url"));
const opened = ece.decrypt(Buffer.from(body, "base64url"), {
  version: "aes128gcm",
  privateKey: mine,
  authSecret: auth,
});
process.stdout.write(opened.toString("utf8"));
