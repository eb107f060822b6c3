import { ConflictError, type CredentialSummary, type RunRequest, type StoredRun } from "@titan-sync/core";
import { isSuperseded } from "@titan-sync/core/support";
import type { z } from "zod";
import type { Principal } from "../access/principal.js";
import { ProblemError } from "../http/problem.js";
import { queuedRun } from "../runs/run-body.js";
import { runIdOfKey } from "../runs/run-id.js";
import type { trigger } from "../schemas/run.js";
import type { Answer, Call } from "./route.js";

type SyncTrigger = z.output<typeof trigger> & {
  /** Retry what was rejected. */
  readonly replay: boolean;
};

const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * Has a sync dispatched. With an idempotency key the run's id follows from the key: the history then knows which
 * keys were used, in every process and after every restart.
 */
export async function startSync(
  call: Pick<
    Call<CredentialSummary, unknown, unknown, Principal>,
    "services" | "principal" | "subject" | "server" | "header"
  >,
  trigger: SyncTrigger,
): Promise<Answer> {
  const { services, principal, subject, server } = call;
  const key = call.header("idempotency-key");
  if (key !== undefined && !keyPattern.test(key)) {
    const detail = "expected 1 to 255 printable characters without spaces";
    throw new ProblemError("INVALID", { errors: [{ parameter: "Idempotency-Key", detail }] });
  }
  const runId = key === undefined ? services.newId() : runIdOfKey(subject.id, principal.id, key);
  const answer = (startedId: string, status: "queued" | "running"): Answer => {
    const url = `${server}/syncs/${startedId}`;
    return {
      status: 202,
      body: { runId: startedId, status, url, eventsUrl: `${url}/events` },
      headers: { Location: url },
    };
  };

  if (key !== undefined) {
    const known = await services.titan.runs.find(runId);
    if (known !== null) {
      if (trigger.dryRun || !isEqual(known, trigger)) throw new ProblemError("KEY_REUSED", { runId });
      const isToBeginAgain =
        isSuperseded(known) && ((await services.dispatcher.findQueued?.({ runId })) ?? null) !== null;
      // An earlier run may fulfill the request, and one that was handed over waits.
      return answer(known.id, known.status === "paused" || isToBeginAgain ? "queued" : "running");
    }
    const waiting = (await services.dispatcher.findQueued?.({ runId })) ?? null;
    if (waiting !== null) {
      if (trigger.dryRun || !isEqual(queuedRun(waiting, subject), trigger))
        throw new ProblemError("KEY_REUSED", { runId });
      return answer(waiting.runId, "queued");
    }
    const dry = services.dryRuns.find(runId);
    if (dry !== null) {
      if (!trigger.dryRun || !isEqual(dry.run, trigger)) throw new ProblemError("KEY_REUSED", { runId });
      return answer(runId, "running");
    }
  }
  const { dryRun, ...request } = trigger;
  if (dryRun) {
    const asked = { ...request, runId, actor: principal.id };
    return answer(await services.dryRuns.start(subject, asked, runRequestOf(trigger)), "running");
  }
  try {
    const started = await services.dispatcher.dispatch({
      runId,
      credentialId: subject.id,
      companyId: subject.companyId,
      type: "manual",
      ...request,
      from: trigger.from ?? null,
      to: trigger.to ?? null,
      by: trigger.by ?? null,
      actor: principal.id,
    });
    return answer(started.runId, started.status);
  } catch (error) {
    if (key === undefined || !(error instanceof ConflictError) || error.runId === null) throw error;
    // The same request was sent twice at the same time, or continues an earlier run.
    const alive = await services.titan.runs.find(error.runId);
    if (alive === null || !isEqual(alive, trigger)) throw error;
    return answer(alive.id, "running");
  }
}

function runRequestOf({ data, mode, fresh, rederive, allowRemovals, from, to, by }: SyncTrigger): RunRequest {
  const range =
    from === undefined && to === undefined
      ? null
      : { from: from ?? null, to: to ?? null, by: by ?? ("modified" as const) };
  return { data, mode, fresh, rederive, allowRemovals, range };
}

function isEqual({ request }: StoredRun, trigger: SyncTrigger): boolean {
  const { range } = request;
  return (
    request.data === trigger.data &&
    request.mode === trigger.mode &&
    request.fresh === trigger.fresh &&
    request.rederive === trigger.rederive &&
    request.allowRemovals === trigger.allowRemovals &&
    (request.replay ?? false) === trigger.replay &&
    isSameTime(range?.from, trigger.from) &&
    isSameTime(range?.to, trigger.to) &&
    (range === null || range.by === (trigger.by ?? "modified"))
  );
}

/** A date is its midnight in UTC. */
function isSameTime(stored: string | null | undefined, requested: string | undefined): boolean {
  if (stored === null || stored === undefined || requested === undefined)
    return (stored ?? undefined) === requested;
  return Date.parse(stored) === Date.parse(requested);
}
