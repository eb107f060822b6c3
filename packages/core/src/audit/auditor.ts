import { errorCodeOf } from "../errors.js";
import type { AuditEntry, AuditLog } from "../ports/audit-log.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { CredentialContext } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";

/** Which secrets were encrypted or opened, by whom and what for; never their values. */
export interface SecretUse {
  readonly actor: string;
  readonly action: "secret:encrypt" | "secret:decrypt";
  readonly credential: Pick<StoredCredential, "id" | "companyId" | "version">;
  readonly fields: readonly CredentialContext["field"][];
  readonly purpose: "create" | "update" | "test" | "token" | "sync" | "rotate";
}

/** Writes audit entries. A failing audit log must neither stop the work nor hide why it stopped. */
export interface Auditor {
  record(entry: AuditEntry): Promise<void>;
  /**
   * One entry for each time that secrets are encrypted, or opened to be used. Decrypting them only to show their masked
   * form is not recorded: each list would write an entry per line.
   */
  recordSecrets(use: SecretUse): Promise<void>;
}

/** An auditor that writes to `log`; to nothing when there is none. */
export function createAuditor(log: Pick<AuditLog, "appendAudit"> | null, logger: Logger): Auditor {
  async function record(entry: AuditEntry): Promise<void> {
    try {
      await log?.appendAudit(entry);
    } catch (error) {
      const code = errorCodeOf(error);
      logger.warn(
        { action: entry.action, subject: entry.subject, code },
        "an audit log entry could not be written",
      );
    }
  }
  return {
    record,
    recordSecrets: ({ actor, action, credential, fields, purpose }) =>
      record({
        actor,
        action,
        subject: credential.id,
        companyId: credential.companyId,
        outcome: "success",
        details: { fields, purpose, version: credential.version },
      }),
  };
}
