import { syncScopes } from "@titan-sync/core";
import type { z } from "zod";
import type { credentialMetadata } from "../schemas/credential.js";

type Field = z.infer<typeof credentialMetadata>["fields"][number];

const text = (name: string, label: string, hint: string, particular: Partial<Field> = {}): Field => ({
  name,
  label,
  hint,
  secret: false,
  required: true,
  maxLength: 500,
  pattern: null,
  usualPrefix: null,
  ...particular,
});

/** What the records get from each scope, in the words of whoever grants it. */
export const scopeUses: Readonly<Record<string, string>> = {
  "tn.crm.customers:r": "customers, their contacts and phone numbers",
  "tn.acc.invoices:r": "invoices",
  "tn.mem.memberships:r": "membership status",
  "tn.mem.membershiptypes:r": "membership type",
  "tn.crm.locations:r": "the zone of an invoice",
  "tn.jpm.jobs:r": "the job's summary",
  "tn.jpm.appointments:r": "the first appointment",
  "tn.dis.zones:r": "the names of zones",
};

/** What a form for a credential has to ask, and where its values come from. */
export const onboarding: z.infer<typeof credentialMetadata> = {
  environments: [
    {
      value: "integration",
      label: "Integration (for testing)",
      portal: "https://integration.servicetitan.com",
    },
    { value: "production", label: "Production", portal: "https://go.servicetitan.com" },
  ],
  fields: [
    text("companyId", "Company", "The company that owns the data.", { maxLength: 200 }),
    text("environment", "Environment", "Each environment has its own client id and secret.", {
      pattern: "^(integration|production)$",
      maxLength: 11,
    }),
    text("tenantId", "Tenant ID", "Shown beside the app under Settings > Integrations. Digits only.", {
      pattern: "^\\d{1,19}$",
      maxLength: 19,
    }),
    text("clientId", "Client ID", "Shown after the app is connected.", { usualPrefix: "cid." }),
    text(
      "clientSecret",
      "Client Secret",
      "Shown only once, when it is generated. Generating a new one replaces it.",
      {
        secret: true,
        usualPrefix: "cs1.",
      },
    ),
    text("appKey", "App Key", "The app's own key, from the developer portal.", {
      secret: true,
      usualPrefix: "ak1.",
    }),
  ],
  scopes: syncScopes.map(({ scope, isNeeded, feeds }) => ({
    scope,
    needed: isNeeded,
    usedFor: scopeUses[scope] ?? feeds.join(", "),
  })),
  steps: [
    {
      title: "Register the app",
      text: "In the developer portal, create an app for your organization, choose the scopes below with read access, and add the tenant to it.",
    },
    {
      title: "Have the tenant approve it",
      text: "An administrator of the tenant opens Settings > Integrations > API Application Access, selects Connect New App, finds the app and allows access.",
    },
    {
      title: "Generate the secret",
      text: "On the same page, copy the tenant id and the client id, then generate the client secret and copy it at once: it is shown only then.",
    },
    {
      title: "Enter the values and test",
      text: "Enter the tenant id, client id, client secret and app key here, and test the connection before saving.",
    },
  ],
};
