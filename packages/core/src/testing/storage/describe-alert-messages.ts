import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ClaimedMessage, OutboxMessage } from "../../ports/alert-store.js";
import type { StorageFixture } from "./storage-fixture.js";
import { readAll } from "./tenant-under-test.js";

/** Messages are sent at least once, by one sender at a time, and in order. */
export function describeAlertMessages(fixture: StorageFixture): void {
  describe("the outbox", () => {
    const messageTo = (channel: string, given: Partial<OutboxMessage> = {}): OutboxMessage => ({
      key: randomUUID(),
      channel,
      incidentId: null,
      body: '{"title":"38 of 40 companies: the API does not answer — “now”"}',
      ...given,
    });
    /** One after the other, so that their order is known. */
    const add = async (...messages: readonly OutboxMessage[]): Promise<void> => {
      for (const message of messages) {
        await fixture.storage.addMessages([message]);
        await fixture.passTime(2);
      }
    };
    const claim = (channel: string, claimMs = 60_000): Promise<ClaimedMessage | null> =>
      fixture.storage.claimMessage({ channels: [channel, "no other"], claimMs });
    const settle = async (claimed: ClaimedMessage | null, outcome: "sent" | "given-up" | number) =>
      await fixture.storage.settleMessage({
        claimId: claimed?.claimId ?? "none",
        outcome:
          outcome === "sent"
            ? { kind: "sent" }
            : outcome === "given-up"
              ? { kind: "given-up", code: "GONE" }
              : { kind: "again", afterMs: outcome, code: "NETWORK" },
      });
    const healthOf = async (channel: string) =>
      (await fixture.storage.readAlerts({ incidentsSince: 0 })).channels.find(
        (health) => health.channel === channel,
      );

    it("gives each message to one sender, the oldest first, with its body unchanged", async () => {
      const channel = randomUUID();
      const messages = [messageTo(channel), messageTo(channel)];
      await add(...messages);
      await fixture.storage.addMessages(messages.map((message) => ({ ...message, body: "another" })));
      expect(await fixture.storage.claimMessage({ channels: [], claimMs: 60_000 })).toBeNull();
      const claimed = [await claim(channel), await claim(channel), await claim(channel)];
      expect(claimed).toMatchObject([{ ...messages[0], attempts: 0 }, { ...messages[1] }, null]);
      expect(await settle(claimed[0] ?? null, "sent")).toBe(true);
      expect(await settle(claimed[0] ?? null, "sent")).toBe(false);
    });

    it("gives a message again, under the same key and with the same body, once its claim has ended", async () => {
      const channel = randomUUID();
      const message = messageTo(channel);
      await add(message);
      const dead = await claim(channel, 1);
      await fixture.passTime(20);
      const next = await claim(channel);
      expect(next).toMatchObject(message);
      expect(await settle(dead, "sent")).toBe(false);
      expect(await settle(next, "sent")).toBe(true);
      expect(await claim(channel)).toBeNull();
    });

    it("gives one message to one of two senders that ask at the same time", async () => {
      const channel = randomUUID();
      await add(messageTo(channel));
      const claimed = await Promise.all([claim(channel), claim(channel), claim(channel)]);
      expect(claimed.filter((one) => one !== null)).toHaveLength(1);
    });

    it("gives a message that failed again after its rest, and counts how often", async () => {
      const channel = randomUUID();
      await add(messageTo(channel));
      await settle(await claim(channel), 60_000);
      expect(await claim(channel)).toBeNull();
      const other = randomUUID();
      await add(messageTo(other));
      await settle(await claim(other), 1);
      await fixture.passTime(20);
      expect(await claim(other)).toMatchObject({ attempts: 1 });
    });

    it("holds back later messages of an incident until the earlier one is sent or given up", async () => {
      const channel = randomUUID();
      const incidentId = randomUUID();
      const [first, second, third] = [1, 2, 3].map(() => messageTo(channel, { incidentId }));
      const unrelated = messageTo(channel);
      await add(...[first, second, third, unrelated].flatMap((message) => message ?? []));
      const other = randomUUID();
      await add(messageTo(other, { incidentId }));
      expect(await claim(other)).toMatchObject({ channel: other });
      const claimed = await claim(channel);
      expect(claimed).toMatchObject({ key: first?.key });
      expect(await claim(channel)).toMatchObject({ key: unrelated.key });
      await settle(claimed, 1);
      await fixture.passTime(20);
      const again = await claim(channel);
      expect(again).toMatchObject({ key: first?.key });
      await settle(again, "given-up");
      const next = await claim(channel);
      expect(next).toMatchObject({ key: second?.key });
      expect(await claim(channel)).toBeNull();
      await settle(next, "sent");
      expect(await claim(channel)).toMatchObject({ key: third?.key });
    });

    it("says how long messages have been waiting, and how many were given up since one was sent", async () => {
      const channel = randomUUID();
      expect(await healthOf(channel)).toBeUndefined();
      await add(messageTo(channel), messageTo(channel));
      const waiting = await healthOf(channel);
      expect(waiting?.oldestWaitingMs).toBeGreaterThanOrEqual(2);
      await settle(await claim(channel), "given-up");
      expect(await healthOf(channel)).toMatchObject({ givenUp: 1 });
      await fixture.passTime(2);
      await settle(await claim(channel), "sent");
      expect(await healthOf(channel)).toEqual({ channel, oldestWaitingMs: null, givenUp: 0 });
    });

    it("lists what was sent and what was not, newest first", async () => {
      const channel = randomUUID();
      const incidentId = randomUUID();
      const messages = [messageTo(channel, { incidentId }), messageTo(channel), messageTo(channel)];
      await add(...messages);
      await settle(await claim(channel), "sent");
      await settle(await claim(channel), "given-up");
      const list = await readAll((page) => fixture.storage.listMessages({ channel }, page), 2);
      expect(list).toMatchObject([
        { ...messages[2], attempts: 0, sentAt: null, givenUpAt: null, errorCode: null },
        { ...messages[1], attempts: 1, sentAt: null, errorCode: "GONE" },
        { ...messages[0], attempts: 0, givenUpAt: null, errorCode: null },
      ]);
      expect(list[0]).not.toHaveProperty("claimId");
      expect(list[1]?.givenUpAt).toBeGreaterThan(0);
      expect(list[2]?.sentAt).toBeGreaterThan(0);
      const own = await readAll((page) => fixture.storage.listMessages({ incidentId }, page));
      expect(own.map(({ key }) => key)).toEqual([messages[0]?.key]);
    });
  });
}
