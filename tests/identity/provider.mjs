// A real OpenID provider on loopback. Its people come as JSON lines on stdin, so that a test can
// change what they are in while it runs; it says its issuer on stdout once it listens.
import { createInterface } from "node:readline";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { redirects, algorithm, slow } = JSON.parse(process.argv[2]);
let people = {};
const ever = {};

// A slow provider knows whoever had an account for as long as an access token lasts.
const known = (id, token) => (slow && token?.kind === "AccessToken" ? ever[id] : people[id]);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "sallyport",
        client_secret: "a secret with: signs & spaces",
        redirect_uris: redirects,
        grant_types: ["authorization_code", "refresh_token"],
        id_token_signed_response_alg: algorithm,
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
    scopes: ["openid", "email", "groups", "offline_access"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "HS256"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, userinfo: { enabled: true } },
    findAccount: (_, id, token) => {
      const found = known(id, token);
      return found && { accountId: id, claims: () => ({ sub: id, ...found }) };
    },
    ttl: { AccessToken: 3600, IdToken: 600, Interaction: 600, Session: 600, Grant: 3600, RefreshToken: 3600 },
  });
  server.on("request", provider.callback());
  console.log(JSON.stringify({ issuer }));
});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    people = JSON.parse(line);
    Object.assign(ever, people);
    console.log(JSON.stringify({ people: Object.keys(people).length }));
  })
  .on("close", () => process.exit(0));
