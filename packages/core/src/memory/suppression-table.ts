import { decodeCursor } from "../paging/page-cursor.js";
import type { Clock } from "../ports/clock.js";
import type { Erasure } from "../ports/erasure-store.js";
import type { Suppression, SuppressionFilter, SuppressionStore } from "../ports/suppression-store.js";
import type { TenantScope } from "../ports/tenant.js";
import { isSameScope } from "../ports/tenant.js";
import { compareText } from "./compare-ids.js";
import { takePage } from "./paging.js";
import { compareScopes } from "./tenant-data.js";

interface Row extends Suppression {
  readonly rows: ReadonlySet<string>;
}

/** Who was erased and must not come back. */
export class SuppressionTable {
  readonly #clock: Clock;
  readonly #secrets = new Map<string, string>();
  #rows: readonly Row[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(scope: TenantScope, { customer, rows }: NonNullable<Erasure["suppress"]>): void {
    const isSame = (row: Row): boolean => row.customer === customer && isSameScope(row.scope, scope);
    const known = this.#rows.find(isSame)?.rows ?? [];
    const added: Row = {
      scope: { ...scope },
      customer,
      suppressedAt: this.#clock.now(),
      rows: new Set([...known, ...rows]),
    };
    this.#rows = [...this.#rows.filter((row) => !isSame(row)), added].sort(
      (left, right) => compareScopes(left.scope, right.scope) || compareText(left.customer, right.customer),
    );
  }

  store(): SuppressionStore {
    return {
      findSuppressionSecret: async (companyId) => this.#secrets.get(companyId) ?? null,
      saveSuppressionSecret: async ({ companyId, secret }) => {
        const kept = this.#secrets.get(companyId) ?? secret;
        this.#secrets.set(companyId, kept);
        return kept;
      },
      listSuppressionSecrets: async (page) => {
        const [after] = decodeCursor("suppression-secrets", 1, page) ?? [];
        const secrets = [...this.#secrets]
          .map(([companyId, secret]) => ({ companyId, secret }))
          .filter(({ companyId }) => after === undefined || compareText(companyId, after) > 0)
          .sort((left, right) => compareText(left.companyId, right.companyId));
        return takePage("suppression-secrets", secrets, page, ({ companyId }) => [companyId]);
      },
      replaceSuppressionSecret: async ({ companyId, expected, replacement }) => {
        if (this.#secrets.get(companyId) !== expected) return false;
        this.#secrets.set(companyId, replacement);
        return true;
      },
      listSuppressedRows: async ({ scope, after, limit }) => {
        const rows = this.#rows
          .filter((row) => isSameScope(row.scope, scope))
          .flatMap((row) => [...row.rows]);
        return [...new Set(rows)]
          .filter((row) => after === null || compareText(row, after) > 0)
          .sort(compareText)
          .slice(0, limit);
      },
      listSuppressions: async (filter, page) => {
        const place = decodeCursor("suppressions", 3, page);
        const rows = this.#rows.filter((row) => matches(row, filter));
        const from = place === null ? 0 : rows.findIndex((row) => isAfter(row, place));
        const items = from < 0 ? [] : rows.slice(from).map(({ rows: _rows, ...row }) => row);
        return takePage("suppressions", items, page, ({ scope, customer }) => [
          scope.environment,
          scope.tenantId,
          customer,
        ]);
      },
      liftSuppressions: async (filter) => {
        const kept = this.#rows.filter((row) => !matches(row, filter));
        const lifted = this.#rows.length - kept.length;
        this.#rows = kept;
        return lifted;
      },
      removeSuppressions: async (companyId) => {
        this.#rows = this.#rows.filter((row) => row.scope.companyId !== companyId);
        this.#secrets.delete(companyId);
      },
    };
  }
}

function matches({ scope, customer }: Row, filter: SuppressionFilter): boolean {
  return (
    scope.companyId === filter.companyId &&
    (filter.environment === undefined || scope.environment === filter.environment) &&
    (filter.customer === undefined || customer === filter.customer)
  );
}

function isAfter({ scope, customer }: Row, [environment = "", tenantId = "", hash = ""]: readonly string[]) {
  const place = { ...scope, environment: environment as TenantScope["environment"], tenantId };
  return (compareScopes(scope, place) || compareText(customer, hash)) > 0;
}
