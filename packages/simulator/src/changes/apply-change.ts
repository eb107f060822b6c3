import { printInstant } from "../instant.js";
import { isObject, type Row, toRow } from "../row.js";
import type { FeedTable } from "../store/feed-table.js";
import type { TenantState } from "../tenant.js";
import type { Change, ChangedEntity } from "./change.js";

/**
 * Applies a change.
 *
 * @param instant - The key of the modification.
 * @throws RangeError when the entity, or the one it goes to, does not exist.
 */
export function applyChange({ tables }: TenantState, change: Change, instant: string): ChangedEntity {
  const table = tables[change.feed];
  const modifiedOn = printInstant(instant);
  switch (change.kind) {
    case "edit": {
      const row = existing(table, change);
      table.put(
        change.keepModifiedOn === true
          ? { ...row, ...change.set, id: row.id }
          : { ...row, modifiedOn, ...change.set, id: row.id },
      );
      break;
    }
    case "add": {
      const row = toRow({ id: table.unusedId(), createdOn: modifiedOn, modifiedOn, ...change.row });
      table.put(row);
      return { feed: change.feed, id: row.id, kind: change.kind };
    }
    case "merge":
      existing(table, { feed: change.feed, id: change.intoId });
      table.put({ ...existing(table, change), active: false, mergedToId: change.intoId, modifiedOn });
      break;
    case "move": {
      const customer = existing(tables.customers, { feed: "customers", id: change.customerId });
      table.put({ ...movedTo(customer, existing(table, change)), modifiedOn });
      break;
    }
    case "deactivate":
      table.put({ ...existing(table, change), active: false, modifiedOn });
      break;
    case "delete":
      existing(table, change);
      table.remove(change.id);
      break;
  }
  return { feed: change.feed, id: change.id, kind: change.kind };
}

/** Invoices name their customer in an object, all others by `customerId`. */
function movedTo(customer: Row, row: Row): Row {
  return isObject(row["customer"])
    ? { ...row, customer: { id: customer.id, name: customer["name"] } }
    : { ...row, customerId: customer.id };
}

function existing(table: FeedTable, { feed, id }: { readonly feed: string; readonly id: number }): Row {
  const row = table.get(id);
  if (row === null) throw new RangeError(`There is no entity ${id} in ${feed}.`);
  return row;
}
