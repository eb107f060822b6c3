import type { RecordDefinition } from "./define-record.js";
import { invoiceDefinition } from "./invoice.js";
import { memberDefinition } from "./member.js";

/** Every record type, in the order in which they are derived. */
export const recordDefinitions: readonly RecordDefinition[] = [memberDefinition, invoiceDefinition];
