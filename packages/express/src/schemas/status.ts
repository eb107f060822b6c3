import { credentialStates } from "@titan-sync/core";
import { z } from "zod";
import { cleanText, companyId, count, environment, id, pageOf, paging, time } from "./common.js";
import { anyData, mode, runStatus, runType, runWorker } from "./run.js";

export const credentialState = z.enum(credentialStates);

export const pause = z
  .object({
    reason: z.string(),
    actor: z.string().meta({ description: "Who paused the credential." }),
    at: time,
    until: time.nullable().meta({ description: "When it ends by itself." }),
  })
  .meta({ id: "CredentialPause" });

const currentRun = z
  .object({
    runId: z.string(),
    status: runStatus,
    type: runType,
    data: anyData,
    mode,
    startedAt: time,
    feed: z.string().nullable().meta({ description: "The feed of which it last read something." }),
    rows: count.meta({ description: "Rows read so far." }),
    worker: runWorker.nullable(),
    lastBeatAt: time.meta({ description: "When the worker last gave a sign of life." }),
  })
  .meta({ id: "CurrentRun" });

const endedRun = z
  .object({
    runId: z.string(),
    status: z.enum(["completed", "partial", "failed"]),
    startedAt: time,
    endedAt: time,
    errorCode: z.string().nullable(),
  })
  .meta({ id: "EndedRun" });

export const credentialStatus = z
  .object({
    credentialId: id,
    companyId: z.string(),
    environment,
    tenantId: z.string(),
    connection: z.enum(["pending", "connected", "error"]),
    state: credentialState,
    why: z.string().meta({ description: "Why the credential is in this state, in one sentence." }),
    freshAsOf: z.record(z.string(), time.nullable()).meta({
      description:
        "By data type: every change that ServiceTitan made before this time is delivered or rejected; null if that is not known.",
    }),
    missing: z.record(z.string(), z.array(z.string())).meta({
      description: "By data type: the feeds that `freshAsOf` does not cover.",
    }),
    pause: pause.nullable(),
    nextRunAt: time.nullable(),
    running: currentRun.nullable().meta({ description: "The run that has not ended." }),
    last: endedRun.nullable().meta({ description: "The last run that ended." }),
    lastGood: endedRun.nullable().meta({ description: "The last run that completed, maybe partially." }),
    failures: count.meta({ description: "Failed runs since then." }),
    failingSince: time.nullable(),
    degradedSince: time.nullable(),
  })
  .meta({ id: "CredentialStatus" });

export type CredentialStatusBody = z.infer<typeof credentialStatus>;

export const statusPage = pageOf(credentialStatus).meta({ id: "CredentialStatusPage" });

export const statusSummary = z
  .object({
    credentials: count,
    states: z.object(
      Object.fromEntries(credentialStates.map((state) => [state, count])) as Record<
        (typeof credentialStates)[number],
        typeof count
      >,
    ),
    oldestFreshAsOf: time.nullable(),
    running: count,
    lost: count.meta({ description: "Credentials with a run whose worker is gone." }),
  })
  .meta({ id: "StatusSummary" });

export const statusQuery = z.strictObject({
  companyId: companyId.optional(),
  environment: environment.optional(),
  state: credentialState.optional(),
  ...paging,
});

export const pauseInput = z.strictObject({
  reason: cleanText(500).meta({ description: "Why nothing is to start automatically." }),
  until: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: "When the pause ends by itself; by default never." }),
});
