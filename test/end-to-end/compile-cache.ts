import { fileURLToPath } from "node:url";

/** Of the programs that tests start, which read the same modules. */
export const compileCache = fileURLToPath(
  new URL("../../node_modules/.cache/titan-sync-tests", import.meta.url),
);
