import { randomBytes } from "node:crypto";
import type { Permission } from "@titan-sync/express";
import type { Request } from "express";

/** Somebody who may sign in. A real application keeps hashes, in its database. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly companies: Readonly<Record<string, readonly Permission[]>>;
}

export const users: readonly User[] = [
  { name: "ann", password: "ann's password", companies: { acme: ["admin"] } },
  { name: "bob", password: "bob's password", companies: { acme: ["view"], globex: ["sync"] } },
  { name: "cleo", password: "cleo's password", companies: { globex: ["admin"] } },
];

const cookieName = "session";

/** The application's own sign-in: a cookie that names a session. */
export interface Sessions {
  /** The value for `Set-Cookie`; `null` when name and password do not fit. */
  signIn(name: unknown, password: unknown): string | null;
  signOut(request: Request): void;
  userOf(request: Request): User | null;
}

export function createSessions(): Sessions {
  const sessions = new Map<string, User>();

  const keyOf = (request: Request): string | null =>
    new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(request.headers.cookie ?? "")?.[1] ?? null;

  return {
    signIn(name, password) {
      const user = users.find((known) => known.name === name && known.password === password);
      if (user === undefined) return null;
      const key = randomBytes(32).toString("base64url");
      sessions.set(key, user);
      return `${cookieName}=${key}; HttpOnly; SameSite=Lax; Path=/`;
    },
    signOut(request) {
      const key = keyOf(request);
      if (key !== null) sessions.delete(key);
    },
    userOf(request) {
      const key = keyOf(request);
      return key === null ? null : (sessions.get(key) ?? null);
    },
  };
}
