import type { Mutant } from "./mutant.js";

const folder = "packages/core/src/alerts";
const states = { file: `${folder}/advance-alerts.test.ts` };
const running = { file: `${folder}/start-alerts.test.ts` };

/** Against what decides about alerts, and sends messages about them. */
export const alertMutants: readonly Mutant[] = [
  {
    mistake: "each alert is announced at once, without waiting for others of the same cause",
    file: `${folder}/incidents.ts`,
    original: 'about === "platform" ? 0 : collectMs',
    replacement: 'about === "platform" ? 0 : 0',
    test: {
      ...states,
      title: "report 40 companies that fail at once in one message, and their recovery in one",
    },
  },
  {
    mistake: "an incident is over when its first alert has recovered",
    file: `${folder}/incidents.ts`,
    original: 'if (alerts.every(({ state }) => state === "recovered")) {',
    replacement: 'if (alerts.some(({ state }) => state === "recovered")) {',
    test: { ...states, title: "are over together: when the last of an incident has recovered" },
  },
  {
    mistake: "any number of messages with the same cause may begin",
    file: `${folder}/incidents.ts`,
    original: "?? 0) < mostAlike)",
    replacement: "?? 0) < mostAlike * 99)",
    test: { ...states, title: "no more than three alike in half an hour" },
  },
  {
    mistake: "an alert that flaps recovers as fast as any other",
    file: `${folder}/alert-states.ts`,
    original: "calmMs * 4 ** before.flaps",
    replacement: "calmMs * 4 ** 0",
    test: { ...states, title: "are quiet while they flap, and longer each time" },
  },
  {
    mistake: "what was explained is announced as soon as the explanation is gone",
    file: `${folder}/alert-states.ts`,
    original: "const dueAt = isExplained ? at + explainedGraceMs : at;",
    replacement: "const dueAt = at;",
    test: {
      ...states,
      title: "hold back what something else explains, and give it half an hour once that is over",
    },
  },
  {
    mistake: "an alert of which nothing is known recovers",
    file: `${folder}/advance-alerts.ts`,
    original: "seen.isUnknown(alert) ? unknown(alert, at) : calmed(alert, at)",
    replacement: "seen.isUnknown(alert) ? calmed(alert, at) : calmed(alert, at)",
    test: { ...states, title: "stay as they are while nobody can tell whether their condition holds" },
  },
  {
    mistake: "an acknowledged incident is escalated",
    file: `${folder}/incidents.ts`,
    original: 'incident.severity === "critical" && incident.acknowledgedAt === null',
    replacement: 'incident.severity === "critical"',
    test: { ...states, title: "escalate until somebody acknowledges it" },
  },
  {
    mistake: "a sign of life is given while no worker is alive",
    file: `${folder}/start-alerts.ts`,
    original: "if (!works || isOverdue ||",
    replacement: "if (isOverdue ||",
    test: { ...running, title: "give no sign of life without a worker, and say that none is running" },
  },
  {
    mistake: "a sign of life is given while messages are not delivered",
    file: `${folder}/start-alerts.ts`,
    original: "if (!works || isOverdue ||",
    replacement: "if (!works ||",
    test: { ...running, title: "are delivered five times within an hour, then given up" },
  },
];
