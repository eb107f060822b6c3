import type { FaultEffect } from "../faults/fault.js";
import type { SimulatedFeed } from "../feeds.js";
import type { Settings } from "../options.js";
import type { TenantState } from "../tenant.js";
import { printCursor } from "./cursor.js";
import type { Answer } from "./exchange.js";
import { type ExportPage, printExportPage, readExportPage, startOf } from "./export-endpoint.js";
import { createListReader } from "./list-endpoint.js";
import { parseListQuery } from "./list-query.js";
import { problem, Refusal } from "./problem.js";
import type { Endpoint } from "./route.js";

/** Answers a request that has passed the gate, spoilt by the effect if there is one. */
export type PageServer = (
  tenant: TenantState,
  endpoint: Endpoint,
  query: URLSearchParams,
  effect: FaultEffect | null,
) => Answer;

/** @returns a server whose answers throw a {@link Refusal} instead of being errors. */
export function createPageServer(settings: Settings): PageServer {
  const lists = createListReader();
  const served = createServedPages();

  function exportPage(
    tenant: TenantState,
    feed: SimulatedFeed,
    query: URLSearchParams,
    effect: FaultEffect | null,
  ): Answer {
    const owner = `${tenant.tenantId}/${feed}`;
    const from = query.get("from");
    if (effect?.kind === "refused-cursor") {
      throw new Refusal(
        problem(400, "The continuation token is not valid.", { from: ["The token has expired."] }),
      );
    }
    const page = readExportPage({
      table: tenant.tables[feed],
      owner,
      query,
      pageSize: settings.exportPageSize,
      lagMs: settings.exportLagMs,
      now: settings.now(),
    });
    const before = served.leadingTo(owner, from);
    served.note(owner, page);
    switch (effect?.kind) {
      case "repeat-page":
        if (before === undefined) return printExportPage(page);
        return printExportPage(effect.advance === true ? { ...page, entries: before.entries } : before);
      case "stuck-token":
        return printExportPage({ ...page, hasMore: true, continueFrom: from ?? page.continueFrom });
      case "empty-page": {
        const salt = Buffer.from(from ?? "", "base64").at(20) ?? 0;
        const continueFrom = printCursor(owner, startOf(owner, from), salt + 1);
        return printExportPage({ entries: [], hasMore: true, continueFrom });
      }
      default:
        return printExportPage(page);
    }
  }

  function listPage(
    tenant: TenantState,
    feed: SimulatedFeed,
    queryText: URLSearchParams,
    effect: FaultEffect | null,
  ): Answer {
    const table = tenant.tables[feed];
    const query = parseListQuery(table.route, queryText);
    const page = lists.read(table, query, queryText);
    switch (effect?.kind) {
      case "repeat-page": {
        const before = lists.read(table, { ...query, page: query.page - 1 }, queryText);
        return lists.print(
          table,
          effect.advance === true ? { ...page, entries: before.entries } : before,
          query,
        );
      }
      case "empty-page":
        return lists.print(table, { ...page, hasMore: true, entries: [] }, query);
      default:
        return lists.print(table, page, query);
    }
  }

  function contactsOf(tenant: TenantState, customerId: number, given: URLSearchParams): Answer {
    const customer = tenant.tables.customers.entry(customerId);
    if (customer === null) throw notFound(customerId);
    if (!customer.active) throw new Refusal(problem(409, `Customer ID = ${customerId} is not active`));
    const queryText = new URLSearchParams({ customerIds: String(customerId) });
    for (const parameter of ["page", "pageSize", "includeTotal"]) {
      const value = given.get(parameter);
      if (value !== null) queryText.set(parameter, value);
    }
    const table = tenant.tables["customer-contacts"];
    const query = parseListQuery(table.route, queryText);
    return lists.print(table, lists.read(table, query, queryText), query, "customerId");
  }

  return (tenant, endpoint, query, effect) => {
    switch (endpoint.kind) {
      case "export":
        return exportPage(tenant, endpoint.feed, query, effect);
      case "list":
        return listPage(tenant, endpoint.feed, query, effect);
      case "contacts":
        return contactsOf(tenant, endpoint.customerId, query);
      case "item": {
        const table = tenant.tables[endpoint.feed];
        const entry = table.entry(endpoint.id);
        if (entry === null) throw notFound(endpoint.id);
        return lists.printItem(table, entry);
      }
    }
  };
}

const maxServedPages = 1000;

/** Which page led to a token: what a cache in front of the API may return instead of the next one. */
function createServedPages() {
  const pages = new Map<string, ExportPage>();
  const keyOf = (owner: string, token: string): string => `${owner} ${token}`;
  return {
    leadingTo: (owner: string, token: string | null): ExportPage | undefined =>
      token === null ? undefined : pages.get(keyOf(owner, token)),
    note(owner: string, page: ExportPage): void {
      if (page.entries.length === 0) return;
      const key = keyOf(owner, page.continueFrom);
      pages.delete(key);
      pages.set(key, page);
      const [oldest] = pages.keys();
      if (pages.size > maxServedPages && oldest !== undefined) pages.delete(oldest);
    },
  };
}

function notFound(id: number): Refusal {
  return new Refusal(problem(404, `No entity has the id ${id}.`));
}
