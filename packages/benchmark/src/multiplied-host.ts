import { createServer } from "node:http";
import { type MultipliedOptions, multiply } from "./stage/multiplied-source.js";
import type { Answer } from "./stage/source-process.js";

// Serves as many rows as are asked for, made page by page, for as long as whoever started this is connected.

const { answer, tenant } = multiply(JSON.parse(process.argv[2] ?? "{}") as MultipliedOptions);
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const body = Buffer.from(answer(new URL(request.url ?? "/", "http://multiplied")));
  response.writeHead(200, { "content-type": "application/json", "content-length": String(body.length) });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const url = `http://127.0.0.1:${address.port}`;
  const ready: Answer = { tell: "ready", url, tenant, tenants: [tenant] };
  process.send?.(ready);
});
process.on("disconnect", () => process.exit(0));
