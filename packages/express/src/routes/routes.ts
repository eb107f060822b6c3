import { credentialRoutes } from "./credentials.js";
import { documentationRoutes } from "./documentation.js";
import { eventRoutes } from "./events.js";
import { healthRoutes } from "./health.js";
import { qualityRoutes } from "./quality.js";
import type { Route } from "./route.js";
import { scheduleRoutes } from "./schedules.js";
import { statusRoutes } from "./status.js";
import { syncRoutes } from "./syncs.js";
import { watchRoutes } from "./watch.js";

/** Every operation. Paths without a parameter come before those with one in the same place. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...documentationRoutes,
  ...credentialRoutes,
  ...syncRoutes,
  ...eventRoutes,
  ...scheduleRoutes,
  ...statusRoutes,
  ...qualityRoutes,
  ...watchRoutes,
];
