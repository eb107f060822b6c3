import { z } from "zod";
import { cleanText, companyId, count, emptyBody, environment, id, pageOf, paging, time } from "./common.js";
import { scheduleProposal } from "./schedule.js";

const tenantId = z
  .string()
  .trim()
  .regex(/^\d{1,19}$/, "must contain only digits")
  .meta({ description: "ServiceTitan's tenant id.", example: "1234567890" });

/** Accepted but never returned. */
const secret = cleanText(500).meta({ writeOnly: true });

const masked = z.string().meta({ description: "Masked.", example: "cid.…k3f9" });

const values = { tenantId, clientId: secret, clientSecret: secret, appKey: secret };

const testFirst = z
  .boolean()
  .default(false)
  .meta({ description: "Store it only if ServiceTitan accepts it." });

export const credential = z
  .object({
    id,
    companyId: z.string(),
    tenantId: z.string(),
    environment,
    clientId: masked,
    clientSecret: masked,
    appKey: masked,
    version: z.int().min(1).meta({ description: "Increases with each change of the values." }),
    status: z.enum(["pending", "connected", "error"]),
    tokenExpiresAt: time.nullable(),
    lastConnectionAttemptAt: time.nullable(),
    lastSyncAt: time.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Credential" });

export const savedCredential = credential
  .extend({
    warnings: z.array(z.string()).meta({ description: "Suspicious points about the entered values." }),
  })
  .meta({ id: "SavedCredential" });

export const createdCredential = savedCredential
  .extend({
    proposedSchedule: scheduleProposal.meta({
      description: "A schedule to offer. It is saved only by a request to save it.",
    }),
  })
  .meta({ id: "CreatedCredential" });

export const credentialPage = pageOf(credential).meta({ id: "CredentialPage" });

export const credentialQuery = z.strictObject({
  companyId: companyId.optional(),
  environment: environment.optional(),
  status: credential.shape.status.optional(),
  ...paging,
});

export const credentialValues = z
  .strictObject({ companyId, environment, ...values })
  .meta({ id: "CredentialValues" });

export const newCredential = credentialValues.extend({ test: testFirst }).meta({ id: "NewCredential" });

export const credentialChanges = z
  .strictObject({
    ...z.object(values).partial().shape,
    environment: environment.optional().meta({
      description:
        "A different environment switches the company to it: its credential for that " +
        "environment is created or updated with these values and returned. This one is kept, with its history.",
    }),
    test: testFirst,
  })
  .meta({ id: "CredentialChanges" });

export const storedTest = emptyBody.meta({ id: "StoredCredentialTest" });

export const removal = z.strictObject({
  force: z.stringbool().default(false).meta({ description: "Remove it even within 24 hours of a sync." }),
  withData: z.stringbool().default(false).meta({ description: "Also remove the stored data of its tenant." }),
});

export const connectionTest = z
  .object({
    ok: z.boolean(),
    steps: z.array(
      z.object({
        step: z.enum(["token", "app-key", "tenant", "scope"]),
        scope: z.string().nullable(),
        ok: z.boolean(),
        durationMs: z.number().min(0),
        message: z.string(),
        hint: z.string().nullable(),
      }),
    ),
    missingScopes: z.array(z.string()),
  })
  .meta({ id: "ConnectionTest" });

export const credentialMetadata = z
  .object({
    environments: z.array(z.object({ value: environment, label: z.string(), portal: z.string() })),
    fields: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        secret: z.boolean(),
        required: z.boolean(),
        maxLength: count,
        pattern: z.string().nullable().meta({ description: "A regular expression that values must match." }),
        usualPrefix: z.string().nullable(),
        hint: z.string(),
      }),
    ),
    scopes: z.array(z.object({ scope: z.string(), needed: z.boolean(), usedFor: z.string() })),
    steps: z.array(z.object({ title: z.string(), text: z.string() })),
  })
  .meta({ id: "CredentialMetadata" });
