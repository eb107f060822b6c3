import { createRequire } from "node:module";
import { dirname } from "node:path";
import express, { type RequestHandler } from "express";

const require = createRequire(import.meta.url);

/** What the page loads: files of swagger-ui-dist, from this machine. */
const assets = ["swagger-ui.css", "swagger-ui-bundle.js"] as const;

const start = `SwaggerUIBundle({ url: "../openapi.json", dom_id: "#page", deepLinking: true });`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Titan Sync API</title>
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`;

/** The interactive documentation, to be served under `/docs/`. Nothing comes from outside. */
export function docsPage(): RequestHandler {
  const directory = dirname(require.resolve("swagger-ui-dist/package.json"));
  const files = express.static(directory, { index: false, redirect: false, fallthrough: true });
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      next();
    } else if (request.path === "/") {
      // Relative addresses need the slash.
      if (request.originalUrl.split("?")[0]?.endsWith("/")) response.type("html").send(page);
      else response.redirect(301, `${request.baseUrl}/`);
    } else if (request.path === "/start.js") {
      response.type("text/javascript").send(start);
    } else if (assets.some((asset) => request.path === `/${asset}`)) {
      files(request, response, next);
    } else {
      next();
    }
  };
}
