import { holds } from "../access/principal.js";
import { lastId } from "../events/event-stream.js";
import { eventsBetween, isUnderWay } from "../events/run-difference.js";
import { syncEvent } from "../schemas/event.js";
import { defineRoute } from "./route.js";

const tag = "Events";
const headers = { "Last-Event-ID": "The id of the last event received: the stream continues after it." };
const contentType = "text/event-stream";
const snapshotPageSize = 100;

export const eventRoutes = [
  defineRoute({
    operation: "streamSyncEvents",
    method: "get",
    path: "/syncs/{runId}/events",
    tag,
    summary: "Follows a sync as server-sent events until it ends.",
    headers,
    answers: {
      200: { description: "Events, past ones first.", schema: syncEvent, contentType },
      204: { description: "The client already has the last event." },
    },
    async handle({ services, subject: { id: runId, ...run }, header, reviseSubject }) {
      const lastEventId = header("last-event-id") ?? null;
      if (lastEventId === lastId && !isUnderWay(run.status)) return { status: 204 };
      return {
        stream: {
          lastEventId,
          async snapshot() {
            const dry = services.dryRuns.find(runId);
            if (dry !== null) return eventsBetween(null, dry.run);
            const current = await services.titan.runs.find(runId);
            return eventsBetween(null, current ?? { id: runId, ...run });
          },
          async permitted() {
            // When another run fulfills the id by now, the reader connects again and follows that one.
            const revised = await reviseSubject();
            return revised?.id === runId ? (event) => event.runId === runId : null;
          },
          isLast: (event) => event.event === "run:end",
        },
      };
    },
  }),
  defineRoute({
    operation: "streamEvents",
    method: "get",
    path: "/events",
    tag,
    summary: "Follows all syncs that the principal may see, as server-sent events.",
    headers,
    answers: {
      200: {
        description: "Events; for syncs in progress, past events come first.",
        schema: syncEvent,
        contentType,
      },
    },
    async handle({ services, subject, header, reviseSubject }) {
      return {
        stream: {
          lastEventId: header("last-event-id") ?? null,
          async snapshot() {
            const filter = subject === "*" ? {} : { companyIds: subject };
            const { items } = await services.titan.runs.list(
              { ...filter, status: "running" },
              { limit: snapshotPageSize },
            );
            return items.flatMap((run) => eventsBetween(null, run));
          },
          async permitted() {
            const visible = await reviseSubject();
            return visible === null ? null : (event) => holds(visible, event);
          },
          isLast: () => false,
        },
      };
    },
  }),
];
