import type { Auditor } from "../audit/auditor.js";
import type { SuppressionManager } from "../suppressions/suppression-manager.js";
import { describeFailure } from "../sync/execute-run.js";
import {
  checkEraseRequest,
  type EraseOptions,
  type EraseRequest,
  type ErasureResult,
  eraseCustomer,
} from "./erase-customer.js";

export interface AuditedErasureOptions extends EraseOptions {
  readonly auditor: Auditor;
  readonly suppressions: Pick<SuppressionManager, "hashOf">;
}

/** Erases a customer, and notes in the audit log the outcome of that. Fails as {@link eraseCustomer} does. */
export async function eraseAudited(
  { auditor, suppressions, ...options }: AuditedErasureOptions,
  request: EraseRequest,
): Promise<ErasureResult> {
  const checked = checkEraseRequest(request);
  const { companyId, customerId, environment = null, actor, requestId } = checked;
  // The log outlives what is erased: it names the customer by a hash.
  const subject = await suppressions.hashOf({ companyId, customerId });
  const entry = { actor, requestId, action: "customer:erase", subject, companyId };
  try {
    const result = await eraseCustomer(options, checked);
    const { remaining, ...counts } = result;
    const details = { environment, ...counts, remaining: remaining.length };
    await auditor.record({ ...entry, outcome: "success", details });
    return result;
  } catch (error) {
    const details = { environment, code: describeFailure(error).code };
    await auditor.record({ ...entry, outcome: "failure", details });
    throw error;
  }
}
