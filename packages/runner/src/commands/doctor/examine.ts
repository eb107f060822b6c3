import { AbortedError, type TitanSync, TitanSyncError } from "@titan-sync/core";
import { orAborted } from "@titan-sync/core/support";
import type { Settings } from "../../configuration/load-settings.js";
import { listKeyIds, loadKeys } from "../../database/encryption-keys.js";
import { type OpenDatabase, openDatabase } from "../../database/open-database.js";
import { composeTitan } from "../../database/with-titan.js";
import { createLogger } from "../../output/logger.js";
import type { CommandContext } from "../../program/context.js";
import { listCredentials } from "../select-credentials.js";
import { checkCompanies } from "./check-companies.js";
import { checkConsistency } from "./check-consistency.js";
import { checkCredentials } from "./check-credentials.js";
import { checkDatabase } from "./check-database.js";
import { checkHosts } from "./check-hosts.js";
import { checkKeys } from "./check-keys.js";
import { checkNode } from "./check-node.js";
import { checkRejections } from "./check-rejections.js";
import { checkScheduler } from "./check-scheduler.js";
import { checkSink } from "./check-sink.js";
import { checkStates } from "./check-states.js";
import { type Finding, problem } from "./finding.js";
import { problemOf } from "./problem-of.js";

/** The time limit for database queries, and for all connection tests together, in milliseconds. */
const databaseLimitMs = 30_000;
const testsLimitMs = 30_000;

/**
 * Looks at everything that a sync needs. What is wrong is a finding, and the rest is looked at all the same.
 *
 * @param deep - whether what is stored is compared with itself, the sink and ServiceTitan as well.
 * @throws the signal's reason when a person stops it.
 */
export async function examine(
  context: CommandContext,
  settings: Settings,
  deep: boolean,
): Promise<readonly Finding[]> {
  const node = checkNode(process.versions.node);
  const keyIds = await readKeyIds(settings);
  const database = await openForExamination(context, settings);
  if ("finding" in database) {
    const keys = "finding" in keyIds ? [keyIds.finding] : checkKeys(keyIds.ids, null);
    return [node, ...keys, database.finding, ...(await checkHosts(settings, [], context.signal))];
  }
  try {
    return [node, ...(await examineWith(database.open, keyIds, context, settings, deep))];
  } finally {
    // One that does not respond does not close either.
    const limit = AbortSignal.timeout(databaseLimitMs);
    await orAborted(() => database.open.close(), limit).catch(() => undefined);
  }
}

type KeyIds = { readonly ids: readonly string[] } | { readonly finding: Finding };

async function readKeyIds(settings: Settings): Promise<KeyIds> {
  try {
    return { ids: await listKeyIds(settings) };
  } catch (error) {
    return { finding: problemOf({ check: "keys" }, error) };
  }
}

async function openForExamination(
  { signal }: CommandContext,
  settings: Settings,
): Promise<{ readonly open: OpenDatabase } | { readonly finding: Finding }> {
  try {
    return { open: await orAborted(() => openDatabase(settings, { create: false }), signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { finding: problemOf({ check: "database" }, error) };
  }
}

async function examineWith(
  database: OpenDatabase,
  keyIds: KeyIds,
  context: CommandContext,
  settings: Settings,
  deep: boolean,
): Promise<readonly Finding[]> {
  const { signal } = context;
  const limit = AbortSignal.timeout(databaseLimitMs);
  const tables = await asked(() => checkDatabase(database), signal, limit);
  const isUsable = tables.every(({ level }) => level === "ok");
  if ("finding" in keyIds || !isUsable) {
    const keys = "finding" in keyIds ? [keyIds.finding] : checkKeys(keyIds.ids, null);
    return [...keys, ...tables, ...(await checkHosts(settings, [], signal))];
  }
  const titan = composeTitan(
    settings,
    await loadKeys(settings),
    database,
    createLogger(settings.logLevel, context.stderr),
  );
  try {
    const sink = await asked(() => checkSink(database.sink(settings.tables)), signal, limit);
    const starts = await asked(
      () => checkScheduler(database.storage(), titan.schedules, Date.now()),
      signal,
      limit,
    );
    const inside = await examineTitan(titan, keyIds.ids, settings, signal, limit);
    return [...tables, ...sink, ...starts, ...inside, ...(deep ? await examineDeep(titan, signal) : [])];
  } finally {
    await titan.close();
  }
}

async function examineTitan(
  titan: TitanSync,
  keyIds: readonly string[],
  settings: Settings,
  signal: AbortSignal,
  limit: AbortSignal,
): Promise<readonly Finding[]> {
  const stop = AbortSignal.any([signal, limit]);
  const read = () => Promise.all([titan.keys.usage({ signal }), listCredentials(titan.credentials, {})]);
  try {
    const [usage, credentials] = await orAborted(read, stop);
    const environments = credentials.map(({ environment }) => environment);
    const hosts = await checkHosts(settings, environments, signal);
    const timeLimit = AbortSignal.timeout(testsLimitMs);
    const tests = await checkCredentials(credentials, { credentials: titan.credentials, timeLimit, signal });
    const companies = checkCompanies(Object.keys(settings.companies), credentials);
    const states = await orAborted(() => checkStates(titan), stop);
    const rejections = await orAborted(() => checkRejections(titan, credentials), stop);
    return [...checkKeys(keyIds, usage), ...hosts, ...companies, ...tests, ...states, ...rejections];
  } catch (error) {
    return [
      ...checkKeys(keyIds, null),
      databaseProblem(error, signal),
      ...(await checkHosts(settings, [], signal)),
    ];
  }
}

/** Without a time limit: it ends when the user stops it, or when everything has been compared. */
async function examineDeep(titan: TitanSync, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await checkConsistency(titan, await listCredentials(titan.credentials, {}), signal);
  } catch (error) {
    return [databaseProblem(error, signal)];
  }
}

/** A database query, which may never return. */
async function asked(
  work: () => Promise<readonly Finding[]>,
  signal: AbortSignal,
  limit: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await orAborted(work, AbortSignal.any([signal, limit]));
  } catch (error) {
    return [databaseProblem(error, signal)];
  }
}

function databaseProblem(error: unknown, signal: AbortSignal): Finding {
  signal.throwIfAborted();
  const about = { check: "database" } as const;
  // It was not stopped: the time was up.
  const isLate = error instanceof AbortedError;
  if (TitanSyncError.is(error) && !isLate) return problemOf(about, error);
  const code = (error as { readonly code?: unknown } | null)?.code;
  const reason = typeof code === "string" ? code : "it does not respond";
  return problem(
    about,
    `The database cannot be read (${reason}).`,
    "Check that it is running, and that its user may read and write the schema titan_sync.",
  );
}
