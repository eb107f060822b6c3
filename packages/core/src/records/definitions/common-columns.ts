/** How columns print that both record types have. */
export const prints = {
  phone: "ten digits without `+` or extension as `(555) 123-4567`, others as given; each number once",
  country: "`US` where it is missing, `USA` or `United States`; others as given",
  split: "the name's first and second word; empty for a `Commercial` customer unless `splitCompanyNames`",
} as const;

const phones = "the active `contacts` of type `MobilePhone`, then `Phone`, each by id; never Fax or Email";

/** Columns that both record types fill alike. */
export const hostColumns = {
  tenant: { from: "the host's company id", reads: [] },
  trade: { from: "the host's `trade`", reads: [] },
  software: { from: "always `ServiceTitan`", reads: [] },
  phoneNumbers: {
    from: phones,
    prints: `joined with a comma and a blank; ${prints.phone}`,
    isOptional: true,
  },
  primaryPhone: { from: `the first of ${phones}`, prints: prints.phone, isOptional: true },
  importId: {
    from: "the host's import id, of the company or of the sync request",
    reads: [],
    isOptional: true,
  },
} as const;
