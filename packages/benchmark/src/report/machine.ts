import { cpus, totalmem } from "node:os";
import { Client } from "pg";

/** What the figures were measured on, in one line. */
export async function describeMachine(serverUrl: string): Promise<string> {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "unknown processor";
  const memory = Math.round(totalmem() / 1024 ** 3);
  const parts = [
    `${processors.length} × ${model}`,
    `${memory} GB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
  ];
  if (serverUrl !== "") parts.push(`PostgreSQL ${await versionOf(serverUrl)}`);
  return parts.join(", ");
}

async function versionOf(serverUrl: string): Promise<string> {
  const client = new Client({ connectionString: `${serverUrl}/postgres` });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version ?? "unknown";
  } finally {
    await client.end();
  }
}
