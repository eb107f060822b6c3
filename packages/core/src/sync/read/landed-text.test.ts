import fc from "fast-check";
import { expect, test } from "vitest";
import { createFakeClock } from "../../__fixtures__/fake-clock.js";
import { createOpenLimiter } from "../../__fixtures__/open-limiter.js";
import { Secret } from "../../crypto/secret.js";
import { parseExport } from "../../extract/envelopes.js";
import { customers } from "../../feeds/customers.js";
import { createApiClient } from "../../http/api-client.js";
import { jsonString, jsonText, spaces } from "../../json/__fixtures__/json-text.js";
import { silentLogger } from "../../ports/logger.js";
import { checkRows, toEntity } from "../../quality/structure-check.js";

/** An answer whose bytes arrive in pieces of any size. */
function inPieces(text: string, pieces: readonly number[]): Response {
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let from = 0;
      for (const piece of pieces) {
        controller.enqueue(bytes.slice(from, from + piece));
        from += piece;
      }
      controller.enqueue(bytes.slice(from));
      controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

async function read(text: string, pieces: readonly number[]) {
  const clock = createFakeClock();
  const client = createApiClient({
    apiUrl: "https://api.invalid",
    appKey: new Secret("ak1.a"),
    tokens: { token: async () => "token", refuse: async () => undefined },
    limiter: createOpenLimiter(clock),
    fetch: async () => inPieces(text, pieces),
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const answer = await client.get("path", {}, { signal: new AbortController().signal });
  return checkRows(customers, parseExport(answer, "path").rows);
}

test("a row lands or is rejected byte for byte, however its response arrives", async () => {
  const fields = fc.array(fc.tuple(jsonString, jsonText).map(([name, value]) => `${name}:${value}`));
  const usual = fc.tuple(fields, spaces).map(
    ([others, blank]) =>
      (id: number) =>
        `{${[...others, `"id"${blank}:${id}`].join(`,${blank}`)}${blank}}`,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(usual, { maxLength: 5 }),
      fc.array(jsonText, { maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 20 })),
      async (rows, others, pieces) => {
        const texts = [...rows.map((row, index) => row(index + 1)), ...others];
        const text = `{"hasMore":false,"continueFrom":"a","data":[${texts.join(" ,\n")}]}`;
        const { sound, rejections } = await read(text, pieces);
        const kept = [
          ...sound.map((row) => toEntity(row, null).payload),
          ...rejections.map((row) => row.payload),
        ];
        expect(kept.toSorted()).toEqual([...new Set(texts)].toSorted());
      },
    ),
  );
});
