import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.js";
import { checkEndpoint, endpointsOf, isPlainHttp } from "./endpoints.js";

describe("endpointsOf", () => {
  it("knows the hosts of both environments", () => {
    expect(endpointsOf("production")).toEqual({
      apiUrl: "https://api.servicetitan.io",
      authUrl: "https://auth.servicetitan.io",
    });
    expect(endpointsOf("integration")).toEqual({
      apiUrl: "https://api-integration.servicetitan.io",
      authUrl: "https://auth-integration.servicetitan.io",
    });
  });

  it("replaces the given hosts, without trailing slashes", () => {
    expect(endpointsOf("production", { apiUrl: "https://proxy.example/st//" })).toEqual({
      apiUrl: "https://proxy.example/st",
      authUrl: "https://auth.servicetitan.io",
    });
  });

  it.each(["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://127.1:80"])(
    "allows plain http to this machine: %s",
    (url) => {
      expect(endpointsOf("production", { authUrl: url }).authUrl).toBe(url);
    },
  );

  it.each([
    "http://api.servicetitan.io",
    "http://localhost.example.com",
    "http://10.0.0.1",
    "http://0.0.0.0",
  ])("refuses plain http to another machine: %s", (apiUrl) => {
    expect(() => endpointsOf("production", { apiUrl })).toThrow(ConfigError);
  });

  it("names every unusable address at once", () => {
    expect(() => endpointsOf("production", { apiUrl: "ftp://host", authUrl: "no address" })).toThrow(
      "apiUrl must be https, not ftp://host. authUrl is not an absolute URL.",
    );
  });

  it("refuses another environment", () => {
    expect(() => endpointsOf("test" as "production")).toThrow(ConfigError);
    expect(() => endpointsOf("toString" as "production")).toThrow(ConfigError);
  });
});

describe("checkEndpoint", () => {
  it("never repeats a password", () => {
    expect(() => checkEndpoint("apiUrl", "https://user:kanari@host")).toThrow(
      "apiUrl must not contain a user or password.",
    );
  });

  it.each(["https://host/?a=b", "https://host/#top"])("refuses what would absorb the path: %s", (url) => {
    expect(() => checkEndpoint("apiUrl", url)).toThrow(ConfigError);
  });

  it("distinguishes plain http from https", () => {
    expect([isPlainHttp("http://localhost"), isPlainHttp("https://localhost")]).toEqual([true, false]);
  });
});
