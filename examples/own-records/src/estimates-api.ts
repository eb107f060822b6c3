/** An estimate as ServiceTitan gives it. */
export interface EstimateRow {
  readonly id: number;
  readonly customerId: number | null;
  readonly [field: string]: unknown;
}

/** The API's side of estimates, which the simulator has not. */
export interface EstimatesApi {
  /**
   * Adds or changes an estimate; omitted fields do not change. Its `modifiedOn` is later than every
   * other's.
   */
  put(row: { readonly id: number; readonly [field: string]: unknown }): void;
  /** It disappears as if it had never existed. */
  remove(id: number): void;
  /** The answer to a request for estimates; `null` to any other. */
  answer(request: Request): Response | null;
}

const fresh = {
  active: true,
  name: null,
  summary: null,
  subtotal: null,
  soldOn: null,
  jobId: null,
  customerId: null,
};

/** Stands in for `sales/v2/tenant/{tenant}/estimates` and its export. */
export function createEstimatesApi(): EstimatesApi {
  const rows = new Map<number, EstimateRow>();
  const changes: number[] = [];
  const timeOf = (change: number): string => new Date(Date.UTC(2026, 0, 1) + change * 60_000).toISOString();

  function exported(continuation: string | null): Response {
    const changed = new Set(changes.slice(Number(continuation ?? 0)));
    const data = [...changed].flatMap((id) => rows.get(id) ?? []);
    return Response.json({ hasMore: false, continueFrom: String(changes.length), data });
  }

  function listed(query: URLSearchParams): Response {
    const from = query.get("modifiedOnOrAfter") ?? "";
    const before = query.get("modifiedBefore");
    const found = [...rows.values()]
      .filter(
        ({ modifiedOn }) => String(modifiedOn) >= from && (before === null || String(modifiedOn) < before),
      )
      .sort((left, right) => left.id - right.id);
    const page = Number(query.get("page") ?? 1);
    const pageSize = Number(query.get("pageSize") ?? 50);
    const data = found.slice((page - 1) * pageSize, page * pageSize);
    return Response.json({
      page,
      pageSize,
      hasMore: page * pageSize < found.length,
      totalCount: found.length,
      data,
    });
  }

  return {
    put(row) {
      changes.push(row.id);
      const modifiedOn = timeOf(changes.length);
      rows.set(row.id, {
        ...fresh,
        createdOn: modifiedOn,
        ...rows.get(row.id),
        ...row,
        modifiedOn,
      } as EstimateRow);
    },
    remove(id) {
      rows.delete(id);
    },
    answer(request) {
      const { pathname, searchParams } = new URL(request.url);
      const found = /\/sales\/v2\/tenant\/\d+\/(export\/)?estimates$/.exec(pathname);
      if (found === null) return null;
      return found[1] === undefined ? listed(searchParams) : exported(searchParams.get("from"));
    },
  };
}
