import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The directory of the checkout. */
export const workspaceRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The Node that the workspace brings itself: the one on the path may be too old for the packages.
 */
export const workspaceNode = join(
  workspaceRoot,
  "node_modules/node/bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/**
 * An absolute path inside the checkout.
 *
 * @param {...string} segments
 * @returns {string}
 */
export function inWorkspace(...segments) {
  return join(workspaceRoot, ...segments);
}
