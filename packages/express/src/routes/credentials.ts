import { credentialJson } from "@titan-sync/core";
import { etagOf, expectedVersion } from "../http/preconditions.js";
import { ProblemError } from "../http/problem.js";
import {
  connectionTest,
  createdCredential,
  credential,
  credentialChanges,
  credentialMetadata,
  credentialPage,
  credentialQuery,
  credentialValues,
  newCredential,
  removal,
  savedCredential,
  storedTest,
} from "../schemas/credential.js";
import { narrowCompanies } from "./narrow-companies.js";
import { onboarding } from "./onboarding.js";
import { defineRoute } from "./route.js";
import { switchEnvironment } from "./switch-environment.js";

const tag = "Credentials";
const etag = { ETag: "The credential's version, for If-Match." };
const ifMatch = { "If-Match": "The ETag of the version that the change is based on." };

export const credentialRoutes = [
  defineRoute({
    operation: "listCredentials",
    method: "get",
    path: "/credentials",
    tag,
    summary: "Credentials, ordered by company and environment.",
    query: credentialQuery,
    answers: { 200: { description: "One page.", schema: credentialPage } },
    async handle({ services, subject, query: { companyId, environment, status, limit, cursor } }) {
      const filter = { ...narrowCompanies(subject, companyId), environment, status };
      const page = await services.titan.credentials.list(filter, { limit, cursor });
      return { status: 200, body: { items: page.items.map(credentialJson), next: page.next } };
    },
  }),
  defineRoute({
    operation: "createCredential",
    method: "post",
    path: "/credentials",
    tag,
    summary: "Stores a credential. With `test`, only if ServiceTitan accepts it.",
    body: newCredential,
    limit: "test",
    answers: {
      201: {
        description: "Stored, and a schedule to offer.",
        schema: createdCredential,
        headers: { Location: "The URL of the credential.", ...etag },
      },
    },
    problems: ["CONFLICT", "REFUSED", "UPSTREAM", "UNAVAILABLE"],
    async handle({ services, principal, requestId, server, signal, body: { test, ...input } }) {
      const saved = await services.titan.credentials.create(input, {
        test,
        actor: principal.id,
        requestId,
        signal,
      });
      const headers = { Location: `${server}/credentials/${saved.id}`, ETag: etagOf(saved.version) };
      const proposedSchedule = await services.titan.schedules.propose(saved.companyId);
      return { status: 201, body: { ...credentialJson(saved), proposedSchedule }, headers };
    },
  }),
  defineRoute({
    operation: "testCredentialValues",
    method: "post",
    path: "/credentials/test",
    tag,
    summary: "Tests values before they are stored.",
    body: credentialValues,
    limit: "test",
    answers: { 200: { description: "The result of the test.", schema: connectionTest } },
    async handle({ services, principal, requestId, signal, body }) {
      const options = { actor: principal.id, requestId, signal };
      return { status: 200, body: await services.titan.credentials.testValues(body, options) };
    },
  }),
  defineRoute({
    operation: "getCredentialMetadata",
    method: "get",
    path: "/credentials/metadata",
    tag,
    summary: "The fields of a credential form, and how to get their values from ServiceTitan.",
    answers: { 200: { description: "The fields and the steps.", schema: credentialMetadata } },
    handle: async () => ({ status: 200, body: onboarding }),
  }),
  defineRoute({
    operation: "getCredential",
    method: "get",
    path: "/credentials/{credentialId}",
    tag,
    summary: "One credential, with masked secrets.",
    answers: { 200: { description: "The credential.", schema: credential, headers: etag } },
    handle: async ({ subject }) => ({
      status: 200,
      body: credentialJson(subject),
      headers: { ETag: etagOf(subject.version) },
    }),
  }),
  defineRoute({
    operation: "updateCredential",
    method: "patch",
    path: "/credentials/{credentialId}",
    tag,
    summary: "Changes values, or switches the company to its other environment.",
    headers: ifMatch,
    body: credentialChanges,
    limit: "test",
    answers: {
      200: {
        description: "The changed credential; after a switch, the credential of the other environment.",
        schema: savedCredential,
        headers: { "Content-Location": "The URL of the returned credential.", ...etag },
      },
    },
    problems: ["CONFLICT", "VERSION_CHANGED", "REFUSED", "UPSTREAM", "UNAVAILABLE"],
    async handle({ services, principal, subject, requestId, server, signal, header, body }) {
      const { environment = subject.environment, test, ...changes } = body;
      const version = expectedVersion(header("if-match"));
      if (version !== null && version !== subject.version) throw new ProblemError("VERSION_CHANGED");
      const options = { test, actor: principal.id, requestId, signal };
      const saved =
        environment === subject.environment
          ? await services.titan.credentials.update(subject.id, changes, {
              ...options,
              expectedVersion: version ?? undefined,
            })
          : await switchEnvironment(services.titan, subject, { environment, changes, options });
      const headers = {
        "Content-Location": `${server}/credentials/${saved.id}`,
        ETag: etagOf(saved.version),
      };
      return { status: 200, body: credentialJson(saved), headers };
    },
  }),
  defineRoute({
    operation: "removeCredential",
    method: "delete",
    path: "/credentials/{credentialId}",
    tag,
    summary: "Removes a credential. Its synced data is kept unless you ask to remove it.",
    headers: ifMatch,
    query: removal,
    answers: { 204: { description: "Removed." } },
    problems: ["CONFLICT", "VERSION_CHANGED"],
    async handle({ services, principal, subject, requestId, header, query }) {
      const version = expectedVersion(header("if-match"));
      if (version !== null && version !== subject.version) throw new ProblemError("VERSION_CHANGED");
      await services.titan.credentials.remove(subject.id, { ...query, actor: principal.id, requestId });
      return { status: 204 };
    },
  }),
  defineRoute({
    operation: "testCredential",
    method: "post",
    path: "/credentials/{credentialId}/test",
    tag,
    summary: "Tests a stored credential, in at most ten seconds, and updates its status.",
    body: storedTest,
    limit: "test",
    answers: { 200: { description: "The result of the test.", schema: connectionTest } },
    async handle({ services, principal, subject, requestId, signal }) {
      const options = { actor: principal.id, requestId, signal };
      return { status: 200, body: await services.titan.credentials.test(subject.id, options) };
    },
  }),
];
