import { type Finding, good, problem } from "./finding.js";

export interface CheckHostOptions {
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Whether a host answers, and what it takes the time to be. */
export interface HostCheck {
  readonly finding: Finding;
  /**
   * How far this machine's clock is ahead of the host's, in milliseconds; `null` if the host did not send
   * its time.
   */
  readonly clockAheadMs: number | null;
}

/**
 * Asks a host for anything: an answer of whatever status says that it is reached. No credential is sent.
 * @throws the signal's reason when stopped.
 */
export async function checkHost(
  name: string,
  url: string,
  { fetch, now, timeoutMs, signal }: CheckHostOptions,
): Promise<HostCheck> {
  const { host } = new URL(url);
  const startedAt = now();
  try {
    const answer = await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const endedAt = now();
    const message = `The ${name} ${host} is reachable (${endedAt - startedAt} ms).`;
    return {
      finding: good({ check: "host" }, message),
      clockAheadMs: ahead(answer, (startedAt + endedAt) / 2),
    };
  } catch (error) {
    signal.throwIfAborted();
    const finding = problem(
      { check: "host" },
      `The ${name} ${host} cannot be reached (${reasonOf(error)}).`,
      "Check this machine's connection, DNS, firewall and proxy, and the URL if you replaced it.",
    );
    return { finding, clockAheadMs: null };
  }
}

function ahead(answer: Response, answeredAt: number): number | null {
  const date = Date.parse(answer.headers.get("date") ?? "");
  return Number.isNaN(date) ? null : Math.round(answeredAt - date);
}

/** Codes and names only: messages may quote an address with a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  if (error.name === "TimeoutError") return "no response in time";
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : error.name;
}
