/** The most that is believed of an announced length, in bytes. */
const longestAnnounced = 32 * 1024 * 1024;
const firstRoom = 64 * 1024;

/**
 * Reads a body into memory that nobody else uses. What arrives is copied at once: the pieces of a large body would
 * outlive several collections of new objects, and then lie around much longer than they are needed.
 *
 * @param announced - Its length, if that is known; it may be wrong.
 * @throws what the body fails with.
 */
export async function readBytes(
  body: AsyncIterable<Uint8Array> | null,
  announced: number | null,
): Promise<Uint8Array<ArrayBuffer>> {
  let room = new Uint8Array(Math.min(announced ?? firstRoom, longestAnnounced));
  let length = 0;
  for await (const piece of body ?? []) {
    const needed = length + piece.byteLength;
    if (needed > room.byteLength) {
      room = new Uint8Array(room.buffer.transfer(Math.max(needed, 2 * room.byteLength)));
    }
    room.set(piece, length);
    length = needed;
  }
  return length === room.byteLength ? room : new Uint8Array(room.buffer.transfer(length));
}

/** `null` when it is not known: what is compressed arrives longer. */
export function announcedLength(headers: Headers): number | null {
  const length = headers.get("content-length");
  if (headers.has("content-encoding") || length === null || !/^\d{1,15}$/.test(length)) return null;
  return Number(length);
}
