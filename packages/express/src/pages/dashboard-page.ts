import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import express, { type Request, type RequestHandler, type Response } from "express";
import { notFound, ProblemError } from "../http/problem.js";
import type { DashboardOptions } from "./dashboard-directory.js";
import { pages } from "./pages.js";

const aYearInSeconds = 31_536_000;
/** A file below `assets/` whose name ends with a hash of its content, as bundlers write it: `index-B7tXq0Zk.js`. */
const hashedAsset = /^[/\\]assets[/\\].*[-.][\w-]{8,}\.\w+$/;
const hiddenSegment = /(?:^|\/)(?:\.|%2e)/i;

/**
 * A single-page app of static files, to be served under `/ui/`. It loads what it needs by relative addresses, so that
 * it works wherever the router is mounted and whatever a proxy does with the path.
 */
export function dashboardPage({ directory }: DashboardOptions): RequestHandler {
  const root = resolve(directory);
  const files = express.static(root, {
    index: false,
    redirect: false,
    dotfiles: "ignore",
    cacheControl: false,
    setHeaders: (response, path) =>
      response.setHeader("Cache-Control", cacheControlOf(path.slice(root.length))),
  });

  async function sendApp({ path }: Request, response: Response): Promise<void> {
    // Read each time: a new build refers to other files.
    const html = await readFile(join(root, "index.html"), "utf8");
    response.set({ "Cache-Control": cacheControlOf("/index.html"), Vary: "Accept" });
    response.type("html").send(seenFrom(path, html));
  }

  /** Settles only if the directory has no such file: an existing one ends the request. */
  const findNoFile = (request: Request, response: Response): Promise<void> =>
    new Promise((resolve, reject) => {
      files(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    });

  return async (request, response) => {
    const { method, path } = request;
    if (method !== "GET" && method !== "HEAD") {
      throw new ProblemError("METHOD_NOT_ALLOWED", { headers: { Allow: "GET, HEAD" } });
    }
    if (hiddenSegment.test(path)) throw notFound();
    if (path === "/" && !hasSlash(request)) {
      response.redirect(301, withSlash(request));
      return;
    }
    if (path !== "/") {
      await findNoFile(request, response);
      if (!isNavigation(request)) throw notFound();
    }
    await sendApp(request, response);
  };
}

/** @param path - below the directory. */
function cacheControlOf(path: string): string {
  return hashedAsset.test(path) ? `public, max-age=${aYearInSeconds}, immutable` : "no-cache";
}

/** A browser that opens an address explicitly accepts HTML; requests of a page do not. */
function isNavigation(request: Request): boolean {
  return /\btext\/html\b/i.test(request.get("accept") ?? "");
}

/**
 * The app's page at one of its own addresses, such as `/ui/credentials/7`: its relative addresses must lead
 * back to the root.
 */
function seenFrom(path: string, html: string): string {
  const depth = path.split("/").length - 2;
  return html.replaceAll(/(\s(?:src|href)=["']?)\.\//g, `$1./${"../".repeat(depth)}`);
}

function hasSlash({ originalUrl }: Request): boolean {
  return originalUrl.split("?")[0]?.endsWith("/") === true;
}

/** Relative, because a proxy may have removed a prefix; relative addresses of the app need the slash. */
function withSlash({ originalUrl }: Request): string {
  const [, query] = originalUrl.split("?", 2);
  return `.${pages.dashboard.path}/${query === undefined ? "" : `?${query}`}`;
}
