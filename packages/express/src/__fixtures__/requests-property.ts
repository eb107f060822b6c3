import fc from "fast-check";
import { expect } from "vitest";
import { problem } from "../schemas/problem.js";
import { arbitraryRequest } from "./arbitrary-request.js";
import type { Host } from "./host.js";
import { populate } from "./populate.js";
import { sendWire } from "./send-wire.js";

/** The maximum wait for a response to nonsense. */
const timeoutMs = 250_000;

/**
 * Whatever is sent, the answer comes, is no failure of ours, gives away neither code nor secrets, and where it is
 * a problem, has the shape of one.
 */
export async function checkRequests(
  host: Host,
  options: { readonly runs: number; readonly seed: number },
): Promise<void> {
  const { credentialId, otherCredentialId, runId, otherRunId, secrets } = await populate(host);
  const known = { credentialIds: [credentialId, otherCredentialId], runIds: [runId, otherRunId] };
  await fc.assert(
    fc.asyncProperty(arbitraryRequest(known), async (sent) => {
      const { status, contentType, text } = await sendWire(host.url, sent, timeoutMs);
      expect(status).toBeLessThan(500);
      expect(text).not.toMatch(/\n\s+at |node_modules|\.[jt]s:\d/);
      for (const secret of secrets) expect(text).not.toContain(secret);
      if (contentType.startsWith("application/problem+json") && sent.method !== "HEAD") {
        expect(problem.parse(JSON.parse(text)).status).toBe(status);
      }
    }),
    { numRuns: options.runs, seed: options.seed, endOnFailure: true },
  );
  expect((await host.send("/health/ready")).status).toBe(200);
}
