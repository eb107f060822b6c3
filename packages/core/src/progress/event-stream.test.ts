import { expect, test } from "vitest";
import type { SyncEvent } from "../ports/sync-event.js";
import { createEventStream } from "./event-stream.js";

function event(rows: number): SyncEvent {
  return {
    event: "page:read",
    feed: "customers",
    rows,
    total: null,
    rowsPerSecond: null,
    secondsLeft: null,
    runId: "r",
    credentialId: "c",
    companyId: "k",
    at: 0,
  };
}

async function rowsOf(events: AsyncIterable<SyncEvent>): Promise<number[]> {
  const rows: number[] = [];
  for await (const each of events) if (each.event === "page:read") rows.push(each.rows);
  return rows;
}

test("each reader gets every event in order, even if it starts late or after the end", async () => {
  const stream = createEventStream();
  const early = rowsOf(stream.read());
  stream.publish(event(1));
  const late = rowsOf(stream.read());
  stream.publish(event(2));
  stream.end();
  expect(await early).toEqual([1, 2]);
  expect(await late).toEqual([1, 2]);
  expect(await rowsOf(stream.read())).toEqual([1, 2]);
});

test("a waiting reader gets the event as soon as it occurs", async () => {
  const stream = createEventStream();
  const next = stream.read().next();
  stream.publish(event(7));
  expect(await next).toMatchObject({ done: false, value: { rows: 7 } });
});

test("a reader that does not keep up loses the oldest events, and memory stays bounded", async () => {
  const stream = createEventStream();
  const reader = stream.read();
  for (let index = 0; index < 10_050; index += 1) stream.publish(event(index));
  stream.end();
  const rows = await rowsOf(reader);
  expect(rows).toHaveLength(10_000);
  expect(rows.at(0)).toBe(50);
  expect(rows.at(-1)).toBe(10_049);
});

test("a reader that stops ends only its own series", async () => {
  const stream = createEventStream();
  const leaving = stream.read();
  const staying = rowsOf(stream.read());
  await leaving.return?.();
  stream.publish(event(1));
  stream.end();
  expect(await leaving.next()).toEqual({ done: true, value: undefined });
  expect(await staying).toEqual([1]);
});
