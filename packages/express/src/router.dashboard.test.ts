import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, useHosts } from "./__fixtures__/ask.js";
import type { Host, SentRequest } from "./__fixtures__/host.js";
import { sendWire } from "./__fixtures__/send-wire.js";
import { createTitanSyncRouter } from "./router.js";

const { open } = useHosts();

const html = `<!doctype html><link rel="icon" href="./favicon.svg">
<script type="module" src="./assets/index-B7tXq0Zk.js"></script><a href="https://example.com/./x"></a>`;

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "dashboard-"));
  directory = join(parent, "built");
  await mkdir(join(directory, "assets"), { recursive: true });
  await mkdir(join(directory, ".git"));
  await Promise.all([
    writeFile(join(parent, "outside.txt"), "outside"),
    writeFile(join(directory, "index.html"), html),
    writeFile(join(directory, "favicon.svg"), "<svg/>"),
    writeFile(join(directory, "assets/index-B7tXq0Zk.js"), "export {};"),
    writeFile(join(directory, "assets/robots.txt"), "none"),
    writeFile(join(directory, ".env"), "hidden"),
    writeFile(join(directory, ".git/config"), "hidden"),
  ]);
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

const openDashboard = (mountPath = "/"): Promise<Host> =>
  open({ mountPath, router: { dashboard: { directory } } });

/** As a browser opens an address. */
const navigation: SentRequest = { as: null, headers: { accept: "text/html,*/*;q=0.8" } };

describe.each(["/", "/api/servicetitan"])("a dashboard of a router mounted at %s", (mountPath) => {
  it("is served with all its files to users who have not signed in yet", async () => {
    const host = await openDashboard(mountPath);
    const page = await host.send("/ui/", navigation);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toBe(html);
    for (const path of loadedBy(html)) {
      const file = await fetch(new URL(path, `${host.url}/ui/`));
      expect([path, file.status]).toEqual([path, 200]);
    }
  });

  it("opens by the addresses of its own views, however deep, and finds its files from there", async () => {
    const host = await openDashboard(mountPath);
    for (const view of ["credentials", "credentials/7", "companies/acme.com/runs/8", "runs/"]) {
      const page = await host.send(`/ui/${view}`, navigation);
      expect([view, page.status, page.headers.get("cache-control")]).toEqual([view, 200, "no-cache"]);
      for (const path of loadedBy(await page.text())) {
        const file = await fetch(new URL(path, `${host.url}/ui/${view}`));
        expect([view, path, file.status]).toEqual([view, path, 200]);
        expect(file.headers.get("content-type")).not.toContain("html");
      }
    }
  });

  it("redirects to a relative address with a slash, which works behind any proxy", async () => {
    const host = await openDashboard(mountPath);
    const redirect = await host.send("/ui?run=7", navigation);
    expect(redirect.status).toBe(301);
    const location = redirect.headers.get("location") ?? "";
    expect(location).toBe("./ui/?run=7");
    expect((await fetch(new URL(location, `${host.url}/ui?run=7`))).status).toBe(200);
  });
});

/** Relative addresses in a page. */
function loadedBy(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, path = ""]) => path);
  expect(found).toHaveLength(2);
  return found;
}

describe("files of a dashboard", () => {
  it("are cached forever if their name is a hash of their content, and revalidated otherwise", async () => {
    const host = await openDashboard();
    const cacheOf = async (path: string) => (await host.send(path)).headers.get("cache-control");
    expect(await cacheOf("/ui/assets/index-B7tXq0Zk.js")).toBe("public, max-age=31536000, immutable");
    for (const path of ["/ui/", "/ui/index.html", "/ui/favicon.svg", "/ui/assets/robots.txt"]) {
      expect([path, await cacheOf(path)]).toEqual([path, "no-cache"]);
    }
    for (const path of ["/ui/", "/ui/favicon.svg"]) {
      const tag = (await host.send(path)).headers.get("etag") ?? "";
      // `fetch` would add that it wants no answer from a cache.
      const again = { method: "GET", path, headers: { "if-none-match": tag }, body: null };
      expect([path, (await sendWire(host.url, again, 250_000)).status]).toEqual([path, 304]);
    }
  });

  it("follow a new build at once", async () => {
    const host = await openDashboard();
    await host.send("/ui/");
    await writeFile(join(directory, "index.html"), "rebuilt");
    expect(await (await host.send("/ui/")).text()).toBe("rebuilt");
  });

  it("that are missing with their directory are a failure that the log explains, without a path in the response", async () => {
    const host = await openDashboard();
    await rm(directory, { recursive: true });
    const answer = await ask(host, "/ui/");
    expect(answer).toMatchObject({ status: 500, body: { code: "UNEXPECTED" } });
    expect(JSON.stringify(answer.body)).not.toContain("dashboard-");
    expect(host.logger.lines).toContainEqual({
      fields: { requestId: answer.body["requestId"], code: "ENOENT" },
      message: "a page could not be served",
    });
  });

  it("are sent with headers that let the page load from and call this origin only", async () => {
    const host = await openDashboard();
    for (const path of ["/ui/", "/ui/assets/index-B7tXq0Zk.js", "/ui/missing.js"]) {
      const { headers } = await host.send(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("connect-src 'self';");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  it("are those of the directory, without hidden ones", async () => {
    const host = await openDashboard();
    const headers = { accept: "text/html" };
    const paths = [
      "/ui/.env",
      "/ui/%2eenv",
      "/ui/.git/config",
      "/ui/%2Egit/config",
      "/ui/../outside.txt",
      "/ui/..%2foutside.txt",
      "/ui/%2e%2e/outside.txt",
      "/ui/%2e%2e%2foutside.txt",
      "/ui/assets/../../outside.txt",
      "/ui/assets/..%2f..%2foutside.txt",
      "/ui/..\\outside.txt",
      "/ui/..%5coutside.txt",
      "/ui//../outside.txt",
      "/ui/%00",
      "/ui/index.html%00.js",
      "/ui/%",
    ];
    for (const path of paths) {
      const answer = await sendWire(host.url, { method: "GET", path, headers, body: null }, 250_000);
      expect(answer.text).not.toMatch(/outside|hidden/);
      expect([path, answer.status]).toEqual([path, expect.toSatisfy(isRefusalOrApp(answer.text))]);
    }
    const listing = await host.send("/ui/assets/");
    expect(listing.status).toBe(404);
  });

  it("that are missing are problems and not the page, unless a browser opens the address", async () => {
    const host = await openDashboard();
    const missing = await ask(host, "/ui/assets/index-0ldBu1ld.js");
    expect(missing).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect(missing.headers.get("cache-control")).toBe("no-store");
    expect((await host.send("/ui/assets/index-0ldBu1ld.js", navigation)).status).toBe(200);
  });

  it("are only read", async () => {
    const host = await openDashboard();
    expect((await host.send("/ui/", { method: "HEAD" })).status).toBe(200);
    const answer = await ask(host, "/ui/", { method: "POST", body: {} });
    expect(answer).toMatchObject({ status: 405, body: { code: "METHOD_NOT_ALLOWED" } });
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
  });

  it("are refused like everything else until the host defines who may use the router", async () => {
    const host = await open({ router: { dashboard: { directory }, authenticate: undefined } });
    expect((await ask(host, "/ui/")).status).toBe(401);
    expect((await ask(host, "/ui/favicon.svg")).status).toBe(401);
  });

  it("are left to the host without the option", async () => {
    const host = await open();
    host.app.use((_request, response) => void response.status(418).end());
    expect((await host.send("/ui/")).status).toBe(418);
  });
});

/** The app shows its own page for views that it does not know; express refuses what it cannot decode. */
const isRefusalOrApp = (text: string) => (status: number) =>
  status === 400 || status === 404 || (status === 200 && text.includes("<!doctype html>"));

it.each([
  ["is missing", () => join(parent, "nowhere"), "does not exist"],
  ["is a file", () => join(parent, "outside.txt"), "is a file"],
  ["has no page", () => join(directory, "assets"), "with an index.html"],
])("refuses a dashboard whose directory %s when the router is made", async (_what, at, text) => {
  const { titan } = await open();
  const make = () => createTitanSyncRouter({ titan, dashboard: { directory: at() } });
  expect(make).toThrow(`dashboard.directory: expected a directory`);
  expect(make).toThrow(text);
  expect(make).toThrow(at());
});
