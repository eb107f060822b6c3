import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryJobQueue, memoryStorage, Secret, startAlerts, testMessage } from "@titan-sync/core";
import { manualClock } from "@titan-sync/core/testing";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import type { AlertSettings } from "../configuration/load-settings.js";
import { alertChannels, heartbeatOf } from "./alert-channels.js";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const none: AlertSettings = { webhooks: [], slack: [], mail: [], heartbeatUrl: null, thresholds: {} };
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server that keeps what it is sent. */
async function receiver(status = 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(status, { Location: "http://127.0.0.1:1/" }).end("an answer that nobody reads");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { received, url: new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/in`) };
}

const body = JSON.stringify({
  ...testMessage({ key: "k-1", at: 0 }),
  ...{
    title: "2 of 3 companies: <b> & co",
    lines: ["acme: failed syncs 3"],
    affected: 2,
    link: "https://x.example",
  },
});
const send = (settings: Partial<AlertSettings>, now?: () => number): Promise<void> => {
  const [notifier] = alertChannels({ ...none, ...settings }, { now });
  if (notifier === undefined) throw new Error("No channel.");
  return notifier.send({ key: "k-1", body, createdAt: 1000 }, { signal: new AbortController().signal });
};

describe("channels of alerts", () => {
  it("are named by type and place", () => {
    const url = new Secret("https://x.example");
    const mail = { to: "a@x.example", from: "b@x.example", smtpUrl: new Secret("smtp://x.example") };
    const webhook = { url, secret: new Secret(secret) };
    const settings = { ...none, webhooks: [webhook, webhook], slack: [{ url }], mail: [mail] };
    const names = alertChannels(settings).map(({ channel }) => channel);
    expect(names).toEqual(["webhook-1", "webhook-2", "slack-1", "mail-1"]);
  });

  it("sign webhooks as Standard Webhooks require, and send the stored body", async () => {
    const { received, url } = await receiver();
    await send({ webhooks: [{ url, secret: new Secret(secret) }] });
    await send({ webhooks: [{ url, secret: new Secret(secret) }] });
    const verifier = new Webhook(secret);
    for (const { headers, body: sent } of received) {
      expect(verifier.verify(sent, { ...headers })).toEqual(JSON.parse(body));
      expect(() => verifier.verify(`${sent} `, { ...headers })).toThrow();
      expect(headers["webhook-id"]).toBe("k-1");
      expect(sent).toBe(body);
    }
    expect(received).toHaveLength(2);
  });

  it("escape what would be markup in a chat", async () => {
    const { received, url } = await receiver();
    await send({ slack: [{ url }] });
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      text: [
        "2 of 3 companies: &lt;b&gt; &amp; co",
        "• acme: failed syncs 3",
        "and 1 more",
        "Nothing is wrong: somebody tested this channel.",
        "https://x.example",
      ].join("\n"),
    });
  });

  it.each([500, 404, 302])("fail without their address in the message at status %i", async (status) => {
    const { url } = await receiver(status);
    const failure = await send({ slack: [{ url }] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "NETWORK", retryable: true });
    expect(String(failure)).not.toContain("127.0.0.1");
  });

  it("send mails, a repeat with the same Message-ID", async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData(stream, _session, done) {
        let mail = "";
        stream.setEncoding("utf8");
        stream.on("data", (text: string) => {
          mail += text;
        });
        stream.on("end", () => {
          mails.push(mail);
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close(() => undefined));
    const { port } = server.server.address() as AddressInfo;
    const smtpUrl = new Secret(`smtp://127.0.0.1:${port}`);
    const mail = { to: "ann@x.example", from: "titan@x.example", smtpUrl };
    await send({ mail: [mail] });
    await send({ mail: [mail] });
    expect(mails).toHaveLength(2);
    for (const text of mails) {
      expect(text).toContain("Message-ID: <k-1@titan-sync>");
      expect(text).toContain("Subject: [Titan Sync] 2 of 3 companies: <b> & co");
      expect(text).toContain("To: ann@x.example");
      expect(text).toContain("acme: failed syncs 3");
    }
    const down = { ...mail, smtpUrl: new Secret("smtp://user:canary@127.0.0.1:1") };
    const failure = await send({ mail: [down] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "NETWORK", retryable: true });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("canary");
  });

  it("get the alerts of a running program, from the rule to the receiver", async () => {
    const { received, url } = await receiver();
    const clock = manualClock();
    const storage = memoryStorage({ clock });
    const queue = memoryJobQueue({ storage, clock });
    const heart = await receiver();
    const settings = { ...none, webhooks: [{ url, secret: new Secret(secret) }], heartbeatUrl: heart.url };
    await using alerts = startAlerts({
      ...{ storage, queue, clock, notifiers: alertChannels(settings), heartbeat: heartbeatOf(settings) },
    });
    const scope = { companyId: "acme", environment: "production", tenantId: "12345" } as const;
    const encrypted = { clientId: "e", clientSecret: "e", appKey: "e" };
    await storage.createCredential({ id: "c-1", ...scope, ...encrypted, status: "error" });
    const worker = {
      id: "w",
      host: "h",
      pid: 1,
      version: "1",
      name: "w",
      slots: 1,
      busy: 0,
      isClosing: false,
    };
    for (let minute = 0; minute < 5; minute += 1) {
      clock.advance(60_000);
      await storage.beatWorker(worker);
      await alerts.tick();
      await alerts.send();
    }
    const messages = received.map(({ body: text }) => JSON.parse(text));
    expect(messages).toMatchObject([
      { type: "firing", kind: "refused", title: "acme: ServiceTitan refuses the credential" },
    ]);
    expect(received[0]?.body).not.toContain("12345");
    expect(heart.received.length).toBeGreaterThan(0);
  });
});
