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

/** What a form for a credential has to ask, and where its values come from. */
export const onboarding: z.infer<typeof credentialMetadata> = {
  environments: [
    {
      value: "integration",
      label: "Integration (for trying things out)",
      portal: "https://integration.servicetitan.com",
    },
    { value: "production", label: "Production", portal: "https://go.servicetitan.com" },
  ],
  fields: [
    text("companyId", "Company", "The company that the data will belong to.", { maxLength: 200 }),
    text("environment", "Environment", "Client id and secret belong to one environment only.", {
      pattern: "^(integration|production)$",
      maxLength: 11,
    }),
    text("tenantId", "Tenant ID", "Shown beside the app under Settings > Integrations. Digits only.", {
      pattern: "^\\d{1,19}$",
      maxLength: 19,
    }),
    text("clientId", "Client ID", "Shown after the app was connected.", { usualPrefix: "cid." }),
    text("clientSecret", "Client Secret", "Shown once, when it is generated. A new one replaces the old.", {
      secret: true,
      usualPrefix: "cs1.",
    }),
    text("appKey", "App Key", "The app's own key, from the developer portal.", {
      secret: true,
      usualPrefix: "ak1.",
    }),
  ],
  scopes: [
    { scope: "tn.crm.customers:r", needed: true, usedFor: "customers, their contacts, phone numbers" },
    { scope: "tn.acc.invoices:r", needed: true, usedFor: "invoices" },
    { scope: "tn.mem.memberships:r", needed: false, usedFor: "membership status" },
    { scope: "tn.mem.membershiptypes:r", needed: false, usedFor: "membership type" },
    { scope: "tn.crm.locations:r", needed: false, usedFor: "the zone of an invoice" },
    { scope: "tn.jpm.jobs:r", needed: false, usedFor: "the job's summary" },
    { scope: "tn.jpm.appointments:r", needed: false, usedFor: "the first appointment" },
    { scope: "tn.dis.zones:r", needed: false, usedFor: "names of zones" },
  ],
  steps: [
    {
      title: "Register the app",
      text: "In the developer portal, create an app for your organisation, choose the scopes below with read access, and add the tenant to it.",
    },
    {
      title: "Have the tenant approve it",
      text: "An administrator of the tenant opens Settings > Integrations > API Application Access, selects Connect New App, finds the app and allows access.",
    },
    {
      title: "Generate the secret",
      text: "On the same page: copy tenant id and client id, generate the client secret and copy it at once, since it is shown only then.",
    },
    {
      title: "Enter the values and test",
      text: "Enter tenant id, client id, client secret and the app's key here, and test the connection before saving.",
    },
  ],
};
