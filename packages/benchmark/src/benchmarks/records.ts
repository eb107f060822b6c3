import { runInvoiceStage, type UncheckedInvoice } from "@titan-sync/core/testing";
import { createSimulator, type Row, type SimulatedFeed } from "@titan-sync/simulator";
import type { Benchmark, Setting } from "../measure/benchmark.js";
import { ratio, whole } from "../report/report.js";

const rows = 100_000;
/** Generated once and reused until there are enough: all of them would not fit into memory. */
const sampleRows = 10_000;

/** Invoices as text, and how to join one that was parsed. */
interface Sample {
  readonly texts: readonly string[];
  join(invoice: Row): UncheckedInvoice;
}

function createSample(count: number): Sample {
  const simulator = createSimulator({ tenants: [{ customers: Math.ceil(count / 2), invoices: count }] });
  const all = (feed: SimulatedFeed): readonly Row[] =>
    simulator.rows(simulator.tenants[0]?.tenantId ?? "", feed);
  const byId = (feed: SimulatedFeed) => {
    const found = new Map(all(feed).map((row) => [row.id, row]));
    return (id: unknown): Row | null => found.get(Number(id)) ?? null;
  };
  const [customers, jobs, appointments] = [byId("customers"), byId("jobs"), byId("appointments")];
  const [locations, zones] = [byId("locations"), byId("zones")];
  const contacts = Map.groupBy(all("customer-contacts"), (row) => Number(row["customerId"]));

  return {
    texts: all("invoices").map((row) => JSON.stringify(row)),
    join(invoice) {
      const job = jobs(idIn(invoice["job"]));
      const location = locations(idIn(invoice["location"]));
      const customerId = idIn(invoice["customer"]);
      return {
        invoice,
        customer: customers(customerId),
        contacts: contacts.get(customerId ?? 0) ?? [],
        job,
        firstAppointment: appointments(job?.["firstAppointmentId"]),
        location,
        zone: zones(location?.["zoneId"]),
      };
    },
  };
}

function idIn(reference: unknown): number | null {
  return typeof reference === "object" && reference !== null && "id" in reference
    ? Number(reference.id)
    : null;
}

/** Parses the sample as often as there are rows, and gives each pass to `use`. */
function eachPass({ scale }: Setting, use: (sample: Sample, parse: () => readonly Row[]) => void): void {
  const wanted = Math.max(1, Math.round(rows * scale));
  const sample = createSample(Math.min(wanted, sampleRows));
  const passes = Math.round(wanted / sample.texts.length);
  for (let pass = 0; pass < passes; pass += 1) {
    use(sample, () => sample.texts.map((text) => JSON.parse(text) as Row));
  }
}

export const records: Benchmark = {
  name: "records",
  title: "Checking and mapping",
  about: `The structure check, the map and every rule for ${whole(rows)} invoices that are already joined, compared with
\`JSON.parse\` of the same invoices, row by row.`,
  rounds: 5,
  needsPostgres: false,
  variants: [
    {
      name: "JSON.parse",
      async measure(setting) {
        let ms = 0;
        eachPass(setting, (_, parse) => {
          const startedAt = performance.now();
          parse();
          ms += performance.now() - startedAt;
        });
        return { ms };
      },
    },
    {
      name: "check and map",
      async measure(setting) {
        let ms = 0;
        let mapped = 0;
        eachPass(setting, (sample, parse) => {
          const joined = parse().map(sample.join);
          const startedAt = performance.now();
          mapped += runInvoiceStage(joined, { trade: "HVAC", timeZone: "America/Chicago" });
          ms += performance.now() - startedAt;
        });
        return { ms, mapped };
      },
    },
  ],
  report(medians) {
    const parsing = medians.of("JSON.parse", "ms");
    const mapping = medians.of("check and map", "ms");
    return {
      table: {
        columns: ["variant", "ms"],
        rows: [
          ["JSON.parse", whole(parsing)],
          ["check and map", whole(mapping)],
          ["invoices that became records", whole(medians.of("check and map", "mapped"))],
        ],
      },
      findings: [
        { what: "check and map / JSON.parse", measured: ratio(mapping / parsing), target: "under 2" },
      ],
    };
  },
};
