import { users } from "./sessions.js";
import { startHost } from "./start-host.js";

const host = await startHost(Number(process.env["PORT"] ?? 3000));
console.log(`POST ${host.url}/sign-in as ${users.map((user) => user.name).join(", ")}, then use`);
console.log(`${host.url}/api/servicetitan/docs/`);
for (const [index, tenant] of host.tenants.entries()) {
  console.log(`credential of ${["acme", "globex"][index]}:`, JSON.stringify(tenant));
}

process.once("SIGINT", () => void host[Symbol.asyncDispose]());
