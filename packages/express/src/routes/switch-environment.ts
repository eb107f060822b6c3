import type {
  ActingOptions,
  CredentialChanges,
  CredentialSummary,
  Environment,
  SavedCredential,
  ScheduleInput,
  StoredSchedule,
  TitanSync,
  UpdateCredentialOptions,
} from "@titan-sync/core";
import { type Fault, ProblemError } from "../http/problem.js";

export interface SwitchRequest {
  readonly environment: Environment;
  readonly changes: CredentialChanges;
  readonly options: UpdateCredentialOptions;
}

/**
 * Switches a company to its other environment. Both worlds keep their own credential, so that history, landed data and
 * cursors of each stay what they are, and switching back loses nothing: the other credential is used as it is, changed
 * where values are given, or made when there is none yet. The schedule goes along: it is turned off here, and taken
 * over there unless that credential has one, which is turned on.
 */
export async function switchEnvironment(
  { credentials, schedules }: Pick<TitanSync, "credentials" | "schedules">,
  current: CredentialSummary,
  { environment, changes, options }: SwitchRequest,
): Promise<SavedCredential> {
  const { companyId } = current;
  const other = await credentials.findFor(companyId, environment);
  const saved = await (other === null
    ? create(credentials, current, { environment, changes, options })
    : credentials.update(other.id, changes, options));
  await moveSchedule(schedules, current.id, saved.id, options);
  return saved;
}

async function create(
  credentials: TitanSync["credentials"],
  current: CredentialSummary,
  { environment, changes, options }: SwitchRequest,
): Promise<SavedCredential> {
  const { companyId } = current;

  const { tenantId = current.tenantId, clientId, clientSecret, appKey } = changes;
  if (clientId === undefined || clientSecret === undefined || appKey === undefined) {
    throw new ProblemError("INVALID", { errors: missingIn(changes, environment) });
  }
  return await credentials.create(
    { companyId, environment, tenantId, clientId, clientSecret, appKey },
    options,
  );
}

/** Client id, secret and app key belong to one environment: none can be reused for the other. */
function missingIn(changes: CredentialChanges, environment: Environment): readonly Fault[] {
  return (["clientId", "clientSecret", "appKey"] as const)
    .filter((field) => changes[field] === undefined)
    .map((field) => ({
      pointer: `#/${field}`,
      detail: `is needed: the company has no credential for ${environment} yet`,
    }));
}

async function moveSchedule(
  schedules: TitanSync["schedules"],
  fromId: string,
  toId: string,
  { actor, requestId }: ActingOptions,
): Promise<void> {
  const schedule = await schedules.find(fromId);
  if (schedule === null || !schedule.enabled) return;
  const there = (await schedules.find(toId)) ?? schedule;
  await schedules.save(toId, inputOf(there, true), { actor, requestId });
  await schedules.save(fromId, inputOf(schedule, false), { actor, requestId });
}

function inputOf(schedule: StoredSchedule, enabled: boolean): ScheduleInput {
  const { cron, every, timeZone, window, quietDays, data, fullEvery } = schedule;
  return { cron, every, timeZone, window, quietDays, data, fullEvery, enabled };
}
