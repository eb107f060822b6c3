import { hash } from "../random.js";
import type { Position } from "../store/feed-table.js";

/**
 * A `continueFrom` token: base64 of a version byte, the modification in 100 ns units since the year 1 (with the
 * flag for UTC), the id, three bytes that bind it to its feed, and a byte of salt that means nothing: tokens
 * that differ may name the same place.
 */
export function printCursor(owner: string, position: Position, salt = 0): string {
  const bytes = Buffer.alloc(21);
  bytes.writeUInt8(1, 0);
  bytes.writeBigInt64LE(ticksOf(position.modified) | utcFlag, 1);
  bytes.writeBigInt64LE(BigInt(position.id), 9);
  bytes.writeUIntLE(hash(owner) & 0xffffff, 17, 3);
  bytes.writeUInt8(salt & 0xff, 20);
  return bytes.toString("base64");
}

/** `null` when the text is no token of this owner. */
export function parseCursor(owner: string, text: string): Position | null {
  if (!/^[A-Za-z0-9+/]{28}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 21 || bytes.readUInt8(0) !== 1) return null;
  if (bytes.readUIntLE(17, 3) !== (hash(owner) & 0xffffff)) return null;
  return {
    modified: keyOfTicks(bytes.readBigInt64LE(1) & ~utcFlag),
    id: Number(bytes.readBigInt64LE(9)),
  };
}

const utcFlag = 0x4000000000000000n;
const ticksPerSecond = 10_000_000n;
const yearOne = BigInt(Date.parse("0001-01-01T00:00:00Z")) / 1000n;

function ticksOf(key: string): bigint {
  const seconds = BigInt(Date.parse(`${key.slice(0, 19)}Z`)) / 1000n;
  return (seconds - yearOne) * ticksPerSecond + BigInt(key.slice(20));
}

function keyOfTicks(ticks: bigint): string {
  const seconds = Number(ticks / ticksPerSecond + yearOne);
  const fraction = String(ticks % ticksPerSecond).padStart(7, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}`;
}
