import { noRunsState, stalest, stateAfterRun } from "../ledger/runs-state.js";
import { decodeCursor } from "../paging/page-cursor.js";
import type { Clock } from "../ports/clock.js";
import type {
  Completeness,
  CredentialPause,
  CredentialStateFilter,
  CredentialStateStore,
  RunsState,
  StoredCredentialState,
} from "../ports/credential-state.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { StoredRun } from "../ports/sync-run.js";
import { compareText } from "./compare-ids.js";
import { takePage } from "./paging.js";

/** States that go with their credentials, and that the runs write. */
export interface MemoryCredentialStates extends CredentialStateStore {
  find(credentialId: string): StoredCredentialState | null;
  recordEnd(run: StoredRun, completeness: Completeness): void;
  /** Deletes the state of a credential that is removed. */
  forget(credentialId: string): void;
}

interface StateRow {
  /** Whose runs they were; `null` before the first. */
  readonly tenantId: string | null;
  readonly runs: RunsState;
  readonly pause: CredentialPause | null;
  readonly lastPausedAt: number | null;
  readonly resumedAt: number | null;
}

const emptyRow: StateRow = {
  tenantId: null,
  runs: noRunsState,
  pause: null,
  lastPausedAt: null,
  resumedAt: null,
};

export function memoryCredentialStates(options: {
  readonly clock: Clock;
  readonly findCredential: (id: string) => StoredCredential | null;
  readonly allCredentials: () => readonly StoredCredential[];
  readonly findCurrent: (credentialId: string) => StoredRun | null;
}): MemoryCredentialStates {
  const { clock, findCredential, allCredentials, findCurrent } = options;
  const rows = new Map<string, StateRow>();
  const rowOf = (credentialId: string): StateRow => rows.get(credentialId) ?? emptyRow;

  function stateOf({
    id,
    companyId,
    environment,
    tenantId,
    status,
  }: StoredCredential): StoredCredentialState {
    const { pause, lastPausedAt, resumedAt, ...row } = rowOf(id);
    return {
      credentialId: id,
      companyId,
      environment,
      tenantId,
      connection: status,
      // The state left by runs of another tenant says nothing about this one.
      runs: row.tenantId === tenantId ? row.runs : noRunsState,
      pause,
      lastPausedAt,
      resumedAt,
      current: findCurrent(id),
    };
  }

  return {
    recordEnd({ credentialId, scope, ...run }, completeness) {
      const row = rowOf(credentialId);
      const before = row.tenantId === scope.tenantId ? row.runs : null;
      const runs = stateAfterRun(before, run, structuredClone(completeness));
      if (runs === null || findCredential(credentialId) === null) return;
      rows.set(credentialId, { ...row, tenantId: scope.tenantId, runs });
    },
    forget: (credentialId) => void rows.delete(credentialId),
    find(credentialId) {
      const credential = findCredential(credentialId);
      return credential === null ? null : stateOf(credential);
    },

    async findCredentialState(credentialId) {
      const credential = findCredential(credentialId);
      return credential === null ? null : stateOf(credential);
    },

    async listCredentialStates(filter, page) {
      const [time, id] = decodeCursor("states", 2, page) ?? [];
      const after = time === undefined || id === undefined ? null : { time: timeOf(time), id };
      const listed = allCredentials()
        .filter((credential) => matches(credential, filter))
        .map(stateOf)
        .map((state) => ({ state, time: stalest(state.runs), id: state.credentialId }))
        .filter((place) => after === null || compare(place, after) > 0)
        .sort(compare);
      const taken = takePage("states", listed, page, (place) => [
        place.time === null ? "" : String(place.time),
        place.id,
      ]);
      return { items: taken.items.map(({ state }) => state), next: taken.next };
    },

    async pauseCredential({ credentialId, reason, actor, until }) {
      if (findCredential(credentialId) === null) return null;
      const pause = { reason, actor, at: clock.now(), until };
      rows.set(credentialId, { ...rowOf(credentialId), pause });
      return pause;
    },

    async resumeCredential(credentialId) {
      const row = rowOf(credentialId);
      if (row.pause === null) return null;
      rows.set(credentialId, { ...row, pause: null, lastPausedAt: row.pause.at, resumedAt: clock.now() });
      return row.pause;
    },
  };
}

interface Place {
  /** `null` comes first. */
  readonly time: number | null;
  readonly id: string;
}

const timeOf = (text: string): number | null => (text === "" ? null : Number(text));

function compare(one: Place, other: Place): number {
  const first = one.time ?? Number.NEGATIVE_INFINITY;
  const second = other.time ?? Number.NEGATIVE_INFINITY;
  if (first === second) return compareText(one.id, other.id);
  return first < second ? -1 : 1;
}

function matches(credential: StoredCredential, filter: CredentialStateFilter): boolean {
  const { companyId, companyIds, environment } = filter;
  return (
    (companyId === undefined || credential.companyId === companyId) &&
    (companyIds === undefined || companyIds.includes(credential.companyId)) &&
    (environment === undefined || credential.environment === environment)
  );
}
