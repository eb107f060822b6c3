import { afterEach } from "vitest";
import { type Host, type HostOptions, type SentRequest, startHost } from "./host.js";
import { type Population, populate } from "./populate.js";

/** Opens hosts that are closed after each test. */
export function useHosts() {
  const hosts: Host[] = [];

  afterEach(async () => {
    for (const host of hosts.splice(0)) await host[Symbol.asyncDispose]();
  });

  async function open(options: HostOptions = {}): Promise<Host> {
    const host = await startHost(options);
    hosts.push(host);
    return host;
  }

  return {
    open,
    async openPopulated(options: HostOptions = {}): Promise<Host & Population> {
      const opened = await open(options);
      return { ...opened, ...(await populate(opened)) };
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into what they expect.
  readonly body: Readonly<Record<string, unknown>>;
}

export async function ask({ send }: Host, path: string, request?: SentRequest): Promise<Answer> {
  const response = await send(path, request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

export const post = (body: unknown = {}, request: SentRequest = {}): SentRequest => ({
  method: "POST",
  body,
  ...request,
});

export const put = (body: unknown, request: SentRequest = {}): SentRequest => ({
  method: "PUT",
  body,
  ...request,
});

export const patch = (body: unknown, request: SentRequest = {}): SentRequest => ({
  method: "PATCH",
  body,
  ...request,
});

/** Entries of one action, newest first. */
export async function auditOf({ storage }: Host, action: string) {
  const { items } = await storage.listAudit({}, { limit: 100 });
  return items.filter((entry) => entry.action === action);
}

/** A run as it is shown once it has ended. */
export async function settled(opened: Host, runId: string): Promise<Answer["body"]> {
  for (;;) {
    const { body } = await ask(opened, `/syncs/${runId}`);
    if (body["status"] !== "running") return body;
    await new Promise(setImmediate);
  }
}

/** What somebody enters for a credential. */
export function valuesOf({ tenant: { tenantId, environment, clientId, clientSecret, appKey } }: Host) {
  return { tenantId, environment, clientId, clientSecret, appKey };
}
