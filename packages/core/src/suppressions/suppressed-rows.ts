import { CryptoError } from "../errors.js";
import type { FeedName } from "../feeds/feed.js";
import type { SuppressionStore } from "../ports/suppression-store.js";
import type { TenantScope } from "../ports/tenant.js";
import { type HasherOptions, openHasher, wayOut } from "./row-hasher.js";

/** Whose rows a run of one tenant keeps out. */
export interface SuppressedRows {
  readonly isEmpty: boolean;
  has(feed: FeedName, id: string): boolean;
}

export const noSuppressedRows: SuppressedRows = { isEmpty: true, has: () => false };

export interface LoadSuppressedOptions extends HasherOptions {
  readonly store: HasherOptions["store"] & Pick<SuppressionStore, "listSuppressedRows">;
}

const pageSize = 10_000;

/**
 * Reads a tenant's suppression list. All of it is held, some 100 bytes for each hash: as many as customers were
 * erased, and rows of theirs that name no customer. It does not change while a run is alive, since no customer is
 * erased then.
 * @throws {@link CryptoError} when there is a list and its secret does not open.
 */
export async function loadSuppressedRows(
  options: LoadSuppressedOptions,
  scope: TenantScope,
): Promise<SuppressedRows> {
  const hashes = new Set<string>();
  for (let after: string | null = null; ; ) {
    const page: readonly string[] = await options.store.listSuppressedRows({ scope, after, limit: pageSize });
    for (const hash of page) hashes.add(hash);
    after = page.at(-1) ?? null;
    if (page.length < pageSize) break;
  }
  if (hashes.size === 0) return noSuppressedRows;
  const hasher = await openHasher(options, scope.companyId);
  if (hasher === null) throw lostError();
  return { isEmpty: false, has: (feed, id) => hashes.has(hasher.hash(feed, id)) };
}

function lostError(): CryptoError {
  return new CryptoError("The secret of the company's suppression list is gone.", { hint: wayOut });
}
